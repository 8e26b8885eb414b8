//! Requests to forget a post or an author: for an index that nobody writes to, and for one that a live run writes to.

use tokio::sync::{mpsc, oneshot};

use super::runner::{Told, What};
use crate::index::{IndexError, IndexWriter};
use crate::model::{FeedId, PostId};
use crate::normalize::AuthorSecret;

/// What is to be forgotten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Forget {
    /// One post.
    Post {
        /// Where it was written.
        platform: Option<String>,
        /// Its id.
        id: PostId,
    },
    /// All posts of an author.
    Author {
        /// Where they were written.
        platform: Option<String>,
        /// Written as the posts had it.
        name: String,
    },
}

impl Forget {
    /// Takes it out of the index; the next commit saves that, and a purge brings it off the disk. Says how many posts go.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub fn apply(&self, writer: &mut IndexWriter, secret: AuthorSecret) -> Result<usize, IndexError> {
        match self {
            Self::Post { platform, id } => writer.forget_post(platform.as_deref(), id).map(usize::from),
            Self::Author { platform, name } => writer.forget_author(secret.key(platform.as_deref(), name)),
        }
    }

    /// Asks the thread of a live run that writes; `None` where the run is over.
    pub async fn ask(self, queue: &mpsc::Sender<Told>) -> Option<Result<usize, IndexError>> {
        let (done, answer) = oneshot::channel();
        queue.send(Told { feed: FeedId::new(""), what: What::Forget { what: self, done } }).await.ok()?;
        answer.await.ok()
    }
}
