//! Query -> what the search engine runs.

use std::ops::Bound;

use tantivy::Term;
use tantivy::query::{
    AllQuery, BooleanQuery, EmptyQuery, Occur, PhraseQuery, Query as EngineQuery, RangeQuery, TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};

use super::frequent::AllTerms;
use super::{Node, Query, TermField};
use crate::index::schema::{Fields, state};
use crate::index::words::without_article;

type Part = Box<dyn EngineQuery>;

impl Query {
    /// What finds the posts with their text, and with `with_deleted` also what is left of those taken back.
    pub(in crate::index) fn compile(&self, fields: &Fields, with_deleted: bool) -> Part {
        let state = |name: &str| exact(fields.state, name);
        let mut parts = vec![(Occur::Must, compile(&self.0, fields)), (Occur::MustNot, state(state::COUNT))];
        if !with_deleted {
            parts.push((Occur::MustNot, state(state::DELETED)));
        }
        Box::new(BooleanQuery::new(parts))
    }
}

fn compile(node: &Node, fields: &Fields) -> Part {
    match node {
        Node::All => Box::new(AllQuery),
        Node::Or(parts) => {
            Box::new(BooleanQuery::new(parts.iter().map(|part| (Occur::Should, compile(part, fields))).collect()))
        }
        Node::And(parts) => all_of(parts, fields),
        Node::Not(_) => all_of(std::slice::from_ref(node), fields),
        Node::Words(words) => words_of(words, fields.text),
        Node::Term(field, value) => exact(field_of(*field, fields), value),
        Node::Author(author) => {
            Box::new(TermQuery::new(Term::from_field_u64(fields.author, author.0), IndexRecordOption::Basic))
        }
        Node::Time(from, to) => {
            let bound = |time: Option<crate::model::Time>, of: fn(Term) -> Bound<Term>| match time {
                Some(time) => {
                    // The column has whole seconds: one in which the moment lies begins before it.
                    let secs = time.timestamp() + i64::from(time.timestamp_subsec_nanos() > 0);
                    of(Term::from_field_i64(fields.ts, secs))
                }
                None => Bound::Unbounded,
            };
            if let (None, None) = (from, to) {
                return Box::new(AllQuery);
            }
            Box::new(RangeQuery::new(bound(*from, Bound::Included), bound(*to, Bound::Excluded)))
        }
    }
}

/// All of the parts; a part that is denied takes away from the others.
fn all_of(parts: &[Node], fields: &Fields) -> Part {
    let (mut clauses, mut wanted): (Vec<(Occur, Part)>, Vec<&Node>) = Default::default();
    for part in parts {
        match part {
            Node::Not(inner) => clauses.push((Occur::MustNot, compile(inner, fields))),
            part => wanted.push(part),
        }
    }
    let terms: Option<Vec<Term>> = wanted.iter().map(|part| term_of(part, fields)).collect();
    match terms.filter(|terms| terms.len() > 1) {
        Some(terms) => clauses.push((Occur::Must, Box::new(AllTerms(terms)))),
        None => clauses.extend(wanted.into_iter().map(|part| (Occur::Must, compile(part, fields)))),
    }
    if clauses.iter().all(|(occur, _)| *occur == Occur::MustNot) {
        clauses.push((Occur::Must, Box::new(AllQuery)));
    }
    Box::new(BooleanQuery::new(clauses))
}

fn words_of(words: &[String], text: Field) -> Part {
    let term = |word: &str| Term::from_field_text(text, word);
    let one = |word: &str| -> Part { Box::new(TermQuery::new(term(word), IndexRecordOption::WithFreqs)) };
    match words {
        [] => Box::new(EmptyQuery),
        [word] => match without_article(word) {
            Some(bare) => Box::new(BooleanQuery::new(vec![(Occur::Should, one(word)), (Occur::Should, one(bare))])),
            None => one(word),
        },
        several => Box::new(PhraseQuery::new(several.iter().map(|word| term(word)).collect())),
    }
}

/// The term that a part stands for, where it is one.
fn term_of(part: &Node, fields: &Fields) -> Option<Term> {
    match part {
        Node::Term(field, value) => Some(Term::from_field_text(field_of(*field, fields), value)),
        _ => None,
    }
}

fn exact(field: Field, value: &str) -> Part {
    Box::new(TermQuery::new(Term::from_field_text(field, value), IndexRecordOption::Basic))
}

fn field_of(field: TermField, fields: &Fields) -> Field {
    match field {
        TermField::Service => fields.service,
        TermField::Down => fields.down,
        TermField::Kind => fields.kind,
        TermField::Lang => fields.lang,
        TermField::Country => fields.country,
        TermField::Platform => fields.platform,
        TermField::Feed => fields.feed,
        TermField::Id => fields.id,
        TermField::Move => fields.moves,
    }
}
