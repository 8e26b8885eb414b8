//! The language of a post in Latin letters.

use super::signs::{weigh_ending, weigh_letters};
use super::words::latin::LATIN;
use super::{Languages, Votes, best_of, is_decided, told};
use crate::model::{Lang, LangGuess};

/// More than whatlang's word can weigh (1.4), with room for rounding.
const WHATLANG_AT_MOST: f64 = 1.5;

/// Less than this is trigrams of a word or two alone, which say as little as nothing ("gcash" is Polish to them).
const LEAST_TOLD: f64 = 0.25;

/// What the same words are worth for each language of the list: posts in a language of fewer speakers, whose words its
/// neighbors share, are rarer than posts of the neighbors with a few such words.
const PRIOR: [f64; LATIN.len()] =
    [1.0, 1.0, 1.0, 1.0, 0.95, 0.75, 0.95, 0.9, 0.95, 0.95, 0.95, 0.8, 0.85, 0.9, 0.95, 0.9];

/// Place of Arabic among those in Latin letters.
const ARABIZI: usize = LATIN.len() - 1;

impl Languages {
    /// Small words, letters and rows; endings and trigrams where they leave a doubt.
    pub(super) fn latin_script(&self, words: &[(&str, &str)], votes: &Votes) -> LangGuess {
        let mut scores = [0.0f64; LATIN.len()];
        let (mut num_bytes, mut num_arabizi) = (0, 0);
        for (text, word) in words {
            num_bytes += text.len() + 1;
            if is_arabizi(word) {
                num_arabizi += 1;
                scores[ARABIZI] += 1.0;
            }
            let is_accented = !text.is_ascii() && self.weigh_accented(text, &mut scores);
            if !is_accented {
                self.latin.weigh(word, &mut scores);
            }
        }
        for &(lang, count) in &votes.by_lexicon {
            if let Some(number) = latin_number(lang.as_str()) {
                scores[number] += 0.7 * count as f64;
            }
        }
        let num_arabic_rows = votes.of_arabic();
        // Neither words with digits nor rows ("down") make Arabic of what has small words that Arabizi has not.
        let most = scores[..4].iter().copied().fold(0.0, f64::max);
        let is_told =
            (num_arabizi >= 2 && most < 1.5 * num_arabizi as f64) || (num_arabizi + num_arabic_rows >= 2 && most < 2.0);
        if is_told || (num_arabizi + num_arabic_rows == 1 && scores[..ARABIZI].iter().all(|&score| score < 1.0)) {
            // One word or row among Latin letters may be half of a mixed post: not sure enough to silence the other half.
            return LangGuess::Detected { lang: Lang::AR, confidence: if is_told { 0.8 } else { 0.6 } };
        }
        if let Some(number) = votes.hint.and_then(|hint| latin_number(hint.as_str())) {
            scores[number] += 0.5;
        }
        // A lead that endings and whatlang could not make up decides without them: they take longer than all the rest of
        // the reading.
        if !is_decided(&scores, WHATLANG_AT_MOST) {
            words.iter().for_each(|(_, word)| weigh_ending(word, &mut scores));
        }
        if !is_decided(&scores, WHATLANG_AT_MOST)
            && num_bytes > 0
            && let Some(LangGuess::Detected { lang, confidence }) = self.by_whatlang(words)
        {
            match latin_number(lang.as_str()) {
                Some(number) => scores[number] += (0.4 + confidence) * (num_bytes as f64 / 25.0).min(1.0),
                None if scores.iter().all(|&score| score < 1.0) => return LangGuess::Detected { lang, confidence },
                None => {}
            }
        }
        scores.iter_mut().zip(PRIOR).for_each(|(score, prior)| *score *= prior);
        let best = best_of(&scores);
        if scores[best] < LEAST_TOLD {
            return self.fallback(votes);
        }
        told(LATIN[best].0, &scores)
    }

    /// What a word with accents says as it is written; whether a list has it.
    fn weigh_accented(&self, text: &str, scores: &mut [f64; LATIN.len()]) -> bool {
        let lower = text.to_lowercase();
        weigh_letters(&lower, scores);
        self.accented.weigh(&lower, scores)
    }
}

/// Place of a language among those in Latin letters.
pub(super) fn latin_number(code: &str) -> Option<usize> {
    LATIN.iter().position(|(known, _)| *known == code)
}

/// Whether a word of Latin letters has a digit for an Arabic letter in it (`3andi`, `wa2e3`), and is
/// no ordinal, time, unit or number with letters around it (`22h55`, `u2019m`).
fn is_arabizi(word: &str) -> bool {
    const UNITS: [&str; 20] = [
        "nd", "rd", "th", "st", "am", "pm", "gb", "mb", "tb", "km", "kg", "px", "hr", "hrs", "min", "mins", "yr",
        "yrs", "bn", "ghz",
    ];
    let num_digits = word.as_bytes().iter().filter(|byte| byte.is_ascii_digit()).count();
    if num_digits == 0 || num_digits * 2 > word.len() {
        return false;
    }
    let has_number = word.as_bytes().windows(3).any(|three| three.iter().all(u8::is_ascii_digit));
    let rest = word.trim_start_matches(|c: char| c.is_ascii_digit());
    let has_inner = word.as_bytes().windows(2).any(|pair| b"23579".contains(&pair[0]) && pair[1].is_ascii_lowercase());
    has_inner && !has_number && rest.len() >= 3 && !(rest.len() < word.len() && UNITS.contains(&rest))
}
