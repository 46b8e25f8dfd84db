//! Cases to bytes for people and machines.
