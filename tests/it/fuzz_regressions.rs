//! What the fuzzers once found, and what never was a find: each replayed against the same oracle, in every test run.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

#[path = "../fuzz/oracles/mod.rs"]
mod oracles;

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz")
}

/// The names in a folder, without what stands behind their last dot.
fn stems(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("a name").path());
    entries.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect()
}

#[test]
fn every_target_has_its_oracle() {
    let known: BTreeSet<String> = oracles::ORACLES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(stems(&fuzz().join("fuzz_targets")), known);
    assert!(stems(&fuzz().join("regressions")).is_subset(&known));
}

#[test]
fn what_was_found_stays_mended() {
    let mut replayed = 0;
    for (name, oracle) in oracles::ORACLES {
        let Ok(entries) = fs::read_dir(fuzz().join("regressions").join(name)) else { continue };
        for entry in entries {
            let path = entry.expect("a name").path();
            eprintln!("{}", path.display());
            oracle(&fs::read(&path).expect("a file"));
            replayed += 1;
        }
    }
    assert!(replayed > 0, "nothing was replayed");
}

/// Captures that hold nothing strange pass the oracles too: an oracle that refuses them asks for too much.
#[test]
fn sound_captures_pass() {
    for name in ["tls.cert-expired--alert-45.pcap", "healthy--compressed.pcap.gz", "healthy--two-interfaces.pcapng"] {
        let bytes = fs::read(crate::captures::folder().join(name)).expect("a capture");
        oracles::run("pipe", &bytes);
        oracles::run("container", &bytes);
    }
}
