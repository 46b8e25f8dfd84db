//! Sessions whose packets are to be kept: they are judged, their packets written, and their frames numbered as in the file.

use crate::capture::{Holding, Moved};
use crate::diagnose::verdict::Outcome;
use crate::diagnose::{Case, judge_all};
use crate::session::Session;
use crate::session::aside::Aside;

/// Whether the packets of a session with this outcome are to be kept.
pub type Wanted = fn(Outcome) -> bool;

/// Judges `sessions`; those that are wanted are kept, and judged once more with the numbers of the file.
pub(super) fn judge_and_keep(
    mut sessions: Vec<Box<Session>>,
    asides: &[Aside],
    dropped: u64,
    source: &mut dyn Holding,
    wanted: Wanted,
) -> Vec<Case> {
    if !source.is_choosy() {
        return judge_all(sessions, asides, dropped);
    }
    sessions.iter_mut().for_each(|session| renumber(session, source.moved(session.id.0)));
    let mut cases = judge_all(sessions, asides, dropped);
    let mut is_new = false;
    for case in &mut cases {
        is_new |= keep(case, source, wanted);
    }
    if is_new {
        // The sentences of a verdict name frames.
        cases = judge_all(cases.into_iter().map(|case| case.session).collect(), asides, dropped);
    }
    cases
}

/// Has the packets of `case` kept, if they are to be and are not yet. Whether its frames have new numbers now, and the
/// sentences of its verdict the old ones.
pub(super) fn keep(case: &mut Case, source: &mut dyn Holding, wanted: Wanted) -> bool {
    let id = case.session.id.0;
    if !source.is_choosy() || !wanted(case.verdict.outcome) || !source.moved(id).is_empty() {
        return false;
    }
    let moved = source.want(id);
    renumber(&mut case.session, &moved);
    !moved.is_empty()
}

/// Gives the frames of `session` the numbers that they have in the file; `moved` is in their order.
pub(super) fn renumber(session: &mut Session, moved: &[Moved]) {
    if moved.is_empty() {
        return;
    }
    session.each_mark(&mut |mark| {
        if let Ok(index) = moved.binary_search_by_key(&mark.frame, |moved| moved.from) {
            (mark.frame, mark.place) = (moved[index].to, moved[index].place);
        }
    });
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::capture::{self, Next, Source as _};
    use crate::engine::{Engine, Options};
    use crate::frame::FrameNumber;

    #[test]
    fn every_frame_of_a_session_gets_its_new_number() {
        let captures = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
        let mut source = capture::open(&[captures], &capture::Options::default()).expect("captures");
        let mut engine = Engine::new(Options::default());
        let mut moved = Vec::new();
        loop {
            match source.next().expect("readable") {
                Next::Frame(frame) => {
                    let to = FrameNumber::new(60_000, frame.number.number());
                    moved.push(Moved { from: frame.number, to, place: 0 });
                    engine.push(&frame);
                }
                Next::End => break,
                _ => {}
            }
        }
        moved.sort_by_key(|moved| moved.from);
        let sessions = engine.finish();
        assert!(sessions.len() > 50);
        for mut session in sessions {
            renumber(&mut session, &moved);
            let text = format!("{session:?}");
            let frames = text.match_indices("frame: ").map(|(at, word)| &text[at + word.len()..]);
            // A mark that was never set keeps its 0:0.
            let left: Vec<&str> =
                frames.filter(|rest| !rest.starts_with("60000:") && !rest.starts_with("0:0")).collect();
            assert!(left.is_empty(), "{}: {}", session.id.0, &left[0][..40]);
        }
    }
}
