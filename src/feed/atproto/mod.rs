//! `kind = "atproto"`: the posts of one atproto server or of a relay, from its own stream of repository changes.

mod car;
mod frame;
mod stream;

use serde::Deserialize;

use super::http::Url;
use super::push::Pushed;
use super::{Feed, FeedContext, FeedKind};
use stream::Firehose;

pub(super) const KIND: FeedKind = FeedKind {
    name: "atproto",
    covers: "the Bluesky posts of one PDS or of a relay with all of them (com.atproto.sync.subscribeRepos)",
    needs: "nothing",
    limits: "takes all changes of all repositories over the line: a public relay sends some MB a second, where \
             \"bluesky\" sends posts alone; servers look back hours to days, and what is older is told as a gap; the \
             signatures of repositories are not checked",
    tested_with: "a real PDS (@atproto/dev-env); servers in this project's tests; recorded frames of the public relay",
    has_beginning: false,
    open,
};

const PATH: &str = "/xrpc/com.atproto.sync.subscribeRepos";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Link of the server.
    #[serde(default = "public_relay")]
    server: String,
}

fn public_relay() -> String {
    "wss://bsky.network".to_owned()
}

fn open(context: &FeedContext, table: toml::Table) -> Result<Box<dyn Feed>, String> {
    let settings: Settings = context.settings(table)?;
    let wrong = || format!("server = \"{}\" is no link such as wss://bsky.network", settings.server);
    let mut url = Url::parse(&settings.server).map_err(|_| wrong())?;
    if !matches!(url.scheme(), "ws" | "wss") || url.host_str().is_none() || !matches!(url.path(), "" | "/" | PATH) {
        return Err(wrong());
    }
    url.set_path(PATH);
    Ok(Box::new(Pushed::new(context.clone(), Firehose::new(url))))
}

#[cfg(test)]
pub(super) mod tests;
