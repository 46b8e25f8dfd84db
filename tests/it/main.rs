//! The project's tests, in one binary.

mod bounds;
mod captures;
mod cli;
mod containers;
mod craft;
mod house;
mod properties;
mod screens;
