//! What was read of TLS. Clients of one kind say the same, and a server shows everybody the same certificate: what
//! can be written of them is worked out once, and kept as it is written.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;

use super::record::{Record, hexadecimal, key};
use crate::knowledge::tls::{Version, alert_name, group_name, is_grease};
use crate::report::time::date_rfc3339;
use crate::session::{Event, EventKind, Session};
use crate::wire::catalogue::Fact;
use crate::wire::certificate::Certificate;
use crate::wire::tls_fingerprint::{fingerprinted, ja3, ja3s, ja4};
use crate::wire::tls_hello::{ClientHello, ServerHello, suite_name};
use crate::wire::tls_record::{Alert, ContentType};

/// Kinds of each that are kept; a flood of new ones only costs time.
const KINDS: usize = 256;
/// Bytes that identify a client, of those that are kept: who offers more is written each time.
const KEY: usize = 1024;

/// Fields as they are written, in pieces between which others stand.
type Pieces<const N: usize> = [Box<[u8]>; N];

/// What was written of peers so far.
#[derive(Debug, Default)]
pub(super) struct Known {
    clients: HashMap<Vec<u8>, Pieces<5>>,
    servers: HashMap<ServerHello, Pieces<5>>,
    certificates: HashMap<[u8; 32], Pieces<2>>,
    /// What identifies the client at hand; kept for its room.
    key: Vec<u8>,
}

/// The pieces kept for `key`; made and kept when they are new.
fn kept<'m, K, Q, const N: usize>(
    map: &'m mut HashMap<K, Pieces<N>>,
    key: &Q,
    make: impl FnOnce() -> Pieces<N>,
) -> &'m Pieces<N>
where
    K: Borrow<Q> + Hash + Eq,
    Q: ToOwned<Owned = K> + Hash + Eq + ?Sized,
{
    if !map.contains_key(key) {
        if map.len() >= KINDS {
            map.clear();
        }
        map.insert(key.to_owned(), make());
    }
    &map[key]
}

impl Known {
    /// The `tls` of a session record, if there was any.
    pub(super) fn tls(&mut self, session: &Session, record: &mut Record) {
        let client = session.client_hello().map(|(_, hello)| hello);
        let server = session.server_hello().map(|(_, hello)| hello);
        let alerts = alerts(session);
        let offers = client.is_some_and(|hello| !hello.view().versions().is_empty());
        if !offers && server.is_none() && alerts.is_empty() {
            return;
        }
        let none = Pieces::default();
        let large;
        let name = client.and_then(ClientHello::server_name);
        let [version, ciphers, groups, ja3, ja4] = match client {
            Some(hello) => {
                self.key.clear();
                fingerprinted(hello, &mut self.key);
                if self.key.len() > KEY {
                    large = client_pieces(hello);
                    &large
                } else {
                    kept(&mut self.clients, self.key.as_slice(), || client_pieces(hello))
                }
            }
            None => &none,
        };
        let none = Pieces::default();
        let server = server.map(|hello| kept(&mut self.servers, hello, || server_pieces(hello)));
        let [chosen, suite, group, ja3s, hidden] = server.unwrap_or(&none);
        record.object(key!("tls"), |record| {
            record.again(version);
            record.again(chosen);
            if let Some(name) = &name {
                record.text(key!("sni"), name.raw());
            }
            record.again(ciphers);
            record.again(suite);
            record.again(groups);
            record.again(group);
            if !alerts.is_empty() {
                record.objects(key!("alerts"), &alerts, |record, (event, alert)| alert_fields(event, *alert, record));
            }
            record.again(ja3);
            record.again(ja3s);
            record.again(ja4);
            record.again(hidden);
        });
    }

    /// The `certificate` of a session record, if one was seen.
    pub(super) fn certificate(&mut self, session: &Session, record: &mut Record) {
        let Some((event, certificate)) = session.certificate() else { return };
        let [names, strength] = kept(&mut self.certificates, &certificate.sha256, || certificate_pieces(certificate));
        record.object(key!("certificate"), |record| {
            record.number(key!("frame"), event.frame.number());
            record.again(names);
            if let Some(day) = session.day_of(event) {
                record.flag(key!("expired"), certificate.is_expired_at(day));
            }
            record.again(strength);
            if let Some(Fact::CertificateChain(chain)) = event.fact() {
                record.number(key!("chain"), chain.count);
            }
            record.flag(key!("malformed"), certificate.malformed);
        });
    }
}

/// client_version, ciphers_offered, groups, ja3, ja4.
fn client_pieces(hello: &ClientHello) -> Pieces<5> {
    let view = hello.view();
    let suites: Vec<String> = view.ciphers().filter(|suite| !is_grease(*suite)).map(suite_name).collect();
    let groups: Vec<String> = view.groups().into_iter().map(group_name).collect();
    [
        Record::aside(|record| {
            if let Some(version) = view.versions().first() {
                record.text(key!("client_version"), &version.number());
            }
        }),
        Record::aside(|record| record.texts(key!("ciphers_offered"), suites.iter().map(String::as_str))),
        Record::aside(|record| record.texts(key!("groups"), groups.iter().map(String::as_str))),
        Record::aside(|record| record.text(key!("ja3"), &ja3(hello))),
        Record::aside(|record| record.text(key!("ja4"), &ja4(hello))),
    ]
}

/// version, cipher, group, ja3s, certificate_hidden.
fn server_pieces(hello: &ServerHello) -> Pieces<5> {
    [
        Record::aside(|record| record.text(key!("version"), &hello.version.number())),
        Record::aside(|record| record.text(key!("cipher"), &suite_name(hello.cipher))),
        Record::aside(|record| {
            if let Some(group) = hello.group {
                record.text(key!("group"), &group_name(group));
            }
        }),
        Record::aside(|record| record.text(key!("ja3s"), &ja3s(hello))),
        Record::aside(|record| {
            if hello.version >= Version::TLS13 {
                record.flag(key!("certificate_hidden"), true);
            }
        }),
    ]
}

/// What stands before `expired`, and what stands behind it.
fn certificate_pieces(certificate: &Certificate) -> Pieces<2> {
    [
        Record::aside(|record| {
            record.text(key!("subject"), certificate.subject.raw());
            record.text(key!("issuer"), certificate.issuer.raw());
            record.text(key!("serial"), certificate.serial.raw());
            record.text(key!("not_before"), &date_rfc3339(certificate.not_before));
            record.text(key!("not_after"), &date_rfc3339(certificate.not_after));
        }),
        Record::aside(|record| {
            record.flag(key!("self_signed"), certificate.self_signed);
            record.text(key!("key"), &format!("{} {}", certificate.key.algorithm.raw(), certificate.key.bits));
            record.text(key!("signature"), certificate.signature.raw());
            record.texts(key!("names"), certificate.names.iter().map(|name| name.raw()));
            record.texts(key!("eku"), certificate.extended_key_usage.iter().map(|usage| usage.raw()));
            record.plain(key!("sha256"), |out| hexadecimal(out, &certificate.sha256));
        }),
    ]
}

/// Plain alerts and protected ones, by their frames.
fn alerts(session: &Session) -> Vec<(&Event, Option<Alert>)> {
    let plain = session.alerts().map(|(event, alert)| (event, Some(alert)));
    let is_hidden =
        |event: &&Event| matches!(event.kind, EventKind::Encrypted { content_type: ContentType::ALERT, .. });
    let hidden = session.timeline.iter().filter(is_hidden).map(|event| (event, None));
    let mut all: Vec<_> = plain.chain(hidden).collect();
    all.sort_by_key(|(event, _)| event.frame.number());
    all
}

fn alert_fields(event: &Event, alert: Option<Alert>, record: &mut Record) {
    record.number(key!("frame"), event.frame.number());
    record.word(key!("by"), event.direction.speaker());
    if let Some(alert) = alert {
        record.word(key!("level"), alert.level_name());
        record.number(key!("code"), alert.description);
        record.text(key!("name"), &alert_name(alert.description));
    }
    record.flag(key!("encrypted"), alert.is_none());
}
