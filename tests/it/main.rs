//! The project's tests, in one binary.

mod captures;
mod cli;
mod craft;
mod house;
mod properties;
