//! Protected records without anything in them: TLS 1.2 as an onlooker sees it, the same bytes in every run.
//!
//! The handshake is written by hand with RSA key transport, which needs no signature; behind it comes noise of the
//! lengths that real peers would send.

use super::cuts::Turn;
use super::frame::noise;
use super::hello::{self, TLS_1_2};
use super::talk::Who;

/// `TLS_RSA_WITH_AES_256_GCM_SHA384`: records are 24 bytes longer than what they hold.
const GCM: u16 = 0x009d;

/// `TLS_RSA_WITH_ARIA_256_CBC_SHA384` and `TLS_RSA_WITH_AES_256_CBC_SHA`.
const ARIA_SHA384: u16 = 0xc03d;
const AES_SHA1: u16 = 0x0035;

/// How many bytes a MAC has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mac {
    Long,
    Short,
}

/// `CN=RDS-LEG01.corp.example`, 2025-12-22 to 2026-06-23, signed by itself: what Windows makes.
pub(crate) const WINDOWS: &[u8] = include_bytes!("keys/rsa2048-windows.der");

/// The same name, issued by `Corp Example TLS Inspection CA` two days ago.
pub(crate) const INSPECTED: &[u8] = include_bytes!("keys/rsa2048-inspected.der");

/// Two ends of a TLS connection that say nothing.
pub(crate) struct Sealed {
    suite: u16,
    seed: u64,
}

impl Sealed {
    /// With AEAD, where lengths are exact.
    pub(crate) fn exact() -> Sealed {
        Sealed { suite: GCM, seed: 4_000 }
    }

    /// With CBC, where lengths are rounded up to 16.
    pub(crate) fn blurred() -> Sealed {
        Sealed { suite: hello::RSA_AES_256, seed: 5_000 }
    }

    /// The same with a long MAC (SHA-384), or with a short one (SHA-1).
    pub(crate) fn blurred_by(mac: Mac) -> Sealed {
        Sealed { suite: if mac == Mac::Long { ARIA_SHA384 } else { AES_SHA1 }, seed: 6_000 }
    }

    /// The whole handshake, with what the user typed.
    pub(crate) fn handshake(&mut self, typed: &str, certificate: &[u8]) -> Vec<Turn> {
        let flight = [hello::server_hello(TLS_1_2, self.suite, 31), hello::certificate(&[certificate])].concat();
        let flight = [flight, hello::server_hello_done()].concat();
        let mut exchange = vec![16, 0, 1, 2, 1, 0];
        exchange.extend(noise(33, 256));
        let change = hello::record(20, TLS_1_2, &[1]);
        let finished = |seed| [change.clone(), hello::record(22, TLS_1_2, &noise(seed, self.body(16)))].concat();
        vec![
            (Who::Client, hello::client_hello(TLS_1_2, hello::SUITES, typed, 30)),
            (Who::Server, hello::record(22, TLS_1_2, &flight)),
            (Who::Client, [hello::record(22, TLS_1_2, &exchange), finished(34)].concat()),
            (Who::Server, finished(35)),
        ]
    }

    /// One record with so many plaintext bytes.
    pub(crate) fn data(&mut self, who: Who, length: usize) -> Turn {
        self.seed += 1;
        (who, hello::record(23, TLS_1_2, &noise(self.seed, self.body(length))))
    }

    /// A whole script of records: client sizes positive, server sizes negative.
    pub(crate) fn script(&mut self, sizes: &[i32]) -> Vec<Turn> {
        let who = |size: i32| if size > 0 { Who::Client } else { Who::Server };
        sizes.iter().map(|&size| self.data(who(size), size.unsigned_abs() as usize)).collect()
    }

    /// An alert that nobody can read.
    pub(crate) fn alert(&mut self, who: Who) -> Turn {
        self.seed += 1;
        (who, hello::record(21, TLS_1_2, &noise(self.seed, self.body(2))))
    }

    /// Bytes in a record of so many plaintext bytes.
    const fn body(&self, length: usize) -> usize {
        match self.suite {
            GCM => 8 /* nonce */ + length + 16, /* tag */
            // IV, then data, HMAC and at least one byte of padding
            ARIA_SHA384 => 16 + (length + 48 + 1).next_multiple_of(16),
            AES_SHA1 => 16 + (length + 20 + 1).next_multiple_of(16),
            _ => 16 + (length + 32 + 1).next_multiple_of(16),
        }
    }
}
