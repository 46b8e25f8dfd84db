//! The project's tests, in one binary.

mod captures;
mod cli;
mod containers;
mod craft;
mod house;
mod properties;
