//! The readers: each looks at one commit until it is told to look again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread;
use std::time::SystemTime;

use tantivy::{Index, ReloadPolicy, Searcher};

use super::directory::LIST;
use super::engine::{check_schema, docs, load, payload_of};
use super::figures::KnownFigures;
use super::payload::Payload;
use super::schema::{Fields, prepare};
use super::{IndexError, KeptPost, known, repair};
use crate::model::{Checkpoint, Coverage, Gap, PostId, Time};

/// Tries to see documents and payload of one commit while a writer commits.
const TRIES: usize = 20;

/// One of many readers. All methods look at the commit of the last [`Self::reload`].
pub struct IndexReader {
    pub(super) folder: PathBuf,
    pub(super) fields: Fields,
    index: Index,
    reader: tantivy::IndexReader,
    view: RwLock<Arc<View>>,
    pub(super) figures: KnownFigures,
}

/// One commit.
pub(super) struct View {
    pub(super) searcher: Searcher,
    pub(super) payload: Payload,
    stamp: Option<(SystemTime, u64)>,
}

impl std::fmt::Debug for IndexReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IndexReader").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl IndexReader {
    /// Opens an index for reading.
    ///
    /// # Errors
    /// [`IndexError::Missing`] where there is none; otherwise where it is of another form, or damaged.
    pub fn open(folder: &Path) -> Result<Self, IndexError> {
        if payload_of(folder)?.is_none() {
            return Err(IndexError::Missing { folder: folder.to_owned() });
        }
        let failed = |error| IndexError::of(folder, error);
        let mut index = Index::open_in_dir(folder).map_err(failed)?;
        let fields = check_schema(folder, &index)?;
        prepare(&index);
        repair::check(folder, &index)?;
        let num_threads = thread::available_parallelism().map_or(1, usize::from);
        index.set_multithread_executor(num_threads).map_err(failed)?;
        let reader: tantivy::IndexReader =
            index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into().map_err(failed)?;
        let view = View { searcher: reader.searcher(), payload: Payload::first(), stamp: None };
        let (view, figures) = (RwLock::new(Arc::new(view)), KnownFigures::default());
        let reader = Self { folder: folder.to_owned(), fields, index, reader, view, figures };
        reader.reload()?;
        Ok(reader)
    }

    /// Looks at the last commit from now on; `false` where it is the one looked at already.
    ///
    /// # Errors
    /// Where the index became unreadable.
    pub fn reload(&self) -> Result<bool, IndexError> {
        let list = self.folder.join(LIST);
        let stamp = std::fs::metadata(&list).ok().and_then(|meta| Some((meta.modified().ok()?, meta.len())));
        let before = self.view();
        if stamp.is_some() && before.stamp == stamp {
            return Ok(false);
        }
        for _ in 0..TRIES {
            self.reader.reload().map_err(|error| self.failed(error))?;
            let searcher = self.reader.searcher();
            let list = self.index.load_metas().map_err(|error| self.failed(error))?;
            let listed: BTreeMap<_, _> =
                list.segments.iter().map(|segment| (segment.id(), segment.delete_opstamp())).collect();
            if listed != *searcher.generation().segments() {
                // A commit came between the two.
                continue;
            }
            let payload = match list.payload.as_deref().map(Payload::read) {
                None => Payload::first(),
                Some(Ok(payload)) => payload,
                // A newer program took over: what this one cannot read it says as at the opening.
                Some(Err(_)) => payload_of(&self.folder)?.unwrap_or_default(),
            };
            let is_new = payload.seq != before.payload.seq || before.stamp.is_none();
            *self.view.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(View { searcher, payload, stamp });
            return Ok(is_new);
        }
        // Commits come faster than they can be read: the one looked at is still whole.
        if before.stamp.is_some() { Ok(false) } else { Err(IndexError::Missing { folder: self.folder.clone() }) }
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Number of the commit that is looked at; 0 before the first.
    pub fn seq(&self) -> u64 {
        self.view().payload.seq
    }

    /// How far the feeds had come.
    pub fn checkpoint(&self) -> Checkpoint {
        self.view().payload.checkpoint.clone()
    }

    /// A post, or what is left of one that was taken back.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub fn get(&self, platform: Option<&str>, id: &PostId) -> Result<Option<KeptPost>, IndexError> {
        let key = known::key(platform, id);
        let terms = [self.fields.key_term(&known::hidden_key(&key)), self.fields.key_term(&key)];
        let view = self.view();
        let find = || -> tantivy::Result<Option<KeptPost>> {
            for (ord, segment) in view.searcher.segment_readers().iter().enumerate() {
                for key in &terms {
                    if let Some(doc) = docs(segment, key)?.next() {
                        let at = tantivy::DocAddress::new(ord as u32, doc);
                        return load(&view.searcher, &self.fields, at).map(Some);
                    }
                }
            }
            Ok(None)
        };
        find().map_err(|error| self.failed(error))
    }

    /// What the index covers: its posts, counted ones included, and the stretches in which no feed told anything.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub fn coverage(&self) -> Result<Coverage, IndexError> {
        let status = self.status()?;
        Ok(Coverage {
            from: status.from,
            to: status.to,
            num_posts: status.num_posts + status.num_deleted + status.num_counted,
            gaps: self.gaps(),
        })
    }

    /// Stretches in which no feed told anything, between the first moment of which one told and the last.
    pub fn gaps(&self) -> Vec<Gap> {
        unheard(&self.view().payload.checkpoint)
    }

    pub(super) fn view(&self) -> Arc<View> {
        Arc::clone(&self.view.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn failed(&self, error: tantivy::TantivyError) -> IndexError {
        IndexError::of(&self.folder, error)
    }
}

/// Stretches within the time of all feeds in which none told anything.
fn unheard(checkpoint: &Checkpoint) -> Vec<Gap> {
    let mut heard: Vec<(Time, Time)> = Vec::new();
    for progress in checkpoint.feeds.values() {
        let (Some(mut from), Some(until)) = (progress.since, progress.until) else { continue };
        for gap in progress.missing().into_iter().map(|gap| gap.gap) {
            if gap.from > from {
                heard.push((from, gap.from.min(until)));
            }
            from = from.max(gap.to);
        }
        if from < until {
            heard.push((from, until));
        }
    }
    heard.sort_unstable();
    let mut gaps = Vec::new();
    let mut end: Option<Time> = None;
    for (from, to) in heard {
        if let Some(end) = end.filter(|&end| from > end) {
            gaps.push(Gap { from: end, to: from });
        }
        end = Some(end.map_or(to, |end| end.max(to)));
    }
    gaps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FeedGap, FeedId, FeedProgress, GapCause};
    use chrono::{DateTime, TimeDelta};

    type Pairs<'a> = &'a [(i64, i64)];

    #[test]
    fn a_gap_is_where_nobody_listened() {
        let at = |min: i64| DateTime::UNIX_EPOCH + TimeDelta::minutes(min);
        let gap = |from, to| Gap { from: at(from), to: at(to) };
        let check = |feeds: &[(i64, i64, Pairs<'_>)], want: Pairs<'_>| {
            let mut checkpoint = Checkpoint::default();
            for (number, (since, until, gaps)) in feeds.iter().enumerate() {
                let gaps = gaps.iter().map(|&(from, to)| FeedGap { gap: gap(from, to), cause: GapCause::Stopped });
                let progress = FeedProgress {
                    since: Some(at(*since)),
                    until: Some(at(*until)),
                    gaps: gaps.collect(),
                    ..FeedProgress::default()
                };
                checkpoint.feeds.insert(FeedId::new(number.to_string()), progress);
            }
            let want: Vec<Gap> = want.iter().map(|&(from, to)| gap(from, to)).collect();
            assert_eq!(unheard(&checkpoint), want);
        };
        check(&[], &[]);
        check(&[(0, 100, &[(10, 20), (30, 40)])], &[(10, 20), (30, 40)]);
        check(&[(0, 100, &[(10, 20), (30, 40)]), (15, 100, &[(35, 50)])], &[(10, 15), (35, 40)]);
        check(&[(0, 10, &[]), (50, 60, &[])], &[(10, 50)]);
        check(&[(0, 100, &[(90, 120)])], &[]);
    }
}
