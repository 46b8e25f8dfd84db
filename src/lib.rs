//! Why did that RDP session die, and at which packet?
//!
//! Bytes come in at the ground, a verdict leaves at the top, and nothing walks down again: a module uses only
//! modules above it in this list.

pub mod frame;
pub mod knowledge;
pub mod wire;
pub mod tcp;
pub mod session;
pub mod dissect;
pub mod engine;
pub mod diagnose;
pub mod report;
pub mod tui;
pub mod capture;
pub mod pump;
pub mod cli;
pub mod run;
