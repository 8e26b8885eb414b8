//! The language of a post: script first, then function words and lexicon rows, then whatlang among neighbors.

mod arabic;
mod latin;
mod signs;
mod words;

use whatlang::{Detector, Lang as Whatlang};

use crate::model::{Lang, LangGuess};
use crate::normalize::fold::is_alphabetic;
use latin::latin_number;
use words::WordTable;
use words::arabic::ARABIC;
use words::latin::{ACCENTED, LATIN};

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

/// What else is known of a post when its language is guessed.
#[derive(Debug, Clone, Default)]
pub struct Votes {
    /// Words of lexicon rows that fired, by language.
    pub by_lexicon: Vec<(Lang, usize)>,
    /// What the post or its feed claims.
    pub hint: Option<Lang>,
}

impl Votes {
    /// Words of Arabic rows that fired.
    fn of_arabic(&self) -> usize {
        self.by_lexicon.iter().filter(|(lang, _)| *lang == Lang::AR).map(|(_, count)| count).sum()
    }
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

/// Whether the best score leads by more than `by`.
fn is_decided(scores: &[f64], by: f64) -> bool {
    let best = best_of(scores);
    scores.iter().enumerate().all(|(i, score)| i == best || score + by < scores[best])
}

fn best_of(scores: &[f64]) -> usize {
    (0..scores.len()).max_by(|&a, &b| scores[a].total_cmp(&scores[b])).unwrap_or(0)
}

#[cfg(test)]
mod tests;
