//! A damaged index: which parts cannot be read any more, and the index without them.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tantivy::index::{SegmentComponent, SegmentId, SegmentMeta};
use tantivy::{Directory, Index};

use super::directory::LIST;
use super::engine::{check_schema, payload_of};
use super::lock::WriterLock;
use super::{IndexError, lost};
use crate::model::{FeedProgress, Gap};

/// Where the search engine keeps the names of its files.
const FILES: &str = ".managed.json";

/// Parts of which every segment is made.
const PARTS: [SegmentComponent; 6] = [
    SegmentComponent::Postings,
    SegmentComponent::Positions,
    SegmentComponent::Terms,
    SegmentComponent::Store,
    SegmentComponent::FastFields,
    SegmentComponent::FieldNorms,
];

/// What a repair left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Repaired {
    /// Files that are broken or gone.
    pub bad_files: Vec<PathBuf>,
    /// Posts, and counts of posts, that went with them.
    pub num_lost: u64,
    /// Posts, and counts of posts, that are left.
    pub num_left: u64,
    /// Stretches of time in which they lay, each of them a gap of every feed from now on.
    pub lost: Vec<Gap>,
}

/// Reads every file of an index against its checksum, and leaves out the segments that cannot be read. The time that they
/// held becomes a gap: what is lost is missing, not zero. Without damage nothing changes.
///
/// # Errors
/// Where somebody writes to it, it is of another form, or its list of segments itself is broken: then only indexing
/// again helps.
pub fn repair(folder: &Path) -> Result<Repaired, IndexError> {
    let _lock = WriterLock::take(folder)?;
    let Some(mut payload) = payload_of(folder)? else {
        return Err(IndexError::Missing { folder: folder.to_owned() });
    };
    let failed = |error| IndexError::of(folder, error);
    let index = match Index::open_in_dir(folder) {
        Ok(index) => index,
        Err(_) => {
            // The names of the files are only there to find what is left over.
            write(folder, FILES, &names(folder)?)?;
            Index::open_in_dir(folder).map_err(failed)?
        }
    };
    let metas = index.load_metas().map_err(failed)?;
    let fields = check_schema(folder, &index)?;
    let mut repaired = Repaired::default();
    let (mut broken, mut spans) = (Vec::new(), Vec::new());
    for segment in &metas.segments {
        let bad = bad_files(&index, segment);
        if bad.is_empty() {
            repaired.num_left += u64::from(segment.num_docs());
        } else {
            repaired.num_lost += u64::from(segment.num_docs());
            broken.push(segment.id().uuid_string());
            spans.extend(lost::span(&index, segment, &fields, &bad).or_else(|| lost::of_late(&payload)));
            repaired.bad_files.extend(bad);
        }
    }
    if broken.is_empty() {
        return Ok(repaired);
    }
    repaired.bad_files.sort();
    let list = folder.join(LIST);
    let text = std::fs::read_to_string(&list).map_err(|error| IndexError::io(&list, error))?;
    let unreadable =
        |error: serde_json::Error| IndexError::Damaged { folder: folder.to_owned(), what: error.to_string() };
    let mut meta: Value = serde_json::from_str(&text).map_err(unreadable)?;
    if let Some(segments) = meta["segments"].as_array_mut() {
        segments.retain(|segment| {
            let id = segment["segment_id"].as_str().unwrap_or_default().replace('-', "");
            !broken.contains(&id)
        });
    }
    // Joined as those of a feed are: parts overlap in time.
    let mut all = FeedProgress::default();
    all.advance(None, None, None, &spans.into_iter().filter_map(lost::gap).collect::<Vec<_>>());
    for progress in payload.checkpoint.feeds.values_mut() {
        progress.advance(None, None, None, &all.gaps);
    }
    repaired.lost = all.gaps.iter().map(|gap| gap.gap).collect();
    // A tally over the index must be taken anew.
    payload.seq += 1;
    payload.touched.clear();
    meta["payload"] = Value::String(payload.to_text());
    write(folder, LIST, &meta)?;
    Ok(repaired)
}

/// Looks at the end of every file of an index: one that is gone or was cut is told before anybody stumbles over it.
pub(super) fn check(folder: &Path, index: &Index) -> Result<(), IndexError> {
    let list = || index.searchable_segment_metas().map_err(|error| IndexError::of(folder, error));
    let mut segments = list()?;
    let bad = loop {
        let all = segments.iter().flat_map(files);
        let bad: Vec<PathBuf> = all.filter(|file| index.directory().open_read(file).is_err()).collect();
        let before: Vec<SegmentId> = segments.iter().map(SegmentMeta::id).collect();
        segments = list()?;
        // A writer may have merged them away meanwhile.
        if bad.is_empty() || segments.iter().map(SegmentMeta::id).eq(before) {
            break bad;
        }
    };
    let Some(first) = bad.first() else { return Ok(()) };
    let more = if bad.len() > 1 { format!(", and {} more", bad.len() - 1) } else { String::new() };
    let what = format!("{} is broken or gone{more}", first.display());
    Err(IndexError::Damaged { folder: folder.to_owned(), what })
}

/// The files of which a segment is made.
fn files(segment: &SegmentMeta) -> impl Iterator<Item = PathBuf> + '_ {
    let deletions = segment.has_deletes().then_some(SegmentComponent::Delete);
    PARTS.into_iter().chain(deletions).map(|part| segment.relative_path(part))
}

/// The files of a segment that are gone or do not have their checksum.
fn bad_files(index: &Index, segment: &SegmentMeta) -> Vec<PathBuf> {
    files(segment).filter(|file| !matches!(index.directory().validate_checksum(file), Ok(true))).collect()
}

/// The names of all files of segments in a folder, as the search engine keeps them.
fn names(folder: &Path) -> Result<Value, IndexError> {
    let failed = |error| IndexError::io(folder, error);
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') {
            names.push(Value::String(name));
        }
    }
    Ok(Value::Array(names))
}

/// Replaces a file at once.
fn write(folder: &Path, name: &str, value: &Value) -> Result<(), IndexError> {
    let (path, temporary) = (folder.join(name), folder.join(format!(".tmp-{}", name.trim_start_matches('.'))));
    let save = || -> std::io::Result<()> {
        let mut file = File::create(&temporary)?;
        serde_json::to_writer_pretty(&mut file, value)?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        std::fs::rename(&temporary, &path)?;
        File::open(folder)?.sync_all()
    };
    save().map_err(|error| IndexError::io(&path, error))
}
