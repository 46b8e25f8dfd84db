//! What records are taken for, in the specifications' words; an arrow of the ladder has room for fifteen characters.

// TLS
pub(crate) const HANDSHAKE: &str = "TLS handshake";
pub(crate) const CERTIFICATE: &str = "Certificate";
pub(crate) const FINISHED: &str = "Finished";
pub(crate) const ALERT: &str = "alert";
pub(crate) const CLOSE_NOTIFY: &str = "close_notify";
pub(crate) const SPLIT: &str = "first byte";
pub(crate) const TICKET: &str = "session ticket";

// CredSSP (MS-CSSP), NTLM (MS-NLMP), Kerberos user-to-user (MS-KILE)
pub(crate) const NEGOTIATE: &str = "NLA first token";
pub(crate) const CHALLENGE: &str = "NLA challenge";
pub(crate) const AUTHENTICATE: &str = "NLA next token";
pub(crate) const NTLM_NEGOTIATE: &str = "NTLM NEGOTIATE";
pub(crate) const NTLM_CHALLENGE: &str = "NTLM CHALLENGE";
pub(crate) const NTLM_AUTHENTICATE: &str = "NTLM AUTH";
pub(crate) const KRB_TGT_REQ: &str = "Krb TGT-REQ";
pub(crate) const KRB_TGT_REP: &str = "Krb TGT-REP";
pub(crate) const KRB_AP_REQ: &str = "Krb AP-REQ";
pub(crate) const KRB_AP_REP: &str = "Krb AP-REP";
pub(crate) const KRB_PUB_KEY: &str = "Krb pubKeyAuth";
pub(crate) const ERROR: &str = "NLA error code";
pub(crate) const PUB_KEY: &str = "NLA pubKeyAuth";
pub(crate) const AUTH_INFO: &str = "NLA authInfo";
pub(crate) const EARLY: &str = "Early User Auth";
pub(crate) const RDSTLS_CAPABILITIES: &str = "RDSTLS caps";
pub(crate) const RDSTLS_REQUEST: &str = "RDSTLS request";
pub(crate) const RDSTLS_RESULT: &str = "RDSTLS result";
pub(crate) const ENTRA_NONCE: &str = "Entra nonce";
pub(crate) const ENTRA_TOKEN: &str = "Entra token";
pub(crate) const ENTRA_RESULT: &str = "Entra result";
pub(crate) const INNER: &str = "X.224 inside";

// MCS (T.125)
pub(crate) const CONNECT_INITIAL: &str = "Connect Initial";
pub(crate) const CONNECT_RESPONSE: &str = "Connect Resp.";
pub(crate) const ERECT_DOMAIN: &str = "Erect Domain";
pub(crate) const ATTACH_REQUEST: &str = "Attach User";
pub(crate) const ATTACH_CONFIRM: &str = "Attach Confirm";
pub(crate) const JOIN_REQUEST: &str = "Channel Join";
pub(crate) const JOIN_CONFIRM: &str = "Join Confirm";
pub(crate) const DOMAIN: &str = "MCS attach/join";
pub(crate) const ULTIMATUM: &str = "MCS ultimatum";

// The session (MS-RDPBCGR)
pub(crate) const CLIENT_INFO: &str = "Client Info";
pub(crate) const AUTO_DETECT: &str = "Auto-Detect";
pub(crate) const MULTITRANSPORT: &str = "Multitransport";
pub(crate) const LICENSE_VALID: &str = "License valid";
pub(crate) const LICENSE_REQUEST: &str = "License Request";
pub(crate) const LICENSE_ANSWER: &str = "License answer";
pub(crate) const LICENSE_NEXT: &str = "License message";
pub(crate) const DEMAND_ACTIVE: &str = "Demand Active";
pub(crate) const CONFIRM_ACTIVE: &str = "Confirm Active";
pub(crate) const SYNCHRONIZE: &str = "Synchronize";
pub(crate) const CONTROL: &str = "Control";
pub(crate) const FONT_LIST: &str = "Font List";
pub(crate) const FONT_MAP: &str = "Font Map";
pub(crate) const DEACTIVATE_ALL: &str = "Deactivate All";
pub(crate) const SAVE_SESSION: &str = "Save Session";
pub(crate) const ERROR_INFO: &str = "Set Error Info";
pub(crate) const SESSION: &str = "session data";
