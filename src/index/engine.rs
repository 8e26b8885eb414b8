//! The search engine, opened for writing: one life of it, from one failure to the next.

use std::path::Path;

use tantivy::indexer::{IndexWriterOptions, LogMergePolicy};
use tantivy::schema::IndexRecordOption;
use tantivy::{
    Directory, DocAddress, DocId, DocSet, Index, IndexReader, ReloadPolicy, Searcher, SegmentReader, TERMINATED,
    TantivyDocument, Term,
};

use super::directory::{Guarded, LIST};
use super::known::Known;
use super::payload::{Form, Payload};
use super::schema::{Fields, prepare};
use super::{IndexError, KeptPost, WriterOptions, repair};

/// Threads that merge segments: one may be busy with a large one.
const NUM_MERGE_THREADS: usize = 2;
/// Segments of a size that are merged into one.
const MERGE_SEGMENTS: usize = 8;
/// Up to so many posts a segment is small, whatever its size.
const SMALL_SEGMENT: u32 = 1_000;
/// Larger segments are left alone, but for their deleted posts.
const LARGEST_MERGED: usize = 4_000_000;
/// Share of deleted posts from which a segment is written anew.
const DELETED_SHARE: f32 = 0.3;

/// One life of the search engine.
pub(super) struct Engine {
    /// First, so that nothing reaches the folder any more while the rest is let go.
    gate: Gate,
    pub(super) writer: tantivy::IndexWriter,
    reader: IndexReader,
    /// What the last commit holds.
    pub(super) committed: Searcher,
    /// Whether a document could not be handed over: everything since the last commit must be, again.
    pub(super) is_broken: bool,
}

impl Engine {
    /// Opens a folder through a view of it, or makes an index in it, and reads the payload of its last commit.
    pub(super) fn open(
        folder: &Path,
        view: Box<dyn Directory>,
        options: &WriterOptions,
    ) -> Result<(Self, Payload), IndexError> {
        let failed = |error| IndexError::of(folder, error);
        let payload = payload_of(folder)?;
        let directory = Guarded::new(view);
        let (schema, _) = Fields::schema();
        let index = match payload {
            Some(_) => Index::open(directory.clone()).map_err(failed)?,
            None => Index::create(directory.clone(), schema, tantivy::IndexSettings::default()).map_err(failed)?,
        };
        check_schema(folder, &index)?;
        prepare(&index);
        repair::check(folder, &index)?;
        let engine_options = IndexWriterOptions::builder()
            .num_worker_threads(options.num_threads.clamp(1, 8))
            .memory_budget_per_thread((options.memory_bytes / options.num_threads.max(1)).max(16_000_000))
            .num_merge_threads(NUM_MERGE_THREADS)
            .build();
        let writer = index.writer_with_options(engine_options).map_err(failed)?;
        let mut policy = LogMergePolicy::default();
        policy.set_min_num_segments(MERGE_SEGMENTS);
        policy.set_min_layer_size(SMALL_SEGMENT);
        policy.set_max_docs_before_merge(LARGEST_MERGED);
        policy.set_del_docs_ratio_before_merge(DELETED_SHARE);
        writer.set_merge_policy(Box::new(policy));
        let reader: IndexReader =
            index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into().map_err(failed)?;
        let committed = reader.searcher();
        let engine = Self { gate: Gate(directory), writer, reader, committed, is_broken: false };
        Ok((engine, payload.unwrap_or_else(Payload::first)))
    }

    /// Makes what was just committed visible to [`Self::committed`].
    pub(super) fn reload(&mut self) -> tantivy::Result<()> {
        self.reader.reload()?;
        self.committed = self.reader.searcher();
        Ok(())
    }

    /// The committed document with a key.
    pub(super) fn find(&self, key: &Term) -> tantivy::Result<Option<DocAddress>> {
        for (ord, segment) in self.committed.segment_readers().iter().enumerate() {
            if let Some(doc) = docs(segment, key)?.next() {
                return Ok(Some(DocAddress::new(ord as u32, doc)));
            }
        }
        Ok(None)
    }

    /// The post of a committed document.
    pub(super) fn load(&self, fields: &Fields, at: DocAddress) -> tantivy::Result<KeptPost> {
        load(&self.committed, fields, at)
    }

    /// Takes away files that no commit names; what cannot be taken away now is with the next commit.
    pub(super) fn collect_left_overs(&self) {
        if let Err(error) = self.writer.garbage_collect_files().wait() {
            tracing::debug!("left-over files stay for now: {error}");
        }
    }

    /// Waits for the merges under way.
    pub(super) fn finish(self) -> tantivy::Result<()> {
        let Self { gate, writer, .. } = self;
        let result = writer.wait_merging_threads();
        drop(gate);
        result
    }

    /// A filter over everything that is committed.
    pub(super) fn known(&self) -> tantivy::Result<Known> {
        let mut known = Known::with_room_beyond(usize::try_from(self.committed.num_docs()).unwrap_or_default());
        for segment in self.committed.segment_readers() {
            let hashes = segment.fast_fields().u64("key_hash")?;
            for doc in segment.doc_ids_alive() {
                hashes.first(doc).into_iter().for_each(|hash| known.add(hash));
            }
        }
        Ok(known)
    }
}

/// Closes the folder for this life of the engine: a merge may be under way, and what it does from here on must not reach it.
struct Gate(Guarded);

impl Drop for Gate {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// The documents of a part that have a term and are not deleted.
pub(super) fn docs<'s>(
    segment: &'s SegmentReader,
    term: &Term,
) -> tantivy::Result<impl Iterator<Item = DocId> + use<'s>> {
    let mut postings = segment.inverted_index(term.field())?.read_postings(term, IndexRecordOption::Basic)?;
    let all = std::iter::from_fn(move || {
        let postings = postings.as_mut()?;
        let doc = postings.doc();
        (doc != TERMINATED).then(|| {
            postings.advance();
            doc
        })
    });
    Ok(all.filter(move |doc| !segment.is_deleted(*doc)))
}

/// The post of a document.
pub(super) fn load(searcher: &Searcher, fields: &Fields, at: DocAddress) -> tantivy::Result<KeptPost> {
    use tantivy::schema::Value;
    let doc: TantivyDocument = searcher.doc(at)?;
    let record = doc.get_first(fields.record).and_then(|value| value.as_str()).unwrap_or_default();
    serde_json::from_str(record)
        .map_err(|error| tantivy::error::DataCorruption::comment_only(format!("a stored post: {error}")).into())
}

/// The payload of the last commit in a folder; `None` where there is no index yet.
///
/// Read without the search engine, whose own files a newer program may have changed.
pub(super) fn payload_of(folder: &Path) -> Result<Option<Payload>, IndexError> {
    let path = folder.join(LIST);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(IndexError::io(&path, error)),
    };
    let damaged = |what: String| IndexError::Damaged { folder: folder.to_owned(), what };
    let list: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| damaged(format!("{LIST} cannot be read ({error})")))?;
    let is_new = list["segments"].as_array().is_some_and(Vec::is_empty);
    let read = match list["payload"].as_str() {
        Some(payload) => Payload::read(payload),
        None if is_new => Ok(Payload::first()),
        None => Err(Form::None),
    };
    let folder = folder.to_owned();
    let ours = super::payload::FORM;
    read.map(Some).map_err(|form| match form {
        Form::Newer(found) => IndexError::Newer { folder, found, ours },
        Form::Older(found) => IndexError::Older { folder, found, ours },
        Form::None => IndexError::Foreign { folder, found: "a search index of another program".to_owned() },
        Form::Broken(why) => IndexError::Damaged { folder, what: format!("its last commit cannot be read ({why})") },
    })
}

/// Holds an opened index against the schema of this program.
pub(super) fn check_schema(folder: &Path, index: &Index) -> Result<Fields, IndexError> {
    let (schema, fields) = Fields::schema();
    if index.schema() == schema {
        return Ok(fields);
    }
    Err(IndexError::Foreign { folder: folder.to_owned(), found: "an index with other fields".to_owned() })
}
