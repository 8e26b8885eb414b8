//! Feeds and alerts against real servers, which `cargo xtask e2e` starts: what is not there is passed over, and says so.
#![allow(clippy::unwrap_used, reason = "a test that fails here says where")]

mod alerts;
mod api;
mod atproto;
mod bluesky;
mod exports;
mod mastodon;
mod nostr;
mod page;
mod rss;
mod support;
