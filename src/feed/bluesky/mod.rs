//! `kind = "bluesky"`: the posts of Bluesky through Jetstream, the network's own stream of JSON events.

mod event;
mod instance;
mod place;
mod stream;

use std::path::PathBuf;

use serde::Deserialize;

use super::push::Pushed;
use super::{Feed, FeedContext, FeedKind};
use instance::{Dictionary, Instance};
use stream::Jetstream;

pub(super) const KIND: FeedKind = FeedKind {
    name: "bluesky",
    covers: "all public posts of Bluesky, in all languages, as they are written (Jetstream, v1 and v2)",
    needs: "nothing",
    limits: "servers look back about a day and a half; what is older is told as a gap; after a reconnection by time \
             some seconds are told twice, and the same post counts once; packing needs the server's dictionary, which \
             v2 servers hand out and which for v1 is a file that you name",
    tested_with: "servers in this project's tests that follow the descriptions of both versions; a stand-in over the \
                  stream of a real PDS; recorded public events",
    has_beginning: false,
    open,
};

/// Servers that are asked in turn.
const INSTANCES: [&str; 4] = [
    "wss://jetstream.us-east.bsky.network/xrpc/network.bsky.jetstream.subscribeEvents",
    "wss://jetstream.us-west.bsky.network/xrpc/network.bsky.jetstream.subscribeEvents",
    "wss://jetstream1.us-east.bsky.network/subscribe",
    "wss://jetstream2.us-west.bsky.network/subscribe",
];
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Links of servers, in the order in which they are tried; a path that is not v2's is v1's.
    #[serde(default = "public_instances")]
    instances: Vec<String>,
    /// Whether messages come packed with zstd, where a dictionary can be had.
    #[serde(default)]
    compress: bool,
    /// File with the dictionary of v1 servers.
    dictionary: Option<PathBuf>,
}

fn public_instances() -> Vec<String> {
    INSTANCES.map(str::to_owned).to_vec()
}

fn open(context: &FeedContext, table: toml::Table) -> Result<Box<dyn Feed>, String> {
    let settings: Settings = context.settings(table)?;
    if settings.instances.is_empty() {
        return Err("instances = [] is empty; leave it out for the public ones".to_owned());
    }
    let v1_dictionary = settings.dictionary.map(|path| {
        let bytes =
            std::fs::read(&path).map_err(|error| format!("dictionary: cannot read {}: {error}", path.display()));
        Dictionary::new(bytes?).ok_or_else(|| format!("dictionary: {} is no zstd dictionary", path.display()))
    });
    let instances = settings.instances.iter().map(|link| Instance::parse(link)).collect::<Result<_, _>>()?;
    let v1_dictionary = v1_dictionary.transpose()?;
    let protocol = Jetstream::new(instances, settings.compress, v1_dictionary);
    Ok(Box::new(Pushed::new(context.clone(), protocol)))
}

#[cfg(test)]
pub(super) mod tests;
