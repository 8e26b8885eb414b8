//! One server of Jetstream: how it is asked to go on, and how its messages are unpacked.

use chrono::TimeDelta;
use tokio::time::timeout;

use super::event::POSTS;
use super::place::{Place, with_overlap};
use crate::feed::FeedError;
use crate::feed::http::{Net, Url};
use crate::feed::socket::Socket;

/// Path of the second version; every other path is the first.
const V2_PATH: &str = "/xrpc/network.bsky.jetstream.subscribeEvents";
const DICTIONARY_PATH: &str = "/xrpc/network.bsky.jetstream.getZstdDictionary";
/// Largest event that a server is asked for, and that is unpacked, in bytes: posts have 300 characters.
const MAX_EVENT_BYTES: usize = 1_000_000;
/// First bytes of a zstd dictionary (RFC 8878, 5); its id follows in four bytes.
const DICTIONARY_MARK: [u8; 4] = [0x37, 0xa4, 0x30, 0xec];
/// How much earlier than its place a server that counts otherwise is asked to begin.
const OVERLAP: TimeDelta = TimeDelta::seconds(5);

/// A server, by the link of its websocket.
#[derive(Debug, Clone)]
pub(super) struct Instance {
    url: Url,
}

/// What is known of a connection to one.
pub(super) struct Connection {
    /// The host, as places name it.
    pub(super) host: String,
    pub(super) is_v2: bool,
    /// The number by which it was asked to go on.
    pub(super) asked_seq: Option<u64>,
    unpacker: Option<Unpacker>,
}

/// Unpacks messages, each a zstd frame of its own.
struct Unpacker {
    decoder: zstd::bulk::Decompressor<'static>,
    buffer: Vec<u8>,
}

/// A dictionary that both sides know.
#[derive(Debug, Clone)]
pub(super) struct Dictionary {
    bytes: Vec<u8>,
    id: u32,
}

impl Dictionary {
    /// Checks that the bytes are a dictionary.
    pub(super) fn new(bytes: Vec<u8>) -> Option<Self> {
        let (mark, rest) = bytes.split_first_chunk::<4>()?;
        let id = u32::from_le_bytes(*rest.first_chunk::<4>()?);
        (*mark == DICTIONARY_MARK).then_some(Self { bytes, id })
    }
}

impl Instance {
    /// Reads the link of an instance; the error says what a link looks like.
    pub(super) fn parse(written: &str) -> Result<Self, String> {
        let wrong =
            || format!("instances: \"{written}\" is no link such as wss://jetstream.us-east.bsky.network{V2_PATH}");
        let mut url = Url::parse(written).map_err(|_| wrong())?;
        if !matches!(url.scheme(), "ws" | "wss") || url.host_str().is_none() {
            return Err(wrong());
        }
        if matches!(url.path(), "" | "/") {
            url.set_path("/subscribe");
        }
        Ok(Self { url })
    }

    pub(super) fn is_v2(&self) -> bool {
        self.url.path() == V2_PATH
    }

    /// Host and port, as places name it.
    pub(super) fn host(&self) -> String {
        let port = self.url.port().map(|port| format!(":{port}")).unwrap_or_default();
        format!("{}{port}", self.url.host_str().unwrap_or_default())
    }

    /// Opens a connection that goes on behind a place: by number where this server counted it, else by time.
    ///
    /// # Errors
    /// Those of the last way that was tried.
    pub(super) async fn connect(
        &self,
        net: &Net,
        after: Option<&Place>,
        dictionary: Option<&Dictionary>,
    ) -> Result<(Socket, Connection), FeedError> {
        let seq = after.filter(|_| self.is_v2()).and_then(|place| place.seq_at(&self.host()));
        let first = self.open(net, seq, after, dictionary).await;
        match first {
            // Its number is too old, or its dictionary is: the time of the place, unpacked, is always understood.
            Err(FeedError::Fatal(words)) if seq.is_some() || dictionary.is_some() => {
                tracing::info!(host = %self.host(), %words, "asking again by time and without packing");
                self.open(net, None, after, None).await
            }
            other => other,
        }
    }

    async fn open(
        &self,
        net: &Net,
        seq: Option<u64>,
        after: Option<&Place>,
        dictionary: Option<&Dictionary>,
    ) -> Result<(Socket, Connection), FeedError> {
        let url = self.target(seq, after, dictionary);
        let socket = Socket::connect(&url, &[], net.options()).await?;
        let unpacker = dictionary.map(Unpacker::new).transpose()?;
        Ok((socket, Connection { host: self.host(), is_v2: self.is_v2(), asked_seq: seq, unpacker }))
    }

    fn target(&self, seq: Option<u64>, after: Option<&Place>, dictionary: Option<&Dictionary>) -> Url {
        let mut url = self.url.clone();
        let mut query = url.query_pairs_mut();
        if self.is_v2() {
            query.append_pair("collections", POSTS).append_pair("kinds", "commit").append_pair("kinds", "account");
        } else {
            query.append_pair("wantedCollections", POSTS);
        }
        query.append_pair("maxMessageSizeBytes", &MAX_EVENT_BYTES.to_string());
        // Numbers are inclusive: seeing the last event again shows that the server still counts the same way.
        if let Some(cursor) = seq.or_else(|| after.map(|place| with_overlap(place, OVERLAP))) {
            query.append_pair("cursor", &cursor.to_string());
        }
        match dictionary {
            Some(dictionary) if self.is_v2() => {
                query.append_pair("zstdDictionary", &dictionary.id.to_string());
            }
            Some(_) => {
                query.append_pair("compress", "true");
            }
            None => {}
        }
        drop(query);
        url
    }

    /// Fetches the dictionary of a v2 server; `None` where it has none.
    ///
    /// # Errors
    /// Those of the request.
    pub(super) async fn dictionary(&self, net: &Net) -> Result<Option<Dictionary>, FeedError> {
        let mut url = self.url.clone();
        let scheme = if url.scheme() == "wss" { "https" } else { "http" };
        // The URL standard lets no one change between these two pairs in place.
        let text = url.as_str().replacen(url.scheme(), scheme, 1);
        url = Url::parse(&text).map_err(|error| FeedError::Fatal(error.to_string()))?;
        url.set_path(DICTIONARY_PATH);
        url.set_query(None);
        let answer = timeout(net.options().connect_timeout, net.get(&url, &[]))
            .await
            .map_err(|_| FeedError::Transient("the server did not answer in time".to_owned()))??;
        Ok(Some(answer).filter(|answer| answer.status == 200).and_then(|answer| Dictionary::new(answer.body)))
    }
}

impl Connection {
    /// The text of a binary message; `None` where it cannot be unpacked within the limit.
    pub(super) fn unpack(&mut self, bytes: &[u8]) -> Option<String> {
        let unpacker = self.unpacker.as_mut()?;
        unpacker.buffer.clear();
        unpacker.decoder.decompress_to_buffer(bytes, &mut unpacker.buffer).ok()?;
        str::from_utf8(&unpacker.buffer).ok().map(str::to_owned)
    }
}

impl Unpacker {
    fn new(dictionary: &Dictionary) -> Result<Self, FeedError> {
        let decoder = zstd::bulk::Decompressor::with_dictionary(&dictionary.bytes)
            .map_err(|error| FeedError::Fatal(format!("the zstd dictionary cannot be used: {error}")))?;
        // The capacity is the limit: a small message may be packed to become a huge one.
        Ok(Self { decoder, buffer: Vec::with_capacity(MAX_EVENT_BYTES + 1024) })
    }
}
