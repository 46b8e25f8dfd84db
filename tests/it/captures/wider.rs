//! Captures beside the project, where there are some: many more than a repository should carry, odd ones among them.
//!
//! `RDPWHY_CAPTURES` names the folder; else `../shared/captures` is looked for. Every `truth.json` in it is held
//! against the verdicts, and every file must be survived.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rdpwhy::engine::Options;
use serde_json::Value;

use super::inside::look;
use super::truth::{Score, entries};

/// Per cent that must be right.
const FLOORS: &[(&str, f64)] = &[("outcome", 95.0), ("death", 95.0), ("by", 95.0), ("facts", 95.0), ("cause", 90.0)];

/// The longest that any of these small files may take, without optimisation and beside other tests.
const PATIENCE: Duration = Duration::from_secs(20);

/// Ports on which people speak TLS, so that odd TLS meets the parsers too.
const PORTS: &[u16] = &[3389, 443, 4433, 8443, 465, 993, 995, 636];

fn folder() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/captures");
    let folder = std::env::var_os("RDPWHY_CAPTURES").map_or_else(beside, PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    // Past the test runner's capture of output: nobody shall believe that this was tested.
    let text = format!("SKIPPED: no captures in {} (set RDPWHY_CAPTURES)\n", folder.display());
    let _ = std::io::Write::write_all(&mut std::io::stderr(), text.as_bytes());
    None
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("a name").path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
    found.sort();
}

/// The JSON records of one file; `Err` when it is no capture, or empty, or anything else that has no records.
fn records(path: &Path, ports: &[u16]) -> Result<Vec<Value>, String> {
    let mut source = rdpwhy::capture::open_one(path, &Default::default()).map_err(|error| error.to_string())?;
    let seen = look(&mut source, Options { ports: ports.into(), ..Options::default() });
    if let Some(bad) = seen.text.chars().find(|c| c.is_control() && *c != '\n') {
        panic!("{bad:?} in the text");
    }
    Ok(seen.json.lines().map(|line| serde_json::from_str(line).expect("a record a line")).collect())
}

#[test]
fn wider_verdicts_are_the_truth() {
    let Some(folder) = folder() else { return };
    let mut all = Vec::new();
    files(&folder, &mut all);
    let mut score = Score::default();
    for truth in all.iter().filter(|path| path.ends_with("truth.json")) {
        for entry in entries(truth) {
            let path = truth.with_file_name("").join(entry["file"].as_str().expect("a name"));
            score.judge(&entry, &records(&path, &[3389]).unwrap_or_default());
        }
    }
    eprintln!("{score}");
    assert!(score.wrongly_proven.is_empty(), "{score}");
    for (kind, floor) in FLOORS {
        assert!(score.share(kind) >= *floor, "{kind}: {:.1} %{score}", score.share(kind));
    }
}

#[test]
fn every_wider_file_is_survived() {
    let Some(folder) = folder() else { return };
    let mut all = Vec::new();
    files(&folder, &mut all);
    let mut wrong = Vec::new();
    let mut read = 0;
    for path in &all {
        let began = Instant::now();
        match std::panic::catch_unwind(|| records(path, PORTS)) {
            Ok(records) => read += u32::from(records.is_ok()),
            Err(_) => wrong.push(format!("{}: panics", path.display())),
        }
        if began.elapsed() > PATIENCE {
            wrong.push(format!("{}: takes {:?}", path.display(), began.elapsed()));
        }
    }
    eprintln!("{read} of {} files could be read", all.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
