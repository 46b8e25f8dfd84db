//! Bytes to message: each file holds a borrowed view, its parser, the owned fact, its description and its tests.
//! Framing answers "how long", parsing answers "what". Network bytes never panic here.

mod ber;
pub mod catalogue;
pub mod certificate;
mod certificate_lenient;
mod certificate_names;
pub mod describe;
pub mod dns;
pub mod foreign;
pub mod framing;
pub mod gcc;
pub mod kerberos;
pub mod licensing;
pub mod mcs;
pub mod mcs_domain;
pub mod preconnection;
pub mod rdpudp;
pub mod share;
pub mod text;
pub mod tls_fingerprint;
pub mod tls_handshake;
pub mod tls_hello;
pub mod tls_record;
pub mod tls_signature;
pub mod x224;
