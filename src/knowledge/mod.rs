//! The standards' numbers as data: code, symbol, meaning, source. Data as tables, logic as code.

pub mod code;
pub mod disconnect;
pub mod kerberos;
pub mod licensing;
pub mod mcs;
pub mod negotiation;
pub mod status;
pub mod tls;
