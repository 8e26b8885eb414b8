//! CSV and TSV: which column holds which field, and rows to posts.

use std::borrow::Cow;

use csv::ByteRecord;

use super::{Decoded, Fault, with_words};
use crate::corpus::options::{ColumnMap, Field};
use crate::corpus::outcome::Reason;
use crate::model::{RawDate, RawPost};

/// Where the fields stand in the rows of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::corpus) struct Header {
    num_columns: usize,
    column_by_field: Vec<(Field, usize)>,
}

/// Why a header cannot be used: the field without a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::corpus) struct NoColumn(pub(in crate::corpus) Field);

impl Header {
    /// Finds the columns by the names given and the usual ones.
    pub(in crate::corpus) fn find(names: &[&str], columns: &ColumnMap) -> Result<Self, NoColumn> {
        let mut column_by_field = Vec::new();
        for field in Field::ALL {
            let column = match columns.0.get(&field) {
                Some(name) => {
                    let named = names.iter().position(|column| column.trim() == name.trim());
                    Some(named.ok_or(NoColumn(field))?)
                }
                None => guess(field, names),
            };
            match column {
                Some(column) => column_by_field.push((field, column)),
                None if field == Field::Text => return Err(NoColumn(field)),
                None => {}
            }
        }
        Ok(Self { num_columns: names.len(), column_by_field })
    }

    /// Reads one row.
    pub(in crate::corpus) fn read(&self, row: &ByteRecord) -> Decoded {
        if row.len() != self.num_columns {
            let detail = format!("{} fields where the header has {}", row.len(), self.num_columns);
            return Err(Fault::new(Reason::BrokenRow, detail));
        }
        let mut post = RawPost::default();
        for &(field, column) in &self.column_by_field {
            let value = str::from_utf8(row.get(column).unwrap_or_default())
                .map_err(|_| Fault::new(Reason::InvalidUtf8, format!("in the column of '{field}'")))?;
            let trimmed = value.trim();
            let some = || (!trimmed.is_empty()).then(|| trimmed.to_owned());
            match field {
                Field::Id => post.id = trimmed.to_owned(),
                Field::CreatedAt => post.created_at = some().map(RawDate::Text),
                Field::Author => post.author = some(),
                Field::Text => post.text = value.to_owned(),
                Field::Lang => post.lang = some(),
                Field::Platform => post.platform = some(),
                Field::Url => post.url = some(),
                Field::Country => post.country = some(),
                Field::ReplyTo => post.reply_to = some(),
                Field::RepostOf => post.repost_of = some(),
            }
        }
        with_words(post)
    }
}

/// The names by which a field usually goes, likeliest first.
fn usual_names(field: Field) -> &'static [&'static str] {
    match field {
        Field::Id => &["id", "id_str", "tweet_id", "post_id", "status_id", "comment_id", "message_id", "tweetid"],
        Field::CreatedAt => &[
            "created_at",
            "date",
            "timestamp",
            "datetime",
            "time",
            "created",
            "created_utc",
            "published_at",
            "createdat",
            "tweet_created",
            "posted_at",
        ],
        Field::Author => &["author", "username", "user", "screen_name", "user_id", "author_id", "user_name", "handle"],
        Field::Text => {
            &["text", "body", "tweet", "content", "message", "full_text", "tweet_text", "post", "post_text", "comment"]
        }
        Field::Lang => &["lang", "language"],
        Field::Platform => &["platform"],
        Field::Url => &["url", "link", "permalink", "tweet_url", "post_url"],
        Field::Country => &["country", "country_code"],
        Field::ReplyTo => &["reply_to", "in_reply_to", "in_reply_to_status_id", "in_reply_to_id", "parent_id"],
        Field::RepostOf => &["repost_of", "retweeted_status_id", "retweet_id", "retweet_of"],
    }
}

/// The column that by its name holds `field`; letter case, blanks and dashes make no difference.
pub(super) fn guess(field: Field, names: &[&str]) -> Option<usize> {
    usual_names(field).iter().find_map(|usual| names.iter().position(|name| plain_name(name) == *usual))
}

fn plain_name(name: &str) -> Cow<'_, str> {
    let name = name.trim();
    if name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
        return Cow::Borrowed(name);
    }
    Cow::Owned(name.to_lowercase().replace([' ', '-'], "_"))
}
