//! Makes the workloads that rdpwhy is measured with, and checks verdicts against their truth.
//!
//! ```text
//! cargo run --release --example workload -- nasty nasty.pcap nasty.jsonl [--bytes N] [--seed N] [--pcapng]
//! rdpwhy --json nasty.pcap | cargo run --release --example workload -- check nasty.jsonl
//! ```

#[path = "mod.rs"]
mod workload;

use std::fs::File;
use std::io::{self, BufWriter, Read as _, Write as _};
use std::process::ExitCode;

use workload::{Format, Kind, check};

const USAGE: &str = "workload bulk|storm|needle|nasty|tiny CAPTURE TRUTH [--bytes N] [--seed N] [--pcapng]
workload check TRUTH < VERDICTS";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let done = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["check", truth] => checked(truth),
        [kind, capture, truth, ref options @ ..] => made(kind, capture, truth, options),
        _ => Err(io::Error::other(USAGE)),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn made(kind: &str, capture: &str, truth: &str, options: &[&str]) -> io::Result<ExitCode> {
    let known = Kind::ALL.iter().find(|(name, ..)| *name == kind);
    let (_, kind, mut bytes) = *known.ok_or_else(|| io::Error::other(USAGE))?;
    let (mut seed, mut format) = (3389, Format::Pcap);
    let mut options = options.iter();
    while let Some(option) = options.next() {
        let mut value = || options.next().and_then(|value| value.parse().ok()).ok_or_else(|| io::Error::other(USAGE));
        match *option {
            "--bytes" => bytes = value()?,
            "--seed" => seed = value()?,
            "--pcapng" => format = Format::Pcapng,
            _ => return Err(io::Error::other(USAGE)),
        }
    }
    let mut truth = BufWriter::new(File::create(truth)?);
    workload::write(kind, bytes, seed, format, File::create(capture)?, &mut truth)?;
    truth.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn checked(truth: &str) -> io::Result<ExitCode> {
    let mut verdicts = String::new();
    io::stdin().lock().read_to_string(&mut verdicts)?;
    let score = check::check(&std::fs::read_to_string(truth)?, &verdicts);
    score.lines.iter().for_each(|line| println!("wrong: {line}"));
    let mut all_right = true;
    for (question, wrong) in score.wrong {
        println!("{question:12} {} of {} right", score.sessions - wrong, score.sessions);
        all_right &= wrong == 0;
    }
    Ok(if all_right { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
