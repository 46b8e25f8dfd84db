//! Verdicts against what is known. A truth file is a list of entries; all but the names may be left out:
//!
//! ```text
//! {"file": "a.pcap", "sessions": [{
//!    "client": "10.0.0.1:4000", "server": "10.0.0.2:3389", "nth": 0,   which session is meant
//!    "outcome": ["died"],              any of these words is right
//!    "cause": ["tls.cert-*"],          globs; any is right
//!    "death": [11, 12],                any of these frames is right
//!    "by": ["client"],                 any of these
//!    "findings": ["tls.cert-expired"], globs; each must be the cause or among the findings
//!    "never": ["path.*"],              globs; none may be the cause
//!    "facts": {"tls.version": "1.2"}   dotted path into the session's record, and its value
//! }]}
//! ```

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use serde_json::Value;

/// The entries of a truth file.
pub(super) fn entries(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).expect("a truth file");
    serde_json::from_str(&text).expect("a list of entries")
}

/// Hits and misses.
#[derive(Default)]
pub(super) struct Score {
    /// Right, and asked, of each kind of question.
    shares: BTreeMap<&'static str, (u32, u32)>,
    misses: Vec<String>,
    /// Wrong, and called proven; or forbidden: the worst mistakes.
    pub(super) wrongly_proven: Vec<String>,
}

impl Score {
    /// Judges what `records` say about one entry's file.
    pub(super) fn judge(&mut self, entry: &Value, records: &[Value]) {
        let sessions: Vec<&Value> = records.iter().filter(|record| record["type"] == "session").collect();
        for wanted in list(&entry["sessions"]) {
            let place = format!("{} {}", text(&entry["file"]), text(&wanted["client"]));
            let mut found = sessions.iter().filter(|session| {
                endpoint(&session["client"]) == text(&wanted["client"]).to_lowercase()
                    && endpoint(&session["server"]) == text(&wanted["server"]).to_lowercase()
            });
            let session = found.nth(wanted["nth"].as_u64().unwrap_or(0) as usize).copied();
            self.note("session", session.is_some(), || format!("{place}: not among {} sessions", sessions.len()));
            self.session(wanted, session.unwrap_or(&Value::Null), &place);
        }
    }

    fn session(&mut self, wanted: &Value, session: &Value, place: &str) {
        let cause = text(&session["cause"]);
        let any = |kind: &str, said: &str| list(&wanted[kind]).iter().any(|pattern| glob(said, text(pattern)));
        let is_asked = |kind: &str| wanted.get(kind).is_some();
        let miss = |kind: &str, said: &Value| format!("{place}: {kind} is {said}; right: {}", wanted[kind]);
        if is_asked("outcome") {
            self.note("outcome", any("outcome", text(&session["outcome"])), || {
                format!("{} ({cause})", miss("outcome", &session["outcome"]))
            });
        }
        if is_asked("cause") {
            let is_right = any("cause", cause);
            let told = || format!("{} ({})", miss("cause", &session["cause"]), session["sure"]);
            self.note("cause", is_right, told);
            if !is_right && !cause.is_empty() && session["sure"] == "proven" && session["outcome"] == "died" {
                self.wrongly_proven.push(told());
            }
        }
        if !cause.is_empty() && any("never", cause) {
            self.wrongly_proven.push(format!("{place}: {cause} must never be said here"));
        }
        let death = &session["death"];
        if is_asked("death") {
            self.note("death", list(&wanted["death"]).contains(&death["frame"]), || miss("death", &death["frame"]));
        }
        if is_asked("by") {
            self.note("by", list(&wanted["by"]).contains(&death["by"]), || miss("by", &death["by"]));
        }
        let said = said(session);
        for pattern in list(&wanted["findings"]) {
            let is_there = said.iter().any(|said| glob(said, text(pattern)));
            self.note("findings", is_there, || format!("{place}: {pattern} not among {said:?}"));
        }
        for (path, value) in wanted["facts"].as_object().into_iter().flatten() {
            let seen = path.split('.').fold(session, |record, key| record.get(key).unwrap_or(&Value::Null));
            self.note("facts", same(seen, value), || format!("{place}: {path} is {seen}; right: {value}"));
        }
    }

    fn note(&mut self, kind: &'static str, is_right: bool, miss: impl FnOnce() -> String) {
        let (right, asked) = self.shares.entry(kind).or_default();
        *asked += 1;
        *right += u32::from(is_right);
        if !is_right {
            self.misses.push(miss());
        }
    }

    /// Per cent of what was asked of this kind.
    pub(super) fn share(&self, kind: &str) -> f64 {
        self.shares.get(kind).map_or(100.0, |(right, asked)| 100.0 * f64::from(*right) / f64::from(*asked))
    }

    /// Whether something was asked, and no answer was wrong.
    pub(super) fn is_perfect(&self) -> bool {
        !self.shares.is_empty() && self.misses.is_empty() && self.wrongly_proven.is_empty()
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f)?;
        self.wrongly_proven.iter().try_for_each(|line| writeln!(f, "PROVEN AND WRONG {line}"))?;
        self.misses.iter().try_for_each(|line| writeln!(f, "miss {line}"))?;
        self.shares.iter().try_for_each(|(kind, (right, asked))| writeln!(f, "{kind:8} {right} of {asked}"))
    }
}

/// Cause and findings of a session.
pub(super) fn said(session: &Value) -> Vec<String> {
    let findings = list(&session["findings"]).iter().map(|finding| &finding["id"]);
    [&session["cause"]].into_iter().chain(findings).filter_map(|id| Some(id.as_str()?.to_owned())).collect()
}

/// Whether the truth about some session of `file` lists both causes as right.
pub(super) fn are_both_honest(truth: &[Value], file: &str, one: &str, other: &str) -> bool {
    let entries = truth.iter().filter(|entry| entry["file"] == file);
    entries.flat_map(|entry| list(&entry["sessions"])).any(|session| {
        let causes = list(&session["cause"]);
        [one, other].iter().all(|id| causes.iter().any(|cause| cause == id))
    })
}

/// Whether `text` is like `pattern`, in which `*` stands for anything and `?` for one letter.
pub(super) fn glob(text: &str, pattern: &str) -> bool {
    let mut letters = text.chars();
    match pattern.chars().next() {
        None => text.is_empty(),
        Some('*') => {
            (0..=text.len()).filter(|at| text.is_char_boundary(*at)).any(|at| glob(&text[at..], &pattern[1..]))
        }
        Some(wanted) => {
            letters.next().is_some_and(|letter| wanted == '?' || wanted == letter)
                && glob(letters.as_str(), &pattern[wanted.len_utf8()..])
        }
    }
}

fn same(seen: &Value, wanted: &Value) -> bool {
    match (seen, wanted) {
        (Value::Array(seen), Value::Array(wanted)) => {
            seen.len() == wanted.len() && wanted.iter().all(|value| seen.contains(value))
        }
        (Value::String(seen), Value::String(wanted)) => seen.trim().eq_ignore_ascii_case(wanted.trim()),
        _ => seen == wanted,
    }
}

fn endpoint(value: &Value) -> String {
    format!("{}:{}", text(&value["ip"]).to_lowercase(), value["port"])
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
