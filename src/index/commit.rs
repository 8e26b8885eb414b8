//! A commit: everything since the last one, with how far the feeds have come, or nothing of it.

use std::collections::BTreeSet;
use std::ops::Range;

use chrono::{DateTime, Utc};
use tantivy::{TantivyDocument, TantivyError};

use super::payload::OpenCount;
use super::schema::{Fields, state};
use super::{IndexError, IndexWriter};
use crate::model::{Checkpoint, Lang, Time};

/// Numbers of this many minutes and languages wait in the payload before they become documents.
const MOST_OPEN: usize = 512;
/// A minute that so many later ones follow is over: its numbers become documents.
const OPEN_MINUTES: i64 = 3;

/// What a commit saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// Number of the commit, from 1.
    pub seq: u64,
    /// Posts, tombstones included, that were written.
    pub num_posts: usize,
    /// Stretches of time whose counts may have changed: whole minutes, in order, apart from each other.
    pub touched: Vec<Range<Time>>,
}

impl IndexWriter {
    /// Saves everything since the last commit together with how far the feeds have come.
    ///
    /// # Errors
    /// Then nothing of it is saved and nothing lost: it waits, and the next commit tries it again.
    /// [`IndexError::Full`] where there is no room on the disk.
    pub fn commit(&mut self, checkpoint: &Checkpoint) -> Result<Committed, IndexError> {
        if self.engine.as_ref().is_none_or(|engine| engine.is_broken) {
            self.begin_anew().map_err(|error| self.with_waiting(error))?;
        }
        // What was merged meanwhile is told apart from what this commit writes.
        self.settle()?;
        let (flushed, open) = self.counts_to_save();
        let saved_checkpoint = std::mem::replace(&mut self.payload.checkpoint, checkpoint.clone());
        self.payload.open = open;
        self.payload.seq += 1;
        self.payload.at = Some(Utc::now());
        self.payload.touch(self.payload.seq, self.touched.iter().copied());
        self.payload.parts.set_latest(Some(self.written(&flushed)));
        self.note_born();
        if let Err(error) = self.save(&flushed) {
            self.payload.checkpoint = saved_checkpoint;
            self.payload.seq -= 1;
            self.payload.touched.pop_back();
            self.payload.parts.set_latest(None);
            self.engine()?.is_broken = true;
            return Err(self.failed(error));
        }
        flushed.into_iter().for_each(|one| {
            self.open.remove(&(one.feed, one.lang, one.minute));
        });
        let num_posts = self.staged.len();
        self.staged.clear();
        self.sweeps.clear();
        let touched = ranges(&std::mem::take(&mut self.touched));
        self.engine()?.reload().map_err(|error| self.failed(error))?;
        if self.known.is_full() {
            self.known = self.engine()?.known().map_err(|error| self.failed(error))?;
        }
        self.settle()?;
        if std::mem::take(&mut self.forgets) {
            self.places.clear();
        }
        self.places.keep(&self.payload);
        Ok(Committed { seq: self.payload.seq, num_posts, touched })
    }

    fn save(&mut self, counts: &[OpenCount]) -> tantivy::Result<()> {
        let Some(engine) = &mut self.engine else { return Err(TantivyError::SystemError("no engine".to_owned())) };
        let seq = self.payload.seq;
        let is_lost = |count| engine.writer.add_document(count_document(&self.fields, count, seq)).is_err();
        let is_any_lost = counts.iter().any(is_lost);
        // Where a document was not taken, this tells why.
        let mut prepared = engine.writer.prepare_commit()?;
        if is_any_lost || engine.is_broken {
            return Err(TantivyError::SystemError("a document was not taken".to_owned()));
        }
        prepared.set_payload(&self.payload.to_text());
        prepared.commit()?;
        Ok(())
    }

    /// The numbers that become documents with this commit, those of minutes long past, or all where there are many; and
    /// those that stay in the payload.
    fn counts_to_save(&self) -> (Vec<OpenCount>, Vec<OpenCount>) {
        let is_many = self.open.len() > MOST_OPEN;
        let latest = self.open.keys().map(|(_, _, minute)| *minute).max().unwrap_or_default();
        let mut all: Vec<OpenCount> = self
            .open
            .iter()
            .map(|((feed, lang, minute), num)| OpenCount {
                feed: feed.clone(),
                lang: *lang,
                minute: *minute,
                num: *num,
            })
            .collect();
        all.sort_by(|a, b| (a.minute, &a.feed, a.lang).cmp(&(b.minute, &b.feed, b.lang)));
        all.into_iter().partition(|one| is_many || latest - one.minute >= OPEN_MINUTES)
    }
}

/// Minutes as stretches of time.
fn ranges(minutes: &BTreeSet<i64>) -> Vec<Range<Time>> {
    let time = |minute: i64| DateTime::from_timestamp(minute * 60, 0).unwrap_or_default();
    let mut ranges: Vec<Range<Time>> = Vec::new();
    for &minute in minutes {
        match ranges.last_mut() {
            Some(last) if last.end == time(minute) => last.end = time(minute + 1),
            _ => ranges.push(time(minute)..time(minute + 1)),
        }
    }
    ranges
}

/// The document of a number of posts, with the number of the commit that saves it.
fn count_document(fields: &Fields, count: &OpenCount, seq: u64) -> TantivyDocument {
    let mut doc = TantivyDocument::default();
    doc.add_text(fields.state, state::COUNT);
    doc.add_text(fields.feed, count.feed.as_str());
    doc.add_text(fields.lang, count.lang.as_ref().map_or("und", Lang::as_str));
    doc.add_i64(fields.ts, count.minute * 60);
    doc.add_u64(fields.num, count.num);
    // A column that every document fills is read faster.
    for field in [fields.key_hash, fields.author] {
        doc.add_u64(field, 0);
    }
    // A number has no witnesses, so that this column is free to tell which numbers are told again after a repair.
    doc.add_u64(fields.cluster, seq);
    doc.add_text(fields.said, "");
    doc
}
