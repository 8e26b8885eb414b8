//! What a broken segment held that the payload does not know, since an older program wrote it: by what of it can be read.

use std::path::PathBuf;

use tantivy::columnar::{ColumnarReader, DynamicColumn};
use tantivy::index::{SegmentComponent, SegmentMeta};
use tantivy::schema::Value;
use tantivy::store::StoreReader;
use tantivy::{Directory, Index, TantivyDocument};

use super::kept::KeptPost;
use super::parts::{Minutes, Part};
use super::payload::Payload;
use super::schema::Fields;

/// Blocks of stored posts that are held at once.
const NUM_BLOCKS: usize = 1;
const MINUTE_SECS: i64 = 60;

/// What a segment held, as far as anybody can tell.
pub(super) fn part(index: &Index, segment: &SegmentMeta, fields: &Fields, bad: &[PathBuf], payload: &Payload) -> Part {
    let seconds = span(index, segment, fields, bad).map(|(from, to)| (minute(from), minute(to)));
    let minutes = seconds.or_else(|| of_late(payload)).map(|(first, last)| Minutes::from_to(first, last));
    Part { last: payload.seq, minutes: minutes.unwrap_or_default(), ..Part::default() }
}

fn minute(secs: i64) -> i64 {
    secs.div_euclid(MINUTE_SECS)
}

/// First and last second of the posts of a segment, by a file of it that is whole; `None` where none is. Counts have no
/// stored post: where the columns are broken, the edges of what they alone covered are not known.
fn span(index: &Index, segment: &SegmentMeta, fields: &Fields, bad: &[PathBuf]) -> Option<(i64, i64)> {
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

/// The first and the last of the minutes that the last commits changed: the newest segments lie within.
fn of_late(payload: &Payload) -> Option<(i64, i64)> {
    let minutes = || payload.touched.iter().flat_map(|touched| &touched.minutes);
    Some((minutes().map(|(from, _)| *from).min()?, minutes().map(|(_, to)| *to).max()? - 1))
}
