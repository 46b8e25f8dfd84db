//! A running capture whose clock is set while it runs: judged as from the file, and nothing waits for ever.

use std::path::Path;
use std::time::Duration;

use rdpwhy::capture::{self, CaptureError, Holding, Merged, Moved, Next, Progress, Source};
use rdpwhy::diagnose::Case;
use rdpwhy::engine::Options;
use rdpwhy::frame::{Input, Timestamp};
use rdpwhy::pump::{self, Follower, Pumped, Standing};

/// A file as an interface would bring it: between frames there is time to look around.
struct Paced {
    file: Merged,
    last: Timestamp,
    is_pause: bool,
}

impl Source for Paced {
    fn next(&mut self) -> Result<Next<'_>, CaptureError> {
        self.is_pause = !self.is_pause;
        if self.is_pause {
            // Longer than a beat, so that every frame is looked at by itself.
            std::thread::sleep(Duration::from_millis(26));
            return Ok(Next::Idle(self.last));
        }
        let next = self.file.next()?;
        if let Next::Frame(frame) = &next {
            self.last = frame.time;
        }
        Ok(next)
    }

    fn inputs(&self) -> &[Input] {
        self.file.inputs()
    }

    fn progress(&self) -> Progress {
        self.file.progress()
    }
}

impl Holding for Paced {
    fn is_choosy(&self) -> bool {
        false
    }

    fn belongs(&mut self, _: u32) {}

    fn want(&mut self, _: u32) -> Vec<Moved> {
        Vec::new()
    }

    fn moved(&self, _: u32) -> &[Moved] {
        &[]
    }

    fn spare(&mut self, _: u32) {}

    fn forget(&mut self, _: u32) {}
}

#[derive(Default)]
struct Ears {
    told: Vec<Case>,
}

impl Follower for Ears {
    fn ended(&mut self, case: Case, _: &[Input]) {
        self.told.push(case);
    }

    fn early(&mut self, _: Case, _: &[Input]) {
        panic!("there is room");
    }

    fn beat(&mut self, _: &Standing) -> bool {
        true
    }
}

fn open(name: &str) -> Merged {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures").join(name);
    capture::open(&[path], &capture::Options::default()).expect("a capture of ours")
}

fn gist(cases: &[Case]) -> Vec<String> {
    let gist = |case: &Case| {
        let verdict = &case.verdict;
        format!("{:?} {:?} {:?} {:?}", verdict.outcome, verdict.cause, verdict.sure, verdict.death)
    };
    cases.iter().map(gist).collect()
}

struct Nobody;

impl pump::Watcher for Nobody {
    fn progress(&mut self, _: u64, _: u32, _: &Progress) {}

    fn early(&mut self, cases: Vec<Case>) {
        assert!(cases.is_empty(), "there is room");
    }
}

fn as_file(name: &str) -> Pumped {
    pump::run(&mut open(name), Options::default(), &mut Nobody).expect("readable")
}

#[test]
fn a_clock_that_is_set_makes_no_other_verdict() {
    for name in ["cap.clock-jump--back-an-hour.pcap", "cap.clock-jump--forward-a-day.pcap"] {
        let mut ears = Ears::default();
        let mut source = Paced { file: open(name), last: Timestamp::default(), is_pause: true };
        let live = pump::follow(&mut source, Options::default(), |_| true, &mut ears).expect("readable");
        let file = as_file(name);
        assert!(!file.cases.is_empty(), "{name}");
        assert_eq!(gist(&live.cases), gist(&file.cases), "{name}");
        assert_eq!(live.frames, file.frames, "{name}");
        assert!(!ears.told.is_empty(), "{name}: nothing is told before the end");
        // What was told on the way may have been told too soon, but never as if a peer had said it.
        let last = gist(&live.cases);
        let wrong = ears.told.iter().filter(|case| !last.contains(&gist(std::slice::from_ref(case))[0]));
        for case in wrong {
            assert_ne!(case.verdict.sure.word(), "proven", "{name}: {}", case.verdict.headline);
        }
    }
}

/// What only the end of a connection shows (a signature that nobody took, a hole that was never filled, half a message) is
/// known when it is told, not only in the last report.
#[test]
fn what_is_told_on_the_way_is_the_last_word() {
    for name in [
        "tls.cert-key-mismatch--swapped.pcapng",
        "tls.client-refuses--user-says-no.pcapng",
        "x224.not-rdp--http.pcapng",
        "cap.drops--interface-statistics.pcapng",
    ] {
        let mut ears = Ears::default();
        let mut source = Paced { file: open(name), last: Timestamp::default(), is_pause: true };
        pump::follow(&mut source, Options::default(), |_| true, &mut ears).expect("readable");
        let of_session = |cases: &[Case], id| cases.iter().rposition(|case| case.session.id == id);
        let file = as_file(name).cases;
        assert!(!ears.told.is_empty(), "{name}: nothing is told before the end");
        for case in &file {
            let Some(at) = of_session(&ears.told, case.session.id) else { continue };
            let told = &ears.told[at];
            assert_eq!(gist(std::slice::from_ref(told)), gist(std::slice::from_ref(case)), "{name}");
            assert_eq!(told.verdict.findings, case.verdict.findings, "{name}");
        }
    }
}
