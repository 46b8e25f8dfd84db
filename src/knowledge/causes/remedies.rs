//! Remedies that several causes share.

use super::super::cause::{Moot, Remedy};

// The capture.

pub(super) const WHOLE: &[Remedy] =
    &[Remedy::new("capture", "start the capture before connecting, and stop it after the failure")];

pub(super) const BOTH_SIDES: &[Remedy] =
    &[Remedy::new("capture", "capture on both sides of the suspect at once; only one side will show the reset")];

pub(super) const AT_SERVER: Remedy =
    Remedy::new("capture", "capture on {server} too: if the SYN does not arrive there, a device on the way refused it");

pub(super) const CLOSE_AT_SERVER: Remedy = Remedy::new(
    "capture",
    "capture on {server} itself: a close that is not seen there was made by a device on the way",
);

pub(super) const WITH_KERBEROS: Remedy =
    Remedy::new("capture", "capture port 88 (Kerberos) on the client too: there the reason is in clear")
        .unless(Moot::KERBEROS);

pub(super) const WINDOWS_CAPTURE: Remedy = Remedy::with(
    "capture",
    "Windows captures without extra software; convert the file with: pktmon etl2pcap C:\\t.etl",
    r"pktmon start --capture --comp nics --pkt-size 0 -f C:\t.etl",
);

pub(super) const LINUX_CAPTURE: Remedy = Remedy::with(
    "capture",
    "on Linux, take names, Kerberos and ICMP along",
    "tcpdump -i any -s0 -w t.pcap 'port 3389 or port 53 or port 88 or icmp or icmp6'",
);

pub(super) const KEYS: Remedy = Remedy::new(
    "capture",
    "a client that writes its TLS keys makes the reason readable (FreeRDP: /tls:secrets-file:keys.txt); Windows has no such switch",
)
.unless(Moot::NO_TLS)
.or(&THESE_KEYS, Moot::HAS_KEYS);

const THESE_KEYS: Remedy =
    Remedy::new("capture", "TLS keys are in this capture: open it in Wireshark, which reads the reason with them");

// Event logs.

pub(super) const SCHANNEL_EVENTS: Remedy = Remedy::with(
    "server",
    "look for Schannel events on {server} at that time",
    "Get-WinEvent -FilterHashtable @{LogName='System';ProviderName='Schannel'} -MaxEvents 20",
);

pub(super) const RDP_EVENTS: Remedy = Remedy::with(
    "server",
    "read the log of the RDP service on {server} for that second (226 and 103 name the step and the reason)",
    "Get-WinEvent Microsoft-Windows-RemoteDesktopServices-RdpCoreTS/Operational -MaxEvents 50",
);

pub(super) const SESSION_EVENTS: Remedy = Remedy::with(
    "server",
    "read the session log of {server}: event 40 carries the reason, 39 the session that did it",
    "Get-WinEvent Microsoft-Windows-TerminalServices-LocalSessionManager/Operational -MaxEvents 20",
);

pub(super) const CLIENT_EVENTS: Remedy = Remedy::with(
    "client",
    "read the client's own log: 1026 carries its reason, 226 the step that failed",
    "Get-WinEvent Microsoft-Windows-TerminalServices-RDPClient/Operational -MaxEvents 30",
);

pub(super) const LOGON_EVENTS: Remedy = Remedy::with(
    "server",
    "the reason is in the Security log of {server} (event 4625, field Status)",
    "Get-WinEvent -FilterHashtable @{LogName='Security';Id=4625} -MaxEvents 5",
);

// The listener and what stands before it.

pub(super) const LISTENER: &[Remedy] = &[
    Remedy::with(
        "server",
        "on {server}, see whether the RDP listener runs and on which port",
        "qwinsta; Get-Service TermService; netstat -ano | findstr :{port}",
    ),
    Remedy::with(
        "server",
        "see whether Remote Desktop is switched on (fDenyTSConnections is 0 then)",
        r"reg query 'HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server' /v fDenyTSConnections",
    ),
];

pub(super) const LISTENER_PORT: Remedy = Remedy::with(
    "server",
    "see which port the listener is set to",
    r"(gp 'HKLM:\SYSTEM\CurrentControlSet\Control\Terminal Server\WinStations\RDP-Tcp').PortNumber",
);

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

pub(super) const FIREWALL_ON: Remedy = Remedy::with(
    "server",
    "switch the firewall's own rules for Remote Desktop on",
    "Enable-NetFirewallRule -DisplayGroup 'Remote Desktop'",
);

pub(super) const TEST_PORT: Remedy =
    Remedy::with("client", "test the port without RDP", "Test-NetConnection {server} -Port {port}");

pub(super) const RESTART: Remedy = Remedy::with(
    "server",
    "on {server}, see whether the RDP service still works, and restart it (this ends all sessions)",
    "Restart-Service TermService -Force",
);

pub(super) const HUNG: &[Remedy] = &[
    RESTART,
    Remedy::new(
        "server",
        "if {server} is a port forwarder or load balancer: see whether the machine behind it answers",
    ),
];

pub(super) const KNOWN_ADDRESSES: Remedy =
    Remedy::new("path", "let only known addresses, a VPN or a gateway reach tcp {port} of {server}");

// The path.

pub(super) const DEVICE: &[Remedy] = &[Remedy::new(
    "path",
    "find the device on the way that resets connections (firewall with application control, IPS, load balancer); look in its log for this connection at this time",
)];

pub(super) const NO_INSPECTION: Remedy = Remedy::new(
    "path",
    "exempt tcp and udp {port} from inspection on firewalls and in the security software of both ends",
);

pub(super) const SMALLEST_MTU: Remedy = Remedy::with(
    "client",
    "find the size that still passes, on Linux with ping -M do -s 1372 {server}, on Windows with:",
    "ping -f -l 1372 {server}",
);

pub(super) const KEEP_ALIVE: Remedy = Remedy::with(
    "server",
    "let the server send keep-alives (policies KeepAliveEnable 1 and KeepAliveInterval, in minutes)",
    r"reg add 'HKLM\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services' /v KeepAliveInterval /t REG_DWORD /d 1 /f",
);

pub(super) const UDP_OFF: Remedy = Remedy::with(
    "client",
    "switch UDP off on the client, as a test or for good",
    r"reg add 'HKLM\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services\Client' /v fClientDisableUDP /t REG_DWORD /d 1 /f",
);

// Negotiation, TLS, certificates.

pub(super) const SERVER_LAYER: Remedy = Remedy::with(
    "server",
    "look at the server's settings (usual: SecurityLayer 2, UserAuthentication 1)",
    r"reg query 'HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server\WinStations\RDP-Tcp' /v SecurityLayer",
);

pub(super) const INSIST_ON_TLS: Remedy = Remedy::with(
    "server",
    "let the client offer TLS; when all clients do, let the server insist on it",
    r"reg add 'HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server\WinStations\RDP-Tcp' /v SecurityLayer /t REG_DWORD /d 2 /f",
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
    )
    .unless(Moot::KEY),
    Remedy::with(
        "server",
        "let Windows make a new certificate (this ends all sessions)",
        r"gci 'Cert:\LocalMachine\Remote Desktop' | Remove-Item; Restart-Service SessionEnv,TermService -Force",
    )
    .unless(Moot::KEY),
];

/// Microsoft's own repair; the key file of the RDP certificate begins with f686aace6942fb7f7ceb231212eef4a4.
pub(super) const KEY_RIGHTS: &[Remedy] = &[
    Remedy::with(
        "server",
        "write down who may read the machine keys now, before changing anything",
        r"icacls C:\ProgramData\Microsoft\Crypto\RSA\MachineKeys /t /c > C:\keys-before.txt",
    ),
    Remedy::with(
        "server",
        "give SYSTEM, NETWORK SERVICE and Administrators their rights back, then restart the service",
        r#"takeown /f C:\ProgramData\Microsoft\Crypto\RSA\MachineKeys /a /r; icacls C:\ProgramData\Microsoft\Crypto\RSA\MachineKeys /t /c /grant "NT AUTHORITY\SYSTEM:(F)" "NT AUTHORITY\NETWORK SERVICE:(R)" "BUILTIN\Administrators:(F)"; Restart-Service TermService -Force"#,
    ),
    UNBIND,
    BIND,
];

pub(super) const UNBIND: Remedy = Remedy::with(
    "server",
    "if a deleted certificate is still bound, go back to the self-signed one (not on a Connection Broker)",
    r"reg delete 'HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server\WinStations\RDP-Tcp' /v SSLCertificateSHA1Hash",
);

pub(super) const BIND: Remedy = Remedy::with(
    "server",
    "bind a certificate by its thumbprint: it must be in LocalMachine\\My, for Server Authentication, its key readable by NETWORK SERVICE",
    r#"$t = Get-CimInstance -Namespace root\cimv2\TerminalServices Win32_TSGeneralSetting -Filter "TerminalName='RDP-Tcp'"; Set-CimInstance $t -Property @{SSLCertificateSHA1Hash='THUMBPRINT'}"#,
);

/// Renaming the folder is passed around as a cure.
pub(super) const NO_RENAMING: &str = "do not rename or empty the MachineKeys folder: it holds the keys of IIS, WinRM and every agent on the machine, and they die with it; repair its rights instead";

pub(super) const PROTOCOLS: &[Remedy] = &[
    Remedy::with(
        "server",
        "on {server}, see which TLS versions are switched on",
        r"gci -Recurse 'HKLM:\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Protocols'",
    ),
    Remedy::new("client", "update the client, or allow TLS 1.2 in its settings").unless(Moot::CLIENT),
    Remedy::new("server", "update the server, or switch TLS 1.2 on"),
];

pub(super) const TLS12_ON: Remedy = Remedy::with(
    "server",
    "switch TLS 1.2 on (also set DisabledByDefault to 0 beside it), then restart Windows",
    r"reg add 'HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Protocols\TLS 1.2\Server' /v Enabled /t REG_DWORD /d 1 /f",
);

pub(super) const SUITES: &[Remedy] = &[
    Remedy::new(
        "client",
        "update the client or its TLS settings; the server does not take the cipher suites it offers",
    )
    .or(&HAS_CERTIFICATE, Moot::CLIENT),
    Remedy::with("server", "on {server}, list the cipher suites that are switched on", "Get-TlsCipherSuite | ft Name"),
];

static HAS_CERTIFICATE: Remedy = Remedy::new(
    "server",
    "see whether what answers on {server}:{port} has a certificate with its private key, for the name that people type",
);

pub(super) const SUITE_POLICY: Remedy = Remedy::with(
    "server",
    "see whether a policy sets the list of cipher suites",
    r"gp 'HKLM:\SOFTWARE\Policies\Microsoft\Cryptography\Configuration\SSL\00010002' -Name Functions",
);

pub(super) const FIPS_POLICY: Remedy = Remedy::with(
    "server",
    "see whether FIPS mode is on (Enabled 1)",
    r"gp HKLM:\SYSTEM\CurrentControlSet\Control\Lsa\FIPSAlgorithmPolicy",
);

// Logon.

pub(super) const LOGON: &[Remedy] = &[
    Remedy::new("client", "try the password again, with user@domain; remove a saved one that may be old")
        .unless(Moot::PASSWORD),
    SAVED,
    LOGON_EVENTS,
];

pub(super) const SAVED: Remedy = Remedy::with(
    "client",
    "list and delete saved credentials",
    "cmdkey /list | findstr TERMSRV; cmdkey /delete:TERMSRV/{server}",
)
.unless(Moot::PASSWORD);

pub(super) const ACCOUNT: Remedy = Remedy::with(
    "domain",
    "look at the account",
    "Get-ADUser USER -Properties LockedOut,Enabled,PasswordExpired,AccountExpirationDate,LogonWorkstations,logonHours",
);

pub(super) const NEW_PASSWORD: Remedy = Remedy::new(
    "client",
    "change the password elsewhere: at a console, with Ctrl+Alt+End in another session, or in RD Web; NLA cannot ask for it",
);

pub(super) const RIGHTS: Remedy =
    Remedy::with("server", "see who may log on through Remote Desktop", "net localgroup 'Remote Desktop Users'");

pub(super) const USER_RIGHTS: Remedy = Remedy::with(
    "server",
    "export the logon rights and read SeRemoteInteractiveLogonRight, SeNetworkLogonRight and their SeDeny... twins",
    "secedit /export /areas USER_RIGHTS /cfg C:\\rights.txt",
);

pub(super) const SERVER_DC: Remedy = Remedy::with(
    "server",
    "on {server}, see whether it finds a domain controller (ports 53, 88, 135, 389, 445)",
    "nltest /dsgetdc:DOMAIN",
);

pub(super) const CLIENT_DC: Remedy = Remedy::with(
    "client",
    "see whether the client finds a domain controller: VPN up, DNS right, port 88 open?",
    "nltest /dsgetdc:DOMAIN",
);

pub(super) const SECURE_CHANNEL: Remedy = Remedy::with(
    "server",
    "test the machine's own trust with the domain (and repair it with -Repair)",
    "Test-ComputerSecureChannel -Verbose",
);

pub(super) const FULL_NAME: Remedy = Remedy::new(
    "client",
    "connect by the full DNS name, not by address or alias: only then Kerberos works and NTLM is not needed",
)
.unless(Moot::FULL_NAME);

pub(super) const NTLM_EVENTS: Remedy = Remedy::with(
    "server",
    "see which policy blocked NTLM",
    "Get-WinEvent Microsoft-Windows-NTLM/Operational -MaxEvents 20",
);

pub(super) const TICKET: Remedy =
    Remedy::with("client", "throw old tickets away and ask for this one", "klist purge; klist get TERMSRV/NAME");

pub(super) const SPN: Remedy = Remedy::with(
    "domain",
    "see which account holds the service name, and whether two do",
    "setspn -Q TERMSRV/NAME; setspn -X",
);

pub(super) const CLOCKS: Remedy = Remedy::with(
    "server",
    "compare the clocks of {server}, the client and the domain controller",
    "w32tm /query /status",
);

pub(super) const SKEW: Remedy = Remedy::with(
    "client",
    "measure the difference to the domain controller",
    "w32tm /stripchart /computer:DC /samples:3 /dataonly",
);

pub(super) const SYNC: Remedy = Remedy::with("client", "set the wrong clock right", "w32tm /resync");

pub(super) const RESTRICTED_ADMIN: Remedy = Remedy::with(
    "server",
    "let {server} accept Restricted Admin and Remote Credential Guard",
    r"reg add HKLM\SYSTEM\CurrentControlSet\Control\Lsa /v DisableRestrictedAdmin /t REG_DWORD /d 0 /f",
);

// Behind the logon.

pub(super) const OTHER_CLIENT: &[Remedy] =
    &[Remedy::new("client", "update the client; remove odd virtual channel add-ins; try another client")];

pub(super) const WDDM_OFF: Remedy = Remedy::with(
    "server",
    "use the older display driver, as a test (policy \"Use WDDM graphics display driver\" off)",
    r"reg add 'HKLM\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services' /v fEnableWddmDriver /t REG_DWORD /d 0 /f",
);

pub(super) const LICENCE_SERVER: Remedy = Remedy::with(
    "server",
    "on {server}, run the RD Licensing Diagnoser: is a licence server named, and reachable?",
    "lsdiag.msc",
);

pub(super) const GRACE: Remedy = Remedy::with(
    "server",
    "see how many days of grace are left",
    r"Invoke-CimMethod (Get-CimInstance -Namespace root\cimv2\TerminalServices Win32_TerminalServiceSetting) -MethodName GetGracePeriodDays",
);

pub(super) const CLIENT_LICENCE: Remedy = Remedy::with(
    "client",
    "if the server is a session host with RDS CALs and only this client fails: let the client ask for a new licence (delete its MSLicensing key, and back that up first)",
    r"reg export HKLM\SOFTWARE\Microsoft\MSLicensing C:\licence.reg; reg delete HKLM\SOFTWARE\Microsoft\MSLicensing",
);

/// The same advice for a key that is not to blame.
pub(super) const NO_MSLICENSING: &str = "do not delete MSLicensing for a PC or a server in admin mode: such a target answers every client \"valid\" and never looks at licences (MS-RDPELE 1.3.3)";

pub(super) const LIMITS: Remedy =
    Remedy::with("server", "see whether logons are disabled or limited", "change logon /query; quser");

pub(super) const TIMEOUTS: Remedy = Remedy::with(
    "server",
    "see the limits that policy sets (MaxIdleTime and others, in milliseconds); the user's own account may set others",
    r"gp 'HKLM:\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services' MaxIdleTime,MaxConnectionTime,MaxDisconnectionTime",
);

pub(super) const DRAIN: Remedy = Remedy::with(
    "server",
    "see whether the host is draining (0: takes everybody)",
    r"(Get-CimInstance -Namespace root\cimv2\TerminalServices Win32_TerminalServiceSetting).SessionBrokerDrainMode",
);

pub(super) const SERVICE_CRASH: Remedy = Remedy::with(
    "server",
    "on {server}, look for a crash or restart of the RDP service (events 7031, 7034, 7036)",
    "Get-WinEvent -FilterHashtable @{LogName='System';Id=7031,7034,7036} -MaxEvents 10",
);
