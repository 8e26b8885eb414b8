//! A stand-in server with posts of our making, and a feed that reads it.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use caiu::feed::http::{Net, NetOptions};
use caiu::feed::{Batch, Feed, FeedContext, FeedError, KINDS, Next};
use caiu::model::{Cursor, FeedId};
use chrono::{DateTime, TimeDelta, Utc};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

/// A post of the stand-in, before its kind has given it a form.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) number: u64,
    pub(super) at: DateTime<Utc>,
    pub(super) text: String,
    pub(super) is_gone: bool,
}

/// One kind of feed as the tests need to know it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) kind: &'static str,
    /// The keys without which it does not open, with `$BASE` for the server.
    pub(super) minimal: &'static str,
    /// Keys that lead it to the stand-in.
    pub(super) settings: &'static str,
    /// Answers as a server of the kind would.
    pub(super) answer: fn(&Request, &[Told]) -> ResponseTemplate,
    /// Posts that its server hands out at most, however far a feed pages.
    pub(super) reach: usize,
}

#[derive(Debug, Default)]
struct State {
    posts: Vec<Told>,
    fault: Option<ResponseTemplate>,
}

/// A running stand-in.
pub(super) struct World {
    pub(super) row: Row,
    pub(super) server: MockServer,
    state: Arc<Mutex<State>>,
}

struct Answerer {
    state: Arc<Mutex<State>>,
    answer: fn(&Request, &[Told]) -> ResponseTemplate,
}

impl Respond for Answerer {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let state = self.state.lock().unwrap();
        state.fault.clone().unwrap_or_else(|| (self.answer)(request, &state.posts))
    }
}

impl World {
    pub(super) async fn new(row: Row) -> Self {
        let (server, state) = (MockServer::start().await, Arc::<Mutex<State>>::default());
        let answerer = Answerer { state: Arc::clone(&state), answer: row.answer };
        Mock::given(any()).respond_with(answerer).mount(&server).await;
        Self { row, server, state }
    }

    /// Writes `count` posts a second apart, the last of them `ago` before now.
    pub(super) fn write(&self, count: u64, ago: TimeDelta) {
        let mut state = self.state.lock().unwrap();
        let first = state.posts.last().map_or(1, |post| post.number + 1);
        for number in first..first + count {
            let at = Utc::now() - ago - TimeDelta::seconds((first + count - 1 - number) as i64);
            let text = format!("zap caiu {number}");
            state.posts.push(Told { number, at, text, is_gone: false });
        }
    }

    /// Changes one post.
    pub(super) fn change(&self, number: u64, change: impl FnOnce(&mut Told)) {
        let mut state = self.state.lock().unwrap();
        change(state.posts.iter_mut().find(|post| post.number == number).unwrap());
    }

    /// Answers everything with this until it is taken away.
    pub(super) fn set_fault(&self, fault: Option<ResponseTemplate>) {
        self.state.lock().unwrap().fault = fault;
    }

    /// A feed that reads this server, as after a start of the program.
    pub(super) fn feed(&self) -> Box<dyn Feed> {
        self.feed_with("")
    }

    pub(super) fn feed_with(&self, more: &str) -> Box<dyn Feed> {
        open(self.row.kind, &format!("{}\n{more}", self.row.settings.replace("$BASE", &self.server.uri()))).unwrap()
    }
}

/// A client without a pace that may talk to this machine.
pub(super) fn net() -> Net {
    let options = NetOptions {
        allow_private: true,
        read_timeout: Duration::from_secs(5),
        requests_per_min: NonZeroU32::new(1_000_000).unwrap(),
        ..NetOptions::default()
    };
    Net::new(options).unwrap()
}

/// Opens a feed; the error is what a person would read.
pub(super) fn open(kind: &str, settings: &str) -> Result<Box<dyn Feed>, String> {
    let context = FeedContext { id: FeedId::new("f"), net: net() };
    let kind = KINDS.iter().find(|known| known.name == kind).unwrap();
    (kind.open)(&context, settings.parse().unwrap())
}

/// What a feed told until it had no more.
#[derive(Debug, Default)]
pub(super) struct Heard {
    pub(super) texts: Vec<String>,
    pub(super) ids: Vec<String>,
    pub(super) deleted: Vec<String>,
    pub(super) rejected: BTreeMap<String, u64>,
    pub(super) gaps: Vec<caiu::model::FeedGap>,
    pub(super) cursor: Option<Cursor>,
    pub(super) last: Option<Batch>,
}

/// Asks until the feed wants to rest, as the runner would.
pub(super) async fn hear(feed: &mut dyn Feed, after: Option<Cursor>) -> Result<Heard, FeedError> {
    let mut heard = Heard { cursor: after, ..Heard::default() };
    for _ in 0..40 {
        let batch = feed.next_batch(heard.cursor.as_ref()).await?;
        for incoming in &batch.posts {
            heard.texts.push(incoming.post.text.clone());
            heard.ids.push(incoming.post.id.clone());
        }
        for deletion in &batch.deletions {
            match deletion {
                caiu::feed::Deletion::Post { id, .. } => heard.deleted.push(id.to_string()),
                caiu::feed::Deletion::Author { author, .. } => heard.deleted.push(author.clone()),
                caiu::feed::Deletion::Named { name, .. } => heard.deleted.push(name.clone()),
            }
        }
        for (reason, count) in &batch.rejected {
            *heard.rejected.entry(reason.clone()).or_default() += count;
        }
        heard.gaps.extend(batch.gaps.iter().cloned());
        heard.cursor = batch.cursor.clone().or(heard.cursor);
        let is_more = batch.next == Next::Now;
        heard.last = Some(batch);
        if !is_more {
            return Ok(heard);
        }
    }
    panic!("the feed never rests");
}

/// Checks that the posts `from..=to` were heard, each once (their texts end with their numbers).
pub(super) fn assert_heard(heard: &Heard, from: u64, to: u64, what: &str) {
    let mut count: BTreeMap<u64, usize> = (from..=to).map(|number| (number, 0)).collect();
    for text in &heard.texts {
        *count.entry(text.rsplit(' ').next().unwrap().parse().unwrap()).or_default() += 1;
    }
    let of =
        |wanted: fn(usize) -> bool| count.iter().filter(move |(_, count)| wanted(**count)).map(|(number, _)| *number);
    let missing: Vec<u64> = of(|count| count == 0).collect();
    let double: Vec<u64> = of(|count| count > 1).collect();
    let other: Vec<u64> = of(|_| true).filter(|number| !(from..=to).contains(number)).collect();
    let is_right = missing.is_empty() && double.is_empty() && other.is_empty();
    assert!(is_right, "{what}: of {from}..={to} missing {missing:?}, double {double:?}, others {other:?}");
}

/// A file of `tests/fixtures/`.
pub(super) fn fixture(name: &str) -> String {
    std::fs::read_to_string(format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// A parameter of a request's query.
pub(super) fn parameter(request: &Request, name: &str) -> Option<String> {
    request.url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}
