//! A public Telegram channel, through the preview that its web page shows to everybody.

mod page;

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

use super::http::{Net, Url};
use super::place::{self, Recent, moment};
use super::{Batch, Feed, FeedContext, FeedError, FeedKind, Next};
use crate::corpus::Reason;
use crate::model::{Cursor, RawDate, RawPost};
use page::{Message, Page};

/// The line of `KINDS`.
pub(super) const KIND: FeedKind = FeedKind {
    name: "telegram",
    covers: "messages of one public channel that shows a preview on the web",
    needs: "nothing; the channel must have its preview switched on",
    limits: "20 messages a page; channels only, no groups; deletions and edits are noticed among the last 20 messages",
    tested_with: "pages written after the markup that the RSS-Bridge and minet projects describe; not against the live \
                  site",
    has_beginning: false,
    open: |context, table| Ok(Box::new(Telegram::open(context, table)?)),
};

const PLATFORM: &str = "telegram";
/// Pages in one batch.
const MAX_PAGES: usize = 10;
/// Messages that are read again: one page.
const OVERLAP: usize = 19;

/// The keys of `[[feed]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Name of the channel, as in its link.
    channel: String,
    /// Seconds between two looks.
    #[serde(default = "every_secs")]
    every_secs: f64,
    /// Address of the site.
    #[serde(default = "site_url")]
    site_url: String,
}

fn every_secs() -> f64 {
    60.0
}

fn site_url() -> String {
    "https://t.me".to_owned()
}

/// What a restart needs.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Place {
    recent: Recent,
}

struct Telegram {
    net: Net,
    channel: String,
    url: Url,
    every: Duration,
}

impl Telegram {
    fn open(context: &FeedContext, table: toml::Table) -> Result<Self, String> {
        let settings: Settings = context.settings(table)?;
        let written = settings.channel.trim_start_matches('@');
        let channel = written.rsplit('/').next().unwrap_or(written).to_owned();
        if channel.len() < 4 || !channel.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return Err(format!("channel = \"{}\" is no name of a channel; write one such as durov", settings.channel));
        }
        let mut url = super::link("site_url", &settings.site_url)?;
        url.set_path(&format!("/s/{channel}"));
        Ok(Self {
            net: context.net.clone(),
            channel,
            url,
            every: super::pause("every_secs", settings.every_secs, 5.0)?,
        })
    }

    /// The newest page, or the one behind a message.
    async fn page(&self, after: Option<u64>) -> Result<Page, FeedError> {
        let mut url = self.url.clone();
        if let Some(number) = after {
            url.query_pairs_mut().append_pair("after", &number.to_string());
        }
        let answer = self.net.get(&url, &[]).await?;
        if answer.status == 404 {
            return Err(FeedError::Transient("no such page (HTTP 404)".to_owned()));
        }
        if !answer.url.path().starts_with("/s/") {
            return Err(FeedError::Fatal(format!(
                "the channel {} shows no preview: it is private, a group, or has switched the preview off",
                self.channel
            )));
        }
        let channel = self.channel.clone();
        // Parsed beside the other feeds, because a page of hostile markup may take a while.
        let reading = tokio::task::spawn_blocking(move || Page::read(&answer.text(), &channel));
        reading.await.map_err(|_| FeedError::Transient("the page broke the reader".to_owned()))?
    }

    async fn batch(&self, after: Option<&Cursor>) -> Result<Batch, FeedError> {
        let mut place: Place = place::read(after)?.unwrap_or_default();
        let mut batch = Batch::empty(Next::After(self.every));
        let mut from =
            place.recent.anchor(OVERLAP).and_then(|key| key.parse::<u64>().ok()).map(|number| number.saturating_sub(1));
        for num_pages in 1..=MAX_PAGES {
            let page = self.page(from).await?;
            for _ in 0..page.num_broken {
                batch.reject(Reason::UnknownForm.name());
            }
            let Some(last) = page.messages.last().map(|message| message.number) else { break };
            self.note_holes(&page.messages, from, &mut place.recent, &mut batch);
            for message in page.messages {
                let (key, decoded) = (message.number.to_string(), self.post(message));
                place.recent.take(&mut batch, PLATFORM, &key, decoded);
            }
            // Without a place, the newest page is where the channel begins for us.
            if from.is_none_or(|from| last <= from) {
                break;
            }
            from = Some(last);
            if num_pages == MAX_PAGES && !batch.posts.is_empty() {
                batch.until = batch.posts.iter().filter_map(|incoming| moment(&incoming.post)).max();
                batch.next = Next::Now;
            }
        }
        batch.cursor = Some(place::write(&place));
        Ok(batch)
    }

    /// A message of ours that a page passes over was deleted.
    fn note_holes(&self, messages: &[Message], from: Option<u64>, recent: &mut Recent, batch: &mut Batch) {
        let Some(last) = messages.last().map(|message| message.number) else { return };
        let first = from.map_or(messages[0].number, |from| from + 1);
        let is_hole =
            |number: u64| (first..=last).contains(&number) && !messages.iter().any(|message| message.number == number);
        for key in recent.keys(0, place::MAX_KNOWN) {
            if key.parse().is_ok_and(is_hole) {
                recent.forget(batch, PLATFORM, &key);
            }
        }
    }

    fn post(&self, message: Message) -> Result<RawPost, (Reason, String)> {
        if message.text.is_empty() {
            return Err((Reason::NoText, String::new()));
        }
        let id = format!("{}/{}", self.channel, message.number);
        Ok(RawPost {
            created_at: message.at.map(RawDate::Text),
            author: Some(self.channel.clone()),
            text: message.text,
            platform: Some(PLATFORM.to_owned()),
            url: Some(format!("https://t.me/{id}")),
            repost_of: message.forwarded_from,
            id,
            ..RawPost::default()
        })
    }
}

impl Feed for Telegram {
    fn next_batch<'a>(&'a mut self, after: Option<&'a Cursor>) -> BoxFuture<'a, Result<Batch, FeedError>> {
        self.batch(after).boxed()
    }
}
