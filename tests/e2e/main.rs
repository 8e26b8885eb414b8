//! Against real servers, which `cargo xtask e2e` starts: it runs the tests of what is there by their modules. A plain
//! `cargo test` has no servers and shows these tests as ignored.
#![allow(clippy::unwrap_used, reason = "a test that fails here says where")]

mod alerts;
mod api;
mod atproto;
mod bluesky;
mod exports;
mod mastodon;
mod nostr;
mod page;
mod recorded;
mod rss;
mod support;
