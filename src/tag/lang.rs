//! The language of a post: script first, then function words and lexicon rows, then whatlang among neighbors.

mod signs;
mod words;

use whatlang::{Detector, Lang as Whatlang};

use crate::model::{Lang, LangGuess};
use crate::normalize::fold::is_alphabetic;
use signs::{ArabicLetters, weigh_ending, weigh_letters};
use words::{ACCENTED, ARABIC, LATIN, WordTable};

/// Languages that whatlang may answer: ours, and those that are mistaken for ours.
const ALLOWED: [(Whatlang, &str); 19] = [
    (Whatlang::Eng, "en"),
    (Whatlang::Por, "pt"),
    (Whatlang::Ara, "ar"),
    (Whatlang::Spa, "es"),
    (Whatlang::Fra, "fr"),
    (Whatlang::Ita, "it"),
    (Whatlang::Cat, "ca"),
    (Whatlang::Deu, "de"),
    (Whatlang::Nld, "nl"),
    (Whatlang::Tur, "tr"),
    (Whatlang::Ind, "id"),
    (Whatlang::Tgl, "tl"),
    (Whatlang::Pol, "pl"),
    (Whatlang::Ron, "ro"),
    (Whatlang::Swe, "sv"),
    (Whatlang::Pes, "fa"),
    (Whatlang::Urd, "ur"),
    (Whatlang::Hin, "hi"),
    (Whatlang::Rus, "ru"),
];

/// More than whatlang's word can weigh (1.4), with room for rounding.
const WHATLANG_AT_MOST: f64 = 1.5;

/// Less than this is trigrams of a word or two alone, which say as little as nothing ("gcash" is Polish to them).
const LEAST_TOLD: f64 = 0.25;

/// What the same words are worth for each language of the list: posts in a language of fewer speakers, whose words its
/// neighbors share, are rarer than posts of the neighbors with a few such words.
const PRIOR: [f64; LATIN.len()] =
    [1.0, 1.0, 1.0, 1.0, 0.95, 0.75, 0.95, 0.9, 0.95, 0.95, 0.95, 0.8, 0.85, 0.9, 0.95, 0.9];

/// Place of Arabic in Latin letters, behind the languages that are written so.
const ARABIZI: usize = LATIN.len() - 1;

/// Lead in small words and letters with which a language in Arabic letters needs no word of whatlang.
const CLEAR_LEAD: f64 = 0.3;

/// What else is known of a post when its language is guessed.
#[derive(Debug, Clone, Default)]
pub struct Votes {
    /// Words of lexicon rows that fired, by language.
    pub by_lexicon: Vec<(Lang, usize)>,
    /// What the post or its feed claims.
    pub hint: Option<Lang>,
}

/// Guesses languages.
pub struct Languages {
    detector: Detector,
    latin: WordTable,
    accented: WordTable,
    arabic: WordTable,
}

impl std::fmt::Debug for Languages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Languages").finish_non_exhaustive()
    }
}

impl Default for Languages {
    fn default() -> Self {
        let accented = ACCENTED.iter().filter_map(|(code, words)| Some((latin_number(code)?, *words)));
        Self {
            detector: Detector::with_allowlist(ALLOWED.iter().map(|(lang, _)| *lang).collect()),
            latin: WordTable::new(LATIN.iter().enumerate().map(|(number, (_, words))| (number, *words)), true),
            accented: WordTable::new(accented, false),
            arabic: WordTable::new(ARABIC.iter().enumerate().map(|(number, (_, words))| (number, *words)), true),
        }
    }
}

/// A script.
#[derive(Debug, Clone, Copy)]
enum Script {
    Latin,
    Arabic,
    Other,
}

fn script_of(letter: char) -> Script {
    match letter {
        'A'..='Z' | 'a'..='z' | '\u{00C0}'..='\u{024F}' => Script::Latin,
        '\u{0600}'..='\u{06FF}' | '\u{0750}'..='\u{077F}' | '\u{FB50}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}' => {
            Script::Arabic
        }
        _ => Script::Other,
    }
}

impl Languages {
    /// Guesses the language of a post from its words without names of services, mentions, links and emoji: each in
    /// its original spelling and folded.
    pub fn guess(&self, words: &[(&str, &str)], votes: &Votes) -> LangGuess {
        let mut scripts = [0usize; 3];
        let mut letters = 0;
        for (text, _) in words {
            let mut own = text.chars().filter(|c| is_alphabetic(*c));
            let Some(first) = own.next() else { continue };
            scripts[script_of(first) as usize] += 1;
            letters += 1 + usize::from(own.next().is_some());
        }
        if letters < 2 {
            return self.fallback(votes);
        }
        // As many words as half: a post is in the language of most of its words, however long they are.
        let [latin, arabic, _] = scripts.map(|count| 2 * count);
        let num_words = scripts.iter().sum::<usize>();
        if arabic > num_words {
            return self.arabic_script(words, votes);
        }
        if latin >= num_words {
            return self.latin_script(words, votes);
        }
        self.by_whatlang(words).unwrap_or_else(|| self.fallback(votes))
    }

    fn fallback(&self, votes: &Votes) -> LangGuess {
        let by_lexicon = votes.by_lexicon.iter().max_by_key(|(_, count)| *count);
        match (by_lexicon, votes.hint) {
            (Some(&(lang, _)), _) => LangGuess::Detected { lang, confidence: 0.6 },
            (None, Some(hint)) => LangGuess::Hinted(hint),
            (None, None) => LangGuess::Undetermined,
        }
    }

    /// Small words, the article and letters: Persian and Urdu letters speak against Arabic, but some keyboards and
    /// dialects have a few of them.
    fn arabic_script(&self, words: &[(&str, &str)], votes: &Votes) -> LangGuess {
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
        let num_rows: usize =
            votes.by_lexicon.iter().filter(|(lang, _)| *lang == Lang::AR).map(|(_, count)| count).sum();
        scores[ar] += 0.7 * num_rows as f64;
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

    fn latin_script(&self, words: &[(&str, &str)], votes: &Votes) -> LangGuess {
        let mut scores = [0.0f64; LATIN.len()];
        let (mut num_bytes, mut num_arabizi, mut num_arabic_rows) = (0, 0, 0);
        for (text, word) in words {
            num_bytes += text.len() + 1;
            if is_arabizi(word) {
                num_arabizi += 1;
                scores[ARABIZI] += 1.0;
            }
            let is_accented = !text.is_ascii() && self.weigh_accented(text, &mut scores);
            if !is_accented {
                self.latin.weigh(word, 1.0, &mut scores);
            }
        }
        for &(lang, count) in &votes.by_lexicon {
            if let Some(number) = latin_number(lang.as_str()) {
                scores[number] += 0.7 * count as f64;
            }
            num_arabic_rows += if lang == Lang::AR { count } else { 0 };
        }
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
        self.accented.weigh(&lower, 1.0, scores)
    }

    fn by_whatlang(&self, words: &[(&str, &str)]) -> Option<LangGuess> {
        let text: String = words.iter().flat_map(|(text, _)| [*text, " "]).collect();
        let info = self.detector.detect(&text)?;
        let (_, code) = ALLOWED.iter().find(|(lang, _)| *lang == info.lang())?;
        Some(LangGuess::Detected { lang: Lang::parse(code)?, confidence: info.confidence() })
    }
}

/// The guess that the best of the scores stands for. Squares, because words that neighbors share leave each of them a
/// little, which says nothing against a clear lead.
fn told(code: &str, scores: &[f64]) -> LangGuess {
    let best = scores.iter().copied().fold(0.0, f64::max);
    let total: f64 = scores.iter().map(|score| score * score).sum();
    Lang::parse(code).map_or(LangGuess::Undetermined, |lang| LangGuess::Detected {
        lang,
        confidence: (best * best / (total + 0.2)).min(1.0),
    })
}

/// Place of a language among those in Latin letters.
fn latin_number(code: &str) -> Option<usize> {
    LATIN.iter().position(|(known, _)| *known == code)
}

/// Whether the best score leads by more than `by`.
fn is_decided(scores: &[f64], by: f64) -> bool {
    let best = best_of(scores);
    scores.iter().enumerate().all(|(i, score)| i == best || score + by < scores[best])
}

/// Whether a folded word has the Arabic article, with or without a letter written onto it, and three letters more.
fn has_article(word: &str) -> bool {
    const FORMS: [&str; 7] = ["ال", "وال", "بال", "فال", "كال", "عال", "لل"];
    FORMS.iter().any(|form| word.strip_prefix(form).is_some_and(|rest| rest.chars().nth(2).is_some()))
}

fn best_of(scores: &[f64]) -> usize {
    (0..scores.len()).max_by(|&a, &b| scores[a].total_cmp(&scores[b])).unwrap_or(0)
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

#[cfg(test)]
mod tests;
