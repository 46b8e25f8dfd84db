//! Holds verdicts (what `rdpwhy --json` prints) against the truth beside a workload.

use std::collections::{HashMap, VecDeque};
use std::fmt::Write as _;
use std::net::IpAddr;

use serde_json::Value;

/// How many sessions were told as they are, by what was asked.
#[derive(Debug, Default)]
pub(crate) struct Score {
    pub(crate) sessions: usize,
    /// What was asked, and in how many sessions the answer was wrong.
    pub(crate) wrong: [(&'static str, usize); 6],
    /// The first few that are wrong, one line each.
    pub(crate) lines: Vec<String>,
}

/// Lines shown.
const SHOWN: usize = 40;

const QUESTIONS: [&str; 6] = ["found", "outcome", "killer", "death", "alert", "certificate"];

fn text<'v>(value: &'v Value, path: &str) -> &'v str {
    value.pointer(path).and_then(Value::as_str).unwrap_or_default()
}

fn number(value: &Value, path: &str) -> Option<u64> {
    value.pointer(path).and_then(Value::as_u64)
}

/// Who talks to whom.
type Ends = (Option<IpAddr>, Option<u64>, Option<IpAddr>, Option<u64>);

fn ends(value: &Value, paths: [&str; 4]) -> Ends {
    let [client, client_port, server, server_port] = paths;
    let address = |path: &str| text(value, path).parse().ok();
    (address(client), number(value, client_port), address(server), number(value, server_port))
}

/// Compares line by line; sessions of the same ends in their order.
pub(crate) fn check(truth: &str, verdicts: &str) -> Score {
    let parsed =
        |lines: &str| -> Vec<Value> { lines.lines().filter_map(|line| serde_json::from_str(line).ok()).collect() };
    let mut told: HashMap<Ends, VecDeque<Value>> = HashMap::new();
    for verdict in parsed(verdicts).into_iter().filter(|line| text(line, "/type") == "session") {
        let key = ends(&verdict, ["/client/ip", "/client/port", "/server/ip", "/server/port"]);
        told.entry(key).or_default().push_back(verdict);
    }
    let mut known = parsed(truth);
    known.sort_by_key(|line| number(line, "/first"));
    let mut score = Score { wrong: QUESTIONS.map(|question| (question, 0)), ..Score::default() };
    for truth in &known {
        score.sessions += 1;
        let key = ends(truth, ["/client", "/client_port", "/server", "/server_port"]);
        let verdict = told.get_mut(&key).and_then(VecDeque::pop_front);
        let answers = verdict.as_ref().map_or([false; 6], |verdict| answers(truth, verdict));
        if answers.contains(&false) && score.lines.len() < SHOWN {
            let verdict = verdict.as_ref().unwrap_or(&Value::Null);
            let mut line = String::new();
            for ((question, _), _) in score.wrong.iter().zip(answers).filter(|(_, right)| !right) {
                let _ = write!(line, "{question} ");
            }
            let _ = write!(line, "of {} at packet {:?}: ", text(truth, "/outcome"), number(truth, "/death"));
            let _ = write!(line, "session {:?}, ", number(verdict, "/session"));
            let _ = write!(line, "{} {}, ", text(verdict, "/outcome"), text(verdict, "/cause"));
            let _ = write!(line, "death {:?}, ", number(verdict, "/death/frame"));
            let _ = write!(line, "end {:?} {}", number(verdict, "/end/frame"), text(verdict, "/end/how"));
            score.lines.push(line);
        }
        for ((_, wrong), right) in score.wrong.iter_mut().zip(answers) {
            *wrong += usize::from(!right);
        }
    }
    score
}

/// Whether each question is answered right.
fn answers(truth: &Value, verdict: &Value) -> [bool; 6] {
    let (outcome, killer) = (text(truth, "/outcome"), text(truth, "/killer"));
    let said = text(verdict, "/outcome");
    let is_open = outcome == "open_at_end_of_capture";
    // Whether it was a person's try, one of a scanner's or the first half of one that worked is told by its company, which
    // the truth file does not know.
    let is_refused =
        |symbol| text(verdict, "/negotiation/failure/symbol") == symbol && matches!(said, "died" | "scan" | "warn");
    let outcome_right = match outcome {
        "closed_by_client" => matches!(said, "ok" | "warn"),
        "negotiation_failure_hybrid_required" => is_refused("HYBRID_REQUIRED_BY_SERVER"),
        "negotiation_failure_ssl_required" => is_refused("SSL_REQUIRED_BY_SERVER"),
        _ if is_open => said != "died",
        _ => said == "died",
    };
    let blamed = [text(verdict, "/death/by"), text(verdict, "/end/by")];
    let killer_right = match killer {
        "none" => is_open || blamed[0] == "network",
        killer => blamed.contains(&killer),
    };
    let frames = [number(verdict, "/death/frame"), number(verdict, "/end/frame")];
    let death = number(truth, "/death");
    let death_right = is_open || frames.contains(&death);
    let codes = verdict.pointer("/tls/alerts").and_then(Value::as_array);
    let mut codes = codes.into_iter().flatten().filter_map(|alert| number(alert, "/code"));
    let alert_right = match number(truth, "/alert_code") {
        Some(code) => codes.any(|said| said == code),
        None => codes.next().is_none(),
    };
    [true, outcome_right, killer_right, death_right, alert_right, certificate_right(truth, verdict)]
}

fn certificate_right(truth: &Value, verdict: &Value) -> bool {
    let state = text(truth, "/cert_state");
    let Some(certificate) = verdict.get("certificate").filter(|certificate| !certificate.is_null()) else {
        // a session that the capture ends before shows none
        return state.is_empty() || text(truth, "/outcome") == "open_at_end_of_capture";
    };
    let start = text(verdict, "/start");
    let is_early = text(certificate, "/not_before") > start;
    // RFC 3339: the time of day begins behind the T. A certificate holds through its last second (RFC 5280 4.1.2.5); a
    // session that begins in it may see it end.
    let is_expired = certificate.get("expired").and_then(Value::as_bool);
    let state = match (state.strip_prefix("valid_until_"), start.get(11..19)) {
        (Some(end), Some(time)) if time < end => "valid",
        (Some(end), Some(time)) if time > end => "expired",
        (Some(_), _) => return is_expired.is_some(),
        (None, _) => state,
    };
    match (is_expired, is_early) {
        (Some(true), false) => state == "expired",
        (Some(false), true) => state == "not_yet_valid",
        (Some(false), false) => state == "valid",
        _ => false,
    }
}
