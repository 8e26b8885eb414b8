//! Text -> query, by recursive descent; every error names its place.

use super::time;
use super::{FIELDS, Node, QueryError, TermField};
use crate::index::words::query_words;
use crate::model::{AuthorKey, Kind, Lang};

/// Longest query in bytes, and most parentheses within one another: beyond are mistakes and attacks.
const MAX_BYTES: usize = 10_000;
const MAX_DEPTH: u32 = 40;

/// Reads a query.
pub(super) fn parse(text: &str) -> Result<Node, QueryError> {
    let mut parser = Parser { text, at: 0, depth: 0 };
    if text.len() > MAX_BYTES {
        return Err(parser.error(MAX_BYTES, format!("a query has at most {MAX_BYTES} bytes")));
    }
    parser.skip_space();
    if parser.rest().is_empty() {
        return Ok(Node::All);
    }
    let node = parser.or(None)?;
    match parser.peek() {
        None => Ok(node),
        Some(_) => Err(parser.error(parser.at, "this closes nothing: leave it out, or open it before")),
    }
}

/// What a word without a field of its own belongs to.
type Within<'a> = Option<&'a str>;

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: u32,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn skip_space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn error(&self, at: usize, message: impl Into<String>) -> QueryError {
        let at = self.text.floor_char_boundary(at);
        let near = self.text[at..].split_whitespace().next().map(|word| word.chars().take(40).collect());
        QueryError { at: self.text[..at].chars().count() + 1, near, message: message.into() }
    }

    /// Takes a word such as `OR` that stands alone.
    fn take_operator(&mut self, name: &str) -> bool {
        self.skip_space();
        let found = self
            .rest()
            .strip_prefix(name)
            .filter(|after| after.is_empty() || after.starts_with([' ', '\t', '\n', '(']));
        if found.is_some() {
            self.at += name.len();
        }
        found.is_some()
    }

    fn or(&mut self, within: Within<'_>) -> Result<Node, QueryError> {
        let mut parts = vec![self.and(within)?];
        while self.take_operator("OR") {
            parts.push(self.and(within)?);
        }
        Ok(joined(parts, Node::Or))
    }

    fn and(&mut self, within: Within<'_>) -> Result<Node, QueryError> {
        let mut parts = vec![self.not(within)?];
        loop {
            let is_written = self.take_operator("AND");
            self.skip_space();
            let ends = self.peek().is_none_or(|c| c == ')') || self.at_operator("OR");
            if ends && !is_written {
                return Ok(joined(parts, Node::And));
            }
            parts.push(self.not(within)?);
        }
    }

    fn at_operator(&self, name: &str) -> bool {
        let mut ahead = Parser { text: self.text, at: self.at, depth: self.depth };
        ahead.take_operator(name)
    }

    /// Denials, which may stand one before another, and what they deny.
    fn not(&mut self, within: Within<'_>) -> Result<Node, QueryError> {
        let mut is_denied = false;
        loop {
            let is_minus = |rest: &str| {
                rest.strip_prefix('-').is_some_and(|after| !after.is_empty() && !after.starts_with(char::is_whitespace))
            };
            self.skip_space();
            if is_minus(self.rest()) {
                self.at += 1;
            } else if !self.take_operator("NOT") {
                break;
            }
            is_denied = !is_denied;
        }
        let node = self.one(within)?;
        Ok(if is_denied { Node::Not(Box::new(node)) } else { node })
    }

    fn one(&mut self, within: Within<'_>) -> Result<Node, QueryError> {
        self.skip_space();
        let from = self.at;
        match self.peek() {
            None => Err(self.error(from, "something to look for is missing here")),
            Some(')') => Err(self.error(from, "something to look for is missing before this")),
            Some('(') => self.group(within),
            Some('"') => {
                let phrase = self.quoted()?;
                self.leaf(within, phrase, from)
            }
            Some(_) if self.at_operator("OR") || self.at_operator("AND") => {
                Err(self.error(from, "it joins two parts, and one is missing; the word itself is written in quotes"))
            }
            Some(_) => self.word(within),
        }
    }

    fn group(&mut self, within: Within<'_>) -> Result<Node, QueryError> {
        let from = self.at;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.error(from, format!("at most {MAX_DEPTH} parentheses within one another")));
        }
        self.at += 1;
        let node = self.or(within)?;
        if self.peek() != Some(')') {
            return Err(self.error(from, "this is never closed: a ) is missing"));
        }
        self.at += 1;
        self.depth -= 1;
        Ok(node)
    }

    fn quoted(&mut self) -> Result<&'a str, QueryError> {
        let from = self.at;
        let inner = &self.rest()[1..];
        match inner.find('"') {
            Some(end) => {
                self.at += end + 2;
                Ok(&inner[..end])
            }
            None => Err(self.error(from, "this is never closed: a \" is missing")),
        }
    }

    fn word(&mut self, within: Within<'_>) -> Result<Node, QueryError> {
        let from = self.at;
        let rest = self.rest();
        let word =
            &rest[..rest.find(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"')).unwrap_or(rest.len())];
        let Some((field, value)) = word.split_once(':') else {
            self.at += word.len();
            return self.leaf(within, word, from);
        };
        if within.is_some() || !is_field(field) {
            let known: Vec<&str> = FIELDS.iter().map(|(name, _)| *name).collect();
            let message = format!(
                "'{field}' is no field here: use {}; words with a : in them are written in quotes",
                known.join(", ")
            );
            return Err(self.error(from, message));
        }
        self.at += field.len() + 1;
        match (value.is_empty(), self.peek()) {
            (true, Some('(')) => self.group(Some(field)),
            (true, Some('"')) => {
                let phrase = self.quoted()?;
                self.leaf(Some(field), phrase, from)
            }
            (true, _) => {
                Err(self.error(from, format!("what {field}: should be is missing; no space follows the colon")))
            }
            (false, _) => {
                self.at += value.len();
                self.leaf(Some(field), value, from)
            }
        }
    }

    fn leaf(&self, field: Within<'_>, value: &str, at: usize) -> Result<Node, QueryError> {
        let wrong = |message: String| self.error(at, message);
        let term = |field, value: String| Ok(Node::Term(field, value));
        let field = field.unwrap_or("text");
        if value == "*" && field == "text" {
            return Ok(Node::All);
        }
        if value.ends_with('*') && field != "id" {
            return Err(wrong(
                "beginnings of words are not looked for: write the whole word, or several with OR".to_owned(),
            ));
        }
        match field {
            "service" => term(TermField::Service, value.to_lowercase()),
            "down" => term(TermField::Down, value.to_lowercase()),
            "kind" => {
                let kind: Kind = value.to_lowercase().parse().map_err(wrong)?;
                term(TermField::Kind, kind.to_string())
            }
            "lang" if value == "und" => term(TermField::Lang, value.to_owned()),
            "lang" => {
                let lang = Lang::parse(value);
                let lang =
                    lang.ok_or_else(|| wrong(format!("'{value}' is no language code such as ar, en, pt or und")))?;
                term(TermField::Lang, lang.to_string())
            }
            "country" if value.len() == 2 && value.is_ascii() => term(TermField::Country, value.to_ascii_uppercase()),
            "country" => Err(wrong(format!("'{value}' is no country code of two letters such as BR"))),
            "platform" => term(TermField::Platform, value.to_owned()),
            "feed" => term(TermField::Feed, value.to_owned()),
            "id" => term(TermField::Id, value.to_owned()),
            "move" if value.contains('>') && value.len() > 1 => term(TermField::Move, value.to_lowercase()),
            "move" => Err(wrong("a move is written FROM>TO, FROM> or >TO, such as whatsapp>telegram".to_owned())),
            "author" => {
                let key = u64::from_str_radix(value, 16).ok().filter(|_| value.len() == 16);
                let key = key.ok_or_else(|| {
                    wrong(
                        "an author is the key of 16 hexadecimal digits that search --json shows; names are not kept"
                            .to_owned(),
                    )
                })?;
                Ok(Node::Author(AuthorKey(key)))
            }
            "from" | "to" => {
                let time = time::parse(value)
                    .ok_or_else(|| wrong(format!("'{value}' is no moment such as 2021-10-04 or 2021-10-04T15:40Z")))?;
                Ok(if field == "from" { Node::Time(Some(time), None) } else { Node::Time(None, Some(time)) })
            }
            _ => {
                let words = query_words(value);
                if words.is_empty() {
                    return Err(wrong("there is no word in this that posts could be found by".to_owned()));
                }
                Ok(Node::Words(words))
            }
        }
    }
}

fn is_field(name: &str) -> bool {
    FIELDS.iter().any(|(field, _)| field.split(" / ").any(|field| field == name))
}

fn joined(mut parts: Vec<Node>, join: fn(Vec<Node>) -> Node) -> Node {
    match (parts.len(), parts.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            parts.extend(last);
            join(parts)
        }
    }
}
