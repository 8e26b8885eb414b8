//! The configurations that the program brings along.

/// Every setting with its default and unit: `caiu init --all` writes it.
pub const EXAMPLE: &str = include_str!("../../caiu.example.toml");

/// A small one that works without an account: `caiu init` writes it.
pub const STARTER: &str = r#"# Configuration of `caiu watch`. `caiu init --all` writes every setting with its default.
# `caiu feeds` lists all kinds of feeds; `caiu feeds check` tries the ones below.

[index]
path = "caiu-index"

# Posts of Bluesky as they are written: all languages, no account.
[[feed]]
kind = "bluesky"

# Stories and comments of Hacker News: English, no account.
[[feed]]
kind = "hackernews"
"#;
