//! Earlier places of all feeds, one file each: what a repair winds the feeds back to. Each says what one commit said, and is
//! written behind that commit, so that it is true however the program ends.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta};

use super::known;
use super::parts::Parts;
use super::payload::Payload;
use crate::model::{FeedId, Time};

/// Beginning of the name of such a file; then come the number of the commit and its second since 1970.
const PREFIX: &str = ".caiu-place-";
const TEMPORARY: &str = ".tmp-caiu-place";
/// Time between two of them, but for a feed that is new.
const APART: TimeDelta = TimeDelta::seconds(10);
/// Older ones are let go: few feeds look back so far, and they hold ids of posts.
const OLDEST: TimeDelta = TimeDelta::days(14);

/// One kept place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    path: PathBuf,
    /// Number of its commit.
    seq: u64,
    /// When that was, to the second below.
    at: Time,
}

impl Place {
    /// What its commit said; `None` where the file is broken.
    fn read(&self) -> Option<Payload> {
        let text = fs::read_to_string(&self.path).ok()?;
        let (mark, payload) = text.split_once('\n')?;
        (mark == self::mark(payload)).then(|| Payload::read(payload).ok()).flatten()
    }
}

/// The places of an index, oldest first.
#[derive(Debug)]
pub(super) struct Places {
    folder: PathBuf,
    all: Vec<Place>,
    /// Feeds of the last one; `None` where nobody has looked.
    feeds: Option<BTreeSet<FeedId>>,
}

impl Places {
    /// Those in a folder; none where it cannot be read.
    pub(super) fn of(folder: &Path) -> Self {
        let place = |entry: fs::DirEntry| {
            let name = entry.file_name().into_string().ok()?;
            let (seq, secs) = name.strip_prefix(PREFIX)?.split_once('-')?;
            let at = DateTime::from_timestamp(secs.parse().ok()?, 0)?;
            Some(Place { path: entry.path(), seq: seq.parse().ok()?, at })
        };
        let mut all: Vec<Place> = fs::read_dir(folder).into_iter().flatten().flatten().filter_map(place).collect();
        all.sort_by_key(|place| place.seq);
        Self { folder: folder.to_owned(), all, feeds: None }
    }

    /// Whether something that was seen then may have come before the last place, so that no feed tells it again from there.
    pub(super) fn may_cover(&self, seen_at: Time) -> bool {
        // The moment of a place is cut to its second.
        self.all.last().is_none_or(|newest| seen_at < newest.at + TimeDelta::seconds(1))
    }

    /// What they say, as far as they can be read, oldest first.
    pub(super) fn read(&self) -> Vec<Payload> {
        self.all.iter().filter_map(Place::read).collect()
    }

    /// Keeps the place of a commit that was just made, where it is time. One that cannot be written is left out.
    pub(super) fn keep(&mut self, payload: &Payload) {
        let Some(at) = payload.at else { return };
        let feeds = &payload.checkpoint.feeds;
        if feeds.is_empty() {
            return;
        }
        let is_due = self.all.last().is_none_or(|newest| (at - newest.at).abs() >= APART);
        if !is_due && self.feeds.as_ref().is_some_and(|known| known.iter().eq(feeds.keys())) {
            return;
        }
        match self.write(payload, at) {
            Ok(place) => {
                self.all.push(place);
                self.feeds = Some(feeds.keys().cloned().collect());
                self.thin(at);
            }
            Err(error) => tracing::debug!("the place of this commit was not kept: {error}"),
        }
    }

    fn write(&self, payload: &Payload, at: Time) -> io::Result<Place> {
        let bare = Payload { touched: Default::default(), parts: Parts::default(), ..payload.clone() }.to_text();
        let (temporary, secs) = (self.folder.join(TEMPORARY), at.timestamp());
        let path = self.folder.join(format!("{PREFIX}{:010}-{secs}", payload.seq));
        let mut file = File::create(&temporary)?;
        file.write_all(format!("{}\n{bare}", mark(&bare)).as_bytes())?;
        file.sync_all()?;
        fs::rename(&temporary, &path)?;
        Ok(Place { path, seq: payload.seq, at: DateTime::from_timestamp(secs, 0).unwrap_or_default() })
    }

    /// Lets go of places that lie near to others for their age, so that of every age a few are left.
    fn thin(&mut self, now: Time) {
        let mut at = 1;
        while at + 1 < self.all.len() {
            let age = |place: &Place| (now - place.at).max(TimeDelta::zero());
            if age(&self.all[at - 1]) <= age(&self.all[at + 1]) * 2 {
                remove(&self.all.remove(at));
            } else {
                at += 1;
            }
        }
        self.remove_before(now - OLDEST);
    }

    /// Lets go of those before a moment.
    pub(super) fn remove_before(&mut self, moment: Time) {
        self.all.extract_if(.., |place| place.at < moment).for_each(|place| remove(&place));
    }

    /// Lets go of those behind a commit.
    pub(super) fn remove_after(&mut self, seq: u64) {
        self.all.extract_if(.., |place| place.seq > seq).for_each(|place| remove(&place));
        self.feeds = None;
    }

    /// Lets go of all.
    pub(super) fn clear(&mut self) {
        self.all.drain(..).for_each(|place| remove(&place));
        self.feeds = None;
    }
}

/// Tells a file that was written whole from one that was not, or that changed since.
fn mark(text: &str) -> String {
    format!("{:016x}", known::hash(text))
}

fn remove(place: &Place) {
    if let Err(error) = fs::remove_file(&place.path) {
        tracing::debug!("{} stays for now: {error}", place.path.display());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Checkpoint;

    fn payload(seq: u64, secs: i64, feeds: &[&str]) -> Payload {
        let mut checkpoint = Checkpoint::default();
        feeds.iter().for_each(|feed| _ = checkpoint.feeds.entry(FeedId::new(feed)).or_default());
        Payload { seq, at: DateTime::from_timestamp(secs, 0), checkpoint, ..Payload::first() }
    }

    #[test]
    fn of_every_age_a_few_are_left_and_every_loss_has_one_before_it() {
        let folder = tempfile::TempDir::new().unwrap();
        let mut places = Places::of(folder.path());
        let seqs = |places: &Places| places.all.iter().map(|place| place.seq).collect::<Vec<_>>();
        // A commit every five seconds for three hours.
        for seq in 1..=2_160 {
            places.keep(&payload(seq, 5 * seq as i64, &["f"]));
        }
        let left = seqs(&places);
        assert!(left.len() <= 20, "{left:?}");
        assert_eq!(seqs(&Places::of(folder.path())), left, "as they lie on the disk");
        for first in 2..=2_160 {
            let place = left.iter().rev().find(|seq| **seq < first).unwrap_or_else(|| panic!("none before {first}"));
            let (age, want) = (2_160 - place, 2_160 - first);
            assert!(age <= 2 * want + 4, "{first}: {place} of {left:?}");
        }
        // A feed that is new has its place at once; so has the first commit of another life.
        places.keep(&payload(2_161, 10_801, &["f", "g"]));
        assert_eq!(places.all.last().unwrap().seq, 2_161);
        places.keep(&payload(2_162, 10_802, &["f", "g"]));
        assert_eq!(places.all.last().unwrap().seq, 2_161);
        places.keep(&payload(2_500, 11_801, &[]));
        assert_eq!(places.all.last().unwrap().seq, 2_161, "nothing to go on from is no place");
        places.keep(&payload(3_000, 10_801 + 15 * 86_400, &["f", "g"]));
        assert_eq!(seqs(&Places::of(folder.path())), [3_000], "two weeks are enough");
    }

    #[test]
    fn a_broken_place_is_passed_over() {
        let folder = tempfile::TempDir::new().unwrap();
        let mut places = Places::of(folder.path());
        for seq in 1..=3 {
            places.keep(&payload(seq, 10 * seq as i64, &["f"]));
        }
        let newest = places.all.last().unwrap().path.clone();
        let mut text = fs::read_to_string(&newest).unwrap().into_bytes();
        *text.last_mut().unwrap() = b' ';
        fs::write(&newest, text).unwrap();
        let read: Vec<u64> = places.read().iter().map(|place| place.seq).collect();
        assert_eq!(read, [1, 2]);
        places.remove_after(1);
        assert_eq!(Places::of(folder.path()).all.len(), 1);
        places.clear();
        assert!(Places::of(folder.path()).all.is_empty());
    }
}
