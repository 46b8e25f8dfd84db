//! Each parser alone: no bytes bring it down, and whatever it finds lies within them and can be shown.

use std::sync::Arc;

use rdpwhy::wire::catalogue::Fact;
use rdpwhy::wire::certificate::Certificate;
use rdpwhy::wire::describe::{Describe, Malformed};
use rdpwhy::wire::foreign;
use rdpwhy::wire::framing::{self, Framing};
use rdpwhy::wire::gcc;
use rdpwhy::wire::licensing::license_pdu;
use rdpwhy::wire::mcs::{self, Connect};
use rdpwhy::wire::mcs_domain::{DomainMessage, DomainPdu, domain_pdu};
use rdpwhy::wire::preconnection::{looks_like_preconnection, preconnection};
use rdpwhy::wire::rdpudp;
use rdpwhy::wire::share::{looks_like_share, security_pdu};
use rdpwhy::wire::tls_fingerprint::{ja3, ja3s, ja4};
use rdpwhy::wire::tls_handshake::{self, HandshakeMessage};
use rdpwhy::wire::tls_hello::{ClientHello, ServerHello};
use rdpwhy::wire::tls_record::{Alert, ContentType, RecordHeader};
use rdpwhy::wire::tls_signature::{fits, server_key_exchange};
use rdpwhy::wire::x224::tpdu;
use rdpwhy::wire::{dns as names, kerberos as tickets};

use super::is_harmless;

/// A fault lies within the message, or where a field should have been that is not there.
fn fault(fault: Malformed, length: usize) {
    const FIELDS: usize = 64;
    assert!(fault.offset as usize <= length + FIELDS, "{fault:?} in {length}");
    assert!(is_harmless(fault.field));
}

/// Everything about `message` can be printed.
fn shown(message: &dyn Describe) {
    assert!(is_harmless(&message.name()), "{}", message.name());
    assert!(is_harmless(&message.summary()), "{:?}", message.summary());
    for field in message.fields() {
        assert!(is_harmless(&field.name) && is_harmless(&field.value), "{field:?}");
        assert!(field.range.start <= field.range.end, "{field:?}");
    }
}

fn fact(fact: &Fact) {
    shown(fact);
    assert!(fact.heap() < 128 << 10, "{}", fact.heap());
}

pub(super) fn x224(bytes: &[u8]) {
    if let Framing::Length(length) = framing::tpkt(bytes)
        && let Some(packet) = bytes.get(..length)
    {
        match tpdu(packet) {
            Ok(tpdu) => Fact::of_tpdu(tpdu).iter().for_each(fact),
            Err(found) => fault(found, packet.len()),
        }
    }
    let _ = (rdpwhy::wire::x224::looks_like_request(bytes), rdpwhy::wire::x224::may_become_request(bytes));
    if looks_like_preconnection(bytes) {
        match preconnection(bytes) {
            Ok(found) => fact(&Fact::Preconnection(Box::new(found))),
            Err(found) => fault(found, bytes.len()),
        }
    }
    for found in [foreign::from_client(bytes), foreign::from_server(bytes)].into_iter().flatten() {
        fact(&Fact::Foreign(Box::new(found)));
    }
    let _ = framing::fast_path(bytes);
}

pub(super) fn mcs(bytes: &[u8]) {
    let (blocks, broken) = gcc::blocks(bytes, 0);
    broken.into_iter().for_each(|found| fault(found, bytes.len()));
    for block in &blocks {
        let _ = gcc::certificate(block);
    }
    match mcs::connect(bytes) {
        Ok(Connect::Initial(view)) => fact(&Fact::ConnectInitial(Box::new(view.into()))),
        Ok(Connect::Response(view)) => fact(&Fact::ConnectResponse(Box::new(view.into()))),
        Err(found) => fault(found, bytes.len()),
    }
    match domain_pdu(bytes) {
        Ok(DomainPdu::SendDataRequest(sent) | DomainPdu::SendDataIndication(sent)) => share_at(sent.data, sent.at),
        Ok(pdu) => fact(&Fact::Domain(DomainMessage::from(pdu))),
        Err(found) => fault(found, bytes.len()),
    }
}

fn share_at(bytes: &[u8], at: u32) {
    for standard in [false, true] {
        match security_pdu(bytes, at, standard) {
            Ok(found) => fact(&Fact::Security(Box::new(found))),
            Err(found) => fault(found, at as usize + bytes.len()),
        }
    }
}

pub(super) fn share(bytes: &[u8]) {
    let _ = looks_like_share(bytes);
    share_at(bytes, 0);
    if let Err(found) = license_pdu(bytes, 0) {
        fault(found, bytes.len());
    }
}

/// TLS records with whole messages in them.
pub(super) fn tls(mut bytes: &[u8]) {
    hellos(bytes);
    while let Framing::Length(length) = framing::tls_record(bytes) {
        let Some((record, rest)) = bytes.split_at_checked(length) else { return };
        let Some((head, body)) = record.split_first_chunk::<5>() else { return };
        let header = RecordHeader::from_bytes(*head);
        match header.content_type {
            ContentType(21) => Alert::from_body(body).iter().for_each(|alert| fact(&Fact::Alert(*alert))),
            ContentType(22) => handshake(body),
            _ => {}
        }
        bytes = rest;
    }
}

fn handshake(mut bytes: &[u8]) {
    while let Some((kind, length)) = tls_handshake::header(bytes) {
        fact(&Fact::Handshake(HandshakeMessage { kind, length: length as u32 }));
        let Some(body) = bytes.get(4..4 + length) else { return };
        hellos(body);
        for der in tls_handshake::certificates(body).unwrap_or_default() {
            certificate(der);
        }
        bytes = &bytes[4 + length..];
    }
}

fn hellos(body: &[u8]) {
    match ClientHello::from_body(body) {
        Ok(hello) => {
            let _ = (ja3(&hello), ja4(&hello));
            fact(&Fact::ClientHello(Arc::new(hello)));
        }
        Err(found) => fault(found, body.len()),
    }
    match ServerHello::from_body(body) {
        Ok(hello) => {
            let _ = (ja3s(&hello), hello.protection());
            fact(&Fact::ServerHello(Arc::new(hello)));
        }
        Err(found) => fault(found, body.len()),
    }
    if let Err(found) = server_key_exchange(body) {
        fault(found, body.len());
    }
}

pub(super) fn certificate(der: &[u8]) {
    let Some(found) = Certificate::from_der(der) else { return };
    let _ = (found.is_expired_at(0), found.is_early_at(i64::MAX), found.has_weak_signature(), found.key.is_weak());
    let _ = (found.is_for("a.example"), found.is_for(""), found.is_for("*.example."));
    assert!(is_harmless(&found.display_name()), "{:?}", found.display_name());
    assert!(found.names.len() < 1_000, "{}", found.names.len());
    if let Ok(signed) = server_key_exchange(der) {
        let _ = fits(&signed, &found.key, &[[0; 32]; 2]);
    }
}

pub(super) fn kerberos(bytes: &[u8]) {
    let _ = tickets::framed(bytes);
    match tickets::message(bytes) {
        Ok(found) => assert!(is_harmless(&format!("{found:?}"))),
        Err(found) => fault(found, bytes.len()),
    }
}

pub(super) fn dns(bytes: &[u8]) {
    match names::message(bytes) {
        Ok(found) => assert!(is_harmless(&format!("{found:?}"))),
        Err(found) => fault(found, bytes.len()),
    }
}

pub(super) fn udp(bytes: &[u8]) {
    let _ = (rdpudp::looks_like_syn(bytes), rdpudp::looks_like_syn_ack(bytes));
    match rdpudp::syn(bytes) {
        Ok(found) => fact(&Fact::UdpSyn(Box::new(found))),
        Err(found) => fault(found, bytes.len()),
    }
    rdpudp::fatal_alert(bytes).iter().for_each(|alert| fact(&Fact::Alert(*alert)));
}
