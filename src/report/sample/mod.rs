//! Cases made by hand, after the scenarios that the report is designed for.

mod deaths;
mod lives;
mod story;

use jiff::tz::TimeZone;

use super::format::{NotRdp, Run, Style};
use super::tally::Tally;
use crate::diagnose::Case;
use crate::diagnose::verdict::Outcome;
use crate::frame::{FrameNumber, Input};
use crate::session::SessionId;

pub(super) use deaths::{expired, forged, hybrid, mstsc_cancel, mtu, win11};
pub(super) use lives::{bulk, cut, healthy, scan};
pub(super) use story::{rename_certificate, rename_user, with_one_more};

pub(super) fn frame(number: u64) -> FrameNumber {
    FrameNumber::new(0, number)
}

/// Cases with everything around them.
pub(super) struct Scene {
    pub(super) cases: Vec<Case>,
    pub(super) inputs: Vec<Input>,
    pub(super) tally: Tally,
    pub(super) elsewhere: NotRdp,
}

impl Scene {
    pub(super) fn new(cases: Vec<Case>) -> Self {
        let mut tally = Tally::default();
        cases.iter().for_each(|case| tally.add(case));
        let input = Input { path: "branch.pcap".into(), format: "pcap".into(), ..Input::default() };
        Self { cases, inputs: vec![input], tally, elsewhere: NotRdp::default() }
    }

    pub(super) fn named(mut self, path: &str) -> Self {
        self.inputs[0].path = path.into();
        self
    }

    pub(super) fn run(&self) -> Run<'_> {
        Run {
            cases: &self.cases,
            inputs: &self.inputs,
            tally: &self.tally,
            exit_code: u8::from(self.tally.of(Outcome::Died) > 0),
            elsewhere: &self.elsewhere,
        }
    }

    pub(super) fn style(&self) -> Style {
        Style {
            zone: TimeZone::fixed(jiff::tz::offset(1)),
            source: Some(self.inputs[0].path.to_string_lossy().into_owned()),
            ..Style::default()
        }
    }
}

pub(super) fn all() -> Vec<Case> {
    let mut cases =
        vec![expired(), mstsc_cancel(), forged(), hybrid(), mtu(), win11(), healthy(7), cut(), scan(9, 0), bulk()];
    for (index, case) in cases.iter_mut().enumerate() {
        case.session.id = SessionId(index as u32 + 1);
        case.attempt = index as u32 + 1;
    }
    cases
}
