//! The one writer: takes posts, numbers and deletions, which its commits save (`commit.rs`).

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use super::engine::Engine;
use super::kept::local_term;
use super::known::{self, Known};
use super::lock::WriterLock;
use super::payload::Payload;
use super::places::Places;
use super::schema::Fields;
use super::staging::{Staged, Sweep, ViewOf, plain_view, tidy};
use super::{IndexError, KeptPost};
use crate::model::{Checkpoint, FeedId, Keep, Lang, PostId, TaggedPost, Time};
use crate::normalize::AuthorSecret;

/// How to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriterOptions {
    /// Threads that make segments: each makes one per commit, so one is best for commits a second apart.
    pub num_threads: usize,
    /// Memory for posts on their way to disk, in bytes.
    pub memory_bytes: usize,
    /// Posts that were counted and not kept, and are known again when they come again, per feed.
    pub recent_per_feed: usize,
}

impl Default for WriterOptions {
    fn default() -> Self {
        Self { num_threads: 1, memory_bytes: 64 << 20, recent_per_feed: 2_048 }
    }
}

/// What became of a post that was added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Added {
    /// It is new.
    New,
    /// It takes the place of an earlier form of itself.
    Replaced,
    /// It is there as it is.
    Unchanged,
    /// It was taken back before, and stays so.
    TakenBack,
}

/// What became of a post that was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    /// Kept with its text.
    Kept(Added),
    /// Counted only.
    Counted,
    /// Counted before: nothing changes.
    SeenBefore,
}

/// The one writer of an index.
pub struct IndexWriter {
    pub(super) folder: PathBuf,
    pub(super) options: WriterOptions,
    pub(super) fields: Fields,
    /// `None` between two lives of it.
    pub(super) engine: Option<Engine>,
    /// How the engine sees the folder.
    pub(super) view_of: ViewOf,
    /// The next payload, as far as it is known.
    pub(super) payload: Payload,
    /// Changes since the last commit by key: what it takes to say them again.
    pub(super) staged: HashMap<String, Staged>,
    /// Numbers of posts not kept that no document holds yet, by feed, language and minute.
    pub(super) open: HashMap<(FeedId, Option<Lang>, i64), u64>,
    /// Larger deletions since the last commit.
    pub(super) sweeps: Vec<Sweep>,
    pub(super) known: Known,
    pub(super) touched: BTreeSet<i64>,
    /// What a repair can wind the feeds back to.
    pub(super) places: Places,
    /// Whether something was forgotten since the last commit, of which no earlier place may tell.
    pub(super) forgets: bool,
    /// Let go last.
    _lock: WriterLock,
}

impl std::fmt::Debug for IndexWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IndexWriter")
            .field("folder", &self.folder)
            .field("seq", &self.payload.seq)
            .finish_non_exhaustive()
    }
}

impl IndexWriter {
    /// Opens an index for writing; makes it, and the folder, where there is none.
    ///
    /// # Errors
    /// [`IndexError::Locked`] where another program writes to it; otherwise where it is no index of this form, or damaged.
    pub fn open(folder: &Path, options: WriterOptions) -> Result<Self, IndexError> {
        Self::open_with(folder, options, plain_view)
    }

    /// The same with another view of the folder.
    pub(super) fn open_with(folder: &Path, options: WriterOptions, view_of: ViewOf) -> Result<Self, IndexError> {
        std::fs::create_dir_all(folder).map_err(|error| IndexError::io(folder, error))?;
        let lock = WriterLock::take(folder)?;
        tidy(folder)?;
        let (engine, payload) = Engine::open(folder, view_of(folder)?, &options)?;
        let known = engine.known().map_err(|error| IndexError::of(folder, error))?;
        let (_, fields) = Fields::schema();
        let open = payload.open.iter().map(|one| ((one.feed.clone(), one.lang, one.minute), one.num)).collect();
        let mut writer = Self {
            folder: folder.to_owned(),
            options,
            fields,
            engine: Some(engine),
            view_of,
            payload,
            staged: HashMap::new(),
            open,
            sweeps: Vec::new(),
            known,
            touched: BTreeSet::new(),
            places: Places::of(folder),
            forgets: false,
            _lock: lock,
        };
        writer.settle()?;
        writer.hide_ids()?;
        writer.recount()?;
        Ok(writer)
    }

    /// Says with what authors are hashed. Only a fingerprint of it is kept: with another secret every author would count
    /// as two, and requests to forget would find nobody.
    ///
    /// # Errors
    /// [`IndexError::OtherAuthorKey`] where the posts of the index were hashed with another one.
    pub fn claim_authors(&mut self, secret: AuthorSecret) -> Result<(), IndexError> {
        let ours = secret.fingerprint();
        let is_empty = self.staged.is_empty() && self.engine()?.committed.num_docs() == 0;
        if self.payload.author_key.as_ref().is_some_and(|theirs| *theirs != ours) && !is_empty {
            return Err(IndexError::OtherAuthorKey { folder: self.folder.clone() });
        }
        self.payload.author_key = Some(ours);
        Ok(())
    }

    /// How far the feeds had come at the last commit.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.payload.checkpoint
    }

    /// Number of the last commit; 0 before the first.
    pub fn seq(&self) -> u64 {
        self.payload.seq
    }

    /// Posts that wait for the next commit.
    pub fn num_waiting(&self) -> usize {
        self.staged.len()
    }

    /// Keeps a post, or counts it, and does neither where that was done before: the one way in for whole streams.
    ///
    /// # Errors
    /// Where the index cannot be read. A post that cannot be written waits for the next commit, which tells.
    pub fn record(
        &mut self,
        feed: &FeedId,
        tagged: &TaggedPost,
        seen_at: Time,
        keep: Keep,
    ) -> Result<Recorded, IndexError> {
        self.record_named(feed, tagged, None, seen_at, keep)
    }

    /// The same for a post of which its server may tell later by another name than its id: see
    /// [`Self::delete_named`].
    ///
    /// # Errors
    /// As [`Self::record`].
    pub fn record_named(
        &mut self,
        feed: &FeedId,
        tagged: &TaggedPost,
        local_name: Option<&str>,
        seen_at: Time,
        keep: Keep,
    ) -> Result<Recorded, IndexError> {
        let post = tagged.post();
        let platform = post.platform.as_deref();
        // An edit that no longer says anything must still take the place of what it said before.
        if keep.wants(tagged) || self.holds(platform, &post.id)? {
            return self.add_named(feed, tagged, local_name, seen_at).map(Recorded::Kept);
        }
        if self.seen_before(feed, platform, &post.id) {
            return Ok(Recorded::SeenBefore);
        }
        let at = post.at.unwrap_or(seen_at);
        self.count(feed, tagged.reading().lang.lang(), at, 1);
        Ok(Recorded::Counted)
    }

    /// Keeps a post. One with a known platform and id takes the place of its earlier form.
    ///
    /// # Errors
    /// As [`Self::record`].
    pub fn add(&mut self, feed: &FeedId, tagged: &TaggedPost, seen_at: Time) -> Result<Added, IndexError> {
        self.add_named(feed, tagged, None, seen_at)
    }

    fn add_named(
        &mut self,
        feed: &FeedId,
        tagged: &TaggedPost,
        local_name: Option<&str>,
        seen_at: Time,
    ) -> Result<Added, IndexError> {
        let mut post = KeptPost::new(feed, tagged, seen_at);
        post.add_names(local_name);
        let key = post.key();
        let before = self.look_up(&key)?;
        let by_name = local_name.map(|name| local_term(post.platform.as_deref(), name));
        if std::iter::once(&key).chain(&by_name).any(|name| self.payload.taken_back.holds(known::hash(name))) {
            return Ok(Added::TakenBack);
        }
        if let Some(before) = before.as_ref().filter(|_| post.at == post.seen_at) {
            // One without a date of its own was written when it first came.
            post.at = before.at;
        }
        let added = match before.as_ref() {
            Some(before) if before.is_deleted() => return Ok(Added::TakenBack),
            Some(before) if before.says_the_same(&post) => {
                let mut before = before.clone();
                // Another server has it too, and will tell of its deletion by its own name.
                if before.add_names(local_name) {
                    self.stage(key, Some(before), true);
                }
                return Ok(Added::Unchanged);
            }
            Some(before) => {
                post.add_names(before.local_names.iter().map(String::as_str));
                self.touched.insert(minute_of(before.at));
                Added::Replaced
            }
            None => Added::New,
        };
        self.touched.insert(minute_of(post.at));
        self.stage(key, Some(post), before.is_some());
        Ok(added)
    }

    /// Counts posts that are not kept, in the minute of `at`.
    pub fn count(&mut self, feed: &FeedId, lang: Option<Lang>, at: Time, num: u64) {
        let minute = minute_of(at);
        self.touched.insert(minute);
        *self.open.entry((feed.clone(), lang, minute)).or_default() += num;
    }

    /// Whether a feed brought a post before that was counted and not kept, within the last
    /// [`WriterOptions::recent_per_feed`] of them; from now on it did.
    pub fn seen_before(&mut self, feed: &FeedId, platform: Option<&str>, id: &PostId) -> bool {
        let hash = known::hash(&known::key(platform, id));
        let most = self.options.recent_per_feed;
        match self.payload.recent.get_mut(feed) {
            Some(recent) => !recent.add(hash, most),
            None => !self.payload.recent.entry(feed.clone()).or_default().add(hash, most),
        }
    }

    /// Whether a post, or what is left of it, is kept.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub fn holds(&mut self, platform: Option<&str>, id: &PostId) -> Result<bool, IndexError> {
        let key = known::key(platform, id);
        if let Some(staged) = self.staged_form(&key) {
            return Ok(staged.post.is_some());
        }
        Ok(self.find(&key)?.is_some())
    }

    /// Ends writing: waits for merges under way. What was not committed is let go.
    ///
    /// # Errors
    /// Where a merge failed; everything committed is safe.
    pub fn close(self) -> Result<(), IndexError> {
        let Self { engine, folder, _lock, .. } = self;
        engine.map_or(Ok(()), Engine::finish).map_err(|error| IndexError::of(&folder, error))
    }
}

/// Minutes since 1970.
pub(super) fn minute_of(at: Time) -> i64 {
    at.timestamp().div_euclid(60)
}
