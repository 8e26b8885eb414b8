//! The query language: words, phrases and fields, joined by AND, OR, NOT and parentheses.
//!
//! `zap caiu` both words; `"fora do ar"` a phrase; `service:whatsapp kind:complaint -lang:en`;
//! `service:(whatsapp OR telegram)`; `from:2021-10-04T15:00 to:2021-10-05`; `move:whatsapp>telegram`, `move:>signal`; `*`.
//! Words meet posts in folded form: without case, accents and Arabic variants of letters.

mod compile;
mod frequent;
mod parse;
pub mod time;

use thiserror::Error;

use crate::model::{AuthorKey, Kind, Lang, ServiceId, Time};

/// Fields by which posts are found, with what they hold.
pub const FIELDS: [(&str, &str); 12] = [
    ("text", "words of the text (what is written without a field)"),
    ("service", "a service that the post names"),
    ("down", "a service that is down, or back, by the post"),
    ("kind", "complaint, restored, news or other"),
    ("lang", "language code, or und"),
    ("country", "claimed country code"),
    ("platform", "where it was written"),
    ("feed", "which feed brought it"),
    ("author", "key of the author, 16 hexadecimal digits"),
    ("id", "id of the post"),
    ("move", "FROM>TO, FROM> or >TO"),
    ("from / to", "moment such as 2021-10-04 or 2021-10-04T15:40Z; to is not included"),
];

/// Why a query cannot be read, and where.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("cannot read the query at character {at}, {}: {message}", .near.as_ref().map_or_else(|| "its end".to_owned(), |near| format!("'{near}'")))]
pub struct QueryError {
    /// Number of the character, from 1.
    pub at: usize,
    /// What stands there; `None` at the end.
    pub near: Option<String>,
    /// What is wrong, and what would be right.
    pub message: String,
}

/// What to look for.
#[derive(Debug, Clone, PartialEq)]
pub struct Query(pub(super) Node);

/// A part of a query.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    All,
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    /// Folded words that follow one another.
    Words(Vec<String>),
    /// An exact term of a field.
    Term(TermField, String),
    Author(AuthorKey),
    /// From, and to (not included).
    Time(Option<Time>, Option<Time>),
}

/// A field of exact terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TermField {
    Service,
    Down,
    Kind,
    Lang,
    Country,
    Platform,
    Feed,
    Id,
    Move,
}

impl Query {
    /// Reads a query; an empty one finds everything.
    ///
    /// # Errors
    /// Where and why it cannot be read.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        parse::parse(text).map(Self)
    }

    /// Everything.
    pub fn all() -> Self {
        Self(Node::All)
    }

    /// Posts that name a service.
    pub fn service(service: &ServiceId) -> Self {
        Self(Node::Term(TermField::Service, service.to_string()))
    }

    /// Posts by which a service is down, or back.
    pub fn down(service: &ServiceId) -> Self {
        Self(Node::Term(TermField::Down, service.to_string()))
    }

    /// Posts of a kind.
    pub fn kind(kind: Kind) -> Self {
        Self(Node::Term(TermField::Kind, kind.to_string()))
    }

    /// Posts in a language; `None` is `und`.
    pub fn lang(lang: Option<Lang>) -> Self {
        Self(Node::Term(TermField::Lang, lang.map_or_else(|| "und".to_owned(), |lang| lang.to_string())))
    }

    /// Posts of a stretch of time, `to` not included.
    pub fn between(from: Option<Time>, to: Option<Time>) -> Self {
        Self(Node::Time(from, to))
    }

    /// What both find.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self.0, other.0) {
            (Node::All, only) | (only, Node::All) => Self(only),
            (Node::And(mut parts), other) => {
                parts.push(other);
                Self(Node::And(parts))
            }
            (one, other) => Self(Node::And(vec![one, other])),
        }
    }

    /// Whether it finds nothing but complaints: then more is known of the ordinary rate than of any series.
    pub fn is_of_complaints(&self) -> bool {
        let is_one =
            |node: &Node| matches!(node, Node::Term(TermField::Kind, kind) if *kind == Kind::Complaint.as_str());
        self.parts().iter().any(is_one)
    }

    /// The service that every post that it finds is about, where it says so.
    pub fn service_down(&self) -> Option<ServiceId> {
        self.parts().iter().find_map(|node| match node {
            Node::Term(TermField::Down, service) => Some(ServiceId::new(service)),
            _ => None,
        })
    }

    /// What has to hold all together.
    fn parts(&self) -> &[Node] {
        match &self.0 {
            Node::And(parts) => parts,
            only => std::slice::from_ref(only),
        }
    }

    /// Words that a found text is expected to hold, folded.
    pub(super) fn words(&self) -> Vec<&str> {
        fn walk<'a>(node: &'a Node, words: &mut Vec<&'a str>) {
            match node {
                Node::And(parts) | Node::Or(parts) => parts.iter().for_each(|part| walk(part, words)),
                Node::Words(found) => words.extend(found.iter().map(String::as_str)),
                _ => {}
            }
        }
        let mut words = Vec::new();
        walk(&self.0, &mut words);
        words
    }
}

#[cfg(test)]
mod tests;
