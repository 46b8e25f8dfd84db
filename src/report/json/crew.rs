//! Session records by several threads: each writes a stretch of them aside, and the stretches go out in order.

use std::io::{self, Write};
use std::num::NonZero;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use super::session::{Detail, Sessions};
use crate::diagnose::Case;
use crate::frame::Input;

/// Sessions written aside together.
const STRETCH: usize = 128;
/// Sessions that are not worth a thread of their own.
const ALONE: usize = 1024;
/// Threads at most.
const THREADS: usize = 8;
/// Stretches that each thread may be ahead.
const AHEAD: usize = 2;

/// Writes the records of `cases` in order.
pub(super) fn write(cases: &[Case], inputs: &[Input], detail: Detail, out: &mut dyn Write) -> io::Result<()> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(cases.len() / ALONE).min(THREADS);
    match threads {
        0 | 1 => alone(cases, inputs, detail, out),
        _ => together(threads, cases, inputs, detail, out),
    }
}

fn alone(cases: &[Case], inputs: &[Input], detail: Detail, out: &mut dyn Write) -> io::Result<()> {
    let mut sessions = Sessions::new(detail);
    cases.chunks(STRETCH).try_for_each(|stretch| sessions.write_out(stretch, inputs, out))
}

fn together(threads: usize, cases: &[Case], inputs: &[Input], detail: Detail, out: &mut dyn Write) -> io::Result<()> {
    let stretches: Vec<&[Case]> = cases.chunks(STRETCH).collect();
    thread::scope(|scope| {
        let mut crew = Vec::new();
        for first in 0..threads {
            let (full, written) = sync_channel(AHEAD);
            let (empty, again) = sync_channel::<Vec<u8>>(AHEAD + 1);
            let own = stretches.iter().copied().skip(first).step_by(threads);
            scope.spawn(move || aside(own, inputs, Sessions::new(detail), &full, &again));
            crew.push((written, empty));
        }
        for ((written, empty), _) in crew.iter().cycle().zip(&stretches) {
            let Ok(bytes) = written.recv() else { break }; // it panicked, and the scope says so
            out.write_all(&bytes)?;
            // Its thread may be done, and then needs no buffer.
            let _ = empty.try_send(bytes);
        }
        Ok(())
    })
}

/// Writes `stretches` aside, one after the other, until nobody wants them any more.
fn aside<'a>(
    stretches: impl Iterator<Item = &'a [Case]>,
    inputs: &[Input],
    mut sessions: Sessions,
    full: &SyncSender<Vec<u8>>,
    empty: &Receiver<Vec<u8>>,
) {
    for stretch in stretches {
        stretch.iter().for_each(|case| sessions.add(case, inputs));
        let mut next = empty.try_recv().unwrap_or_default();
        next.clear();
        if full.send(sessions.record.swap(next)).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn several_threads_write_what_one_writes() {
        let mut cases: Vec<Case> = sample::all().into_iter().cycle().take(STRETCH * 9 + 5).collect();
        for (number, case) in (1..).zip(&mut cases) {
            case.session.id.0 = number;
        }
        let (mut one, mut several) = (Vec::new(), Vec::new());
        alone(&cases, &[], Detail::Whole, &mut one).expect("written");
        together(3, &cases, &[], Detail::Whole, &mut several).expect("written");
        assert!(one == several);
    }

    #[test]
    fn a_reader_that_goes_away_stops_them_all() {
        struct Gone;
        impl Write for Gone {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let cases: Vec<Case> = sample::all().into_iter().cycle().take(STRETCH * 20).collect();
        assert!(together(2, &cases, &[], Detail::Brief, &mut Gone).is_err());
    }
}
