//! What was changed since the last commit: handed to the search engine, and kept so that it can be handed over again.

use std::ops::Bound;
use std::path::Path;

use chrono::{NaiveDate, NaiveTime};
use tantivy::collector::DocSetCollector;
use tantivy::directory::MmapDirectory;
use tantivy::query::{BooleanQuery, Occur, Query, RangeQuery, TermQuery};
use tantivy::schema::IndexRecordOption;
use tantivy::{Directory, DocAddress, TantivyError, Term};

use super::directory::LIST;
use super::engine::Engine;
use super::known;
use super::schema::{Fields, state};
use super::{IndexError, IndexWriter, KeptPost};
use crate::model::FeedId;

const DAY_SECS: i64 = 86_400;

/// How the search engine is to see a folder.
pub(super) type ViewOf = fn(&Path) -> Result<Box<dyn Directory>, IndexError>;

/// The folder as it is.
pub(super) fn plain_view(folder: &Path) -> Result<Box<dyn Directory>, IndexError> {
    let directory = MmapDirectory::open(folder).map_err(|error| IndexError::of(folder, error.into()))?;
    Ok(Box::new(directory))
}

/// A change of one post since the last commit.
#[derive(Debug)]
pub(super) struct Staged {
    /// The post, or its tombstone; `None` where nothing of it is to stay.
    pub(super) post: Option<KeptPost>,
    /// Whether the last commit holds a form of it.
    pub(super) replaces: bool,
    /// Whether a form of it was handed over since the last commit.
    pub(super) is_sent: bool,
}

/// A deletion of much that the last commit holds.
#[derive(Debug, Clone)]
pub(super) enum Sweep {
    /// Everything of a day, in UTC.
    Day(NaiveDate),
    /// The counts of a feed; with a number, those that commits behind this one saved.
    Counts(FeedId, Option<u64>),
}

impl Sweep {
    /// What finds what is to go.
    pub(super) fn query(&self, fields: &Fields) -> Box<dyn Query> {
        let term = |field, value: &str| -> Box<dyn Query> {
            Box::new(TermQuery::new(Term::from_field_text(field, value), IndexRecordOption::Basic))
        };
        match self {
            Self::Day(day) => {
                let from = day.and_time(NaiveTime::MIN).and_utc().timestamp();
                let term = |secs| Term::from_field_i64(fields.ts, secs);
                Box::new(RangeQuery::new(Bound::Included(term(from)), Bound::Excluded(term(from + DAY_SECS))))
            }
            Self::Counts(feed, after) => {
                let mut query = vec![
                    (Occur::Must, term(fields.state, state::COUNT)),
                    (Occur::Must, term(fields.feed, feed.as_str())),
                ];
                if let Some(seq) = after {
                    let behind = Bound::Excluded(Term::from_field_u64(fields.cluster, *seq));
                    query.push((Occur::Must, Box::new(RangeQuery::new(behind, Bound::Unbounded))));
                }
                Box::new(BooleanQuery::new(query))
            }
        }
    }
}

impl IndexWriter {
    /// The last form of a post, committed or not.
    pub(super) fn look_up(&mut self, key: &str) -> Result<Option<KeptPost>, IndexError> {
        if let Some(staged) = self.staged_form(key) {
            return Ok(staged.post.clone());
        }
        let fields = self.fields;
        let Some(at) = self.find(key)? else { return Ok(None) };
        let found = self.engine()?.load(&fields, at);
        found.map(Some).map_err(|error| self.failed(error))
    }

    /// What was staged of a post since the last commit; what is left of one may be staged under its own key.
    pub(super) fn staged_form(&self, key: &str) -> Option<&Staged> {
        self.staged.get(key).or_else(|| self.staged.get(&known::hidden_key(key)))
    }

    /// Where the last commit holds a post, or what is left of it.
    pub(super) fn find(&mut self, key: &str) -> Result<Option<DocAddress>, IndexError> {
        if !self.known.may_hold(known::hash(key)) {
            return Ok(None);
        }
        let terms = [key.to_owned(), known::hidden_key(key)].map(|key| self.fields.key_term(&key));
        let engine = self.engine()?;
        let found = terms.iter().find_map(|term| engine.find(term).transpose()).transpose();
        found.map_err(|error| self.failed(error))
    }

    /// Remembers a change and hands it over. `is_there`: a form of the post is committed or staged.
    pub(super) fn stage(&mut self, key: String, post: Option<KeptPost>, is_there: bool) {
        let staged = match self.staged.remove(&key) {
            Some(before) => Staged { post, ..before },
            None => Staged { post, replaces: is_there, is_sent: false },
        };
        if !is_there {
            self.known.add(known::hash(&key));
        }
        let staged = self.send(&key, staged);
        self.staged.insert(key, staged);
    }

    /// Hands a change over; one that is not taken is handed over again by the next commit.
    fn send(&mut self, key: &str, mut staged: Staged) -> Staged {
        let Some(engine) = self.engine.as_mut().filter(|engine| !engine.is_broken) else { return staged };
        if staged.replaces || staged.is_sent {
            for key in [key, &known::hidden_key(key)] {
                engine.writer.delete_term(self.fields.key_term(key));
            }
        }
        if let Some(post) = &staged.post {
            engine.is_broken = engine.writer.add_document(post.document(&self.fields, key)).is_err();
        }
        staged.is_sent = true;
        staged
    }

    /// Takes much out at once; says how much that is.
    pub(super) fn sweep_out(&mut self, sweep: Sweep) -> Result<usize, IndexError> {
        let num = self.sweep(&sweep)?;
        self.sweeps.push(sweep);
        Ok(num)
    }

    fn sweep(&mut self, sweep: &Sweep) -> Result<usize, IndexError> {
        let query = sweep.query(&self.fields);
        let engine = self.engine()?;
        let found = engine.committed.search(&query, &DocSetCollector).and_then(|found| {
            let mut minutes = Vec::with_capacity(found.len());
            for at in &found {
                let ts = engine.committed.segment_reader(at.segment_ord).fast_fields().i64("ts")?;
                minutes.extend(ts.first(at.doc_id).map(|secs| secs.div_euclid(60)));
            }
            engine.writer.delete_query(query)?;
            Ok((found.len(), minutes))
        });
        let (num, minutes) = found.map_err(|error| self.failed(error))?;
        self.touched.extend(minutes);
        Ok(num)
    }

    /// A new life of the engine, with everything since the last commit handed over again.
    pub(super) fn begin_anew(&mut self) -> Result<(), IndexError> {
        self.engine = None;
        tidy(&self.folder)?;
        let (engine, payload) = Engine::open(&self.folder, (self.view_of)(&self.folder)?, &self.options)?;
        if payload.seq != self.payload.seq {
            let what = format!("commit {} was expected and {} found; open it again", self.payload.seq, payload.seq);
            return Err(IndexError::Damaged { folder: self.folder.clone(), what });
        }
        // What the failed save wrote is in the way of the next one, above all where the disk is full.
        engine.collect_left_overs();
        self.engine = Some(engine);
        for sweep in self.sweeps.clone() {
            self.sweep(&sweep)?;
        }
        for (key, staged) in std::mem::take(&mut self.staged) {
            let staged = self.send(&key, Staged { is_sent: false, ..staged });
            self.staged.insert(key, staged);
        }
        Ok(())
    }

    /// The engine; a new life of it where the last one ended.
    pub(super) fn engine(&mut self) -> Result<&mut Engine, IndexError> {
        if self.engine.is_none() {
            self.begin_anew()?;
        }
        self.engine.as_mut().ok_or_else(|| IndexError::Missing { folder: self.folder.clone() })
    }

    /// An error of the engine in words.
    pub(super) fn failed(&self, error: TantivyError) -> IndexError {
        self.with_waiting(IndexError::of(&self.folder, error))
    }

    /// The error of a full disk with what waits.
    pub(super) fn with_waiting(&self, mut error: IndexError) -> IndexError {
        if let IndexError::Full { num_waiting, needed_bytes, .. } = &mut error {
            let text_of = |staged: &Staged| staged.post.as_ref()?.text.as_ref().map(String::len);
            let waiting: usize = self.staged.values().map(|staged| text_of(staged).unwrap_or_default() + 512).sum();
            *num_waiting = self.staged.len();
            *needed_bytes += 4 * waiting as u64;
        }
        error
    }
}

/// Takes away what a writer that ended in the middle left behind and another one would stumble over: half-written lists,
/// and deletions that no commit names, whose file names come again.
pub(super) fn tidy(folder: &Path) -> Result<(), IndexError> {
    let failed = |error| IndexError::io(folder, error);
    let list = std::fs::read_to_string(folder.join(LIST)).unwrap_or_default();
    let list: serde_json::Value = serde_json::from_str(&list).unwrap_or_default();
    let deletions: Vec<String> = list["segments"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|segment| {
            let id = segment["segment_id"].as_str()?.replace('-', "");
            Some(format!("{id}.{}.del", segment["deletes"]["opstamp"].as_u64()?))
        })
        .collect();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_left_over = name.starts_with(".tmp") || (name.ends_with(".del") && !deletions.contains(&name));
        if is_left_over && list["segments"].is_array() {
            std::fs::remove_file(entry.path()).map_err(failed)?;
        }
    }
    Ok(())
}
