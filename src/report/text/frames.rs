//! Frames behind a sentence: those that it rests on and does not name, and the files that they are in.

use super::block::pointed_frame;
use crate::diagnose::Case;
use crate::frame::{FrameNumber, Input};
use crate::report::format::file_name;
use crate::report::pen::unbroken;

/// The file whose frames need no more than a number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Home<'a> {
    inputs: &'a [Input],
    file: Option<u16>,
}

impl<'a> Home<'a> {
    /// The one that the verdict of `case` points into; its name stands beside `-->`.
    pub(crate) fn of(case: &Case, inputs: &'a [Input]) -> Self {
        Self { inputs, file: Some(pointed_frame(case).file()) }
    }

    /// None, if there are several: where nothing else says which one is meant.
    pub(crate) fn nowhere(inputs: &'a [Input]) -> Self {
        Self { inputs, file: (inputs.len() < 2).then_some(0) }
    }

    fn holds(self, frame: FrameNumber) -> bool {
        self.file == Some(frame.file())
    }

    /// Puts the name of the file behind `frame 7` in a text that says so; answers whether it does.
    fn is_told(self, frame: FrameNumber, text: &mut String) -> bool {
        let word = format!("frame {}", frame.number());
        let Some(behind) = text.find(&word).map(|at| at + word.len()) else { return false };
        if text[behind..].starts_with(|c: char| c.is_ascii_digit()) {
            return false;
        }
        if let Some(file) = file_name(self.inputs, frame).filter(|_| !self.holds(frame)) {
            text.insert_str(behind, &format!(" of {file}"));
        }
        true
    }

    /// `4 5`, `4 5, 1 of b.pcap`: in order, those of other files with its name.
    fn listed(self, frames: &[FrameNumber]) -> String {
        let mut frames = frames.to_vec();
        frames.sort_unstable_by_key(|frame| (!self.holds(*frame), *frame));
        let groups = frames.chunk_by(|one, other| one.file() == other.file());
        let texts = groups.map(|group| {
            let numbers: Vec<String> = group.iter().map(|frame| frame.number().to_string()).collect();
            let foreign = group.first().filter(|frame| !self.holds(**frame));
            let file = foreign.and_then(|frame| file_name(self.inputs, *frame));
            format!("{}{}", numbers.join(" "), file.map(|file| format!(" of {file}")).unwrap_or_default())
        });
        texts.collect::<Vec<_>>().join(", ")
    }
}

/// Whoever reads a sign must be able to look it up: its frames are named, if its text does not do so already; a number in
/// the text does not say that it is of another file.
pub(crate) fn with_frames(frames: &[FrameNumber], text: &str, home: Home<'_>) -> String {
    // "sent 7 times" does not name frame 7.
    let names = |frame: &FrameNumber| {
        let number = frame.number().to_string();
        text.contains("frame") && text.split(|c: char| !c.is_ascii_digit()).any(|word| word == number)
    };
    let named = frames.iter().any(names);
    let mut text = text.to_owned();
    let mut wanted: Vec<FrameNumber> = frames.iter().copied().filter(|frame| !named || !home.holds(*frame)).collect();
    // Of two with the same number nobody knows which one the text means.
    let is_clear = |frame: FrameNumber| frames.iter().filter(|other| other.number() == frame.number()).count() == 1;
    wanted.retain(|frame| !(is_clear(*frame) && home.is_told(*frame, &mut text)));
    if wanted.is_empty() {
        return text;
    }
    let more = if wanted.len() > 4 { " ..." } else { "" };
    let word = if wanted.len() == 1 { "frame" } else { "frames" };
    let listed = home.listed(&wanted[..wanted.len().min(4)]);
    format!("{text} {}", unbroken(&format!("({word} {listed}{more})")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_other_files_have_the_name_of_theirs() {
        let inputs = ["a.pcap", "b.pcap"].map(|path| Input { path: path.into(), ..Input::default() });
        let home = Home { inputs: &inputs, file: Some(1) };
        let [a1, a7, b1, b4] = [(0, 1), (0, 7), (1, 1), (1, 4)].map(|(file, number)| FrameNumber::new(file, number));
        let told = |frames: &[FrameNumber], text| with_frames(frames, text, home).replace('\u{a0}', " ");
        assert_eq!(told(&[b4, b1], "lost"), "lost (frames 1 4)");
        assert_eq!(told(&[a7, b4, a1], "lost"), "lost (frames 4, 1 7 of a.pcap)");
        assert_eq!(told(&[b1], "frame 1 says so"), "frame 1 says so");
        assert_eq!(told(&[a7], "frame 7 says so"), "frame 7 of a.pcap says so");
        assert_eq!(told(&[a7, b1], "frame 1 answers"), "frame 1 answers (frame 7 of a.pcap)");
        assert_eq!(told(&[a1, b1], "frame 1 answers"), "frame 1 answers (frame 1 of a.pcap)");
        assert_eq!(with_frames(&[a7], "lost", Home::nowhere(&inputs[..1])).replace('\u{a0}', " "), "lost (frame 7)");
    }
}
