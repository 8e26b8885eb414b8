//! The integration tests: one binary, one file per subject.
#![allow(clippy::unwrap_used, reason = "a test that fails here says where")]

mod alerts;
mod cli;
mod cli_analyze;
mod cli_tag;
mod evaluate;
mod export;
mod feeds;
mod index;
mod lexicon;
mod live;
mod opinion;
mod outcomes;
mod reading_page;
mod readings;
mod serve;
mod spans;
mod streams;
mod support;
mod tally;
mod tidy;
mod traps;
