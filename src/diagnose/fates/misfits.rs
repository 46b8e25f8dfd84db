//! Servers that sign with another key than that of the certificate they show.

use crate::diagnose::map::{Map, clear_beyond};
use crate::frame::FrameNumber;
use crate::session::{Endpoint, Session};

/// What a server signed, held against the certificate that it showed.
#[derive(Debug)]
struct Proof {
    sha256: [u8; 32],
    /// The frame with the first signature that did not fit.
    misfit: Option<FrameNumber>,
    /// One did.
    fits: bool,
}

/// All that was looked at.
#[derive(Debug, Default)]
pub(super) struct Misfits(Map<Endpoint, Proof>);

impl Misfits {
    /// Takes note of what `session` shows, if its server's signature was looked at.
    pub(super) fn note(&mut self, session: &Session) {
        let Some((proof, fits)) = session.key_check() else { return };
        let Some((_, certificate)) = session.certificate() else { return };
        let fresh = || Proof { sha256: certificate.sha256, misfit: None, fits: false };
        let known = self.0.entry(session.server).or_insert_with(fresh);
        if known.sha256 != certificate.sha256 {
            *known = fresh();
        }
        if fits {
            known.fits = true;
        } else {
            known.misfit.get_or_insert(proof.frame);
        }
    }

    /// The frame that shows that `server` signs with another key than that of this certificate.
    pub(super) fn of(&self, server: Endpoint, sha256: &[u8; 32]) -> Option<FrameNumber> {
        self.0.get(&server).filter(|known| known.sha256 == *sha256 && !known.fits)?.misfit
    }

    /// Has every frame changed.
    pub(super) fn each_frame(&mut self, change: &mut dyn FnMut(&mut FrameNumber)) {
        self.0.values_mut().filter_map(|known| known.misfit.as_mut()).for_each(change);
    }

    /// Forgets all when there are more than `limit`.
    pub(super) fn forget(&mut self, limit: usize) {
        clear_beyond(&mut self.0, limit, |_| 1);
    }
}
