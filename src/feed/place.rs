//! The place of a polled feed: which posts it handed over last, so that a restart repeats nothing and edits and
//! deletions are noticed.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::hash::{Hash, Hasher};

use chrono::{DateTime, NaiveDateTime};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use siphasher::sip::SipHasher13;

use super::{Batch, Deletion, FeedError, Incoming};
use crate::corpus::Reason;
use crate::model::{Cursor, FeedGap, Gap, GapCause, PostId, RawDate, RawPost, Time};

/// Posts that are remembered: a few pages of any server, and small enough to be saved with every commit.
pub(super) const MAX_KNOWN: usize = 300;

/// Longest name of a record, and longest id of a post, in bytes; places travel in every commit, so a server must not
/// choose how large they are. Of a longer one the beginning is kept, and a hash that tells it from others.
const MAX_ID_BYTES: usize = 512;
/// Between the beginning of a giant and its hash: a name that holds it is not the server's, so it is not asked for.
const CUT: char = '\u{1f}';

/// Mark of a post that was taken back: it stays known, so that a page that still shows it does not bring it back.
const TAKEN_BACK: u64 = u64::MAX;

/// Reads what a feed of this kind wrote; `None` before the first batch.
///
/// # Errors
/// `Fatal` where another kind wrote it: a feed that changes its kind needs another id.
pub(super) fn read<T: DeserializeOwned>(after: Option<&Cursor>) -> Result<Option<T>, FeedError> {
    let Some(cursor) = after else { return Ok(None) };
    serde_json::from_str(cursor.as_str()).map(Some).map_err(|_| {
        FeedError::Fatal(
            "the saved place is not one of this kind of feed; give the feed another id to begin anew".to_owned(),
        )
    })
}

/// Writes a place.
pub(super) fn write<T: Serialize>(place: &T) -> Cursor {
    // A struct of texts and numbers has a JSON form; an empty place would begin anew, which loses nothing.
    Cursor::new(serde_json::to_string(place).unwrap_or_else(|_| "{}".to_owned()))
}

/// A hash of a text as a few letters, equal on every machine and in every version: to tell apart what must not be said.
pub(super) fn short_hash(text: &str) -> String {
    Sha256::digest(text).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// An id as it stands, or the beginning and the hash of a giant.
fn capped(id: &str) -> Cow<'_, str> {
    if id.len() <= MAX_ID_BYTES {
        return Cow::Borrowed(id);
    }
    let beginning = &id[..id.floor_char_boundary(MAX_ID_BYTES / 2)];
    Cow::Owned(format!("{beginning}{CUT}{}", short_hash(id)))
}

/// One record that was handed over, or rejected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Known {
    /// What the server calls it.
    #[serde(rename = "k")]
    pub(super) key: String,
    /// `RawPost::id` where it is another; empty for a record that was rejected.
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// When it was written, by its own account, in seconds since 1970.
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    at_secs: Option<i64>,
    /// Equal while its words are equal.
    #[serde(rename = "m")]
    mark: u64,
}

impl Known {
    /// Whether the server knows it by this key.
    fn is_whole(&self) -> bool {
        !self.key.contains(CUT)
    }

    /// Whether it is a post that can be asked for.
    fn is_post(&self) -> bool {
        self.id.as_deref() != Some("") && self.is_whole()
    }
}

/// The last records, in the order in which they were handed over.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Recent(VecDeque<Known>);

impl Recent {
    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a record is among them.
    pub(super) fn knows(&self, key: &str) -> bool {
        let key = capped(key);
        self.0.iter().any(|known| known.key == key)
    }

    /// The key of the record `back` places before the last, or of the first.
    pub(super) fn anchor(&self, back: usize) -> Option<&str> {
        self.0.iter().rev().filter(|known| known.is_whole()).take(back + 1).last().map(|known| known.key.as_str())
    }

    /// The latest time among them.
    pub(super) fn newest(&self) -> Option<Time> {
        self.0.iter().filter_map(|known| known.at_secs).max().and_then(|secs| DateTime::from_timestamp(secs, 0))
    }

    /// Keys of posts, `count` at most, beginning `skip` before the last and wrapping at the first.
    pub(super) fn keys(&self, skip: usize, count: usize) -> Vec<String> {
        let posts: Vec<&Known> = self.0.iter().rev().filter(|known| known.is_post()).collect();
        let start = if posts.is_empty() { 0 } else { skip % posts.len() };
        posts.iter().skip(start).take(count).map(|known| known.key.clone()).collect()
    }

    /// Keys of posts that were written after a moment.
    pub(super) fn after(&self, moment: Time) -> impl Iterator<Item = &str> {
        let is_later = move |known: &&Known| known.at_secs.is_some_and(|secs| secs > moment.timestamp());
        self.0.iter().filter(|known| known.is_post()).filter(is_later).map(|known| known.key.as_str())
    }

    /// Takes a decoded record into the batch: once, again when its words have changed, and as a deletion when a
    /// post of ours has lost them. Says whether it was new.
    pub(super) fn take(
        &mut self,
        batch: &mut Batch,
        platform: &str,
        key: &str,
        mut decoded: Result<RawPost, (Reason, String)>,
    ) -> bool {
        let key = &*capped(key);
        if let Ok(post) = &mut decoded
            && post.id.len() > MAX_ID_BYTES
        {
            post.id = capped(&post.id).into_owned();
        }
        let (id, at, mark) = match &decoded {
            Ok(post) => (post.id.clone(), moment(post), mark_of(post)),
            Err((reason, _)) => (String::new(), None, *reason as u64),
        };
        let place = self.0.iter().position(|known| known.key == key);
        if place.is_some_and(|place| [mark, TAKEN_BACK].contains(&self.0[place].mark)) {
            return false;
        }
        if place.is_some() && matches!(decoded, Err((Reason::Deleted | Reason::Deletion, _))) {
            self.forget(batch, platform, key);
            return false;
        }
        let known =
            Known { key: key.to_owned(), id: (id != key).then_some(id), at_secs: at.map(|at| at.timestamp()), mark };
        match place {
            Some(place) => self.0[place] = known,
            None => {
                if self.0.len() == MAX_KNOWN {
                    self.0.pop_front();
                }
                self.0.push_back(known);
            }
        }
        match decoded {
            Ok(post) => batch.posts.push(Incoming::new(post, None)),
            Err((reason, _)) => batch.reject(reason.name()),
        }
        place.is_none()
    }

    /// Takes a post back that its server no longer has; one that is not known is counted.
    pub(super) fn forget(&mut self, batch: &mut Batch, platform: &str, key: &str) {
        let key = &*capped(key);
        let Some(known) = self.0.iter_mut().find(|known| known.key == key) else {
            return batch.reject("deletion of an unknown post");
        };
        let id = known.id.replace(String::new()).unwrap_or_else(|| key.to_owned());
        known.mark = TAKEN_BACK;
        if !id.is_empty() {
            batch.deletions.push(Deletion::Post { platform: platform.to_owned(), id: PostId::new(id) });
        }
    }
}

/// Equal for equal words, on every machine and in every version.
fn mark_of(post: &RawPost) -> u64 {
    let mut hasher = SipHasher13::new_with_keys(0x0063_6169_752d_706c, 0x0061_6365);
    post.text.hash(&mut hasher);
    post.repost_of.hash(&mut hasher);
    // Never the number of a rejection, which is small, nor that of a post taken back.
    (hasher.finish() | 1 << 62) & !(1 << 63)
}

/// The claimed time of a post, in the forms that the servers of this room use.
pub(super) fn moment(post: &RawPost) -> Option<Time> {
    match post.created_at.as_ref()? {
        RawDate::Epoch(secs) => DateTime::from_timestamp(*secs as i64, 0),
        RawDate::Text(text) => DateTime::parse_from_rfc3339(text)
            .map(|time| time.to_utc())
            .or_else(|_| text.parse::<NaiveDateTime>().map(|naive| naive.and_utc()))
            .ok(),
    }
}

/// A stretch of which the server will not tell, if it is one.
pub(super) fn gap(from: Option<Time>, to: Option<Time>, cause: GapCause) -> Option<FeedGap> {
    let (from, to) = (from?, to?);
    (from < to).then_some(FeedGap { gap: Gap { from, to }, cause })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::Next;

    #[test]
    fn a_server_does_not_choose_how_large_a_place_is() {
        let (mut recent, mut batch) = (Recent::default(), Batch::empty(Next::Now));
        let post = |id: String| Ok(RawPost { id, text: "caiu".to_owned(), ..RawPost::default() });
        let giant = |nth: usize| format!("{}{nth}", "é".repeat(50_000));
        for nth in 0..3 {
            assert!(recent.take(&mut batch, "p", &giant(nth), post(giant(nth))));
            assert!(recent.knows(&giant(nth)));
            assert!(!recent.take(&mut batch, "p", &giant(nth), post(giant(nth))), "{nth} is known");
        }
        assert!(recent.take(&mut batch, "p", "7", post("https://a.b/7".to_owned())));
        let saved = write(&recent);
        assert!(saved.as_str().len() < 4_000, "{} bytes", saved.as_str().len());
        assert_eq!(
            (recent.anchor(20), recent.keys(0, 9)),
            (Some("7"), vec!["7".to_owned()]),
            "only real names are asked"
        );
        let mut restored: Recent = read(Some(&saved)).unwrap().unwrap();
        restored.forget(&mut batch, "p", &giant(1));
        let told: Vec<&str> = batch.posts.iter().map(|incoming| incoming.post.id.as_str()).collect();
        let Deletion::Post { id, .. } = &batch.deletions[0] else { panic!("{:?}", batch.deletions) };
        assert_eq!(id.as_str(), told[1], "the deletion has the id of the post");
        assert_eq!(told.iter().collect::<std::collections::BTreeSet<_>>().len(), 4);
    }
}
