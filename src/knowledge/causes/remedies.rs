//! Remedies that several causes share.

use super::super::cause::Remedy;

pub(super) const WHOLE: &[Remedy] =
    &[Remedy::new("capture", "start the capture before connecting, and stop it after the failure")];

pub(super) const SERVER_LAYER: Remedy = Remedy::with(
    "server",
    "look at the server's settings (usual: SecurityLayer 2, UserAuthentication 1)",
    r"reg query 'HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server\WinStations\RDP-Tcp' /v SecurityLayer",
);

pub(super) const CERTIFICATE: &[Remedy] = &[
    Remedy::with(
        "server",
        "on {server}, look at the RDP certificate: is there one, with a private key, in date?",
        r"gci 'Cert:\LocalMachine\Remote Desktop' | fl Subject,NotAfter,HasPrivateKey",
    ),
    Remedy::with(
        "server",
        "let Windows make a new one (this ends all sessions)",
        r"gci 'Cert:\LocalMachine\Remote Desktop' | Remove-Item; Restart-Service SessionEnv,TermService -Force",
    ),
    Remedy::new(
        "server",
        "look for events 1057 and 1058 (RDP certificate) and 36870 (Schannel, private key) on {server}",
    ),
];

pub(super) const LOGON: &[Remedy] = &[
    Remedy::new("client", "try the password again, with user@domain; remove a saved one that may be old"),
    Remedy::with(
        "client",
        "list and delete saved credentials",
        "cmdkey /list | findstr TERMSRV; cmdkey /delete:TERMSRV/{server}",
    ),
    Remedy::with(
        "server",
        "the reason is in the Security log of {server} (event 4625, field Status)",
        "Get-WinEvent -FilterHashtable @{LogName='Security';Id=4625} -MaxEvents 5",
    ),
];

pub(super) const OTHER_CLIENT: &[Remedy] =
    &[Remedy::new("client", "update the client; remove odd virtual channel add-ins; try another client")];

pub(super) const DEVICE: &[Remedy] = &[Remedy::new(
    "path",
    "find the device on the way that resets connections (firewall with application control, IPS, load balancer); look in its log for this connection at this time",
)];

pub(super) const BOTH_SIDES: &[Remedy] =
    &[Remedy::new("capture", "capture on both sides of the suspect at once; only one side will show the reset")];

pub(super) const LISTENER: &[Remedy] = &[
    Remedy::with(
        "server",
        "on {server}, see whether the RDP listener runs and on which port",
        "qwinsta; Get-Service TermService; netstat -ano | findstr :{port}",
    ),
    Remedy::with(
        "server",
        "see whether Remote Desktop is switched on (want 0)",
        r"reg query 'HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server' /v fDenyTSConnections",
    ),
];

pub(super) const FIREWALL: &[Remedy] = &[
    Remedy::with(
        "server",
        "on {server}, see whether the firewall lets Remote Desktop in on the network profile in use",
        "Get-NetFirewallRule -DisplayGroup 'Remote Desktop' | ft DisplayName,Enabled,Profile,Action",
    ),
    Remedy::new(
        "path",
        "see that address and port are right, and that firewalls and cloud rules on the way allow tcp {port}",
    ),
];

pub(super) const RENEW: &[Remedy] = &[
    Remedy::with(
        "server",
        "renew the certificate of the RDP listener on {server}",
        r"gci 'Cert:\LocalMachine\Remote Desktop' | Remove-Item; Restart-Service SessionEnv,TermService -Force",
    ),
    Remedy::new(
        "server",
        "if Windows made it (self-signed, valid for half a year), its renewal is broken: look for events 1057 and 1058",
    ),
];

pub(super) const LOOK: &[Remedy] = &[
    Remedy::new("client", "on the client, look at the certificate warning or at the Schannel and CAPI2 event logs"),
    Remedy::new("server", "give {server} a certificate that its clients trust, for the name they use"),
];

pub(super) const KEY: &[Remedy] = &[
    Remedy::with(
        "server",
        "on {server}, look for Schannel events 36870, 36871, 36874 and RDP events 1057, 1058 at that time",
        "Get-WinEvent -FilterHashtable @{LogName='System';ProviderName='Schannel'} -MaxEvents 20",
    ),
    Remedy::with(
        "server",
        "see whether the RDP certificate has a private key that NETWORK SERVICE may read",
        r"gci 'Cert:\LocalMachine\Remote Desktop' | fl Subject,NotAfter,HasPrivateKey; certutil -store 'Remote Desktop'",
    ),
    Remedy::with(
        "server",
        "let Windows make a new certificate (this ends all sessions)",
        r"gci 'Cert:\LocalMachine\Remote Desktop' | Remove-Item; Restart-Service SessionEnv,TermService -Force",
    ),
];

pub(super) const PROTOCOLS: &[Remedy] = &[
    Remedy::with(
        "server",
        "on {server}, see which TLS versions are switched on",
        r"gci -Recurse 'HKLM:\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Protocols'",
    ),
    Remedy::new("client", "update the client, or allow TLS 1.2 in its settings"),
];

pub(super) const SUITES: &[Remedy] = &[
    Remedy::new(
        "client",
        "update the client or its TLS settings; the server does not take the cipher suites it offers",
    ),
    Remedy::with("server", "on {server}, list the cipher suites that are switched on", "Get-TlsCipherSuite | ft Name"),
];

pub(super) const HUNG: &[Remedy] = &[
    Remedy::with(
        "server",
        "on {server}, see whether the RDP service still works, and restart it (this ends all sessions)",
        "Restart-Service TermService -Force",
    ),
    Remedy::new(
        "server",
        "if {server} is a port forwarder or load balancer: see whether the machine behind it answers",
    ),
];

pub(super) const LICENCE: &[Remedy] = &[
    Remedy::with(
        "server",
        "on {server}, run the RD Licensing Diagnoser: is a licence server named, and reachable?",
        "lsdiag.msc",
    ),
    Remedy::with(
        "client",
        "if the server is a session host with RDS CALs and only this client fails: let the client ask for a new licence (back the key up first)",
        r"reg delete HKLM\SOFTWARE\Microsoft\MSLicensing",
    ),
];
