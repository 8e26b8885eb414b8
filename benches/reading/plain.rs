//! The passes that one would write first: JSON to a tree, a language for every post, regular expressions.
//!
//! The naive one searches every post with a set of one expression for each name and each row, bounded by `\b` as the
//! documentation of regular expressions teaches. The helped one knows better: one expression for all names, bounded by
//! ASCII word bounds where they are in Latin letters (those of Unicode make expressions a hundred times slower), and
//! words of failure only where a service is named.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::thread;

use anyhow::Result;
use caiu::tag::lexicon::files::Content;
use caiu::tag::lexicon::{Lexicon, RowKind, builtin};
use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use toml::{Table, Value};

use crate::cost::{self, Cost};

/// How the expressions are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// A set of expressions with Unicode word bounds, on every post.
    Naive,
    /// Two expressions with ASCII word bounds, the second only where the first is met.
    Helped,
}

/// What the pass cost and found.
pub(crate) struct Plain {
    pub(crate) cost: Cost,
    pub(crate) num_posts: usize,
    pub(crate) num_named: usize,
    pub(crate) num_failing: usize,
}

/// The expressions of a pass.
#[derive(Clone)]
enum Expressions {
    /// Names first, so many, then failures.
    Naive(RegexSet, usize),
    Helped(Regex, Regex),
}

/// Reads the first `num_posts` lines of a file on so many threads; the expressions are built before the clock starts.
pub(crate) fn pass(way: Way, path: &Path, num_posts: usize, num_threads: usize) -> Result<Plain> {
    let (names, failures) = (names()?, failures(&Lexicon::builtin()?));
    let expressions = match way {
        Way::Naive => Expressions::Naive(set(names.iter().chain(&failures))?, names.len()),
        Way::Helped => Expressions::Helped(expression(names)?, expression(failures)?),
    };
    let lines: Vec<String> = BufReader::new(File::open(path)?).lines().take(num_posts).collect::<Result<_, _>>()?;
    let share = lines.len().div_ceil(num_threads).max(1);
    let (found, cost) = cost::of(|| {
        thread::scope(|scope| {
            // Each thread has expressions of its own, since they share a pool of scratch memory otherwise.
            let threads: Vec<_> = lines
                .chunks(share)
                .map(|lines| (lines, expressions.clone()))
                .map(|(lines, expressions)| scope.spawn(move || read(lines, &expressions)))
                .collect();
            threads.into_iter().filter_map(|thread| thread.join().ok()).collect::<Vec<_>>()
        })
    })?;
    let sum = |of: fn(&(usize, usize)) -> usize| found.iter().map(of).sum();
    Ok(Plain { cost, num_posts: lines.len(), num_named: sum(|found| found.0), num_failing: sum(|found| found.1) })
}

fn read(lines: &[String], expressions: &Expressions) -> (usize, usize) {
    let (mut num_named, mut num_failing) = (0, 0);
    for line in lines {
        let Ok(post) = serde_json::from_str::<serde_json::Value>(line) else { continue };
        let Some(text) = post["text"].as_str() else { continue };
        std::hint::black_box(whatlang::detect(text));
        let (is_named, is_failing) = expressions.find(text);
        num_named += usize::from(is_named);
        num_failing += usize::from(is_named && is_failing);
    }
    (num_named, num_failing)
}

impl Expressions {
    /// Whether a text names a service and speaks of a failure.
    fn find(&self, text: &str) -> (bool, bool) {
        match self {
            Self::Naive(set, num_names) => {
                let met = set.matches(text);
                let is_named = met.iter().next().is_some_and(|first| first < *num_names);
                (is_named, met.iter().any(|number| number >= *num_names))
            }
            Self::Helped(names, failures) => {
                let is_named = names.is_match(text);
                (is_named, is_named && failures.is_match(text))
            }
        }
    }
}

/// Every name of every service.
fn names() -> Result<Vec<String>> {
    let mut parts = Vec::new();
    for file in builtin::files().iter().filter(|file| file.content == Content::Services) {
        let table: Table = toml::from_str(&file.text)?;
        for service in table["service"].as_array().into_iter().flatten() {
            let lists = ["names", "weak"].map(|key| service.get(key).and_then(Value::as_array));
            parts.extend(lists.into_iter().flatten().flatten().filter_map(Value::as_str).map(regex::escape));
        }
    }
    Ok(parts)
}

/// The first pattern of every row that says that something fails, without its slots and gaps.
fn failures(lexicon: &Lexicon) -> Vec<String> {
    let rows = lexicon.rows.iter().filter(|row| matches!(row.kind, RowKind::Outage { .. }));
    rows.filter_map(|row| row.written.first()).filter_map(|pattern| literal(pattern)).collect()
}

/// What must stand there: words, and alternatives of words.
fn literal(pattern: &str) -> Option<String> {
    let mut parts = Vec::new();
    let spaced = pattern.replace('(', " ( ").replace(')', " ) ");
    let mut tokens = spaced.split_whitespace().peekable();
    while let Some(token) = tokens.next() {
        let part = if token == "(" {
            let group: Vec<&str> = tokens.by_ref().take_while(|token| *token != ")").collect();
            group.join(" ")
        } else {
            token.to_owned()
        };
        let is_optional = part.ends_with('?') || tokens.next_if_eq(&"?").is_some();
        if !is_optional && !part.contains('$') && !part.starts_with("..") && part.contains(char::is_alphanumeric) {
            let words: Vec<String> = part.split('|').map(|word| regex::escape(word.trim_end_matches('*'))).collect();
            parts.push(format!("(?:{})", words.join("|")));
        }
    }
    (!parts.is_empty()).then(|| parts.join(" "))
}

fn expression(parts: Vec<String>) -> Result<Regex> {
    let (latin, other): (Vec<String>, Vec<String>) = parts.into_iter().partition(|part| part.is_ascii());
    let either = format!(r"(?i)(?-u:\b)(?:{})(?-u:\b)|{}", latin.join("|"), other.join("|"));
    Ok(RegexBuilder::new(&either).size_limit(1 << 30).dfa_size_limit(1 << 28).build()?)
}

fn set<'a>(parts: impl Iterator<Item = &'a String>) -> Result<RegexSet> {
    let bounded = parts.map(|part| format!(r"(?i)\b(?:{part})\b"));
    Ok(RegexSetBuilder::new(bounded).size_limit(1 << 32).dfa_size_limit(1 << 28).build()?)
}
