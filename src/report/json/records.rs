//! The records around the sessions: inputs before them, attempts and the summary behind them.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::Serialize;

use super::SCHEMA;
use crate::diagnose::verdict::Outcome;
use crate::diagnose::{Case, Hint};
use crate::frame::{Input, TruncationKind};
use crate::report::format::Run;
use crate::report::time::rfc3339;

#[derive(Serialize)]
pub(super) struct InputRecord {
    r#type: &'static str,
    schema: &'static str,
    path: String,
    format: String,
    linktypes: Vec<u32>,
    packets: u64,
    bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    truncated: Option<Truncated>,
    dropped: u64,
    snaplen_cut: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    snaplen: Option<u32>,
    unknown_link: u64,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    secrets: bool,
    warnings: Vec<String>,
}

#[derive(Serialize)]
struct Truncated {
    offset: u64,
    length: u64,
    frame: u64,
    needs: u64,
    has: u64,
    why: &'static str,
}

impl InputRecord {
    pub(super) fn of(input: &Input) -> Self {
        Self {
            r#type: "input",
            schema: SCHEMA,
            path: input.path.to_string_lossy().into_owned(),
            format: input.format.clone(),
            linktypes: input.link_types.iter().map(|link| link.0).collect(),
            packets: input.packets,
            bytes: input.bytes,
            first: input.first.map(rfc3339),
            last: input.last.map(rfc3339),
            truncated: input.truncated.as_ref().map(|cut| Truncated {
                offset: cut.offset,
                length: cut.length,
                frame: cut.frame,
                needs: cut.needs,
                has: cut.has,
                why: match cut.why {
                    TruncationKind::Cut => "cut",
                    TruncationKind::Damaged => "damaged",
                    TruncationKind::Compression => "compression",
                    TruncationKind::Limit => "limit",
                },
            }),
            dropped: input.dropped,
            snaplen_cut: input.snaplen_cut,
            snaplen: input.snaplen,
            unknown_link: input.unknown_link,
            secrets: input.has_keys,
            warnings: input.warnings.clone(),
        }
    }
}

/// What may have kept a session from beginning.
#[derive(Serialize)]
pub(super) struct HintRecord<'a> {
    r#type: &'static str,
    schema: &'static str,
    cause: &'static str,
    sure: &'static str,
    client: IpAddr,
    frames: Vec<u64>,
    headline: &'a str,
}

impl<'a> HintRecord<'a> {
    pub(super) fn of(hint: &'a Hint) -> Self {
        Self {
            r#type: "hint",
            schema: SCHEMA,
            cause: hint.id,
            sure: hint.sure.word(),
            client: hint.asker,
            frames: hint.frames.iter().map(|frame| frame.number()).collect(),
            headline: &hint.text,
        }
    }
}

/// One try of one user.
#[derive(Serialize)]
pub(super) struct Attempt<'a> {
    r#type: &'static str,
    schema: &'static str,
    attempt: u32,
    sessions: Vec<u32>,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'static str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    headline: &'a str,
}

impl<'a> Attempt<'a> {
    /// What the user saw is what became of the main connection; without one, the worst of them.
    pub(super) fn of(attempt: u32, cases: &[&'a Case]) -> Self {
        let main = cases.iter().rfind(|case| case.role == "main");
        let worst = cases.iter().min_by_key(|case| case.verdict.outcome);
        let verdict = main.or(worst).map(|case| &case.verdict);
        Self {
            r#type: "attempt",
            schema: SCHEMA,
            attempt,
            sessions: cases.iter().map(|case| case.session.id.0).collect(),
            outcome: verdict.map_or(Outcome::Unsure, |verdict| verdict.outcome).word(),
            cause: verdict.and_then(|verdict| verdict.cause),
            headline: verdict.map_or("", |verdict| &verdict.headline),
        }
    }
}

#[derive(Serialize)]
pub(super) struct Summary {
    r#type: &'static str,
    schema: &'static str,
    sessions: u64,
    outcomes: BTreeMap<&'static str, u64>,
    causes: BTreeMap<&'static str, u64>,
    packets: u64,
    bytes: u64,
    seconds: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<String>,
    tcp_connections: u64,
    rdp_port_midstream: u64,
    exit_code: u8,
}

impl Summary {
    pub(super) fn of(run: &Run<'_>) -> Self {
        let (first, seconds) = run.extent();
        Self {
            r#type: "summary",
            schema: SCHEMA,
            sessions: run.tally.sessions,
            outcomes: run.tally.outcomes().map(|(outcome, sessions)| (outcome.word(), sessions)).collect(),
            causes: run.tally.causes().into_iter().map(|(id, total)| (id, total.sessions)).collect(),
            packets: run.packets(),
            bytes: run.bytes(),
            seconds,
            start: first.map(rfc3339),
            tcp_connections: run.elsewhere.tcp_connections,
            rdp_port_midstream: run.elsewhere.rdp_port_midstream,
            exit_code: run.exit_code,
        }
    }
}
