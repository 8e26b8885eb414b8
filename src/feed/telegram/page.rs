//! The markup of a channel's preview to its messages; views, reactions and quotes are left out.

use scraper::{ElementRef, Html, Selector};

use crate::corpus::plain_text;
use crate::feed::FeedError;

/// Most bytes and tags of a page: a real one has 20 messages; an HTML parser is slow on deep nesting.
const MAX_BYTES: usize = 2 << 20;
const MAX_TAGS: usize = 20_000;
/// Most messages of a page.
const MAX_MESSAGES: usize = 100;

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    /// Its number in the channel; they rise, and a deleted one leaves a hole.
    pub(super) number: u64,
    pub(super) at: Option<String>,
    pub(super) text: String,
    /// `channel/number` where it passes on a message of another channel.
    pub(super) forwarded_from: Option<String>,
}

/// A page, oldest message first.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) messages: Vec<Message>,
    pub(super) num_broken: u64,
}

impl Page {
    /// Reads a page of a channel.
    ///
    /// # Errors
    /// `Transient` where it is no such page.
    pub(super) fn read(html: &str, channel: &str) -> Result<Self, FeedError> {
        if html.len() > MAX_BYTES || memchr::memchr_iter(b'<', html.as_bytes()).count() > MAX_TAGS {
            return Err(FeedError::Transient("the page is longer than a page of messages".to_owned()));
        }
        let document = Html::parse_document(html);
        let mut page = Self::default();
        for element in document.select(&selector("div.tgme_widget_message[data-post]")).take(MAX_MESSAGES) {
            match message(element, channel) {
                Some(message) => page.messages.push(message),
                None => page.num_broken += 1,
            }
        }
        let is_preview = document.select(&selector(".tgme_channel_info, .tgme_channel_history")).next().is_some();
        if page.messages.is_empty() && page.num_broken == 0 && !is_preview {
            return Err(FeedError::Transient("not the preview of a channel".to_owned()));
        }
        page.messages.sort_by_key(|message| message.number);
        page.messages.dedup_by_key(|message| message.number);
        Ok(page)
    }
}

fn message(element: ElementRef<'_>, channel: &str) -> Option<Message> {
    let (name, number) = element.attr("data-post")?.split_once('/')?;
    if !name.eq_ignore_ascii_case(channel) {
        return None;
    }
    let first = |css: &str| element.select(&selector(css)).next();
    // The text of a quoted message has another script class.
    let text = first(".tgme_widget_message_text.js-message_text").map(|text| plain_text(&text.inner_html()));
    let time = first("a.tgme_widget_message_date time[datetime]").or_else(|| first(".tgme_widget_message_meta time"));
    let forwarded = first("a.tgme_widget_message_forwarded_from_name[href]").and_then(|link| link.attr("href"));
    Some(Message {
        number: number.parse().ok().filter(|number| (1..u64::MAX / 2).contains(number))?,
        at: time.and_then(|time| time.attr("datetime")).map(str::to_owned),
        text: text.unwrap_or_default(),
        forwarded_from: forwarded.and_then(|href| href.strip_prefix("https://t.me/")).map(str::to_owned),
    })
}

/// The selectors of this file are all good ones; a bad one would find nothing.
fn selector(css: &str) -> Selector {
    Selector::parse(css).unwrap_or_else(|_| unreachable!("a fixed selector"))
}
