//! Every message that rdpwhy can read, one row each: the roster of this room.

use std::borrow::Cow;
use std::sync::Arc;

use super::certificate::{Certificate, CertificateChain};
use super::describe::{Describe, Field};
use super::foreign::Foreign;
use super::mcs::{ConnectInitial, ConnectResponse};
use super::mcs_domain::DomainMessage;
use super::preconnection::Preconnection;
use super::rdpudp::Syn;
use super::share::SecurityPdu;
use super::tls_handshake::HandshakeMessage;
use super::tls_hello::{ClientHello, ServerHello};
use super::tls_record::Alert;
use super::x224::{ConnectionConfirm, ConnectionRequest, Tpdu};

/// A message, owned. Those that are said again and again, word by word, are shared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// RDP_PRECONNECTION_PDU.
    Preconnection(Box<Preconnection>),
    /// Client X.224 Connection Request PDU.
    ConnectionRequest(Arc<ConnectionRequest>),
    /// Server X.224 Connection Confirm PDU.
    ConnectionConfirm(ConnectionConfirm),
    /// X.224 Disconnect Request, with its reason.
    DisconnectRequest(u8),
    /// X.224 Error TPDU, with its reject cause.
    ErrorTpdu(u8),
    /// TLS ClientHello.
    ClientHello(Arc<ClientHello>),
    /// TLS ServerHello or HelloRetryRequest.
    ServerHello(Arc<ServerHello>),
    /// TLS Certificate up to 1.2.
    CertificateChain(Arc<CertificateChain>),
    /// Another TLS handshake message in clear.
    Handshake(HandshakeMessage),
    /// TLS ChangeCipherSpec.
    ChangeCipherSpec,
    /// TLS alert in clear.
    Alert(Alert),
    /// MCS Connect Initial with its GCC blocks.
    ConnectInitial(Box<ConnectInitial>),
    /// MCS Connect Response with its GCC blocks.
    ConnectResponse(Box<ConnectResponse>),
    /// Another MCS PDU.
    Domain(DomainMessage),
    /// What a Send Data PDU of the I/O or message channel carries.
    Security(Box<SecurityPdu>),
    /// RDP-UDP SYN or SYN+ACK.
    UdpSyn(Box<Syn>),
    /// The first bytes of a stream that is no RDP.
    Foreign(Box<Foreign>),
}

impl Fact {
    /// The server certificate it carries.
    #[must_use]
    pub fn certificate(&self) -> Option<&Certificate> {
        match self {
            Self::CertificateChain(chain) => chain.leaf.as_deref(),
            _ => None,
        }
    }

    /// The message in a TPDU of the connection or its end; `None` for data, whose payload has parsers of its own.
    #[must_use]
    pub fn of_tpdu(tpdu: Tpdu<'_>) -> Option<Self> {
        match tpdu {
            Tpdu::ConnectionRequest(view) => Some(Self::ConnectionRequest(Arc::new(view.into()))),
            Tpdu::ConnectionConfirm(confirm) => Some(Self::ConnectionConfirm(confirm)),
            Tpdu::DisconnectRequest(reason) => Some(Self::DisconnectRequest(reason)),
            Tpdu::Error(cause) => Some(Self::ErrorTpdu(cause)),
            Tpdu::Data(_) => None,
        }
    }

    /// Whether it is the MCS Disconnect Provider Ultimatum.
    #[must_use]
    pub const fn is_ultimatum(&self) -> bool {
        matches!(self, Self::Domain(DomainMessage::DisconnectProviderUltimatum { .. }))
    }

    /// What it is, when it is no RDP at all.
    #[must_use]
    pub fn foreign(&self) -> Option<&Foreign> {
        match self {
            Self::Foreign(found) => Some(found),
            _ => None,
        }
    }

    /// Bytes it holds outside of itself, roughly.
    #[must_use]
    pub fn heap(&self) -> usize {
        match self {
            Self::ClientHello(hello) => size_of::<ClientHello>() + hello.length() + 32,
            Self::ServerHello(_) => size_of::<ServerHello>() + 64,
            Self::ConnectionRequest(_) => size_of::<ConnectionRequest>() + 64,
            Self::CertificateChain(chain) => {
                let leaf = chain.leaf.as_ref().map_or(0, |leaf| leaf.memory());
                size_of::<CertificateChain>() + 16 + leaf
            }
            Self::ConnectInitial(_) => size_of::<ConnectInitial>() + 2048,
            Self::ConnectResponse(_) => size_of::<ConnectResponse>() + 2048,
            Self::Security(_) => size_of::<SecurityPdu>() + 256,
            Self::Preconnection(_) | Self::UdpSyn(_) | Self::Foreign(_) => 256,
            _ => 0,
        }
    }

    /// The same without what other sessions have in common with it: whoever remembers it holds it twice then.
    #[must_use]
    pub fn heap_alone(&self) -> usize {
        const FEW: usize = 2;
        let owners = match self {
            Self::ClientHello(hello) => Arc::strong_count(hello),
            Self::ServerHello(hello) => Arc::strong_count(hello),
            Self::ConnectionRequest(request) => Arc::strong_count(request),
            Self::CertificateChain(chain) => Arc::strong_count(chain),
            _ => 1,
        };
        if owners > FEW { 0 } else { self.heap() }
    }

    fn describe(&self) -> &dyn Describe {
        match self {
            Self::ConnectionRequest(fact) => &**fact,
            Self::ConnectionConfirm(fact) => fact,
            Self::ClientHello(fact) => &**fact,
            Self::ServerHello(fact) => &**fact,
            Self::CertificateChain(fact) => &**fact,
            Self::Handshake(fact) => fact,
            Self::Alert(fact) => fact,
            Self::Preconnection(fact) => &**fact,
            Self::ConnectInitial(fact) => &**fact,
            Self::ConnectResponse(fact) => &**fact,
            Self::Domain(fact) => fact,
            Self::Security(fact) => &**fact,
            Self::UdpSyn(fact) => &**fact,
            Self::Foreign(fact) => &**fact,
            Self::DisconnectRequest(_) => &Plain("X.224 Disconnect"),
            Self::ErrorTpdu(_) => &Plain("X.224 Error"),
            Self::ChangeCipherSpec => &Plain("ChangeCipherSpec"),
        }
    }
}

/// A message of which the name says everything.
struct Plain(&'static str);

impl Describe for Plain {
    fn name(&self) -> Cow<'static, str> {
        self.0.into()
    }
    fn summary(&self) -> String {
        String::new()
    }
    fn fields(&self) -> Vec<Field> {
        Vec::new()
    }
}

impl Describe for Fact {
    fn name(&self) -> Cow<'static, str> {
        self.describe().name()
    }

    fn summary(&self) -> String {
        match self {
            Self::DisconnectRequest(reason) => format!("reason {reason}"),
            Self::ErrorTpdu(cause) => format!("reject cause {cause}"),
            fact => fact.describe().summary(),
        }
    }

    fn fields(&self) -> Vec<Field> {
        match self {
            Self::DisconnectRequest(reason) => vec![Field::new("reason", reason.to_string(), 10..11)],
            Self::ErrorTpdu(cause) => vec![Field::new("reject cause", cause.to_string(), 8..9)],
            fact => fact.describe().fields(),
        }
    }
}
