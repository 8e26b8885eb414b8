//! The kinds that read over HTTP, one table for all tests that every kind must pass.

use super::servers::{hackernews, lemmy, mastodon, reddit, rss, telegram, x};
use super::world::Row;

/// All of them; those with two ways to read stand here twice. `PATH` is a variable that is set wherever tests run.
pub(super) const ROWS: &[Row] = &[
    Row {
        kind: "mastodon",
        minimal: "server = '$BASE'",
        settings: "server = '$BASE'",
        answer: mastodon::mastodon,
        reach: usize::MAX,
    },
    Row { kind: "rss", minimal: "url = '$BASE'", settings: "url = '$BASE/feed.xml'", answer: rss::rss, reach: 100 },
    Row {
        kind: "hackernews",
        minimal: "",
        settings: "search_url = '$BASE'\nitems_url = '$BASE'",
        answer: hackernews::hackernews,
        reach: usize::MAX,
    },
    Row { kind: "lemmy", minimal: "server = '$BASE'", settings: "server = '$BASE'", answer: lemmy::v3, reach: 900 },
    Row { kind: "lemmy", minimal: "server = '$BASE'", settings: "server = '$BASE'", answer: lemmy::v4, reach: 900 },
    Row {
        kind: "reddit",
        minimal: "subreddits = ['whatsapp']",
        settings: "subreddits = ['whatsapp', 'slack']\nsite_url = '$BASE'\napi_url = '$BASE'\nclient_id = 'env:PATH'\nclient_secret = 'env:PATH'",
        answer: reddit::app,
        reach: 900,
    },
    Row {
        kind: "reddit",
        minimal: "subreddits = ['whatsapp']",
        settings: "subreddits = ['whatsapp', 'slack']\nsite_url = '$BASE'\ntypes = ['post']",
        answer: reddit::rss,
        reach: 90,
    },
    Row {
        kind: "telegram",
        minimal: "channel = 'canal'",
        settings: "channel = 'canal'\nsite_url = '$BASE'",
        answer: telegram::telegram,
        reach: usize::MAX,
    },
    Row {
        kind: "x",
        minimal: "query = 'down'\ntoken = 'env:PATH'\nmax_posts_per_month = 100",
        settings: "query = 'down'\ntoken = 'env:PATH'\nmax_posts_per_month = 10000\napi_url = '$BASE'",
        answer: x::search,
        reach: usize::MAX,
    },
];

/// The kinds that do not read over HTTP: minimum of keys, with `$BASE` for the server, and all keys that lead to nothing.
/// Those over websockets pass the table of `src/feed/socket_conformance.rs`; those of files and pipes their own tests.
pub(super) const OTHERS: &[(&str, &str, &str)] = &[
    ("bluesky", "", "instances = ['ws://127.0.0.1:9']"),
    ("atproto", "", "server = 'ws://127.0.0.1:9'"),
    ("nostr", "", "relays = ['ws://127.0.0.1:9']"),
    ("file", "path = '/nowhere'", "path = '/nowhere'"),
    ("stdin", "", ""),
    ("replay", "paths = ['/nowhere']", "paths = ['/nowhere']"),
];

/// The first row of a kind.
pub(super) fn row(kind: &str) -> Row {
    *ROWS.iter().find(|row| row.kind == kind).unwrap()
}
