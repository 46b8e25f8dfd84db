//! Captures made by hand: a box of bricks for tests, and the makers of the crafted files in `captures/`.
//!
//! ```text
//! frame    Ethernet, IP, TCP, UDP, ICMP as bytes       x224, mcs   what RDP says in clear
//! carrier  tags and tunnels around IP                  hello       TLS messages written by hand
//! sealed   TLS without keys: records of given lengths
//! side     one end of a TCP conversation               tls         real TLS, in memory
//! segment  what it says next, and what becomes of it   cuts        the same story in any packets
//! talk     the conversation, told as a story           file        pcap and pcapng
//! beside   DNS, Kerberos, ARP                      made        the captures themselves
//! ```
//!
//! It knows nothing of the program under test and shares no code with it.

// Bricks: each test takes a few of them.
#![allow(dead_code)]

pub(crate) mod beside;
pub(crate) mod carrier;
pub(crate) mod cuts;
pub(crate) mod file;
pub(crate) mod frame;
pub(crate) mod hello;
mod made;
pub(crate) mod mcs;
pub(crate) mod sealed;
pub(crate) mod segment;
pub(crate) mod side;
pub(crate) mod talk;
pub(crate) mod tls;
pub(crate) mod x224;
