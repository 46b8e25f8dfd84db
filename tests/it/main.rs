//! The project's tests, in one binary.

mod craft;
