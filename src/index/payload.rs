//! What travels in a commit beside its documents: form, progress, numbers of the last minutes, what was seen of late.
//!
//! The rule: whatever must agree with the documents is in the payload of the commit that holds them, and nowhere else.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::parts::Parts;
use super::recent::Recent;
use crate::model::{Checkpoint, FeedId, Lang, Time};

/// The form of index that this program writes; the number is raised when an older program would read it wrongly.
pub(super) const FORM: &str = "caiu-index/2";
/// The form before: what was taken back kept its id in clear there. It is read as it is, and brought to this form when it
/// is opened for writing.
const FORM_BEFORE: &str = "caiu-index/1";
const FORM_NAME: &str = "caiu-index/";

/// Commits of which the touched minutes are remembered.
const TOUCHED_COMMITS: usize = 256;
/// Stretches that are remembered for one commit; more are told as one that holds them all.
const TOUCHED_RANGES: usize = 64;

/// The payload of a commit.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Payload {
    /// [`FORM`], or the one before.
    pub(super) form: String,
    /// Whether all that was taken back has lost its id.
    #[serde(default)]
    pub(super) hides_ids: bool,
    /// Fingerprint of the secret that authors are hashed with, once somebody has said it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) author_key: Option<String>,
    /// Number of the commit, from 1.
    pub(super) seq: u64,
    /// When the commit was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) at: Option<Time>,
    /// How far every feed has come.
    pub(super) checkpoint: Checkpoint,
    /// Ids of late, by feed, of posts that were counted and not kept.
    #[serde(default)]
    pub(super) recent: BTreeMap<FeedId, Recent>,
    /// Keys of late of posts that were taken back before they came.
    #[serde(default)]
    pub(super) taken_back: Recent,
    /// Numbers of posts not kept that no document holds yet.
    #[serde(default)]
    pub(super) open: Vec<OpenCount>,
    /// Minutes whose counts a commit changed, latest last.
    #[serde(default)]
    pub(super) touched: VecDeque<Touched>,
    /// What each part of the index holds.
    #[serde(default)]
    pub(super) parts: Parts,
    /// Numbers of the commits in which feeds first told something; 0 where an older program saw it.
    #[serde(default)]
    pub(super) born: BTreeMap<FeedId, u64>,
    /// Numbers of the commits up to which the counts of feeds hold: those behind are to be taken out, since they are told
    /// again.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) recount_after: BTreeMap<FeedId, u64>,
}

/// So many posts that were not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OpenCount {
    /// Which feed.
    pub(super) feed: FeedId,
    /// Language; `None` is `und`.
    pub(super) lang: Option<Lang>,
    /// Minutes since 1970.
    pub(super) minute: i64,
    /// How many.
    pub(super) num: u64,
}

/// What one commit changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Touched {
    /// Number of the commit.
    pub(super) seq: u64,
    /// Minutes since 1970, from and to (not included), in order, apart from each other.
    pub(super) minutes: Vec<(i64, i64)>,
}

impl Payload {
    /// The payload of an index without a commit.
    pub(super) fn first() -> Self {
        Self { form: FORM.to_owned(), hides_ids: true, ..Self::default() }
    }

    /// Reads a payload; the form comes back where it is not ours.
    pub(super) fn read(text: &str) -> Result<Self, Form> {
        #[derive(Deserialize)]
        struct Head {
            form: String,
        }
        let head: Head = serde_json::from_str(text).map_err(|_| Form::None)?;
        if ![FORM, FORM_BEFORE].contains(&head.form.as_str()) {
            return Err(Form::of(&head.form));
        }
        serde_json::from_str(text).map_err(|error| Form::Broken(error.to_string()))
    }

    /// As text.
    pub(super) fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Remembers what a commit changed.
    pub(super) fn touch(&mut self, seq: u64, minutes: impl IntoIterator<Item = i64>) {
        let mut ranges: Vec<(i64, i64)> = Vec::new();
        for minute in minutes {
            match ranges.last_mut() {
                Some(last) if last.1 == minute => last.1 += 1,
                _ => ranges.push((minute, minute + 1)),
            }
        }
        if let (Some(first), Some(last)) = (ranges.first().copied(), ranges.last().copied())
            && ranges.len() > TOUCHED_RANGES
        {
            ranges = vec![(first.0, last.1)];
        }
        self.touched.push_back(Touched { seq, minutes: ranges });
        if self.touched.len() > TOUCHED_COMMITS {
            self.touched.pop_front();
        }
    }
}

/// A payload that is not ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Form {
    /// Of a newer program.
    Newer(String),
    /// Of an older program.
    Older(String),
    /// Of no form of caiu's.
    None,
    /// Ours, and broken.
    Broken(String),
}

impl Form {
    fn of(found: &str) -> Self {
        let number = |form: &str| form.strip_prefix(FORM_NAME).and_then(|number| number.parse::<u64>().ok());
        match (number(found), number(FORM)) {
            (Some(theirs), Some(ours)) if theirs > ours => Self::Newer(found.to_owned()),
            (Some(_), _) => Self::Older(found.to_owned()),
            _ => Self::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_forms_are_told_apart() {
        for (text, form) in [
            (r#"{"form":"caiu-index/3","seq":1,"new":{}}"#, Form::Newer("caiu-index/3".to_owned())),
            (r#"{"form":"caiu-index/0"}"#, Form::Older("caiu-index/0".to_owned())),
            (r#"{"form":"grafana/1"}"#, Form::None),
            ("Segments Merge: []", Form::None),
            ("", Form::None),
        ] {
            assert_eq!(Payload::read(text), Err(form), "{text}");
        }
        for ours in ["caiu-index/1", "caiu-index/2"] {
            assert!(matches!(Payload::read(&format!("{{\"form\":\"{ours}\"}}")), Err(Form::Broken(_))));
        }
        assert_eq!(Payload::read(&Payload::first().to_text()), Ok(Payload::first()));
    }

    #[test]
    fn touched_minutes_are_bounded() {
        let mut payload = Payload::first();
        payload.touch(1, [3, 4, 5, 9]);
        assert_eq!(payload.touched[0].minutes, [(3, 6), (9, 10)]);
        payload.touch(2, (0..1_000).map(|minute| minute * 2));
        assert_eq!(payload.touched[1].minutes, [(0, 1_999)]);
        (3..400).for_each(|seq| payload.touch(seq, [1]));
        assert_eq!((payload.touched.len(), payload.touched[0].seq), (256, 144));
    }
}
