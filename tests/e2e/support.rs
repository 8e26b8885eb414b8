//! What the tests share: where the servers are, and a reader that asks a feed as the program does.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use caiu::feed::http::{Net, NetOptions, Url};
use caiu::feed::{Deletion, Feed, FeedContext, FeedError, Incoming, KINDS, Next};
use caiu::model::{Cursor, FeedGap, FeedId, Time};
use serde_json::Value;

/// Longest time that something may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where a server is, by the variable that names it.
pub(crate) fn server(variable: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| panic!("{variable} is not set; run `cargo xtask e2e`"))
}

/// A client that may talk to this machine, and as often as it likes.
pub(crate) fn net() -> Net {
    net_with(NetOptions::default())
}

pub(crate) fn net_with(options: NetOptions) -> Net {
    let requests_per_min = NonZeroU32::new(100_000).unwrap();
    Net::new(NetOptions { allow_private: true, requests_per_min, ..options }).unwrap()
}

pub(crate) fn url(text: &str) -> Url {
    text.parse().unwrap()
}

/// Posts JSON, with more headers, and gives the JSON that comes back.
pub(crate) async fn post(net: &Net, link: &str, headers: &[(&str, &str)], body: &Value) -> Result<Value, FeedError> {
    let headers = [headers, &[("content-type", "application/json")]].concat();
    let answer = net.post(&url(link), &headers, body.to_string()).await?;
    Ok(serde_json::from_slice(&answer.body).unwrap_or(Value::Null))
}

/// A feed, its place, and all that it told so far.
pub(crate) struct Reader {
    kind: &'static str,
    settings: String,
    net: Net,
    feed: Box<dyn Feed>,
    pub(crate) after: Option<Cursor>,
    pub(crate) posts: Vec<Incoming>,
    pub(crate) deletions: Vec<Deletion>,
    pub(crate) gaps: Vec<FeedGap>,
    pub(crate) rejected: BTreeMap<String, u64>,
    pub(crate) until: Option<Time>,
}

impl Reader {
    pub(crate) fn open(kind: &'static str, settings: &str) -> Self {
        Self::open_with(kind, settings, net())
    }

    pub(crate) fn open_with(kind: &'static str, settings: &str, net: Net) -> Self {
        let feed = open(kind, settings, &net);
        Self {
            kind,
            settings: settings.to_owned(),
            net,
            feed,
            after: None,
            posts: Vec::new(),
            deletions: Vec::new(),
            gaps: Vec::new(),
            rejected: BTreeMap::new(),
            until: None,
        }
    }

    /// A new feed at the same place, as after a restart.
    pub(crate) fn restart(&mut self) {
        self.feed = open(self.kind, &self.settings, &self.net);
    }

    /// Asks once; the pause that the feed wants comes back.
    pub(crate) async fn ask(&mut self) -> Result<Next, FeedError> {
        let batch = self.feed.next_batch(self.after.as_ref()).await?;
        self.after = batch.cursor.or(self.after.take());
        self.posts.extend(batch.posts);
        self.deletions.extend(batch.deletions);
        self.gaps.extend(batch.gaps);
        self.until = batch.until;
        batch.rejected.into_iter().for_each(|(reason, count)| *self.rejected.entry(reason).or_default() += count);
        Ok(batch.next)
    }

    /// Asks until `done`, over errors that may pass.
    pub(crate) async fn until(&mut self, what: &str, done: impl Fn(&Self) -> bool) {
        let started = Instant::now();
        let mut last = String::new();
        while !done(self) {
            assert!(
                started.elapsed() < PATIENCE,
                "{what}: told {:?}, deleted {:?}, {last}",
                self.texts(),
                self.deletions
            );
            match self.ask().await {
                Ok(Next::Now | Next::End) => {}
                Ok(Next::After(pause)) => tokio::time::sleep(pause.min(Duration::from_secs(1))).await,
                Err(FeedError::Fatal(words)) => panic!("{what}: {words}"),
                Err(error) => {
                    last = error.to_string();
                    tokio::time::sleep(Duration::from_millis(300)).await;
                }
            }
        }
    }

    /// Asks until a post with this text was told.
    pub(crate) async fn until_text(&mut self, text: &str) {
        self.until(text, |reader| reader.texts().contains(&text)).await;
    }

    /// The texts of all posts so far.
    pub(crate) fn texts(&self) -> Vec<&str> {
        self.posts.iter().map(|incoming| incoming.post.text.as_str()).collect()
    }

    /// Whether a post was taken back.
    pub(crate) fn is_gone(&self, wanted: &str) -> bool {
        self.deletions.iter().any(|deletion| matches!(deletion, Deletion::Post { id, .. } if id.as_str() == wanted))
    }

    /// Whether an account was.
    pub(crate) fn is_author_gone(&self, wanted: &str) -> bool {
        self.deletions.iter().any(|deletion| matches!(deletion, Deletion::Author { author, .. } if author == wanted))
    }
}

fn open(kind: &str, settings: &str, net: &Net) -> Box<dyn Feed> {
    let kind = KINDS.iter().find(|known| known.name == kind).unwrap();
    let context = FeedContext { id: FeedId::new("e2e"), net: net.clone() };
    (kind.open)(&context, settings.parse().unwrap()).unwrap()
}
