//! The packets of chosen sessions, read again and written into a file of their own, with the ICMP errors that quote them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::packets::{Of, ends};
use crate::capture::{self, Next, Source as _, reason};
use crate::frame::FrameNumber;
use crate::report::time;
use crate::session::Endpoint;
use crate::tcp::Decoder;
use crate::tui::feed::Span;

/// From where to where packets of two ends are wanted.
type Wanted = HashMap<(Endpoint, Endpoint), Vec<(FrameNumber, FrameNumber)>>;

/// Writes the packets of `spans`, which are in `files` (index and path), to `path`; answers in a line what came of it.
pub(super) fn write(path: &Path, files: &[(u16, PathBuf)], spans: &[Span]) -> String {
    match written(path, files, spans) {
        Ok((packets, bytes)) => {
            format!("wrote {}, {}, to {}", time::counted(packets, "packet"), time::bytes(bytes), path.display())
        }
        Err(why) => why,
    }
}

fn written(path: &Path, files: &[(u16, PathBuf)], spans: &[Span]) -> Result<(u64, u64), String> {
    if files.iter().any(|(_, file)| file.as_os_str() == "-") {
        return Err("packets from standard input are not kept; write them to a file first".into());
    }
    let failed = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => format!("{} is there already; nothing was written", path.display()),
        _ => format!("cannot write {}: {}", path.display(), reason(&error)),
    };
    let mut wanted = Wanted::new();
    for span in spans {
        wanted.entry(pair(span.ends.0, span.ends.1)).or_default().push(span.extent);
    }
    let mut out = capture::Writing::new(path).map_err(failed)?;
    // Half of what was wanted, under the name of the whole, helps nobody.
    let gone = |why: String| {
        let _ = std::fs::remove_file(path);
        why
    };
    read(files, &wanted, &mut |frame| out.packet(frame).map_err(failed)).map_err(gone)?;
    match out.end() {
        Ok((0, _)) => Err(gone("the file has changed: the packets are not there any more".into())),
        Ok(written) => Ok(written),
        Err(error) => Err(gone(failed(error))),
    }
}

/// Of several files in the order of time, as they were judged.
fn read(
    files: &[(u16, PathBuf)],
    wanted: &Wanted,
    take: &mut dyn FnMut(&crate::frame::Frame<'_>) -> Result<(), String>,
) -> Result<(), String> {
    let paths: Vec<PathBuf> = files.iter().map(|(_, path)| path.clone()).collect();
    let mut source = capture::open(&paths, &capture::Options::default()).map_err(|error| error.to_string())?;
    let mut decoder = Decoder::default();
    loop {
        let frame = match source.next().map_err(|error| error.to_string())? {
            Next::Frame(frame) => frame,
            Next::Secrets(_) | Next::Idle(_) => continue,
            Next::End => return source.errors().first().map_or(Ok(()), |error| Err(error.to_string())),
        };
        let Some((one, other, what)) = ends(&decoder.decode(&frame)) else { continue };
        let Some(extents) = wanted.get(&pair(one, other)) else { continue };
        let Some((file, _)) = files.get(usize::from(frame.number.file())) else { continue };
        let number = FrameNumber::new(*file, frame.number.number());
        let is_within = extents.iter().any(|(first, last)| (*first..=*last).contains(&number));
        // An error may come after everything else.
        if is_within || matches!(what, Of::Icmp) {
            take(&frame)?;
        }
    }
}

/// The same whoever speaks.
fn pair(one: Endpoint, other: Endpoint) -> (Endpoint, Endpoint) {
    let key = |end: &Endpoint| (end.ip, end.port);
    if key(&one) <= key(&other) { (one, other) } else { (other, one) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::feed::Span;

    #[test]
    fn packets_of_a_session_are_written_whole_and_nothing_is_written_over() {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures/tls.cert-expired--alert-45.pcap");
        let mut source = capture::open_one(&from, &capture::Options::default()).expect("opens");
        let mut decoder = Decoder::default();
        let mut all: Vec<(i64, Vec<u8>)> = Vec::new();
        let mut both = None;
        while let Next::Frame(frame) = source.next().expect("reads") {
            both = both.or(ends(&decoder.decode(&frame)).map(|(one, other, _)| (one, other)));
            all.push((frame.time.0, frame.bytes.to_vec()));
        }
        let place = tempfile::tempdir().expect("a directory");
        let path = place.path().join("one.pcapng");
        let extent = (FrameNumber::new(0, 1), FrameNumber::new(0, 9));
        let span = Span { ends: both.expect("ends"), extent };
        let told = write(&path, &[(0, from.clone())], &[span]);
        assert!(told.starts_with("wrote 9 packets, "), "{told}");
        let mut source = capture::open_one(&path, &capture::Options::default()).expect("opens");
        let mut again: Vec<(i64, Vec<u8>)> = Vec::new();
        while let Next::Frame(frame) = source.next().expect("reads") {
            again.push((frame.time.0, frame.bytes.to_vec()));
        }
        assert_eq!(again, all[..9]);
        assert!(write(&path, &[(0, from)], &[span]).contains("is there already"));
    }
}
