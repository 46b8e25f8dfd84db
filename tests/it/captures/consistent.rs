//! What a report says hangs together: no advice against what it rules out, no frame in words that is not among the signs.

use serde_json::Value;

use super::program::reports;

/// Every text under `key`.
fn texts<'a>(session: &'a Value, key: &str) -> impl Iterator<Item = &'a str> {
    session[key].as_array().into_iter().flatten().filter_map(|entry| entry["text"].as_str())
}

fn rules_out(session: &Value, id: &str) -> bool {
    session["not_it"].as_array().into_iter().flatten().any(|entry| entry["id"] == id)
}

/// What is wrong with it, if anything.
fn faults(session: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let advice: Vec<&str> = texts(session, "fixes").chain(texts(session, "next")).collect();
    let mut advised = |about: &str, because: &str| {
        faults.extend(advice.iter().filter(|text| text.contains(about)).map(|text| format!("{because}: {text}")));
    };
    if rules_out(session, "nla.bad-credentials") {
        advised("the password again", "the password is ruled out");
        advised("saved credentials", "the password is ruled out");
    }
    let is_classic = session["negotiation"]["selected"] == "rdp";
    if is_classic {
        advised("TLS keys", "there is no TLS");
    }
    let has_kerberos =
        texts(session, "evidence").any(|text| text.contains("port 88") || text.contains("refuses a ticket"));
    if has_kerberos {
        advised("capture port 88 (Kerberos) on the client", "Kerberos is in the capture");
    }
    let shown = texts(session, "not_it").filter(|text| text.contains("none was shown"));
    faults.extend(shown.filter(|_| is_classic).map(|text| format!("it has a certificate of its own kind: {text}")));
    for sign in session["evidence"].as_array().into_iter().flatten() {
        let text = sign["text"].as_str().unwrap_or_default();
        let named = text.strip_prefix("frame ").and_then(|rest| rest.split(|c: char| !c.is_ascii_digit()).next());
        let frames = || sign["frames"].as_array().into_iter().flatten().filter_map(Value::as_u64);
        if let Some(number) = named.and_then(|digits| digits.parse::<u64>().ok())
            && !frames().any(|frame| frame == number)
        {
            faults.push(format!("frame {number} is in words alone: {text}"));
        }
        if text.contains("0.000 s") {
            faults.push(format!("no time at all: {text}"));
        }
    }
    faults
}

#[test]
fn nothing_contradicts_itself() {
    let faults: Vec<String> = reports()
        .iter()
        .flat_map(|report| {
            report.sessions().into_iter().flat_map(|session| {
                let all = faults(&session);
                all.into_iter().map(|fault| format!("{}: {fault}", report.file)).collect::<Vec<_>>()
            })
        })
        .collect();
    assert!(faults.is_empty(), "{faults:#?}");
}
