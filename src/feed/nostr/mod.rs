//! `kind = "nostr"`: the notes of several Nostr relays at once, each note once.

mod event;
mod relay;
mod seen;
mod stream;

use serde::Deserialize;

use super::http::Url;
use super::place::short_hash;
use super::{Feed, FeedContext, FeedKind};
use stream::Nostr;

pub(super) const KIND: FeedKind = FeedKind {
    name: "nostr",
    covers: "the notes of Nostr relays, in all languages; ids and signatures are checked",
    needs: "nothing",
    limits: "each relay has a part of the network; what relays hand out of the past differs; dates are the authors' \
             claims; a note that is to expire is taken back at its time only while the program runs",
    tested_with: "two real relays (nostr-relay-builder in this project's tests, nostr-relay of PyPI); a relay in this \
                  project's tests that misbehaves",
    has_beginning: false,
    open,
};

/// Large relays that let everybody read.
const RELAYS: [&str; 3] = ["wss://relay.damus.io", "wss://nos.lol", "wss://relay.primal.net"];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Links of the relays; all of them are read.
    #[serde(default = "large_relays")]
    relays: Vec<String>,
}

fn large_relays() -> Vec<String> {
    RELAYS.map(str::to_owned).to_vec()
}

fn open(context: &FeedContext, table: toml::Table) -> Result<Box<dyn Feed>, String> {
    let settings: Settings = context.settings(table)?;
    if settings.relays.is_empty() {
        return Err("relays = [] is empty; leave it out for some large ones".to_owned());
    }
    let parse = |link: &String| {
        let url = Url::parse(link).ok().filter(|url| matches!(url.scheme(), "ws" | "wss") && url.host_str().is_some());
        url.ok_or_else(|| format!("relays: \"{link}\" is no link such as wss://nos.lol"))
    };
    let relays = settings.relays.iter().map(parse).collect::<Result<_, _>>()?;
    Ok(Box::new(Nostr::new(context.clone(), relays)))
}

/// A relay as places name it: its link, with a hash instead of what may be a password or a token.
fn key(relay: &Url) -> String {
    if relay.query().is_none() && relay.username().is_empty() && relay.password().is_none() {
        return relay.as_str().to_owned();
    }
    format!("{}#{}", name(relay), short_hash(relay.as_str()))
}

/// A relay as logs name it: host and port.
fn name(relay: &Url) -> String {
    let port = relay.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}{port}", relay.host_str().unwrap_or_default())
}

#[cfg(test)]
pub(super) mod tests;
