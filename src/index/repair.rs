//! A damaged index: which parts cannot be read any more, and the index without them.

use std::cmp::Reverse;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tantivy::index::{SegmentComponent, SegmentId, SegmentMeta};
use tantivy::{Directory, Index};

use super::directory::LIST;
use super::engine::{check_schema, payload_of};
use super::lock::WriterLock;
use super::payload::Payload;
use super::places::Places;
use super::rewind::{Rewound, wind_back};
use super::{IndexError, IndexWriter, WriterOptions, aside, lost};
use crate::model::{FeedId, Gap};

/// Where the search engine keeps the names of its files.
const FILES: &str = ".managed.json";

/// Letters of the id of a segment, with which the names of its files begin.
const ID_LETTERS: usize = 32;

/// Parts of which every segment is made.
const PARTS: [SegmentComponent; 6] = [
    SegmentComponent::Postings,
    SegmentComponent::Positions,
    SegmentComponent::Terms,
    SegmentComponent::Store,
    SegmentComponent::FastFields,
    SegmentComponent::FieldNorms,
];

/// Bytes of the newest parts that are held against their checksums at every start: a second or two.
const CHECKED_BYTES: u64 = 512 << 20;
/// A file whose being there says that a part could not be read while the index was in use.
const SUSPECT: &str = ".caiu-damaged";

/// What a repair left out, and what it did about that.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Repaired {
    /// Files that are broken or gone.
    pub bad_files: Vec<PathBuf>,
    /// Posts, and counts of posts, that went with them.
    pub num_lost: u64,
    /// Posts, and counts of posts, that are left.
    pub num_left: u64,
    /// Feeds that were wound back to a place before that: what their sources still have comes again.
    pub rewound: Vec<Rewound>,
    /// Stretches of time of which no feed tells again, each of them a gap of every feed from now on.
    pub lost: Vec<Gap>,
    /// Where the files are that were left out.
    pub aside: Option<PathBuf>,
}

/// Reads every file of an index against its checksum, and leaves out the segments that cannot be read. The feeds go back
/// to the last place that was kept before what was lost; until they have told it again, and where they cannot, its time is a
/// gap: what is lost is missing, not zero. `has_beginning` tells of a feed whether it tells everything again without a place.
/// Without damage nothing changes.
///
/// # Errors
/// Where somebody writes to it, it is of another form, or its list of segments itself is broken: then only indexing
/// again helps.
pub fn repair(folder: &Path, has_beginning: &dyn Fn(&FeedId) -> bool) -> Result<Repaired, IndexError> {
    let lock = WriterLock::take(folder)?;
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
    payload.parts.settle(&metas.segments.iter().map(id).collect());
    let mut repaired = Repaired::default();
    let (mut broken, mut lost, mut all_files) = (Vec::new(), Vec::new(), Vec::new());
    for segment in &metas.segments {
        let bad = bad_files(&index, segment);
        if bad.is_empty() {
            repaired.num_left += u64::from(segment.num_docs());
        } else {
            repaired.num_lost += u64::from(segment.num_docs());
            lost.push(match payload.parts.get(&id(segment)) {
                Some(part) => part.clone(),
                None => lost::part(&index, segment, &fields, &bad, &payload),
            });
            broken.push(id(segment));
            all_files.extend(files(segment));
            repaired.bad_files.extend(bad);
        }
    }
    if lost.is_empty() {
        let _ = std::fs::remove_file(folder.join(SUSPECT));
        return Ok(repaired);
    }
    repaired.bad_files.sort();
    let mut places = Places::of(folder);
    let wound = wind_back(&mut payload, &places.read(), &lost, has_beginning);
    if let Some(oldest) = wound.to_commit {
        // From there on everything happens anew, so that what came behind it is no place of this index any more.
        places.remove_after(oldest);
    }
    (repaired.rewound, repaired.lost) = (wound.feeds, wound.lost);
    repaired.aside = aside::keep(folder, &all_files);
    leave_out(folder, &broken, payload)?;
    drop(lock);
    // Takes out the counts that come again.
    IndexWriter::open(folder, WriterOptions::default())?.close()?;
    let _ = std::fs::remove_file(folder.join(SUSPECT));
    Ok(repaired)
}

/// Looks for damage as at a start, and repairs it: at the ends of all files, and at the whole of the newest, which a loss of
/// power breaks; at the whole of all where [`suspect`] was called. `None` where there is none, or no index.
///
/// # Errors
/// As [`repair`].
pub fn mend(folder: &Path, has_beginning: &dyn Fn(&FeedId) -> bool) -> Result<Option<Repaired>, IndexError> {
    let Some(mut payload) = payload_of(folder)? else { return Ok(None) };
    let mut is_whole = || -> Result<bool, IndexError> {
        let index = Index::open_in_dir(folder).map_err(|error| IndexError::of(folder, error))?;
        check_schema(folder, &index)?;
        check(folder, &index)?;
        let mut segments = index.searchable_segment_metas().map_err(|error| IndexError::of(folder, error))?;
        payload.parts.settle(&segments.iter().map(id).collect());
        segments.sort_by_key(|segment| Reverse(payload.parts.get(&id(segment)).map(|part| part.last)));
        let bytes_of = |file| std::fs::metadata(folder.join(file)).map_or(0, |meta| meta.len());
        let mut num_left = CHECKED_BYTES;
        Ok(segments.iter().all(|segment| {
            let left = num_left.checked_sub(files(segment).map(bytes_of).sum());
            num_left = left.unwrap_or(num_left);
            left.is_none() || bad_files(&index, segment).is_empty()
        }))
    };
    if !folder.join(SUSPECT).exists() {
        match is_whole() {
            Ok(true) => return Ok(None),
            Ok(false) | Err(IndexError::Damaged { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    let repaired = repair(folder, has_beginning)?;
    Ok((!repaired.bad_files.is_empty()).then_some(repaired))
}

/// Notes that a part of the index could not be read, so that the next [`mend`] looks at all of it.
pub fn suspect(folder: &Path) {
    if let Err(error) = File::create(folder.join(SUSPECT)) {
        tracing::debug!("the damage is not noted: {error}");
    }
}

/// Saves a payload and the list of segments without some of them.
fn leave_out(folder: &Path, broken: &[String], mut payload: Payload) -> Result<(), IndexError> {
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
        let left = segments.iter().filter_map(|segment| segment["segment_id"].as_str());
        let left = left.map(|id| id.replace('-', "")).collect();
        payload.parts.settle(&left);
    }
    // A tally over the index must be taken anew.
    payload.seq += 1;
    payload.touched.clear();
    meta["payload"] = Value::String(payload.to_text());
    write(folder, LIST, &meta)
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

/// The id of a segment, as the names of its files begin.
fn id(segment: &SegmentMeta) -> String {
    segment.id().uuid_string()
}

/// The names of all files of segments in a folder, as the search engine keeps them. Whatever else stands there is none of
/// its files, and would be taken away as left over.
fn names(folder: &Path) -> Result<Value, IndexError> {
    let failed = |error| IndexError::io(folder, error);
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
        let stem = name.split('.').next().unwrap_or_default();
        if stem.len() == ID_LETTERS && stem.bytes().all(|letter| letter.is_ascii_hexdigit()) {
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
