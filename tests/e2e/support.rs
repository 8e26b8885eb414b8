//! What the tests share: where the servers are, the program itself, and a reader that asks a feed as it does.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::num::NonZeroU32;
use std::path::Path;
use std::process::{Child, Command, Stdio};
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

/// Runs the program to its good end.
pub(crate) fn caiu(args: &[&str]) {
    let output = Command::new(env!("CARGO_BIN_EXE_caiu")).args(args).output().unwrap();
    assert!(output.status.success(), "caiu {}: {}", args.join(" "), String::from_utf8_lossy(&output.stderr));
}

/// `caiu serve` on a free port of loopback; it is stopped when this is dropped.
pub(crate) struct Serving {
    child: Child,
    /// Its address, without a slash at the end.
    pub(crate) base: String,
}

impl Serving {
    /// Starts it with more arguments and with `tokens`, by the variables that hold them; what it says later goes to `log`.
    pub(crate) fn start(args: &[&str], tokens: &[(&str, &str)], log: Option<&Path>) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_caiu"));
        command.args(["serve", "--listen", "127.0.0.1:0"]).args(args);
        command.env_remove("CAIU_TOKEN").env_remove("CAIU_ADMIN_TOKEN").envs(tokens.iter().copied());
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let told = lines.find_map(|line| Some(line.strip_prefix("caiu: ")?.trim_end_matches('/').to_owned()));
        let mut log: Box<dyn Write + Send> = match log {
            Some(log) => Box::new(File::create(log).unwrap()),
            None => Box::new(io::sink()),
        };
        // Goes on to read, so that the server never waits for a reader.
        std::thread::spawn(move || lines.for_each(|line| drop(writeln!(log, "{line}"))));
        Self { child, base: told.expect("the server says where it listens") }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
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
