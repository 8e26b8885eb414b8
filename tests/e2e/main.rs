//! The program against real servers. `cargo xtask e2e` provides these and runs the tests; by hand, each names what it wants.
#![allow(clippy::unwrap_used, reason = "a test that fails here says where")]

mod mastodon;
mod rss;
mod support;
