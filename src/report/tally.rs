//! Totals over all sessions of a run, kept while the sessions themselves may be let go.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::IpAddr;

use crate::diagnose::Case;
use crate::diagnose::verdict::Outcome;
use crate::frame::Timestamp;
use crate::knowledge::negotiation::Protocols;
use crate::session::{Endpoint, Phase, SessionId, Transport};

/// Different addresses, hints or servers that are counted apart: a scan of the whole net must not fill memory.
const DISTINCT: usize = 100_000;

/// Kinds of scans that are told apart.
const KINDS: usize = 64;

/// How often a cause was met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CauseTotal {
    /// The outcome it stands for.
    pub outcome: Outcome,
    /// Sessions.
    pub sessions: u64,
    /// Headline of the first of them.
    pub headline: String,
    /// What it means, if the first of them says so.
    pub means: Option<String>,
}

/// The sessions of one server that fared well.
#[derive(Clone, Debug, Default)]
pub struct ServerTotal {
    /// Sessions that were ok.
    pub sessions: u64,
    /// Security as people call it (`TLS 1.2, NLA`), and how often.
    pub security: BTreeMap<String, u64>,
    /// Seconds from the first packet to the desktop, with the session.
    pub to_desktop: Vec<(f32, SessionId)>,
    /// Name of the certificate last seen, and the seconds it had left then, where the day is known.
    pub certificate: Option<(String, Option<i64>)>,
}

/// Totals.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Sessions.
    pub sessions: u64,
    /// Packets of sessions.
    pub packets: u64,
    /// Payload bytes of sessions.
    pub bytes: u64,
    /// First packet of any session.
    pub first: Option<Timestamp>,
    /// Last packet of any session.
    pub last: Option<Timestamp>,
    /// Payload packets sent twice.
    pub retransmissions: u64,
    /// Sessions that were given up while they ran, for want of memory.
    pub torn: u64,
    /// TLS sessions whose certificate could not be read because packets are cut.
    pub unread_certificates: u64,
    by_outcome: [u64; Outcome::ALL.len()],
    /// What one session dies of may only be a warning to another.
    by_cause: HashMap<&'static str, (CauseTotal, [u64; Outcome::ALL.len()])>,
    servers: BTreeMap<Endpoint, ServerTotal>,
    /// By cause and headline: one cause may cover several ways to knock.
    scan_kinds: BTreeMap<(&'static str, String), u64>,
    scanners: HashSet<IpAddr>,
    /// First packets of the first and the last scan.
    scan_span: Option<(Timestamp, Timestamp)>,
    scan_networks: HashMap<[u8; 2], u64>,
    scan_hints: BTreeMap<String, u64>,
}

impl Tally {
    /// Counts a session; each only once, when it is over.
    pub fn add(&mut self, case: &Case) {
        let session = &case.session;
        let verdict = &case.verdict;
        self.sessions += 1;
        self.packets += session.packets();
        self.bytes += session.client_side().bytes + session.server_side().bytes;
        self.first = Some(self.first.map_or(session.first.time, |first| first.min(session.first.time)));
        self.last = Some(self.last.map_or(session.last.time, |last| last.max(session.last.time)));
        self.retransmissions += session.sides.iter().map(|side| u64::from(side.retransmissions)).sum::<u64>();
        self.torn += u64::from(session.evicted);
        self.unread_certificates += u64::from(certificate_was_cut(case));
        self.by_outcome[verdict.outcome as usize] += 1;
        if let Some(cause) = verdict.cause {
            let (total, by_outcome) = self.by_cause.entry(cause).or_insert_with(|| {
                let (headline, means) = (verdict.headline.to_string(), verdict.means.as_deref().map(str::to_owned));
                (CauseTotal { outcome: verdict.outcome, sessions: 0, headline, means }, Default::default())
            });
            total.sessions += 1;
            by_outcome[verdict.outcome as usize] += 1;
        }
        match verdict.outcome {
            Outcome::Scan => self.add_scan(case),
            Outcome::Ok => self.add_ok(case),
            _ => {}
        }
    }

    fn add_scan(&mut self, case: &Case) {
        let verdict = &case.verdict;
        let id = verdict.cause.unwrap_or("scan");
        let kind = (id, verdict.headline.to_string());
        let is_counted = self.scan_kinds.len() < KINDS || self.scan_kinds.contains_key(&kind);
        // A headline that differs each time must not fill the table: what is beyond it counts as the cause alone.
        let kind = if is_counted { kind } else { (id, id.to_owned()) };
        *self.scan_kinds.entry(kind).or_default() += 1;
        let began = case.session.first.time;
        let (first, last) = self.scan_span.unwrap_or((began, began));
        self.scan_span = Some((first.min(began), last.max(began)));
        let ip = case.session.client.ip;
        if self.scanners.len() < DISTINCT
            && self.scanners.insert(ip)
            && let IpAddr::V4(v4) = ip
        {
            let [a, b, ..] = v4.octets();
            *self.scan_networks.entry([a, b]).or_default() += 1;
        }
        if let Some(hint) = user_hint(case)
            && (self.scan_hints.len() < DISTINCT || self.scan_hints.contains_key(&hint))
        {
            *self.scan_hints.entry(hint).or_default() += 1;
        }
    }

    fn add_ok(&mut self, case: &Case) {
        let server = case.session.server;
        if case.session.transport == Transport::Udp {
            return;
        }
        if self.servers.len() >= DISTINCT && !self.servers.contains_key(&server) {
            return;
        }
        let total = self.servers.entry(server).or_default();
        total.sessions += 1;
        *total.security.entry(security(case)).or_default() += 1;
        if let Some(seconds) = seconds_to_desktop(case) {
            total.to_desktop.push((seconds as f32, case.session.id));
        }
        if let Some((event, certificate)) = case.session.certificate() {
            let left = case.session.day_of(event).map(|day| certificate.not_after.saturating_sub(day));
            total.certificate = Some((certificate.display_name(), left));
        }
    }

    /// Sessions with this outcome.
    #[must_use]
    pub fn of(&self, outcome: Outcome) -> u64 {
        self.by_outcome[outcome as usize]
    }

    /// Outcomes that occurred, in the order of a summary.
    pub fn outcomes(&self) -> impl Iterator<Item = (Outcome, u64)> + '_ {
        Outcome::ALL.into_iter().map(|outcome| (outcome, self.of(outcome))).filter(|(_, sessions)| *sessions > 0)
    }

    /// Sessions with this outcome for this cause.
    #[must_use]
    pub fn of_cause(&self, outcome: Outcome, cause: &'static str) -> u64 {
        self.by_cause.get(cause).map_or(0, |(_, by_outcome)| by_outcome[outcome as usize])
    }

    /// Causes that occurred, most sessions first.
    #[must_use]
    pub fn causes(&self) -> Vec<(&'static str, &CauseTotal)> {
        let mut causes: Vec<_> = self.by_cause.iter().map(|(id, (total, _))| (*id, total)).collect();
        causes.sort_by_key(|(id, total)| (std::cmp::Reverse(total.sessions), *id));
        causes
    }

    /// Servers whose sessions were ok, in order of their addresses.
    pub fn servers(&self) -> impl Iterator<Item = (&Endpoint, &ServerTotal)> {
        self.servers.iter()
    }

    /// Addresses that scanned.
    #[must_use]
    pub fn scanners(&self) -> usize {
        self.scanners.len()
    }

    /// Scans a minute, where they came for long enough to tell.
    #[must_use]
    pub fn scan_rate(&self) -> Option<f64> {
        let (first, last) = self.scan_span?;
        let minutes = last.since(first) / 60.0;
        (minutes >= 1.0).then(|| self.of(Outcome::Scan) as f64 / minutes)
    }

    /// Kinds of scans, as cause, headline and sessions; most first.
    #[must_use]
    pub fn scan_kinds(&self) -> Vec<(&'static str, &str, u64)> {
        let mut kinds: Vec<_> =
            self.scan_kinds.iter().map(|((id, headline), times)| (*id, headline.as_str(), *times)).collect();
        // Of equals what was refused comes last: it is told as "the same" as what was not.
        let refused = |headline: &str| headline.contains("refused");
        kinds.sort_by_key(|(id, headline, times)| (std::cmp::Reverse(*times), *id, refused(headline), *headline));
        kinds
    }

    /// User hints that scans used, most first.
    #[must_use]
    pub fn scan_hints(&self) -> Vec<(&str, u64)> {
        let mut hints: Vec<_> = self.scan_hints.iter().map(|(hint, times)| (hint.as_str(), *times)).collect();
        hints.sort_by_key(|(hint, times)| (std::cmp::Reverse(*times), *hint));
        hints
    }

    /// The IPv4 network of 16 bits with the most scanning addresses, if one has more than any other.
    #[must_use]
    pub fn busiest_network(&self) -> Option<(String, u64)> {
        let (network, addresses) =
            self.scan_networks.iter().max_by_key(|(network, addresses)| (**addresses, **network))?;
        let is_shared = self.scan_networks.iter().any(|(other, count)| other != network && count == addresses);
        (!is_shared).then(|| (format!("{}.{}.0.0/16", network[0], network[1]), *addresses))
    }
}

/// The mstshash name, safe to print.
#[must_use]
pub fn user_hint(case: &Case) -> Option<String> {
    let cookie = case.session.user_hint()?;
    (!cookie.is_empty()).then(|| cookie.to_string())
}

/// Security as people call it: `TLS 1.2, NLA`.
#[must_use]
pub fn security(case: &Case) -> String {
    let tls = case.session.tls_version().map(|version| version.to_string());
    match (case.session.selected(), tls) {
        (Some(Protocols::RDP), _) => "standard RDP".into(),
        (Some(chosen), Some(tls)) if chosen.has_nla() => format!("{tls}, NLA"),
        (Some(chosen), None) if chosen.has_nla() => "NLA".into(),
        (_, Some(tls)) => tls,
        (Some(chosen), None) => chosen.to_string(),
        (None, None) => "not seen".into(),
    }
}

/// Seconds from the first packet to the first sign of a running desktop.
pub(super) fn seconds_to_desktop(case: &Case) -> Option<f64> {
    let plain = case.session.first_of(Phase::Rdp).map(|event| event.time);
    let inferred = case.shape.records.iter().find(|record| record.phase == Phase::Rdp);
    let inferred = inferred.and_then(|record| {
        let mut events = case.session.timeline.iter();
        events.find(|event| event.frame == record.frame).map(|event| event.time)
    });
    let first = [plain, inferred].into_iter().flatten().min()?;
    Some(first.since(case.session.first.time))
}

/// A certificate must have been there (TLS up to 1.2 went past it), but the capture cut it away.
fn certificate_was_cut(case: &Case) -> bool {
    let session = &case.session;
    session.certificate().is_none()
        && session.server_side().cut > 0
        && session.selected().is_none_or(|chosen| chosen != Protocols::RDP)
        && session.tls_version().is_none_or(|version| version < crate::knowledge::tls::Version::TLS13)
}
