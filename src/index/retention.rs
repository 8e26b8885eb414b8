//! Letting old days go, whole and oldest first, and bringing what was deleted off the disk.

use std::collections::BTreeMap;
use std::path::Path;
use std::thread;
use std::time::Duration;

use chrono::{DateTime, Days, NaiveDate, TimeDelta};
use tantivy::collector::DocSetCollector;
use tantivy::index::SegmentId;
use tantivy::query::{BooleanQuery, Occur, TermQuery};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, SegmentMeta, Term};

use super::engine::Engine;
use super::schema::state;
use super::staging::Sweep;
use super::status::folder_bytes;
use super::{IndexError, IndexWriter, aside, lineage};
use crate::model::Time;

/// Posts turned into tombstones before they are saved.
pub(super) const PART: usize = 10_000;
const DAY_SECS: i64 = 86_400;
/// A merge that is in the way is waited for so many times.
const PURGE_TRIES: u32 = 200;
const PURGE_PAUSE: Duration = Duration::from_millis(50);

/// How much is kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retention {
    /// Days, today included, of which the texts are kept.
    pub max_days: Option<u32>,
    /// Bytes that the folder may hold; days go until it is about as small.
    pub max_bytes: Option<u64>,
    /// Whether the counts of days that are too old stay. What goes for its size goes with its counts.
    pub keep_counts: bool,
}

/// A day that was let go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retired {
    /// The day, in UTC.
    pub day: NaiveDate,
    /// Posts, and counts of posts, that went or lost their text.
    pub num_posts: u64,
    /// Whether their counts stay.
    pub kept_counts: bool,
}

impl IndexWriter {
    /// Lets go of the days that are too old or too much, saves that, and tells which they were. Posts that wait are
    /// committed with it, at the last checkpoint.
    ///
    /// # Errors
    /// As [`Self::commit`]; days that were not told are all still there.
    pub fn retire(&mut self, retention: &Retention, now: Time) -> Result<Vec<Retired>, IndexError> {
        let checkpoint = self.checkpoint().clone();
        let mut retired = Vec::new();
        if self.num_waiting() > 0 {
            self.commit(&checkpoint)?;
        }
        let days = self.days()?;
        let oldest_kept = retention
            .max_days
            .and_then(|days| now.date_naive().checked_sub_days(Days::new(u64::from(days.max(1)) - 1)));
        let too_old: Vec<NaiveDate> =
            days.keys().copied().filter(|day| oldest_kept.is_some_and(|oldest| *day < oldest)).collect();
        for day in too_old {
            let num_posts = if retention.keep_counts { self.empty_day(day)? } else { self.drop_day(day)? };
            if num_posts > 0 {
                retired.push(Retired { day, num_posts, kept_counts: retention.keep_counts });
            }
        }
        if let Some(max_bytes) = retention.max_bytes {
            let days = self.days()?;
            let num_all: u64 = days.values().sum();
            let bytes = folder_bytes(&self.folder);
            let mut num_left = num_all;
            for (day, num_posts) in days {
                // Bytes are known for the whole only; a day has its share of them.
                let is_small =
                    u128::from(bytes) * u128::from(num_left) <= u128::from(max_bytes) * u128::from(num_all.max(1));
                if is_small || day >= now.date_naive() {
                    break;
                }
                self.drop_day(day)?;
                num_left -= num_posts;
                retired.push(Retired { day, num_posts, kept_counts: false });
            }
        }
        if !retired.is_empty() {
            self.commit(&checkpoint)?;
            if let Some(days) = retention.max_days {
                self.places.remove_before(now - TimeDelta::days(i64::from(days)));
            }
            self.rewrite()?;
        }
        Ok(retired)
    }

    /// Writes every part anew that holds deleted posts, so that their words are gone from the disk too, and with them the
    /// earlier places of feeds and what repairs put aside; says how many parts there were. Costs as much as writing them
    /// did.
    ///
    /// # Errors
    /// Where there is no room, or the index cannot be read.
    pub fn purge(&mut self) -> Result<usize, IndexError> {
        self.places.clear();
        aside::remove(&self.folder)?;
        self.rewrite()
    }

    fn rewrite(&mut self) -> Result<usize, IndexError> {
        let (is_writing, folder) = (!self.staged.is_empty(), self.folder.clone());
        self.settle()?;
        let (Some(engine), parts) = (&mut self.engine, &mut self.payload.parts) else { return Ok(0) };
        let with_deleted = |engine: &Engine| -> tantivy::Result<Vec<SegmentId>> {
            let segments = engine.writer.index().searchable_segment_metas()?;
            Ok(segments.iter().filter(|segment| segment.num_deleted_docs() > 0).map(SegmentMeta::id).collect())
        };
        let mut rewrite = |engine: &mut Engine| -> tantivy::Result<usize> {
            let mut segments = with_deleted(engine)?;
            let num_parts = segments.len();
            for attempt in 1.. {
                let merged = segments.iter().try_for_each(|segment| {
                    engine.writer.merge(&[*segment]).wait()?;
                    // One by one, so that none is taken for another.
                    lineage::settle(parts, engine).map(|_| ())
                });
                segments = with_deleted(engine)?;
                match merged {
                    _ if segments.is_empty() => break,
                    Err(error) if attempt == PURGE_TRIES => return Err(error),
                    // A merge that is under way has it already.
                    Err(_) => thread::sleep(PURGE_PAUSE),
                    Ok(()) => {}
                }
            }
            engine.reload()?;
            for _ in 0..PURGE_TRIES {
                engine.writer.garbage_collect_files().wait()?;
                // The files of the old parts stay until the merge lets go of them.
                if is_writing || !has_left_over(&folder, &engine.writer.index().searchable_segment_ids()?) {
                    break;
                }
                thread::sleep(PURGE_PAUSE);
            }
            Ok(num_parts)
        };
        rewrite(engine).map_err(|error| self.failed(error))
    }

    /// Posts and counts by day.
    fn days(&mut self) -> Result<BTreeMap<NaiveDate, u64>, IndexError> {
        let folder = self.folder.clone();
        let mut days: BTreeMap<i64, u64> = BTreeMap::new();
        for segment in self.engine()?.committed.segment_readers() {
            let ts = segment.fast_fields().i64("ts").map_err(|error| IndexError::of(&folder, error))?;
            for secs in segment.doc_ids_alive().filter_map(|doc| ts.first(doc)) {
                *days.entry(secs.div_euclid(DAY_SECS)).or_default() += 1;
            }
        }
        let day = |(day, num): (i64, u64)| Some((DateTime::from_timestamp(day * DAY_SECS, 0)?.date_naive(), num));
        Ok(days.into_iter().filter_map(day).collect())
    }

    /// Takes a day out with its counts; the next commit saves it.
    fn drop_day(&mut self, day: NaiveDate) -> Result<u64, IndexError> {
        let num = self.sweep_out(Sweep::Day(day))?;
        let is_of_day = |minute: i64| DateTime::from_timestamp(minute * 60, 0).is_some_and(|at| at.date_naive() == day);
        self.open.retain(|(_, _, minute), _| !is_of_day(*minute));
        Ok(num as u64)
    }

    /// Turns the posts of a day into tombstones and saves that.
    fn empty_day(&mut self, day: NaiveDate) -> Result<u64, IndexError> {
        let is_post = TermQuery::new(Term::from_field_text(self.fields.state, state::POST), IndexRecordOption::Basic);
        let query = BooleanQuery::new(vec![
            (Occur::Must, Sweep::Day(day).query(&self.fields)),
            (Occur::Must, Box::new(is_post)),
        ]);
        let found = self.engine()?.committed.search(&query, &DocSetCollector).map_err(|error| self.failed(error))?;
        let mut places: Vec<DocAddress> = found.into_iter().collect();
        places.sort_unstable();
        let num_posts = places.len() as u64;
        let fields = self.fields;
        let mut posts = Vec::with_capacity(places.len().min(PART));
        // All are read before the first is saved: places hold for one commit only.
        for place in places {
            posts.push(self.engine()?.load(&fields, place).map_err(|error| IndexError::of(&self.folder, error))?);
        }
        let checkpoint = self.checkpoint().clone();
        for post in posts {
            self.bury(post.key(), post);
            if self.num_waiting() >= PART {
                self.commit(&checkpoint)?;
            }
        }
        if self.num_waiting() > 0 {
            self.commit(&checkpoint)?;
        }
        Ok(num_posts)
    }
}

/// Whether a folder holds posts of a segment that is not listed.
fn has_left_over(folder: &Path, listed: &[SegmentId]) -> bool {
    let listed: Vec<String> = listed.iter().map(|segment| format!("{}.store", segment.uuid_string())).collect();
    let names = std::fs::read_dir(folder).into_iter().flatten().flatten();
    names
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .any(|name| name.ends_with(".store") && !listed.contains(&name))
}
