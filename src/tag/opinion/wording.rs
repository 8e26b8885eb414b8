//! Features of wording: words, their neighbors, their beginnings, their letters and, in Arabic, their consonants.

use std::ops::RangeInclusive;

use super::features::{Features, Group};
use super::skeleton::skeletons;
use super::tokens::Token;
use crate::model::Lang;

/// Adds everything that is seen in the words of a post in a language.
pub(super) fn wording(lang: Option<Lang>, tokens: &[Token<'_>], features: &mut Features) {
    if lang == Some(Lang::AR) {
        skeletons(tokens, features);
    }
    let mut bounds = Vec::new();
    for (i, token) in tokens.iter().enumerate() {
        if !token.words.is_empty() {
            single(token, features);
        }
        if let Some(next) = tokens.get(i + 1) {
            features.add(Group::Pair, &[token.bare, " ", next.bare], token.through(next));
            if let Some(third) = tokens.get(i + 2) {
                features.add(Group::Skip, &[token.bare, " _ ", third.bare], token.through(third));
                features.add(Group::Triple, &[token.bare, " ", next.bare, " ", third.bare], token.through(third));
            }
        }
        if token.is_word {
            letters(token, &mut bounds, features);
        }
    }
}

/// A word, and what is left of it without Arabic clitics.
pub(super) fn single(token: &Token<'_>, features: &mut Features) {
    features.add(Group::Word, &[token.text], token.words.clone());
    if token.bare.len() < token.text.len() {
        features.add(Group::Word, &[token.bare], token.words.clone());
    }
}

/// Beginnings of four and five letters, and all runs of three to five letters of the word between its bounds.
/// `bounds` is used again for each word.
fn letters(token: &Token<'_>, bounds: &mut Vec<usize>, features: &mut Features) {
    for len in [4, 5] {
        if let Some((end, _)) = token.bare.char_indices().nth(len) {
            features.add(Group::Stem, &[&token.bare[..end]], token.words.clone());
        }
    }
    for run in runs(token.text, 3..=5, bounds) {
        features.add(Group::Letters, &run, token.words.clone());
    }
}

/// All runs of so many letters of a word between its bounds: `<` or nothing, letters, `>` or nothing. `bounds` is used again
/// for each word.
pub(super) fn runs<'t>(
    text: &'t str,
    lens: RangeInclusive<usize>,
    bounds: &'t mut Vec<usize>,
) -> impl Iterator<Item = [&'t str; 3]> + Clone {
    bounds.clear();
    bounds.extend(text.char_indices().map(|(at, _)| at).chain([text.len()]));
    let (bounds, num_letters) = (&*bounds, bounds.len() - 1);
    // The bounds of the word count as letters 0 and `num_letters + 1`.
    lens.flat_map(move |len| {
        (0..(num_letters + 3).saturating_sub(len)).map(move |from| {
            let to = from + len;
            let (left, right) = (if from == 0 { "<" } else { "" }, if to == num_letters + 2 { ">" } else { "" });
            [left, &text[bounds[from.saturating_sub(1)]..bounds[(to - 1).min(num_letters)]], right]
        })
    })
}

/// Words up to three places from a service, with their distance.
pub(super) fn around(tokens: &[Token<'_>], at: usize, features: &mut Features) {
    for distance in 1..=3usize {
        for (sign, place) in [("-", at.checked_sub(distance)), ("+", Some(at + distance))] {
            let Some(token) = place.and_then(|place| tokens.get(place)) else { continue };
            let number = ["1", "2", "3"][distance - 1];
            features.add(Group::Near, &[sign, number, " ", token.bare], token.words.clone());
        }
    }
}

/// Words of the sentence before and behind a service.
pub(super) fn sides(sentence: &[Token<'_>], at: usize, group: Group, features: &mut Features) {
    for (i, token) in sentence.iter().enumerate() {
        if i != at {
            features.add(group, &[if i < at { "< " } else { "> " }, token.bare], token.words.clone());
        }
        if i + 1 < sentence.len() && i != at && i + 1 != at {
            let next = &sentence[i + 1];
            let side = if i < at { "< " } else { "> " };
            features.add(group, &[side, token.bare, " ", next.bare], token.through(next));
        }
    }
}
