//! What makes a service of an everyday word: a failure, a statement or a move that is said of it.

use super::lexicon::{Lexicon, Needs, RowKind};
use super::matcher::{Hit, Text};
use super::names::{BEHIND_DETERMINER, Mention, Standing};
use crate::normalize::words::Break;

/// A failure or a move said directly of an everyday word makes it a service; so does a failure said beside the only
/// word that may be one.
pub fn support(lexicon: &Lexicon, text: &Text<'_>, hits: &[Hit], mentions: &mut [Mention]) {
    let has_other = |mentions: &[Mention], but: usize| {
        mentions.iter().enumerate().any(|(i, mention)| i != but && mention.standing.counts())
    };
    // "X doesn't" is too little to make a service of a word.
    for hit in hits.iter().filter(|hit| lexicon.rows[hit.tag].needs != Needs::Contrast) {
        let kind = &lexicon.rows[hit.tag].kind;
        let is_pair = are_of_one_kind(lexicon, hit, mentions);
        for &(_, place) in &hit.slots {
            let supports = match (kind, mentions[place].standing) {
                (RowKind::Outage { .. } | RowKind::Restored { .. } | RowKind::News(_), Standing::Open) => true,
                (RowKind::Move { .. }, Standing::Open) => is_pair || has_other(mentions, place),
                (RowKind::Move { .. }, Standing::Rejected(BEHIND_DETERMINER)) => has_other(mentions, place),
                _ => false,
            };
            if supports {
                mentions[place].standing = Standing::Supported("a failure or a move is said of it");
            }
        }
    }
    if has_other(mentions, usize::MAX) {
        return;
    }
    for hit in hits {
        let row = &lexicon.rows[hit.tag];
        let is_beside = |mention: &&mut Mention| {
            mention.standing == Standing::Open
                && may_be_subject(text, mention.place.from)
                && text.words.word(mention.place.from).sentence == text.words.word(hit.from).sentence
        };
        if matches!(row.kind, RowKind::Outage { .. }) && row.needs == Needs::Service && hit.slots.is_empty() {
            let mut beside: Vec<&mut Mention> = mentions.iter_mut().filter(is_beside).collect();
            if let [only] = &mut beside[..] {
                only.standing = Standing::Supported("a failure is said beside it");
                return;
            }
        }
    }
}

/// Whether a word begins its clause, has a capital or stands behind one of the small words that names stand behind:
/// "the reservation line" is none of these.
pub fn may_be_subject(text: &Text<'_>, at: usize) -> bool {
    const BEFORE_NAMES: [&str; 12] = ["on", "is", "s", "do", "da", "no", "na", "o", "a", "pelo", "pela", "يا"];
    let word = text.words.word(at);
    at == 0 || word.before != Break::None || word.is_capitalized || BEFORE_NAMES.contains(&text.words.text(at - 1))
}

/// Whether a move goes between two everyday words that name services of one kind.
fn are_of_one_kind(lexicon: &Lexicon, hit: &Hit, mentions: &[Mention]) -> bool {
    let category = |place: usize| &lexicon.services[mentions[place].place.service].category;
    match hit.slots[..] {
        [(left, from), (right, to)] => left != right && from != to && category(from) == category(to),
        _ => false,
    }
}
