//! The index: what goes in comes out, once, whatever happens in between.

mod commands;
mod counts;
mod keeping;
mod posts;
mod privacy;

use std::path::Path;
use std::sync::OnceLock;

use caiu::index::{IndexReader, IndexWriter, Keep, Recorded, WriterOptions};
use caiu::model::{Checkpoint, FeedId, RawDate, RawPost, TaggedPost, Time};
use caiu::normalize::{AuthorSecret, date, normalize};
use caiu::simulate::{Overrides, builtin, simulate};
use chrono::DateTime;

use crate::support::tagger;

/// Seconds since 1970 as a time.
pub(crate) fn at(secs: i64) -> Time {
    DateTime::from_timestamp(secs, 0).unwrap()
}

/// 4 October 2021, 15:40 UTC.
pub(crate) const NOON: i64 = 1_633_362_000;

pub(crate) fn feed() -> FeedId {
    FeedId::new("test")
}

/// A post by its id, author, text and second after [`NOON`].
pub(crate) fn post(id: &str, author: &str, text: &str, second: i64) -> TaggedPost {
    let raw = RawPost {
        id: id.to_owned(),
        created_at: Some(RawDate::Epoch((NOON + second) as f64)),
        author: Some(author.to_owned()),
        text: text.to_owned(),
        platform: Some("test".to_owned()),
        url: Some(format!("https://example.org/{id}")),
        ..RawPost::default()
    };
    tag(raw)
}

pub(crate) fn tag(raw: RawPost) -> TaggedPost {
    let now = at(2_000_000_000);
    let when = raw.created_at.as_ref().map(|date| date::parse(date, None, now).unwrap());
    tagger().tag(normalize(raw, when, AuthorSecret::new("")))
}

pub(crate) fn writer(folder: &Path) -> IndexWriter {
    IndexWriter::open(folder, WriterOptions::default()).unwrap()
}

pub(crate) fn reader(folder: &Path) -> IndexReader {
    IndexReader::open(folder).unwrap()
}

pub(crate) fn commit(writer: &mut IndexWriter) {
    let checkpoint = writer.checkpoint().clone();
    writer.commit(&checkpoint).unwrap();
}

/// A checkpoint in which the test's feed stands at a place.
pub(crate) fn checkpoint(place: &str) -> Checkpoint {
    let mut checkpoint = Checkpoint::default();
    checkpoint.feeds.entry(feed()).or_default().cursor = Some(caiu::model::Cursor::new(place));
    checkpoint
}

/// Records a post that its server may call by another name.
pub(crate) fn add_named(writer: &mut IndexWriter, id: &str, name: Option<&str>, text: &str) -> Recorded {
    let post = post(id, "somebody else", text, 60);
    writer.record_named(&feed(), &post, name, at(NOON), Keep::Matches).unwrap()
}

/// A simulated afternoon in which services fail, tagged.
pub(crate) fn simulated() -> &'static [TaggedPost] {
    static POSTS: OnceLock<Vec<TaggedPost>> = OnceLock::new();
    POSTS.get_or_init(|| {
        let overrides = Overrides { service: Some("whatsapp".into()), volume: Some(0.1), ..Overrides::default() };
        let scenario = overrides.apply(builtin::load("2021-10-04").unwrap());
        let simulation = simulate(&scenario, 5).unwrap();
        simulation.posts().map(|simulated| tag(simulated.post)).collect()
    })
}
