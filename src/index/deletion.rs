//! What is taken back: the words go, the numbers stay, so that history does not change silently.

use tantivy::Term;
use tantivy::collector::DocSetCollector;
use tantivy::query::TermQuery;
use tantivy::schema::IndexRecordOption;

use super::kept::local_term;
use super::known;
use super::payload::FORM;
use super::retention::PART;
use super::schema::state;
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

    /// Takes back the post that a server calls by a name of its own (see [`Self::record_named`]); otherwise as
    /// [`Self::delete_post`].
    ///
    /// # Errors
    /// As [`Self::delete_post`].
    pub fn delete_named(&mut self, platform: Option<&str>, name: &str) -> Result<bool, IndexError> {
        let is_it = |post: &KeptPost| {
            post.platform.as_deref() == platform && post.local_names.iter().any(|known| known == name)
        };
        let term = local_term(platform, name);
        let (fields, hash) = (self.fields, known::hash(&term));
        let staged = self.staged.values().filter_map(|staged| staged.post.as_ref()).find(|post| is_it(post)).cloned();
        let found = match staged {
            Some(post) => Some(post),
            None => {
                let term = Term::from_field_text(fields.id, &term);
                let engine = self.engine()?;
                let found = engine.find(&term).and_then(|at| at.map(|at| engine.load(&fields, at)).transpose());
                // What was changed since the last commit was looked at above.
                found.map_err(|error| self.failed(error))?.filter(|post| self.staged_form(&post.key()).is_none())
            }
        };
        match found {
            Some(post) => Ok(self.bury(post.key(), post)),
            None => {
                self.payload.taken_back.add(hash, TAKEN_BACK);
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
        Ok(posts.into_iter().map(|(key, post)| self.bury(key, post)).filter(|&is_new| is_new).count())
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
        let num_posts = posts.len();
        posts.into_iter().for_each(|(key, post)| self.forget(key, &post));
        Ok(num_posts)
    }

    /// Lets go of the numbers that a feed's posts were counted in, so that it can be read again from its beginning.
    ///
    /// # Errors
    /// As [`Self::delete_post`].
    pub fn forget_counts(&mut self, feed: &FeedId) -> Result<(), IndexError> {
        self.sweep_out(Sweep::Counts(feed.clone(), None))?;
        self.forgets = true;
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

    /// Replaces the ids of what was taken back by hashes, where an older program left them in clear; in parts, because
    /// all that is older than the retention may be such.
    ///
    /// # Errors
    /// As [`Self::commit`]. A part that was done stays done.
    pub(super) fn hide_ids(&mut self) -> Result<(), IndexError> {
        if self.payload.hides_ids {
            return Ok(());
        }
        let fields = self.fields;
        let query = TermQuery::new(Term::from_field_text(fields.state, state::DELETED), IndexRecordOption::Basic);
        let found = self.engine()?.committed.search(&query, &DocSetCollector);
        let found = found.map_err(|error| self.failed(error))?;
        tracing::info!(posts = found.len(), "the index is brought to its new form: what was taken back loses its id");
        let mut old = Vec::new();
        // All are read before the first is saved: places hold for one commit only.
        for at in found {
            let post = self.engine()?.load(&fields, at).map_err(|error| IndexError::of(&self.folder, error))?;
            if !known::is_hidden(&post.id) {
                old.push(post);
            }
        }
        let checkpoint = self.checkpoint().clone();
        FORM.clone_into(&mut self.payload.form);
        for mut post in old {
            let key = post.key();
            post.take_back();
            self.stage(key, Some(post), true);
            if self.num_waiting() >= PART {
                self.commit(&checkpoint)?;
            }
        }
        self.payload.hides_ids = true;
        if self.seq() > 0 {
            self.commit(&checkpoint)?;
        }
        Ok(())
    }

    fn forget(&mut self, key: String, post: &KeptPost) {
        self.touched.insert(minute_of(post.at));
        self.forgets = true;
        self.stage(key, None, true);
    }

    /// The last forms of an author's posts with their keys, committed or not.
    fn posts_of(&mut self, author: AuthorKey) -> Result<Vec<(String, KeptPost)>, IndexError> {
        let is_theirs = |post: &KeptPost| post.author == Some(author);
        let staged = self.staged.iter().filter_map(|(key, staged)| Some((key, staged.post.as_ref()?)));
        let mut posts: Vec<(String, KeptPost)> =
            staged.filter(|(_, post)| is_theirs(post)).map(|(key, post)| (key.clone(), post.clone())).collect();
        let fields = self.fields;
        let query = TermQuery::new(Term::from_field_u64(fields.author, author.0), IndexRecordOption::Basic);
        let engine = self.engine()?;
        let committed = engine.committed.search(&query, &DocSetCollector).and_then(|found| {
            found.into_iter().map(|at| engine.load(&fields, at)).collect::<tantivy::Result<Vec<KeptPost>>>()
        });
        let committed = committed.map_err(|error| self.failed(error))?;
        // What was changed since is no longer as it is there.
        let unchanged = committed.into_iter().filter(is_theirs).map(|post| (post.key(), post));
        posts.extend(unchanged.filter(|(key, _)| !self.staged.contains_key(key)));
        posts.sort_by(|(a_key, a), (b_key, b)| (a.at, a_key).cmp(&(b.at, b_key)));
        Ok(posts)
    }
}

#[cfg(test)]
mod tests {
    use super::super::WriterOptions;
    use super::*;
    use crate::model::{Checkpoint, RawPost};
    use crate::normalize::{AuthorSecret, normalize};
    use crate::tag::Tagger;

    /// An index as the form before this one left it: what was taken back has its id, and the payload says the older form.
    #[test]
    fn an_older_index_is_brought_to_the_new_form() {
        let folder = tempfile::TempDir::new().unwrap();
        let tagger = Tagger::builtin().unwrap();
        let open = || IndexWriter::open(folder.path(), WriterOptions::default()).unwrap();
        let add = |writer: &mut IndexWriter, id: &str| {
            let raw = RawPost { id: id.to_owned(), text: "whatsapp caiu".to_owned(), ..RawPost::default() };
            let at = chrono::DateTime::UNIX_EPOCH;
            writer.add(&FeedId::new("f"), &tagger.tag(normalize(raw, Some(at), AuthorSecret::new(""))), at).unwrap()
        };
        let mut writer = open();
        for id in ["did:plc:a/1", "did:plc:a/2", "did:plc:a/3"] {
            add(&mut writer, id);
        }
        for id in ["did:plc:a/1", "did:plc:a/2"] {
            let key = known::key(None, &PostId::new(id));
            let mut post = writer.look_up(&key).unwrap().unwrap();
            (post.text, post.url) = (None, None);
            writer.stage(key, Some(post), true);
        }
        (writer.payload.form, writer.payload.hides_ids) = ("caiu-index/1".to_owned(), false);
        writer.commit(&Checkpoint::default()).unwrap();
        drop(writer);

        let reader = super::super::IndexReader::open(folder.path()).unwrap();
        assert_eq!(reader.status().unwrap().form, "caiu-index/1", "readers take it as it is");
        let left = |id: &str| {
            reader.reload().unwrap();
            reader.get(None, &PostId::new(id)).unwrap().unwrap()
        };
        assert_eq!(left("did:plc:a/1").id.as_str(), "did:plc:a/1");
        let mut writer = open();
        for id in ["did:plc:a/1", "did:plc:a/2"] {
            assert!(known::is_hidden(&left(id).id), "{}", left(id).id);
            assert_eq!(add(&mut writer, id), super::super::Added::TakenBack, "and known again all the same");
        }
        assert_eq!(left("did:plc:a/3").id.as_str(), "did:plc:a/3");
        let status = reader.status().unwrap();
        assert_eq!((status.form.as_str(), status.num_posts, status.num_deleted), (FORM, 1, 2));
        assert!(writer.payload.hides_ids);
    }
}
