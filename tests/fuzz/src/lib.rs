//! The oracles, for the fuzz targets. They stand apart because `cargo test` uses them too.

#[path = "../oracles/mod.rs"]
mod oracles;

/// Holds `bytes` against the oracle called `name`.
pub fn run(name: &str, bytes: &[u8]) {
    oracles::run(name, bytes);
}
