//! The traps of single kinds, each with its test.

mod hackernews;
mod lemmy;
mod mastodon;
mod reddit;
mod rss;
mod telegram;
mod x;
