//! Which stretch of time a broken segment held, by what of it can still be read.

use std::path::PathBuf;

use chrono::{DateTime, TimeDelta};
use tantivy::columnar::{ColumnarReader, DynamicColumn};
use tantivy::index::{SegmentComponent, SegmentMeta};
use tantivy::schema::Value;
use tantivy::store::StoreReader;
use tantivy::{Directory, Index, TantivyDocument};

use super::kept::KeptPost;
use super::payload::Payload;
use super::schema::Fields;
use crate::model::{FeedGap, Gap, GapCause};

/// Blocks of stored posts that are held at once.
const NUM_BLOCKS: usize = 1;
const MINUTE_SECS: i64 = 60;

/// First and last second of the posts of a segment, by a file of it that is whole; `None` where none is. Counts have no
/// stored post: where the columns are broken, the edges of what they alone covered are not known.
pub(super) fn span(index: &Index, segment: &SegmentMeta, fields: &Fields, bad: &[PathBuf]) -> Option<(i64, i64)> {
    let whole = |part| {
        let file = segment.relative_path(part);
        (!bad.contains(&file)).then(|| index.directory().open_read(&file).ok()).flatten()
    };
    let columns = || {
        let columns = ColumnarReader::open(whole(SegmentComponent::FastFields)?).ok()?;
        let column = columns.read_columns("ts").ok()?.into_iter().next()?;
        let DynamicColumn::I64(times) = column.open().ok()? else { return None };
        Some((times.min_value(), times.max_value()))
    };
    let posts = || {
        let store = StoreReader::open(whole(SegmentComponent::Store)?, NUM_BLOCKS).ok()?;
        let times = (0..segment.max_doc()).filter_map(|doc| {
            let document: TantivyDocument = store.get(doc).ok()?;
            let post: KeptPost = serde_json::from_str(document.get_first(fields.record)?.as_str()?).ok()?;
            Some(post.at.timestamp())
        });
        times.map(|at| (at, at)).reduce(|(from, to), (at, _)| (from.min(at), to.max(at)))
    };
    columns().or_else(posts)
}

/// The minutes that the last commits changed: the newest segments lie within.
pub(super) fn of_late(payload: &Payload) -> Option<(i64, i64)> {
    let minutes = || payload.touched.iter().flat_map(|touched| &touched.minutes);
    let (from, to) = (minutes().map(|(from, _)| *from).min()?, minutes().map(|(_, to)| *to).max()?);
    Some((from * MINUTE_SECS, to * MINUTE_SECS - 1))
}

/// A stretch that is lost, in whole minutes.
pub(super) fn gap((from, to): (i64, i64)) -> Option<FeedGap> {
    let minute = |secs: i64| DateTime::from_timestamp(secs.div_euclid(MINUTE_SECS) * MINUTE_SECS, 0);
    let gap = Gap { from: minute(from)?, to: minute(to)? + TimeDelta::seconds(MINUTE_SECS) };
    Some(FeedGap { gap, cause: GapCause::Damaged })
}
