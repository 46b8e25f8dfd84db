//! A source that is watched while it is read: stops where it was told to, and shows how far it has come.

use std::cell::Cell;
use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::capture::{CaptureError, Next, Progress, Source};
use crate::cli::Stop;
use crate::frame::{Frame, Input, Timestamp};
use crate::report::pen::clean;
use crate::report::time::{count, counted};

/// Frames between two looks at the clock.
const STRIDE: u32 = 1024;
/// Who waits less than this needs no progress.
const PATIENCE: Duration = Duration::from_secs(1);
/// Between two drawings.
const PAUSE: Duration = Duration::from_millis(200);

/// Sessions met so far; whoever runs the engine keeps it up to date.
#[derive(Debug, Default)]
pub(super) struct Pulse {
    /// Sessions.
    pub(super) sessions: Cell<u64>,
    /// Those among them that died, as far as that is known already.
    pub(super) died: Cell<u64>,
}

/// Frames of `S`, up to where it is to stop.
pub(super) struct Watched<'p, S> {
    source: S,
    stop: Stop,
    frames: u64,
    /// Capture time at which to stop; known from the first frame on.
    deadline: Option<Timestamp>,
    ended: bool,
    until_look: u32,
    meter: Option<Meter<'p>>,
}

impl<'p, S: Source> Watched<'p, S> {
    /// With `is_shown`, progress goes to standard error if that is a terminal.
    pub(super) fn new(source: S, stop: Stop, pulse: &'p Pulse, is_shown: bool) -> Self {
        let meter = (is_shown && std::io::stderr().is_terminal()).then(|| Meter::new(pulse));
        Self { source, stop, frames: 0, deadline: None, ended: false, until_look: STRIDE, meter }
    }

    /// What was watched.
    pub(super) fn into_inner(self) -> S {
        self.source
    }
}

impl<S: Source> Source for Watched<'_, S> {
    fn next(&mut self) -> Result<Next<'_>, CaptureError> {
        if self.ended || self.stop.packets.is_some_and(|packets| self.frames >= packets) {
            return Ok(Next::End);
        }
        self.until_look -= 1;
        if self.until_look == 0 {
            self.until_look = STRIDE;
            if let Some(meter) = &mut self.meter {
                meter.look(&self.source);
            }
        }
        let next = self.source.next()?;
        if let Next::Frame(frame) = &next {
            self.frames += 1;
            if let Some(seconds) = self.stop.seconds {
                let first = frame.time;
                let deadline = *self.deadline.get_or_insert(Timestamp(first.0.saturating_add((seconds * 1e9) as i64)));
                if frame.time > deadline {
                    self.ended = true;
                    return Ok(Next::End);
                }
            }
        }
        Ok(next)
    }

    fn hand(&mut self, take: &mut dyn FnMut(&Frame<'_>) -> bool) -> u64 {
        // Whoever stops somewhere, or looks at the clock now, goes step by step.
        if self.ended || self.stop.packets.is_some() || self.stop.seconds.is_some() || self.until_look <= 1 {
            return 0;
        }
        let handed = self.source.hand(take);
        self.frames += handed;
        let left = u64::from(self.until_look).saturating_sub(handed).max(1);
        self.until_look = u32::try_from(left).unwrap_or(STRIDE);
        handed
    }

    fn inputs(&self) -> &[Input] {
        self.source.inputs()
    }

    fn progress(&self) -> Progress {
        self.source.progress()
    }
}

/// One line on standard error, two when there is news; gone when it is dropped.
struct Meter<'p> {
    pulse: &'p Pulse,
    start: Instant,
    drawn: Option<Instant>,
    bar: Option<ProgressBar>,
}

impl<'p> Meter<'p> {
    fn new(pulse: &'p Pulse) -> Self {
        Self { pulse, start: Instant::now(), drawn: None, bar: None }
    }

    fn look(&mut self, source: &impl Source) {
        let now = Instant::now();
        let waited = now - self.start;
        if waited < PATIENCE || self.drawn.is_some_and(|drawn| now - drawn < PAUSE) {
            return;
        }
        self.drawn = Some(now);
        let inputs = source.inputs();
        let progress = source.progress();
        let name = inputs.get(progress.input).map(|input| input.path.to_string_lossy()).unwrap_or_default();
        let text = line(&name, inputs.len(), &progress, waited.as_secs_f64());
        let bar = self.bar.get_or_insert_with(bar);
        if self.pulse.sessions.get() > 0 {
            let mut news = format!("{} so far", counted(self.pulse.sessions.get(), "session"));
            if self.pulse.died.get() > 0 {
                news.push_str(&format!(", {} died", count(self.pulse.died.get())));
            }
            bar.set_style(style("{wide_msg}\n{prefix}"));
            bar.set_prefix(news);
        }
        bar.set_message(text);
    }
}

impl Drop for Meter<'_> {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
    bar.with_style(style("{wide_msg}"))
}

/// Templates are constants of this file; a wrong one would only change what the line looks like.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}

/// `reading monday-03.pcapng (3 of 12)  4.1 of 22.7 GB  18 %  412 MB/s  45 s left`.
fn line(name: &str, inputs: usize, progress: &Progress, seconds: f64) -> String {
    let name = match name {
        "-" => "standard input".to_owned(),
        name => clean(name, false),
    };
    let mut text = format!("reading {name}");
    if inputs > 1 {
        text.push_str(&format!(" ({} of {inputs})", progress.input + 1));
    }
    let rate = progress.done as f64 / seconds.max(0.001);
    let (rate_shown, rate_unit) = in_units(rate);
    match progress.total.filter(|total| *total > 0) {
        Some(total) => {
            let percent = (progress.done.saturating_mul(100) / total).min(100);
            let left = total.saturating_sub(progress.done) as f64 / rate.max(1.0);
            let (whole, unit) = in_units(total as f64);
            let done = progress.done as f64 * whole / total as f64;
            text.push_str(&format!("  {done:.1} of {whole:.1} {unit}  {percent} %  {rate_shown:.0} {rate_unit}/s"));
            text.push_str(&format!("  {} left", span(left)));
        }
        None => {
            let (done, unit) = in_units(progress.done as f64);
            text.push_str(&format!("  {done:.1} {unit}  {rate_shown:.0} {rate_unit}/s"));
        }
    }
    text
}

/// Bytes in the unit that gives the fewest digits.
fn in_units(bytes: f64) -> (f64, &'static str) {
    const UNITS: &[(f64, &str)] = &[(1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")];
    let unit = UNITS.iter().find(|(size, _)| bytes >= *size);
    unit.map_or((bytes, "bytes"), |(size, name)| (bytes / size, name))
}

fn span(seconds: f64) -> String {
    let seconds = seconds.ceil() as u64;
    if seconds < 100 { format!("{seconds} s") } else { format!("{} min", seconds.div_ceil(60)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{Frame, FrameNumber, LinkType, Place};

    /// A frame a second, without end.
    struct Clock(i64);

    impl Source for Clock {
        fn next(&mut self) -> Result<Next<'_>, CaptureError> {
            self.0 += 1;
            Ok(Next::Frame(Frame {
                number: FrameNumber::new(0, self.0.unsigned_abs()),
                time: Timestamp::from_parts(self.0, 0),
                link: LinkType::ETHERNET,
                bytes: &[],
                original_length: 0,
                place: Place::default(),
            }))
        }

        fn inputs(&self) -> &[Input] {
            &[]
        }

        fn progress(&self) -> Progress {
            Progress::default()
        }
    }

    fn frames_until(stop: Stop) -> u64 {
        let pulse = Pulse::default();
        let mut watched = Watched::new(Clock(1_000_000), stop, &pulse, false);
        let mut frames = 0;
        while let Ok(Next::Frame(_)) = watched.next() {
            frames += 1;
            assert!(frames < 100_000, "it should have stopped");
        }
        assert!(matches!(watched.next(), Ok(Next::End)), "the end stays the end");
        frames
    }

    #[test]
    fn it_stops_where_it_was_told_to() {
        assert_eq!(frames_until(Stop { packets: Some(5000), ..Stop::default() }), 5000);
        assert_eq!(frames_until(Stop { seconds: Some(10.0), ..Stop::default() }), 11);
        assert_eq!(frames_until(Stop { packets: Some(3), seconds: Some(10.0), ..Stop::default() }), 3);
    }

    #[test]
    fn progress_in_one_line() {
        let progress = Progress { done: 4_100_000_000, total: Some(22_700_000_000), input: 2 };
        let text = line("monday-03.pcapng", 12, &progress, 10.0);
        assert_eq!(text, "reading monday-03.pcapng (3 of 12)  4.1 of 22.7 GB  18 %  410 MB/s  46 s left");
        let text = line("-", 1, &Progress { done: 1_500_000, ..Progress::default() }, 1.0);
        assert_eq!(text, "reading standard input  1.5 MB  2 MB/s");
    }
}
