//! What is said where there is nothing to judge.

use super::frames::{Home, with_frames};
use crate::report::format::{Run, Style, shown_path};
use crate::report::pen::{Ink, Line, hanging, unbroken};
use crate::report::time::{count, counted};

/// Where RD Gateways listen.
const HTTPS: u16 = 443;
/// What everybody forgets once.
const VLAN: &str = "inside VLAN tags an expression matches only behind vlan, as in: port 3389 or (vlan and port 3389)";

/// Nothing to judge: what was looked for, and what is there instead.
pub(super) fn no_rdp(run: &Run<'_>, style: &Style) -> Vec<Line> {
    let names: Vec<String> = run.inputs.iter().map(shown_path).collect();
    let name = match names.as_slice() {
        [] => "the capture".into(),
        [one] => one.clone(),
        many => format!("{} files", many.len()),
    };
    let there = run.elsewhere;
    let connections = counted(there.tcp_connections, "TCP connection");
    let head = Line::new(style).with(Ink::Yellow, "no RDP").with(Ink::Plain, " in ");
    let packets = there.packets.max(run.packets());
    // Of those that the capture filter lets through; where it lets none, the rest is no news.
    let readable = packets > run.inputs.iter().map(|input| input.unknown_link).sum();
    if there.packets == 0 && there.tcp_connections == 0 && readable {
        let text = format!("{name}: the filter matches none of {}", counted(packets, "packet"));
        let mut lines = hanging(style, &head, &text);
        let note = Line::new(style).to(2).with(Ink::Dim, "= ").with(Ink::Bold, "note").with(Ink::Plain, ": ");
        lines.extend(hanging(style, &note, VLAN));
        return lines;
    }
    let none = if there.tcp_connections > 0 { ", none speaks RDP" } else { "" };
    let mut lines = hanging(style, &head, &format!("{name}: {}, {connections}{none}", counted(packets, "packet")));
    let mut add = |label: &str, text: &str| {
        let head = Line::new(style).to(2).with(Ink::Dim, "= ").with(Ink::Bold, label).with(Ink::Plain, ": ");
        lines.extend(hanging(style, &head, text));
    };
    add("looked for", "an RDP connection request at the start of any TCP connection, on any port");
    if there.rdp_port_midstream > 0 {
        let connections = counted(there.rdp_port_midstream, "connection");
        add("not judged", &format!("{connections} on port 3389 that began before the capture did"));
    }
    if !there.ports_seen_most.is_empty() {
        let ports: Vec<String> = there
            .ports_seen_most
            .iter()
            .take(6)
            .map(|(port, times)| unbroken(&format!("{port} ({})", count(*times))))
            .collect();
        add("ports seen most", &ports.join("  "));
    }
    for hint in &there.hints {
        add(
            "perhaps",
            &format!(
                "{} {}",
                with_frames(&hint.frames, &hint.text, Home::nowhere(run.inputs)),
                unbroken(&format!("[{}]", hint.id))
            ),
        );
    }
    if there.packets > 0 {
        add("next", "if a client failed meanwhile, its packets did not pass here: rdpwhy explain client.no-packets");
        // Without a single connection and without a reason for that, what passes here is wrapped, or is of another kind.
        if there.tcp_connections == 0 && there.hints.is_empty() {
            add("or", "they are in a tunnel that is not looked into, a VPN's: capture at its end, inside of it");
        }
        // Inside HTTPS nobody can tell it from the rest.
        if there.ports_seen_most.iter().any(|(port, _)| *port == HTTPS) {
            add("or", "it went through an RD Gateway, inside port 443: capture between gateway and host as well");
        }
    }
    lines
}
