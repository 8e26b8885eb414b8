//! The integration tests: one binary, one file per subject.
#![allow(clippy::unwrap_used, reason = "a test that fails here says where")]

mod cli;
mod tidy;
