//! Events that Windows logs when Remote Desktop fails or works, by provider and log. They stand in no packet; they are
//! where to look when a capture shows who closed, and not why.

use super::code::Code;

/// One log.
#[derive(Clone, Copy, Debug)]
pub struct Log {
    /// Who writes it, without `Microsoft-Windows-`.
    pub provider: &'static str,
    /// Where: `System`, or the channel behind the provider's name.
    pub channel: &'static str,
    /// Whose: `server`, `client`, `both`, `domain controller`, `broker`.
    pub side: &'static str,
    /// Where the events are described.
    pub source: &'static str,
    /// Described by Microsoft; otherwise gathered by others from what Windows logs.
    pub is_documented: bool,
    /// The events; none has a symbol.
    pub events: &'static [Code],
}

const AZURE: &str = "Troubleshoot Azure VM RDP connection by event id, learn.microsoft.com";
const LOG_FILES: &str = "Log files to troubleshoot RDS issues, learn.microsoft.com";
const SCHANNEL: &str = "Schannel events (dn786445), learn.microsoft.com";
const WINEVT: &str = "github.com/libyal/winevt-kb";
const GIST: &str = "gist.github.com/MHaggis, Remote Desktop events";
const ACTIVE_X: &str = "Detection Wiki, Microsoft-Windows-TerminalServices-ClientActiveXCore";
const AUDITING: &str = "Security auditing, learn.microsoft.com";

const fn event(id: u32, meaning: &'static str) -> Code {
    Code::new(id, "", meaning)
}

/// All logs; the ones that explain a death first.
#[rustfmt::skip]
pub static LOGS: &[Log] = &[
    Log { provider: "Schannel", channel: "System", side: "server", source: AZURE, is_documented: true, events: &[
        event(36870, "the private key of the server's certificate could not be used (often with 0x8009030D): permissions on MachineKeys, or a key that is missing or wrong"),
        event(36871, "TLS could not be set up at all; internal state 10013: no protocol version is left switched on"),
        event(36872, "there is no certificate that the server could use by default"),
    ]},
    Log { provider: "Schannel", channel: "System", side: "server", source: "github.com/FreeRDP/FreeRDP/issues/7769", is_documented: false, events: &[
        event(36874, "the client offered no cipher suite or version that the server takes; the handshake was refused"),
    ]},
    Log { provider: "Schannel", channel: "System", side: "both", source: SCHANNEL, is_documented: true, events: &[
        event(36880, "a TLS handshake was completed (only with more logging than usual)"),
        event(36882, "the server's certificate is from an issuer that the client does not trust"),
        event(36884, "the server's certificate is for another name"),
        event(36887, "the peer sent a fatal alert; its number is in the event"),
    ]},
    Log { provider: "Schannel", channel: "System", side: "both", source: "github.com/jborean93/requests-credssp/issues/18", is_documented: false, events: &[
        event(36888, "this side sent a fatal alert; number and internal state are in the event (1205: no cipher in common)"),
    ]},
    Log { provider: "TerminalServices-RemoteConnectionManager", channel: "System", side: "server", source: AZURE, is_documented: true, events: &[
        event(1056, "Windows made itself a new RDP certificate"),
        event(1057, "Windows could not make itself an RDP certificate (no keyset, access denied)"),
        event(1058, "Windows could not replace its expired RDP certificate (access denied, object exists)"),
    ]},
    Log { provider: "TerminalServices-RemoteConnectionManager", channel: "System", side: "server", source: GIST, is_documented: false, events: &[
        event(1003, "a client showed a licence that is not valid"),
        event(1004, "no licence could be given to a client"),
        event(1006, "very many connections that were not finished: perhaps an attack"),
    ]},
    Log { provider: "TerminalServices-RemoteConnectionManager", channel: "Operational", side: "server", source: GIST, is_documented: false, events: &[
        event(258, "the listener started"),
        event(260, "the listener failed; the code is in the event"),
        event(261, "the listener took a connection"),
    ]},
    Log { provider: "TerminalServices-RemoteConnectionManager", channel: "Operational", side: "server", source: LOG_FILES, is_documented: true, events: &[
        event(1149, "NLA went well, or the logon screen was shown; not a logon by itself"),
    ]},
    Log { provider: "TermDD", channel: "System", side: "server", source: WINEVT, is_documented: false, events: &[
        event(50, "X.224 met bytes that it cannot read (older Windows)"),
        event(56, "the security layer met bytes that it cannot read, with an NTSTATUS (older Windows)"),
    ]},
    Log { provider: "RemoteDesktopServices-RdpCoreTS", channel: "Operational", side: "server", source: WINEVT, is_documented: false, events: &[
        event(65, "a connection object was made"),
        event(66, "the connection was given to a session"),
        event(97, "RDP itself met bytes that it cannot read, and dropped the client"),
        event(98, "a TCP connection was made"),
        event(99, "a TCP connection failed; the code is in the event"),
        event(100, "the client can do UDP side channels"),
        event(101, "measuring the network is off; the reason is in the event"),
        event(102, "the server ended the main connection"),
        event(103, "why it was disconnected, as a code"),
        event(129, "the server takes its port"),
        event(130, "the server offered a UDP side channel"),
        event(131, "a connection over TCP or UDP was taken; address and port of the client are in the event"),
        event(132, "a channel is connected"),
        event(135, "the UDP side channel stands"),
        event(136, "there is no side channel; TCP carries all"),
        event(137, "the network is found to be poor"),
        event(138, "DTLS failed, TLS is used instead"),
        event(139, "the security layer met bytes that it cannot read, and dropped the client"),
        event(140, "user name or password was wrong; mostly logged when there is no such user"),
        event(141, "a performance counter session began"),
        event(142, "reading from TCP failed (newer builds)"),
        event(143, "writing to TCP failed (newer builds)"),
        event(225, "the state machine went on"),
        event(226, "the state machine failed; the names of its states tell the phase"),
    ]},
    Log { provider: "TerminalServices-ClientActiveXCore", channel: "RDPClient/Operational", side: "client", source: ACTIVE_X, is_documented: false, events: &[
        event(226, "the client's state machine failed; RDPClient_SSL and TsSslStateHandshakeStart mean that TLS died"),
        event(1007, "the server's name did not resolve"),
        event(1009, "the server did not take the credentials"),
        event(1015, "reconnecting by itself failed"),
        event(1017, "the client has no licence"),
        event(1024, "the client tries to connect; the server's name is in the event"),
        event(1025, "the client is connected"),
        event(1026, "the client is disconnected; Reason= is the number that explain mstsc: knows"),
        event(1027, "the client reached a session; domain and session number are in the event"),
        event(1028, "the server does TLS"),
        event(1029, "a hash of the user name: Base64 of SHA-256"),
        event(1102, "a UDP side channel was begun"),
        event(1105, "a UDP side channel was lost"),
    ]},
    Log { provider: "TerminalServices-LocalSessionManager", channel: "Operational", side: "server", source: LOG_FILES, is_documented: true, events: &[
        event(21, "a user logged on to a session"),
        event(22, "the user's shell started"),
        event(23, "a user signed out"),
        event(24, "a session was disconnected"),
        event(25, "a session was reconnected"),
        event(39, "a session was disconnected by another session"),
        event(40, "a session was disconnected; the reason is a number of Set Error Info, or an HRESULT"),
    ]},
    Log { provider: "Security", channel: "Security", side: "server", source: AUDITING, is_documented: true, events: &[
        event(4624, "a logon: type 3 for NLA, type 10 or 7 for the session"),
        event(4625, "a failed logon; Status and SubStatus say why, and explain status: knows them"),
        event(4779, "a session was disconnected"),
    ]},
    Log { provider: "Security", channel: "Security", side: "domain controller", source: AUDITING, is_documented: true, events: &[
        event(4740, "an account was locked"),
        event(4768, "a user asked Kerberos for a ticket-granting ticket"),
        event(4769, "a user asked Kerberos for a ticket to a service"),
        event(4771, "Kerberos refused the proof of a password; the code is one that explain krb: knows"),
        event(4776, "NTLM credentials were checked"),
    ]},
    Log { provider: "NTLM", channel: "NTLM/Operational", side: "both", source: "Restrict NTLM, learn.microsoft.com", is_documented: true, events: &[
        event(4004, "a policy blocked NTLM (4001 to 4004 are its kinds)"),
    ]},
    Log { provider: "SessionBroker", channel: "Operational", side: "broker", source: AZURE, is_documented: true, events: &[
        event(2056, "the broker could not log on to its database"),
    ]},
    Log { provider: "SessionBroker-Client", channel: "Operational", side: "broker", source: AZURE, is_documented: true, events: &[
        event(1296, "the broker is not ready to be asked"),
    ]},
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_is_there() {
        assert_eq!(LOGS.iter().map(|log| log.events.len()).sum::<usize>(), 76);
    }
}
