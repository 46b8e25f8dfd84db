//! What the two agreed upon, or did not: security, TLS, and the fingerprints by which others know such peers.

use crate::session::Session;
use crate::tui::pane::{Row, prose};
use crate::tui::theme::Role;
use crate::wire::tls_fingerprint::{ja3, ja3s, ja4};
use crate::wire::tls_hello::{ClientHello, suite_name};

/// Where the words begin.
const WORDS: usize = 18;

/// A row for each thing that was said; none when nothing was.
pub(super) fn rows(session: &Session, width: usize) -> Vec<Row> {
    let mut told: Vec<(&str, String)> = Vec::new();
    if let Some((_, request)) = session.request() {
        told.push(("client offers", request.protocols.to_string()));
        told.extend(request.cookie.as_ref().map(|cookie| ("user hint", cookie.to_string())));
        told.extend(request.routing_token.as_ref().map(|token| ("routing token", token.to_string())));
    }
    match (session.negotiation_failure(), session.selected()) {
        (Some((_, code)), _) => told.push(("server refuses", code.to_string())),
        (None, Some(selected)) => told.push(("server picks", selected.with_meaning())),
        (None, None) => {}
    }
    let hello = session.client_hello().map(|(_, hello)| hello);
    let answer = session.server_hello().map(|(_, hello)| hello);
    if let Some(hello) = hello {
        told.push(("TLS offered", offered(hello)));
        let name = hello.server_name().map_or_else(|| "none sent (no SNI)".to_owned(), |name| name.to_string());
        told.push(("server's name", name));
    }
    if let Some(answer) = answer {
        told.push(("TLS picked", format!("{}, {}", answer.version, suite_name(answer.cipher))));
    }
    told.extend(hello.map(|hello| ("JA4, JA3", format!("{} {}", ja4(hello), ja3(hello)))));
    told.extend(answer.map(|answer| ("JA3S", ja3s(answer))));
    told.iter().flat_map(|(label, text)| prose((Role::Dim, label), WORDS, width, Role::Text, text)).collect()
}

/// `TLS 1.0 to TLS 1.2`.
fn offered(hello: &ClientHello) -> String {
    let versions = hello.view().versions();
    let lowest = versions.iter().min_by_key(|version| version.0);
    let highest = versions.iter().max_by_key(|version| version.0);
    match (lowest, highest) {
        (Some(lowest), Some(highest)) if lowest != highest => format!("{lowest} to {highest}"),
        (_, Some(highest)) => highest.to_string(),
        (_, None) => "no version that is known".into(),
    }
}
