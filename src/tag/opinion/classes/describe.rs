//! Features of word classes: what stands in a post, in a sentence and around a service.

use std::ops::Range;

use super::{Set, Table, sentences};
use crate::tag::opinion::features::{Features, Group};
use crate::tag::opinion::tokens::{Token, sentence_at};

/// How far apart two classes may stand that are still seen as one after the other.
const REACH: usize = 4;
/// How many words a negation turns around.
const NEGATED: usize = 3;
/// Words from a service that are close to it.
const CLOSE: usize = 3;

impl Table {
    /// Adds the classes of a post: each, what a negation turns around, two one after the other, and all that meet in one
    /// sentence. A service is a class of its own here.
    pub(in crate::tag::opinion) fn describe(&self, sets: &[Set], tokens: &[Token<'_>], features: &mut Features) {
        for sentence in sentences(tokens) {
            let mut met: Vec<&str> = Vec::new();
            let mut last: Option<(usize, Vec<&str>)> = None;
            let mut negated_to = 0;
            for at in sentence {
                let token = &tokens[at];
                let names: Vec<&str> = match token.mention {
                    Some(_) => vec![token.text],
                    None => self.names(sets[at]).collect(),
                };
                let is_negation = sets[at] & self.negations != 0;
                for name in &names {
                    features.add(Group::Class, &[name], token.words.clone());
                    if at < negated_to && !is_negation {
                        features.add(Group::Class, &["not ", name], token.words.clone());
                    }
                    if let Some((place, before)) = last.as_ref().filter(|(place, _)| at - place <= REACH) {
                        let words = tokens[*place].through(token);
                        before.iter().for_each(|other| features.add(Group::Chain, &[other, " ", name], words.clone()));
                    }
                }
                if is_negation {
                    negated_to = at + 1 + NEGATED;
                }
                if !names.is_empty() {
                    met.extend(&names);
                    last = Some((at, names));
                }
            }
            met.sort_unstable();
            met.dedup();
            for (at, one) in met.iter().enumerate() {
                met[at + 1..].iter().for_each(|other| features.add(Group::Meet, &[one, "&", other], 0..0));
            }
        }
    }

    /// Adds the words of some tokens and their classes, as a group of its own; `place` says where they stand.
    pub(in crate::tag::opinion) fn words(
        &self,
        sets: &[Set],
        tokens: &[Token<'_>],
        range: Range<usize>,
        (group, place): (Group, &str),
        features: &mut Features,
    ) {
        for (token, set) in tokens[range.clone()].iter().zip(&sets[range]) {
            features.add(group, &[place, token.bare], token.words.clone());
            for name in self.names(*set) {
                features.add(group, &[place, "of ", name], token.words.clone());
            }
        }
    }

    /// Adds the classes before and behind the token of a service in its sentence, and once more those that are close.
    pub(in crate::tag::opinion) fn around(
        &self,
        sets: &[Set],
        tokens: &[Token<'_>],
        at: usize,
        features: &mut Features,
    ) {
        for place in sentence_at(tokens, at) {
            let side = if place < at { "<" } else { ">" };
            for name in self.names(sets[place]) {
                features.add(Group::Beside, &[side, name], tokens[place].words.clone());
                if place.abs_diff(at) <= CLOSE {
                    features.add(Group::Beside, &[side, side, name], tokens[place].words.clone());
                }
            }
        }
    }
}
