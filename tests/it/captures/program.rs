//! Runs the program over every capture, once for all tests.

use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex};

use serde_json::Value;

/// What the program said about a capture.
pub(super) struct Report {
    /// Name within `captures/`.
    pub(super) file: String,
    /// The report at 80 columns in UTC; then, behind a line, what it said on standard error.
    pub(super) text: String,
    /// The records.
    pub(super) json: String,
    /// What it exited with.
    pub(super) code: i32,
}

impl Report {
    /// All records.
    pub(super) fn records(&self) -> Vec<Value> {
        self.json.lines().map(|line| serde_json::from_str(line).expect("a record a line")).collect()
    }

    /// The sessions among them.
    pub(super) fn sessions(&self) -> Vec<Value> {
        self.records().into_iter().filter(|record| record["type"] == "session").collect()
    }
}

/// The reports on all captures, by name.
pub(super) fn reports() -> &'static [Report] {
    static REPORTS: LazyLock<Vec<Report>> = LazyLock::new(|| {
        let names = super::names();
        let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
        std::thread::scope(|scope| {
            for _ in 0..std::thread::available_parallelism().map_or(2, usize::from).min(8) {
                scope.spawn(|| {
                    while let Some(name) = names.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let report = report(name);
                        done.lock().expect("nobody panicked").push(report);
                    }
                });
            }
        });
        let mut reports = done.into_inner().expect("nobody panicked");
        reports.sort_by(|a, b| a.file.cmp(&b.file));
        reports
    });
    &REPORTS
}

fn report(file: &str) -> Report {
    let (text, complaints, _) = run(file, &["--width", "80", "--utc"]);
    let (json, _, code) = run(file, &["--json"]);
    let text = if complaints.is_empty() { text } else { format!("{text}\n--- standard error\n{complaints}") };
    Report { file: file.into(), text, json, code }
}

pub(super) fn run(file: &str, words: &[&str]) -> (String, String, i32) {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("rdpwhy"));
    command.current_dir(super::folder()).env_clear().env("LC_ALL", "C.UTF-8").env("TZ", "UTC").stdin(Stdio::null());
    if let Some(path) = std::env::var_os("LLVM_PROFILE_FILE") {
        command.env("LLVM_PROFILE_FILE", path);
    }
    let output = command.args(words).arg(file).output().expect("it runs");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (text(output.stdout), text(output.stderr), output.status.code().expect("it ends by itself"))
}
