//! The project's tests, in one binary.

mod bounds;
mod captures;
mod cli;
mod containers;
mod craft;
mod fuzz_regressions;
mod hostile;
mod house;
#[cfg(all(feature = "live", target_os = "linux"))]
mod lab;
#[cfg(all(feature = "live", target_os = "linux"))]
mod live;
mod properties;
mod screens;
mod stepped;
mod workloads;
