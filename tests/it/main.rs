//! The project's tests, in one binary.

mod cli;
mod craft;
mod house;
