//! How much may be remembered. What a peer can make grow is named here.

/// All conversations together, unless the user says otherwise; bytes.
pub const MEMORY: usize = 512 * 1024 * 1024;
/// A side channel that is silent for so long is dead (MS-RDPEUDP 3.1.1.9); nanoseconds.
pub const DEAD_CHANNEL: i64 = 65_000_000_000;
/// A closed connection's place in the table is given up after so long without a packet; nanoseconds.
pub const LINGER: i64 = 120_000_000_000;
/// What the last packets of a closed connection were is forgotten after so long; nanoseconds. Copies of a packet are
/// captured within milliseconds, and interfaces that are written to a file one after the other within two seconds.
pub const REST: i64 = 5_000_000_000;
/// A clock that goes back by so much is followed: it was wrong before, and what has not happened yet proves no silence.
/// Packets of several interfaces are out of order by less. Nanoseconds.
pub const BACK: i64 = 5_000_000_000;
/// Connections that are not RDP are forgotten after so long without a packet; nanoseconds.
pub const FOREIGN_IDLE: i64 = 300_000_000_000;
/// Who was silent for so long when the other side ended the connection, and speaks again, was not there meanwhile: longer
/// than any answer takes. Nanoseconds.
pub const LATE: i64 = 2_000_000_000;
/// Acts of TCP noted per session of one kind (retransmissions, resets, repeated SYNs); the rest is counted.
pub const ACTS: u8 = 24;
/// Entries of the table of connections that are not RDP before old ones are looked for.
pub const SWEEP: usize = 1 << 16;
/// Entries of that table before all connections that are not RDP are forgotten at once.
pub const FLOWS: usize = 1 << 21;
