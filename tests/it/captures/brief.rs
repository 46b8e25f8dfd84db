//! Lists show no sentence, and sessions are judged without any for them: what is concluded must be the same.

use serde_json::Value;

use super::program::{reports, run};

#[test]
fn a_list_concludes_what_a_report_does() {
    const CONCLUDED: [&str; 8] = ["session", "attempt", "outcome", "cause", "sure", "death", "end", "user_hint"];
    let mut deaths = 0;
    for report in reports() {
        let (list, _, code) = run(&report.file, &["--brief", "--json"]);
        let records = list.lines().map(|line| serde_json::from_str::<Value>(line).expect("a record a line"));
        let briefs: Vec<Value> = records.filter(|record| record["type"] == "brief").collect();
        let sessions = report.sessions();
        assert_eq!((briefs.len(), code), (sessions.len(), report.code), "{}", report.file);
        for (brief, session) in briefs.iter().zip(&sessions) {
            for field in CONCLUDED {
                assert_eq!(brief.get(field), session.get(field), "{}: {field}", report.file);
            }
            deaths += usize::from(brief.get("death").is_some());
        }
    }
    assert!(deaths > 50, "{deaths} deaths compared");
}
