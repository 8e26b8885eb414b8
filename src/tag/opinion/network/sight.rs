//! What the network sees of a post: of each token its word, the letters of it, and marks.

use std::ops::RangeInclusive;

use super::marks::{Mark, marks};
use crate::tag::Inside;
use crate::tag::opinion::Question;
use crate::tag::opinion::tokens::Token;
use crate::tag::opinion::wording::runs;

/// Lengths of the runs of letters that are seen.
const RUNS: RangeInclusive<usize> = 3..=4;

/// One token.
#[derive(Debug)]
pub(in crate::tag::opinion) struct Seen<'a> {
    pub(super) token: Token<'a>,
    pub(super) marks: Vec<Mark<'a>>,
}

/// All tokens with their marks; those masked for a question are seen as they stand to its service.
pub(in crate::tag::opinion) fn sight<'a>(
    inside: &Inside<'a>,
    tokens: Vec<Token<'a>>,
    question: Question,
) -> Vec<Seen<'a>> {
    let marks = marks(inside, &tokens, question);
    tokens.into_iter().zip(marks).map(|(token, marks)| Seen { token, marks }).collect()
}

impl Seen<'_> {
    /// Name of its word among the inputs, written into `name`.
    pub(super) fn word_name<'n>(&self, name: &'n mut String) -> &'n str {
        named(name, &["w:", self.token.text])
    }

    /// Names of its marks, each written into `name`.
    pub(super) fn each_mark(&self, name: &mut String, mut see: impl FnMut(&str)) {
        self.marks.iter().for_each(|mark| see(named(name, mark)));
    }

    /// Name and value of its word, of what is left without clitics, and of all runs of its letters.
    pub(super) fn each_of_word(&self, mut see: impl FnMut(&str, f32)) {
        let Token { text, bare, is_word, .. } = &self.token;
        let mut name = String::new();
        see(self.word_name(&mut name), 1.0);
        if bare.len() < text.len() {
            see(named(&mut name, &["w:", bare]), 1.0);
        }
        if *is_word {
            let mut bounds = Vec::new();
            let runs = runs(text, RUNS, &mut bounds);
            let value = 1.0 / runs.clone().count() as f32;
            runs.for_each(|[left, letters, right]| see(named(&mut name, &["l:", left, letters, right]), value));
        }
    }
}

/// The name of an input in one piece; the first part is its group.
fn named<'n>(name: &'n mut String, parts: &[&str]) -> &'n str {
    name.clear();
    parts.iter().for_each(|part| name.push_str(part));
    name
}

/// Names and values of all inputs, for each token.
pub type Inputs = Vec<Vec<(String, f32)>>;

/// All inputs of what is seen.
pub(in crate::tag::opinion) fn inputs(sight: &[Seen<'_>]) -> Inputs {
    let of = |seen: &Seen<'_>| {
        let mut inputs = Vec::new();
        seen.each_of_word(|name, value| inputs.push((name.to_owned(), value)));
        seen.each_mark(&mut String::new(), |name| inputs.push((name.to_owned(), 1.0)));
        inputs
    };
    sight.iter().map(of).collect()
}
