//! Which fields an index has, and how they are kept.

use tantivy::schema::{FAST, Field, INDEXED, IndexRecordOption, STORED, Schema, TextFieldIndexing, TextOptions};
use tantivy::{Index, Term};

use super::words::WordTokenizer;

/// Name under which [`WordTokenizer`] is written into an index; another way to cut words gets another name.
const TOKENIZER: &str = "caiu-words-1";
/// Terms as they stand.
const RAW: &str = "raw";

/// What a document is: a term of [`Fields::state`].
pub(super) mod state {
    /// A post with its text.
    pub(in crate::index) const POST: &str = "post";
    /// What is left of a post that was taken back: its counts.
    pub(in crate::index) const DELETED: &str = "deleted";
    /// A number of posts that were not kept.
    pub(in crate::index) const COUNT: &str = "count";
}

/// The fields.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields {
    /// Platform and id as one exact term.
    pub(super) key: Field,
    /// Id alone, for those who look for it.
    pub(super) id: Field,
    /// Hash of the key: fast, to know what is there, and to order what has one time.
    pub(super) key_hash: Field,
    /// [`state`].
    pub(super) state: Field,
    /// Folded words with positions; not stored, the text is in `record`.
    pub(super) text: Field,
    /// Every service that is named.
    pub(super) service: Field,
    /// Every service that is down, or back.
    pub(super) down: Field,
    /// Kind.
    pub(super) kind: Field,
    /// Language code or `und`.
    pub(super) lang: Field,
    /// Claimed country.
    pub(super) country: Field,
    /// Where it was written.
    pub(super) platform: Field,
    /// Which feed brought it.
    pub(super) feed: Field,
    /// Keyed hash of the author.
    pub(super) author: Field,
    /// Key of its cluster; of a count the number of the commit that saved it. Fast only.
    pub(super) cluster: Field,
    /// Moves as `from>to`, `from>` and `>to`.
    pub(super) moves: Field,
    /// Seconds since 1970, fast only.
    pub(super) ts: Field,
    /// What a tally needs of the reading, as one text: fast only, and few of them are different.
    pub(super) said: Field,
    /// How many posts a count stands for, 0 for a post: fast only.
    pub(super) num: Field,
    /// The whole post as JSON, stored only.
    pub(super) record: Field,
}

impl Fields {
    /// The schema of form 1, and its fields.
    pub(super) fn schema() -> (Schema, Self) {
        let mut schema = Schema::builder();
        let indexing =
            |tokenizer, option| TextFieldIndexing::default().set_tokenizer(tokenizer).set_index_option(option);
        let term =
            TextOptions::default().set_indexing_options(indexing(RAW, IndexRecordOption::Basic).set_fieldnorms(false));
        let words =
            TextOptions::default().set_indexing_options(indexing(TOKENIZER, IndexRecordOption::WithFreqsAndPositions));
        let fields = Self {
            key: schema.add_text_field("key", term.clone()),
            id: schema.add_text_field("id", term.clone()),
            key_hash: schema.add_u64_field("key_hash", FAST),
            state: schema.add_text_field("state", term.clone()),
            text: schema.add_text_field("text", words),
            service: schema.add_text_field("service", term.clone()),
            down: schema.add_text_field("down", term.clone()),
            kind: schema.add_text_field("kind", term.clone()),
            lang: schema.add_text_field("lang", term.clone()),
            country: schema.add_text_field("country", term.clone()),
            platform: schema.add_text_field("platform", term.clone()),
            feed: schema.add_text_field("feed", term.clone()),
            author: schema.add_u64_field("author", INDEXED | FAST),
            cluster: schema.add_u64_field("cluster", FAST),
            moves: schema.add_text_field("moves", term),
            ts: schema.add_i64_field("ts", FAST),
            said: schema.add_text_field("said", TextOptions::default().set_fast(RAW)),
            num: schema.add_u64_field("num", FAST),
            record: schema.add_text_field("record", STORED),
        };
        (schema.build(), fields)
    }

    /// The term of a post's key.
    pub(super) fn key_term(&self, key: &str) -> Term {
        Term::from_field_text(self.key, key)
    }
}

/// Makes an opened index ready: it knows our words.
pub(super) fn prepare(index: &Index) {
    index.tokenizers().register(TOKENIZER, WordTokenizer);
}
