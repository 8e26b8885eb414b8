//! What is taken back: the words go, the numbers stay, so that history does not change silently.

use tantivy::Term;
use tantivy::collector::DocSetCollector;
use tantivy::query::TermQuery;
use tantivy::schema::IndexRecordOption;

use super::known;
use super::staging::Sweep;
use super::writer::minute_of;
use super::{IndexError, IndexWriter, KeptPost};
use crate::model::{AuthorKey, FeedId, PostId};

/// Posts that were taken back before they came are known until so many others were.
const TAKEN_BACK: usize = 1_024;

impl IndexWriter {
    /// Takes a post back: its text, link and evidence go, and a tombstone keeps what is counted. `false` where it is not
    /// here, or was taken back before; should it come late, it will not be kept.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub fn delete_post(&mut self, platform: Option<&str>, id: &PostId) -> Result<bool, IndexError> {
        let key = known::key(platform, id);
        match self.look_up(&key)? {
            Some(post) => Ok(self.bury(key, post)),
            None => {
                self.payload.taken_back.add(known::hash(&key), TAKEN_BACK);
                Ok(false)
            }
        }
    }

    /// Takes back all posts of an author, and says how many there were.
    ///
    /// # Errors
    /// As [`Self::delete_post`].
    pub fn delete_author(&mut self, author: AuthorKey) -> Result<usize, IndexError> {
        let posts = self.posts_of(author)?;
        Ok(posts.into_iter().map(|post| self.bury(post.key(), post)).filter(|&is_new| is_new).count())
    }

    /// Takes a post out with its tombstone, as if it had never been; the counts of its minute change.
    ///
    /// # Errors
    /// As [`Self::delete_post`].
    pub fn forget_post(&mut self, platform: Option<&str>, id: &PostId) -> Result<bool, IndexError> {
        let key = known::key(platform, id);
        let found = self.look_up(&key)?;
        Ok(found.map(|post| self.forget(key, &post)).is_some())
    }

    /// Takes out all posts of an author with their tombstones, and says how many there were.
    ///
    /// # Errors
    /// As [`Self::delete_post`].
    pub fn forget_author(&mut self, author: AuthorKey) -> Result<usize, IndexError> {
        let posts = self.posts_of(author)?;
        posts.iter().for_each(|post| self.forget(post.key(), post));
        Ok(posts.len())
    }

    /// Lets go of the numbers that a feed's posts were counted in, so that it can be read again from its beginning.
    ///
    /// # Errors
    /// As [`Self::delete_post`].
    pub fn forget_counts(&mut self, feed: &FeedId) -> Result<(), IndexError> {
        self.sweep_out(Sweep::CountsOf(feed.clone()))?;
        let of_feed = self.open.extract_if(|(of, _, _), _| of == feed);
        self.touched.extend(of_feed.map(|((_, _, minute), _)| minute));
        self.payload.recent.remove(feed);
        Ok(())
    }

    /// Leaves a tombstone of a post; `false` where it is one.
    pub(super) fn bury(&mut self, key: String, mut post: KeptPost) -> bool {
        if post.is_deleted() {
            return false;
        }
        post.take_back();
        self.stage(key, Some(post), true);
        true
    }

    fn forget(&mut self, key: String, post: &KeptPost) {
        self.touched.insert(minute_of(post.at));
        self.stage(key, None, true);
    }

    /// The last forms of an author's posts, committed or not.
    fn posts_of(&mut self, author: AuthorKey) -> Result<Vec<KeptPost>, IndexError> {
        let is_theirs = |post: &&KeptPost| post.author == Some(author);
        let mut posts: Vec<KeptPost> =
            self.staged.values().filter_map(|staged| staged.post.as_ref()).filter(is_theirs).cloned().collect();
        let fields = self.fields;
        let query = TermQuery::new(Term::from_field_u64(fields.author, author.0), IndexRecordOption::Basic);
        let engine = self.engine()?;
        let committed = engine.committed.search(&query, &DocSetCollector).and_then(|found| {
            found.into_iter().map(|at| engine.load(&fields, at)).collect::<tantivy::Result<Vec<KeptPost>>>()
        });
        let committed = committed.map_err(|error| self.failed(error))?;
        // What was changed since is no longer as it is there.
        posts.extend(committed.into_iter().filter(|post| is_theirs(&post) && !self.staged.contains_key(&post.key())));
        posts.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        Ok(posts)
    }
}
