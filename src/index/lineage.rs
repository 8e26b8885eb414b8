//! What the writer does so that a repair can bring back what is lost: it follows which part holds what, and takes out the
//! counts that feeds tell again.

use std::collections::BTreeSet;

use tantivy::SegmentReader;

use super::engine::Engine;
use super::parts::{Minutes, Part, Parts};
use super::payload::{OpenCount, Payload};
use super::staging::Sweep;
use super::writer::minute_of;
use super::{IndexError, IndexWriter};

/// Learns which parts there are now; those of which nobody knows what they hold are told.
pub(super) fn settle(parts: &mut Parts, engine: &Engine) -> tantivy::Result<Vec<String>> {
    let segments = engine.writer.index().searchable_segment_metas()?;
    let listed: BTreeSet<String> = segments.iter().map(|segment| segment.id().uuid_string()).collect();
    Ok(parts.settle(&listed))
}

impl IndexWriter {
    /// Learns which parts there are now.
    pub(super) fn settle(&mut self) -> Result<(), IndexError> {
        self.engine()?;
        let Some(engine) = &self.engine else { return Ok(()) };
        let unknown = settle(&mut self.payload.parts, engine).map_err(|error| IndexError::of(&self.folder, error))?;
        for id in &unknown {
            let is_it = |segment: &&SegmentReader| segment.segment_id().uuid_string() == *id;
            let minutes = engine.committed.segment_readers().iter().find(is_it).map(minutes_of).transpose();
            let minutes = minutes.map_err(|error| IndexError::of(&self.folder, error))?.unwrap_or_default();
            self.payload.parts.set(id.clone(), Part { last: self.payload.seq, minutes, ..Part::default() });
        }
        if !unknown.is_empty() {
            // An older program wrote here, and its counts do not say which commit saved them.
            self.places.clear();
            let feeds = self.payload.checkpoint.feeds.keys();
            self.payload.born = feeds.map(|feed| (feed.clone(), 0)).collect();
        }
        Ok(())
    }

    /// What the commit that is about to be made writes.
    pub(super) fn written(&self, counts: &[OpenCount]) -> Part {
        let posts = || self.staged.values().filter_map(|staged| staged.post.as_ref());
        let minutes = posts().map(|post| minute_of(post.at)).chain(counts.iter().map(|count| count.minute));
        // A post that was taken back is told again only by a feed that goes back behind its coming.
        let is_carried = |seen_at| self.places.may_cover(seen_at);
        let carried = posts().filter(|post| post.is_deleted() && is_carried(post.seen_at));
        let seq = self.payload.seq;
        Part {
            first: seq,
            last: seq,
            minutes: Minutes::of(minutes),
            carried: Minutes::of(carried.map(|post| minute_of(post.at))),
        }
    }

    /// Notes which feeds begin with the commit that is about to be made.
    pub(super) fn note_born(&mut self) {
        let Payload { born, checkpoint, seq, .. } = &mut self.payload;
        for feed in checkpoint.feeds.keys() {
            if !born.contains_key(feed) {
                born.insert(feed.clone(), *seq);
            }
        }
    }

    /// Takes out the counts that feeds tell again after a repair, and saves that.
    pub(super) fn recount(&mut self) -> Result<(), IndexError> {
        if self.payload.recount_after.is_empty() {
            return Ok(());
        }
        for (feed, seq) in std::mem::take(&mut self.payload.recount_after) {
            self.sweep_out(Sweep::Counts(feed, Some(seq)))?;
        }
        let checkpoint = self.checkpoint().clone();
        self.commit(&checkpoint).map(|_| ())
    }
}

/// From the first minute of a part to its last.
fn minutes_of(segment: &SegmentReader) -> tantivy::Result<Minutes> {
    let ts = segment.fast_fields().i64("ts")?;
    Ok(Minutes::from_to(ts.min_value().div_euclid(60), ts.max_value().div_euclid(60)))
}
