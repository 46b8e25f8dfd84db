//! Expansion on a thread of its own: the next bytes are made while the last ones are looked at.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// What is expanded in place first: many files may get no more than a first look.
const FIRST: usize = 256 * 1024;

/// Bytes handed over at once.
const PIECE: usize = 128 * 1024;

/// Pieces under way.
const PIECES: usize = 4;

/// A reader that is read ahead, from some point on by a thread.
pub(super) struct Apart(State);

enum State {
    /// Read in place; so many bytes until the thread begins.
    Here(Box<dyn Read + Send>, usize),
    There {
        full: Receiver<io::Result<Vec<u8>>>,
        /// Pieces go back to be filled again.
        empty: SyncSender<Vec<u8>>,
        piece: Vec<u8>,
        at: usize,
    },
    Ended,
}

impl Apart {
    pub(super) fn new(reader: Box<dyn Read + Send>) -> Self {
        Self(State::Here(reader, FIRST))
    }
}

/// Starts the thread. It ends with its reader, or when nobody takes its pieces any more.
fn begin(mut reader: Box<dyn Read + Send>) -> io::Result<State> {
    let (to_reader, full) = sync_channel(PIECES);
    let (empty, from_reader) = sync_channel(PIECES);
    for _ in 0..PIECES {
        let _ = empty.try_send(Vec::new());
    }
    let work = move || {
        while let Ok(mut piece) = from_reader.recv() {
            piece.resize(PIECE, 0);
            let read = fill(&mut *reader, &mut piece);
            let is_last = !matches!(read, Ok((_, false)));
            let told = read.map(|(count, _)| {
                piece.truncate(count);
                piece
            });
            if to_reader.send(told).is_err() || is_last {
                return;
            }
        }
    };
    thread::Builder::new().name("expand".to_owned()).spawn(work)?;
    Ok(State::There { full, empty, piece: Vec::new(), at: 0 })
}

/// Fills `piece`; how far, and whether the end has come. What came before an error is handed over first.
fn fill(reader: &mut dyn Read, piece: &mut [u8]) -> io::Result<(usize, bool)> {
    loop {
        match reader.read(piece) {
            Ok(count) => return Ok((count, count == 0)),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

impl Read for Apart {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            match &mut self.0 {
                State::Here(reader, left @ 1..) => {
                    let read = reader.read(into)?;
                    *left = left.saturating_sub(read);
                    return Ok(read);
                }
                State::Here(..) => {
                    if let State::Here(reader, _) = std::mem::replace(&mut self.0, State::Ended) {
                        self.0 = begin(reader)?;
                    }
                }
                State::There { full, empty, piece, at } => {
                    if *at < piece.len() {
                        let count = into.len().min(piece.len() - *at);
                        into[..count].copy_from_slice(&piece[*at..*at + count]);
                        *at += count;
                        return Ok(count);
                    }
                    let _ = empty.try_send(std::mem::take(piece));
                    match full.recv() {
                        Ok(Ok(next)) if !next.is_empty() => (*piece, *at) = (next, 0),
                        Ok(Err(error)) => {
                            self.0 = State::Ended;
                            return Err(error);
                        }
                        Ok(Ok(_)) => self.0 = State::Ended,
                        // It says when it is through: without a word it has died.
                        Err(_) => {
                            self.0 = State::Ended;
                            return Err(io::Error::other("expanding ended in the middle"));
                        }
                    }
                }
                State::Ended => return Ok(0),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reader that gives so many bytes in odd pieces, then an error.
    struct Broken(usize);

    impl Read for Broken {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            if self.0 == 0 {
                return Err(io::Error::other("broken"));
            }
            let count = into.len().min(self.0).min(7919);
            for (nth, byte) in into[..count].iter_mut().enumerate() {
                *byte = ((self.0 - nth) % 251) as u8;
            }
            self.0 -= count;
            Ok(count)
        }
    }

    #[test]
    fn nothing_is_lost_between_threads() {
        const LENGTH: usize = 5 * FIRST + 1234;
        let mut read = Vec::new();
        let error = Apart::new(Box::new(Broken(LENGTH))).read_to_end(&mut read).expect_err("breaks in the end");
        assert_eq!(error.to_string(), "broken");
        let wanted: Vec<u8> = (0..LENGTH).map(|nth| ((LENGTH - nth) % 251) as u8).collect();
        assert!(read == wanted, "{} of {LENGTH} bytes", read.len());
        let mut whole = Vec::new();
        Apart::new(Box::new(io::Cursor::new(wanted.clone()))).read_to_end(&mut whole).expect("reads");
        assert!(whole == wanted);
    }

    #[test]
    fn whoever_stops_reading_stops_the_thread() {
        struct Endless(#[allow(dead_code)] SyncSender<()>);
        impl Read for Endless {
            fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
                Ok(into.len())
            }
        }
        let (alive, gone) = sync_channel(1);
        let mut apart = Apart::new(Box::new(Endless(alive)));
        let mut some = vec![0; 2 * FIRST];
        apart.read_exact(&mut some).expect("reads");
        drop(apart);
        // Blocks until the thread has dropped the other end.
        assert!(gone.recv().is_err());
    }
}
