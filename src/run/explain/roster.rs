//! Every table of numbers, and how it is asked for: the roster of `explain`.

use std::sync::LazyLock;

use super::family::{Family, Form, Group, Rank};
use super::made;
use crate::knowledge::client::{self, EXTENDED_REASONS, OBSERVED_REASONS, REASONS};
use crate::knowledge::disconnect::ERROR_INFO;
use crate::knowledge::events::LOGS;
use crate::knowledge::status::{HRESULTS, NT_STATUS, WIN32};
use crate::knowledge::{freerdp as clients, gateway, kerberos, licensing, logon, mcs, negotiation, pdu, tls};

/// All families, the ones most asked for first.
pub(super) static FAMILIES: LazyLock<Vec<Family>> = LazyLock::new(|| {
    vec![
        reasons(),
        extended(),
        negotiation(),
        alerts(),
        error_info(),
        freerdp(),
        status(),
        kerberos(),
        licensing(),
        gateway(),
        events(),
        mcs(),
        ultimatum(),
        logon(),
        made::builds(),
        made::versions(),
        made::tls_versions(),
        made::suites(),
        made::plaintext(),
        parts(),
    ]
});

const CAPTURE: &str = "capture a failing attempt, then: rdpwhy FILE";

/// A family of which nothing is left out.
pub(super) fn family(
    prefixes: &'static [&'static str],
    example: &'static str,
    what: &'static str,
    next: &'static str,
    groups: Vec<Group>,
) -> Family {
    Family { prefixes, example, what, next, groups }
}

fn reasons() -> Family {
    const WHAT: &str = "reason that the Windows client shows as \"Error code\"; in no packet";
    let wire = |value| client::on_the_wire(value).map(str::to_owned);
    let layer = |value| client::layer(value).map(|text| format!("{text} (by the pattern of the numbers)"));
    let own =
        |group: Group| group.written(Form::Both).ranked(Rank::Screen).with("on the wire", wire).with("family", layer);
    family(
        &["mstsc", "reason", "client", "error"],
        "mstsc:0x904",
        "\"Error code\" of the Windows client",
        CAPTURE,
        vec![
            own(Group::of("", REASONS, WHAT, "IMsTscAxEvents::OnDisconnected, learn.microsoft.com")),
            own(Group::of("", OBSERVED_REASONS, WHAT, "docs.rackspace.com, disconnected codes and reasons")).observed(),
        ],
    )
}

fn extended() -> Family {
    let wire = |value| {
        Some(match value {
            0 | 0x1000 | 0x7fff => return None,
            _ if client::is_set_error_info(value) => {
                format!("Set Error Info {value:#x} has this number, and is encrypted under TLS")
            }
            _ => "nothing: no message has this number".to_owned(),
        })
    };
    family(
        &["ext", "extended"],
        "ext:0x7",
        "\"Extended error code\" of the Windows client",
        CAPTURE,
        vec![
            Group::of(
                "",
                EXTENDED_REASONS,
                "what the Windows client shows as \"Extended error code\"",
                "ExtendedDisconnectReasonCode, learn.microsoft.com",
            )
            .written(Form::Both)
            .ranked(Rank::Screen)
            .with("on the wire", wire),
        ],
    )
}

fn negotiation() -> Family {
    family(
        &["neg", "negotiation", "failure"],
        "neg:5",
        "refusal of the connection request; flags, protocols",
        "see which side offers what: rdpwhy FILE",
        vec![
            Group::of(
                "",
                negotiation::FAILURES,
                "failure code of the server's answer to the connection request",
                "MS-RDPBCGR 2.2.1.2.2",
            ),
            Group::of(
                "protocol",
                negotiation::PROTOCOL_NAMES,
                "security protocol that is offered, or chosen",
                "MS-RDPBCGR 2.2.1.1.1",
            )
            .part(),
            Group::of("type", negotiation::TYPES, "structure of the negotiation", "MS-RDPBCGR 2.2.1.1, 2.2.1.2").part(),
            Group::of("request", negotiation::REQUEST_FLAGS, "flag of the client's request", "MS-RDPBCGR 2.2.1.1.1")
                .part(),
            Group::of("response", negotiation::RESPONSE_FLAGS, "flag of the server's answer", "MS-RDPBCGR 2.2.1.2.1")
                .part(),
        ],
    )
}

fn alerts() -> Family {
    let schannel = |value| {
        let name = tls::schannel_error(value)?;
        let number = HRESULTS.iter().find(|code| code.symbol == name).map(|code| format!(" ({:#010x})", code.value));
        Some(format!("the side that receives it reports {name}{}", number.unwrap_or_default()))
    };
    family(
        &["alert", "tlsalert"],
        "alert:45",
        "TLS alert, by client or server",
        "see who sent it, and where: rdpwhy FILE",
        vec![
            Group::of(
                "",
                tls::ALERTS,
                "TLS alert, by client or server; in clear up to TLS 1.2",
                "RFC 8446 6, RFC 5246 7.2",
            )
            .with("Windows", schannel),
        ],
    )
}

fn error_info() -> Family {
    family(
        &["errinfo", "errorinfo"],
        "errinfo:0x5",
        "Set Error Info: why the server says that it ends a session",
        "the Windows client shows it as its extended error code; the capture shows when: rdpwhy FILE",
        vec![
            Group::of(
                "",
                ERROR_INFO,
                "Set Error Info: why the server says that it ends the session",
                "MS-RDPBCGR 2.2.5.1.1",
            )
            .written(Form::Hex(1)),
        ],
    )
}

fn freerdp() -> Family {
    family(
        &["freerdp", "xfreerdp", "errconnect"],
        "freerdp:0x2000d",
        "error of FreeRDP's clients, as their logs show it",
        CAPTURE,
        vec![
            Group::of(
                "",
                clients::ERRORS,
                "error of FreeRDP (xfreerdp, Remmina and others); in no packet",
                "FreeRDP, include/freerdp/error.h",
            )
            .written(Form::Hex(8)),
        ],
    )
}

fn status() -> Family {
    const SOURCE: &str = "MS-ERREF 2.1 to 2.3";
    family(
        &["status", "ntstatus", "hresult", "win32"],
        "status:0xc000006d",
        "result of a logon: NTSTATUS, SEC_E, Win32",
        "event 4625 on the server has Status and SubStatus: rdpwhy explain event:4625",
        vec![
            Group::of("", NT_STATUS, "NTSTATUS, as in errorCode of CredSSP (MS-CSSP 2.2.1)", SOURCE)
                .written(Form::Hex(8)),
            Group::of("", HRESULTS, "HRESULT of a security package, as dialogs and logs show it", SOURCE)
                .written(Form::Hex(8)),
            Group::of("", WIN32, "Win32 error, as RDSTLS and logs show it", SOURCE),
        ],
    )
}

fn kerberos() -> Family {
    family(
        &["krb", "kerberos", "kdc"],
        "krb:24",
        "Kerberos error of a domain controller",
        "capture port 88 on the client too: KRB-ERROR is in clear",
        vec![Group::of(
            "",
            kerberos::ERRORS,
            "error-code of a KRB-ERROR, on port 88",
            "RFC 4120 7.5.9, RFC 4556 3.1.3",
        )],
    )
}

fn licensing() -> Family {
    const SOURCE: &str = "MS-RDPBCGR 2.2.1.12.1";
    family(
        &["lic", "license", "licence", "licensing"],
        "lic:6",
        "licensing error, by client or server",
        "on the session host: lsdiag.msc says what is wrong with licensing",
        vec![
            Group::of("", licensing::ERRORS, "licensing error, by client or server", "MS-RDPBCGR 2.2.1.12.1.3"),
            Group::of(
                "transition",
                licensing::TRANSITIONS,
                "what a licensing error leads to",
                "MS-RDPBCGR 2.2.1.12.1.3",
            )
            .part(),
            Group::of("message", licensing::MESSAGES, "licensing message", "MS-RDPELE 2.2.2").part(),
            Group::of("blob", licensing::BLOBS, "part of a licensing message", "MS-RDPBCGR 2.2.1.12.1.2").part(),
            Group::of("version", licensing::PREAMBLE_VERSIONS, "version of licensing", SOURCE).part(),
            Group::of("flag", licensing::PREAMBLE_FLAGS, "flag of a licensing message", SOURCE).part(),
        ],
    )
}

fn gateway() -> Family {
    family(
        &["gateway", "gw", "tsgu"],
        "gateway:0x59dd",
        "error of a Remote Desktop Gateway",
        "the gateway's log (TerminalServices-Gateway) names user and target",
        vec![
            Group::of("", gateway::ERRORS, "return code of a Remote Desktop Gateway, inside HTTPS", "MS-TSGU")
                .written(Form::Hex(4)),
        ],
    )
}

fn events() -> Family {
    let groups = LOGS.iter().map(|log| {
        let provider = log.provider;
        let channel = if log.channel == "System" || log.channel == "Security" {
            format!("{} log", log.channel)
        } else {
            format!("log {}", log.channel)
        };
        let whose = if log.side == "both" { "client or server".to_owned() } else { log.side.to_owned() };
        let what = format!("event of {provider}, in the {channel} of the {whose}");
        let group = Group::of("", log.events, &what, log.source);
        if log.is_documented { group } else { group.observed() }
    });
    family(
        &["event", "eventid", "evt"],
        "event:36870",
        "event that Windows logs; rdpwhy explain events",
        "find it by its time; the report gives the time of the packet: rdpwhy --utc FILE",
        groups.collect(),
    )
}

fn mcs() -> Family {
    family(
        &["mcs", "t125"],
        "mcs:14",
        "result of an MCS request",
        "see what the client had asked for: rdpwhy -v FILE",
        vec![
            Group::of(
                "",
                mcs::RESULTS,
                "result of an MCS request (Connect, Attach User, Channel Join)",
                "T.125 7, Result",
            ),
            Group::of("gcc", mcs::CONFERENCE_RESULTS, "result of a GCC Conference Create Response", "T.124 8.7").part(),
            Group::of("pdu", mcs::DOMAIN_PDUS, "kind of an MCS PDU", "T.125 7, DomainMCSPDU").part(),
        ],
    )
}

fn ultimatum() -> Family {
    family(
        &["ultimatum"],
        "ultimatum:3",
        "reason of an MCS Disconnect Provider Ultimatum",
        "see who sent it: rdpwhy FILE",
        vec![Group::of("", mcs::REASONS, "reason of a Disconnect Provider Ultimatum", "T.125 7, Reason")],
    )
}

fn logon() -> Family {
    let part =
        |name, codes, what: &str, section: &str| Group::of(name, codes, what, &format!("MS-RDPBCGR {section}")).part();
    family(
        &["auth", "logon"],
        "auth:rdstls:0x52e",
        "result of a logon in RDP's own messages",
        "see how far the logon came: rdpwhy FILE",
        vec![
            part("early", logon::EARLY_USER_AUTH, "Early User Authorization Result, behind NLA", "2.2.10.2")
                .ranked(Rank::Answer),
            part("rdstls", logon::RDSTLS_RESULTS, "result of an RDSTLS logon", "2.2.17"),
            part("rdsaad", logon::RDSAAD_RESULTS, "result of an Entra ID logon (RDSAAD)", "2.2.18"),
            part("notice", logon::NOTIFICATION_TYPES, "Logon Errors Info, its type", "2.2.10.1.1.4.1.1"),
            part("data", logon::NOTIFICATION_DATA, "Logon Errors Info, its data", "2.2.10.1.1.4.1.1"),
            part("busy", logon::STATUS_INFO, "Status Info: what the server is busy with", "2.2.5.2"),
            part("udp", logon::MULTITRANSPORT_RESPONSES, "the client's answer to the offer of UDP", "2.2.15.2"),
            part("redirect", logon::REDIRECTION_FLAGS, "flag of a Server Redirection Packet", "2.2.13.1"),
        ],
    )
}

fn parts() -> Family {
    let rdp =
        |name, codes, what: &str, section: &str| Group::of(name, codes, what, &format!("MS-RDPBCGR {section}")).part();
    family(
        &["pdu", "type"],
        "pdu:data:0x2f",
        "types, flags, abilities: what messages are made of",
        "see them in a session: rdpwhy -v FILE",
        vec![
            rdp("control", pdu::CONTROL_TYPES, "pduType of a share control header", "2.2.8.1.1.1.1"),
            rdp("data", mcs::DATA_TYPES, "pduType2 of a share data header", "2.2.8.1.1.1.2"),
            rdp("block", pdu::USER_DATA_BLOCKS, "GCC user data block", "2.2.1.3.1"),
            rdp("sec", mcs::SECURITY_FLAGS, "flag of the basic security header", "2.2.8.1.1.2.1"),
            rdp("capability", pdu::CAPABILITIES, "capability set", "2.2.1.13.1.1.1"),
            rdp("client", mcs::CLIENT_CAPABILITIES, "early ability of the client", "2.2.1.3.2").headed("RNS_UD_CS_"),
            rdp("server", mcs::SERVER_CAPABILITIES, "early ability of the server", "2.2.1.4.2").headed("RNS_UD_SC_"),
            rdp("method", mcs::ENCRYPTION_METHODS, "method of standard RDP encryption", "2.2.1.4.3"),
            rdp("level", mcs::ENCRYPTION_LEVELS, "level of standard RDP encryption", "2.2.1.4.3"),
            Group::of("udp", pdu::UDP_FLAGS, "flag of RDP-UDP", "MS-RDPEUDP 2.2.2.1").part(),
            Group::of("udp-version", pdu::UDP_VERSIONS, "version of RDP-UDP", "MS-RDPEUDP 2.2.2.9").part(),
            Group::of("tunnel", pdu::TUNNEL_ACTIONS, "action inside a UDP side channel", "MS-RDPEMT 2.2.1.1").part(),
            Group::of("avid", pdu::NTLM_AV_IDS, "item of NTLM's target information", "MS-NLMP 2.2.2.1").part(),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_every_table_is_there() {
        let rows = |name: &str| {
            let family = FAMILIES.iter().find(|family| family.name() == name).expect("a family");
            family.groups.iter().map(|group| group.rows.len()).sum::<usize>()
        };
        for (name, count) in [
            ("mstsc", 73),
            ("ext", 28),
            ("neg", 24),
            ("alert", 37),
            ("errinfo", 120),
            ("freerdp", 29),
            ("status", 96),
            ("krb", 38),
            ("lic", 33),
            ("gateway", 20),
            ("event", 76),
            ("mcs", 29),
            ("ultimatum", 5),
            ("auth", 58),
            ("build", 35),
            ("version", 15),
            ("tls", 5),
            ("cipher", 32),
            ("size", 43),
            ("pdu", 142),
        ] {
            assert_eq!(rows(name), count, "{name}");
        }
    }

    #[test]
    fn prefixes_and_groups_are_told_apart() {
        let all: Vec<&str> = FAMILIES.iter().flat_map(|family| family.prefixes).copied().collect();
        for (index, prefix) in all.iter().enumerate() {
            assert!(!all[..index].contains(prefix), "{prefix}");
        }
        for family in FAMILIES.iter() {
            assert!(family.example.starts_with(&format!("{}:", family.name())), "{}", family.example);
        }
    }
}
