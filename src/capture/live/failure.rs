//! The sentences for interfaces that cannot be captured on: what, and what to try.

use pcap::Error;

use super::interfaces::{Interface, interfaces};
use crate::capture::source::CaptureError;

fn error(name: &str, what: String) -> CaptureError {
    CaptureError { what, path: name.into(), at: None, notes: Vec::new() }
}

/// What libpcap said, without the crate's words around it.
fn plain(cause: &Error) -> String {
    match cause {
        Error::PcapError(text) => text.trim().to_owned(),
        other => other.to_string(),
    }
}

pub(super) fn cannot_list(cause: &Error) -> CaptureError {
    error("-D", format!("the interfaces cannot be listed: {}", plain(cause)))
}

/// Opening `name` failed; `command` asked for it.
pub(super) fn cannot_open(name: &str, command: &str, cause: &Error) -> CaptureError {
    let text = plain(cause);
    let lower = text.to_lowercase();
    if lower.contains("permi") || lower.contains("not permitted") {
        return no_permission(name, command);
    }
    if lower.contains("no such device") || lower.contains("doesn't exist") {
        return no_interface(name);
    }
    if lower.contains("isn't up") || lower.contains("is not up") || lower.contains("network is down") {
        let mut error = error(name, format!("{name} is down"));
        error.notes.push(("help", format!("sudo ip link set {name} up")));
        return error;
    }
    error(name, format!("cannot capture on {name}: {text}"))
}

fn no_permission(name: &str, command: &str) -> CaptureError {
    let mut error = error(name, format!("no permission to capture on {name}"));
    let program = std::env::current_exe().map_or_else(|_| "rdpwhy".into(), |path| path.display().to_string());
    error.notes.push(("help", format!("once:      sudo {command} -i {name}")));
    error.notes.push(("help", format!("for good:  sudo setcap cap_net_raw,cap_net_admin+eip {program}")));
    error.notes.push(("help", format!("or let dumpcap do it:  dumpcap -q -i {name} -w - | {command} -")));
    error
}

fn no_interface(name: &str) -> CaptureError {
    let mut error = error(name, format!("no interface {name}"));
    let known = interfaces().unwrap_or_default();
    if let Some(near) = nearest(name, &known) {
        error.notes.push(("help", format!("did you mean {near}?")));
    }
    error.notes.extend(known.iter().map(|interface| ("known", interface.line())));
    error
}

/// One of the same letters, or of one more: neighbours swapped, or one left out.
fn nearest<'k>(name: &str, known: &'k [Interface]) -> Option<&'k str> {
    let letters = |text: &str| {
        let mut letters: Vec<char> = text.to_lowercase().chars().collect();
        letters.sort_unstable();
        letters
    };
    let wanted = letters(name);
    known.iter().map(|interface| interface.name.as_str()).find(|found| {
        let found = letters(found);
        let missing = wanted.iter().filter(|letter| !found.contains(letter)).count();
        missing == 0 && found.len().abs_diff(wanted.len()) <= 1
    })
}

/// A filter that libpcap does not understand, on this interface.
pub(super) fn cannot_filter(name: &str, filter: &str, cause: &Error) -> CaptureError {
    let mut error = error(name, format!("-f: {}", plain(cause)));
    error.at = Some(format!("-f '{filter}'"));
    error.notes.push(("note", format!("on {name}")));
    error.notes.push(("help", "the language is tcpdump's: man 7 pcap-filter".to_owned()));
    error
}

/// Packets of this interface cannot be read.
pub(super) fn cannot_read(name: &str, link: u32) -> CaptureError {
    let mut error = error(name, format!("{name}: link type {link} is not supported"));
    error.notes.push(("known", "Ethernet, Linux cooked (SLL, SLL2), raw IP, BSD loopback, PPP".to_owned()));
    error
}

/// Why an interface that was open gives nothing more.
pub(super) fn ended(name: &str, cause: &Error) -> String {
    let text = plain(cause);
    let lower = text.to_lowercase();
    if lower.contains("disappeared") || lower.contains("no such device") {
        return format!("{name} has disappeared");
    }
    if lower.contains("down") {
        return format!("{name} went down");
    }
    format!("{name}: {text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_understood() {
        let known: Vec<Interface> = ["lo", "eth0", "wlan0"]
            .map(|name| Interface { name: name.to_owned(), is_up: None, addresses: Vec::new(), about: None })
            .into();
        assert_eq!(nearest("eht0", &known), Some("eth0"));
        assert_eq!(nearest("eth1", &known), None);
        assert_eq!(nearest("nosuch0", &known), None);
    }

    #[test]
    fn the_three_ways_to_a_permission() {
        let denied = Error::PcapError("eth0: You don't have permission to capture on that device".to_owned());
        for command in ["rdpwhy", "rdpwhy tui"] {
            let error = cannot_open("eth0", command, &denied);
            assert_eq!(error.what, "no permission to capture on eth0");
            let [once, _, piped] = &error.notes[..] else { panic!("{:?}", error.notes) };
            assert!(once.1.ends_with(&format!(" sudo {command} -i eth0")), "{}", once.1);
            assert!(piped.1.ends_with(&format!(" | {command} -")), "{}", piped.1);
        }
    }
}
