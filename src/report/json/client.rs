//! What the client tells of itself in clear: the GCC blocks of its MCS Connect Initial (MS-RDPBCGR 2.2.1.3).

use serde::Serialize;

use crate::knowledge::mcs::windows_of_build;
use crate::session::Session;
use crate::wire::catalogue::Fact;

/// The `client_info` of a session record.
#[derive(Serialize)]
pub(super) struct ClientInfo<'a> {
    frame: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    build: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    windows: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    desktop: Option<[u16; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    keyboard: Option<u32>,
    channels: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encryption_methods: Option<String>,
    /// The server may say why it ends a session.
    #[serde(skip_serializing_if = "Option::is_none")]
    wants_error_info: Option<bool>,
}

impl<'a> ClientInfo<'a> {
    pub(super) fn of(session: &'a Session) -> Option<Self> {
        let (event, initial) = session.timeline.facts().find_map(|(event, fact)| match fact {
            Fact::ConnectInitial(initial) => Some((event, initial)),
            _ => None,
        })?;
        let client = &initial.client;
        let core = client.core.as_ref();
        Some(Self {
            frame: event.frame.number(),
            version: core.map(|core| core.version.to_string()),
            build: core.map(|core| core.build),
            windows: core.and_then(|core| windows_of_build(core.build)),
            name: core.map(|core| core.name.raw()).filter(|name| !name.is_empty()),
            desktop: core.map(|core| core.desktop.into()),
            keyboard: core.map(|core| core.keyboard),
            channels: client.channels.iter().map(|(name, _)| name.raw()).collect(),
            encryption_methods: client.methods.map(|methods| methods.to_string()),
            wants_error_info: core.map(crate::wire::gcc::ClientCore::wants_error_info),
        })
    }
}
