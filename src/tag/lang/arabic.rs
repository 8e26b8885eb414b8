//! The language of a post in Arabic letters.

use super::words::arabic::ARABIC;
use super::{Languages, Votes, best_of, is_decided, told};
use crate::model::{Lang, LangGuess};
use crate::normalize::fold::behind_article;

/// Lead in small words and letters with which a language in Arabic letters needs no word of whatlang.
const CLEAR_LEAD: f64 = 0.3;

impl Languages {
    /// Small words, the article and letters: Persian and Urdu letters speak against Arabic, but some keyboards and
    /// dialects have a few of them.
    pub(super) fn arabic_script(&self, words: &[(&str, &str)], votes: &Votes) -> LangGuess {
        let [ar, fa, ur, ku, ps] = [0, 1, 2, 3, 4];
        let mut scores = [0.0f64; ARABIC.len()];
        for (text, word) in words {
            if !self.arabic.weigh(word, &mut scores) && has_article(word) {
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

/// Whether a folded word has the Arabic article and three letters more.
fn has_article(word: &str) -> bool {
    behind_article(word).is_some_and(|rest| rest.chars().nth(2).is_some())
}

/// What the letters of one word in Arabic script say, as it is written.
#[derive(Debug, Default, Clone, Copy)]
struct ArabicLetters {
    /// Letters that Arabic has and Persian and Urdu have not, or hardly.
    own: bool,
    /// Letters for sounds that Arabic has not; some dialects write a few.
    persian: bool,
    /// Forms of ya and kaf as Persian and Urdu keyboards have them.
    eastern: bool,
    /// Letters of Urdu alone.
    urdu: bool,
    /// Forms of ha that Urdu has, and that some write for their looks.
    urdu_ha: bool,
    /// Letters of Central Kurdish.
    kurdish: bool,
    /// Letters of Pashto.
    pashto: bool,
}

impl ArabicLetters {
    /// Looks at a word.
    fn of(word: &str) -> Self {
        let mut letters = Self::default();
        for c in word.chars() {
            match c {
                'ة' | 'إ' | 'أ' | 'ى' | 'ؤ' => letters.own = true,
                'پ' | 'چ' | 'ژ' | 'گ' => letters.persian = true,
                'ی' | 'ک' => letters.eastern = true,
                'ٹ' | 'ڈ' | 'ڑ' | 'ں' | 'ے' | 'ۓ' => letters.urdu = true,
                'ہ' | 'ھ' | 'ۂ' => letters.urdu_ha = true,
                'ە' | 'ێ' | 'ۆ' | 'ڵ' | 'ڕ' => letters.kurdish = true,
                'ښ' | 'ړ' | 'ټ' | 'ډ' | 'څ' | 'ځ' | 'ڼ' | 'ۍ' | 'ې' => letters.pashto = true,
                _ => {}
            }
        }
        letters
    }
}
