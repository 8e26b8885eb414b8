//! The traps of single kinds, each with its test.

mod hackernews;
mod mastodon;
mod rss;
