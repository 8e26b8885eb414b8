//! Rows of another language than the post's: what they may not say.

use super::claims::{Fired, Firings};
use super::lexicon::{Lexicon, Role, RowKind};
use crate::model::LangGuess;

/// How sure a guess must be to silence rows of other languages.
const SURE: f64 = 0.8;

/// Drops what rows of other languages say of a post whose language is known: news and moves, and where clauses and
/// lists begin. Where the guess is less than sure, only what shares a word with a row of that language.
pub fn keep_native(lexicon: &Lexicon, guess: LangGuess, firings: &mut Firings) {
    let Some(lang) = guess.lang() else { return };
    if firings.news.is_empty() && firings.moves.is_empty() && firings.cues.is_empty() {
        // Most posts: the walk over all rows below is not for them.
        return;
    }
    if lexicon.rows.iter().all(|row| row.lang != lang) {
        return;
    }
    let is_sure = guess.confidence() >= SURE;
    let is_native = |fired: &Fired| lexicon.rows[fired.row].lang == lang;
    let cuts = |fired: &Fired| {
        matches!(lexicon.rows[fired.row].kind, RowKind::Cue { role: Role::Contrast | Role::Because | Role::And, .. })
    };
    for list in [&mut firings.news, &mut firings.moves] {
        drop_foreign(list, is_sure, is_native, |_| true);
    }
    drop_foreign(&mut firings.cues, is_sure, is_native, cuts);
}

fn drop_foreign(
    list: &mut Vec<Fired>,
    is_sure: bool,
    is_native: impl Fn(&Fired) -> bool,
    is_concerned: impl Fn(&Fired) -> bool,
) {
    let native: Vec<(usize, usize)> =
        list.iter().filter(|fired| is_native(fired)).map(|fired| (fired.hit.from, fired.hit.to)).collect();
    list.retain(|fired| {
        let is_shared = || native.iter().any(|&(from, to)| fired.hit.from < to && from < fired.hit.to);
        is_native(fired) || !is_concerned(fired) || !(is_sure || is_shared())
    });
}
