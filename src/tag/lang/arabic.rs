//! The language of a post in Arabic letters.

use super::signs::ArabicLetters;
use super::words::arabic::ARABIC;
use super::{Languages, Votes, best_of, is_decided, told};
use crate::model::{Lang, LangGuess};

/// Lead in small words and letters with which a language in Arabic letters needs no word of whatlang.
const CLEAR_LEAD: f64 = 0.3;

impl Languages {
    /// Small words, the article and letters: Persian and Urdu letters speak against Arabic, but some keyboards and
    /// dialects have a few of them.
    pub(super) fn arabic_script(&self, words: &[(&str, &str)], votes: &Votes) -> LangGuess {
        let [ar, fa, ur, ku, ps] = [0, 1, 2, 3, 4];
        let mut scores = [0.0f64; ARABIC.len()];
        for (text, word) in words {
            if !self.arabic.weigh(word, 1.0, &mut scores) && has_article(word) {
                scores[ar] += 0.7;
            }
            let letters = ArabicLetters::of(text);
            let mut add = |lang: usize, is_told: bool, weight: f64| scores[lang] += if is_told { weight } else { 0.0 };
            add(ar, letters.own, 0.5);
            for lang in [fa, ur] {
                add(lang, letters.persian, 0.4);
                add(lang, letters.eastern, 0.35);
            }
            add(ur, letters.urdu, 1.0);
            add(ur, letters.urdu_ha, 0.3);
            add(ku, letters.kurdish, 0.7);
            add(ps, letters.pashto, 0.7);
        }
        scores[ar] += 0.7 * votes.of_arabic() as f64;
        let total: f64 = scores.iter().sum();
        if scores[ar] * 2.0 >= total {
            return LangGuess::Detected { lang: Lang::AR, confidence: 0.98 };
        }
        if !is_decided(&scores, CLEAR_LEAD)
            && let Some(guess) = self.by_whatlang(words)
        {
            return guess;
        }
        let best = best_of(&scores);
        told(ARABIC[best].0, &scores)
    }
}

/// Whether a folded word has the Arabic article, with or without a letter written onto it, and three letters more.
fn has_article(word: &str) -> bool {
    const FORMS: [&str; 7] = ["ال", "وال", "بال", "فال", "كال", "عال", "لل"];
    FORMS.iter().any(|form| word.strip_prefix(form).is_some_and(|rest| rest.chars().nth(2).is_some()))
}
