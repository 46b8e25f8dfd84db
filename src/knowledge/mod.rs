//! The standards' numbers and the causes of death as data: code, symbol, meaning, source. Data as tables, logic as
//! code.

pub mod cause;
pub mod causes;
pub mod client;
pub mod code;
pub mod dialogs;
pub mod disconnect;
pub mod events;
pub mod freerdp;
pub mod gateway;
pub mod kerberos;
pub mod licensing;
pub mod logon;
pub mod mcs;
pub mod negotiation;
pub mod pdu;
pub mod sizes;
pub mod status;
pub mod tls;
pub mod windows;
