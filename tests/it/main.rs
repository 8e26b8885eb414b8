//! The integration tests: one binary, one file per subject.

mod cli;
mod tidy;
