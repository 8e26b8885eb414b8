//! The language of a post: script first, then function words and lexicon rows, then whatlang among neighbors.

use rustc_hash::FxHashMap;
use whatlang::{Detector, Lang as Whatlang};

use super::lexicon::vocabulary::packed;
use crate::model::{Lang, LangGuess};
use crate::normalize::fold::is_alphabetic;

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

/// Short frequent words that one of these languages has and its neighbors mostly have not (folded).
const FUNCTION_WORDS: [(&str, &str); 9] = [
    (
        "en",
        "the is are was were been this that with you your they what why who how anyone everyone just not dont cant isnt \
         doesnt have has had and but for from my me we its it still again now when does did will would there here \
         of to at be or if so all i im ive been about because really",
    ),
    (
        "pt",
        "nao eu voce vc tu ele ela isso esse essa este esta estao meu minha pra pro uma um com que porque pq mas ou muito \
         tambem ainda agora aqui ta to tava ja mais quando alguem ninguem so sem dos das da do na no nas nos foi vou vai \
         tem ao aos pelo pela ate hoje ontem gente mds hj tbm de os as",
    ),
    (
        "es",
        "el los las una esta este pero porque muy tambien yo usted con por para como cuando alguien nadie hoy ayer ahora \
         aqui donde mi su sus del al es y lo le se no qué hay estoy tengo ya sin ustedes",
    ),
    (
        "fr",
        "le les des une est pas je tu il elle nous vous ils avec pour dans sur mais ou que qui quoi ca cest jai suis mon ma mes \
         au aux du et en ne plus tout bien encore depuis quand",
    ),
    (
        "it",
        "il gli una che non sono con per ma anche perche questo questa mio mia della dello di ho hai cosi come piu ancora adesso",
    ),
    (
        "de",
        "der die das und ist nicht ich du wir ihr mit fur auf ein eine aber auch noch wieder bei mein warum wenn schon",
    ),
    ("nl", "de het een en is niet ik je jij wij met voor op maar ook nog weer bij mijn waarom als dat dit wel"),
    ("tl", "ang ng mga sa ko mo na pa ba lang naman ako ikaw kayo siya hindi bakit wala yung nang po din rin kasi"),
    (
        "id",
        "yang dan di ke dari ini itu tidak nggak gak aku kamu saya ada apa kenapa lagi juga sama bisa banget sudah udah",
    ),
];

/// More than whatlang's word can weigh (1.4), with room for rounding.
const WHATLANG_AT_MOST: f64 = 1.5;

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
    /// One bit for each language that has the word.
    function_words: FxHashMap<u128, u32>,
}

impl std::fmt::Debug for Languages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Languages").finish_non_exhaustive()
    }
}

impl Default for Languages {
    fn default() -> Self {
        let mut function_words: FxHashMap<u128, u32> = FxHashMap::default();
        for (number, (_, words)) in FUNCTION_WORDS.iter().enumerate() {
            for word in words.split_whitespace().filter_map(|word| packed(word.as_bytes())) {
                *function_words.entry(word).or_default() |= 1 << number;
            }
        }
        let allowed = ALLOWED.iter().map(|(lang, _)| *lang).collect();
        Self { detector: Detector::with_allowlist(allowed), function_words }
    }
}

impl Languages {
    /// Guesses the language of a post from its words without names of services, mentions, links and emoji: each in
    /// its original spelling and folded.
    pub fn guess(&self, words: &[(&str, &str)], votes: &Votes) -> LangGuess {
        let (mut latin, mut arabic, mut persian, mut other) = (0usize, 0usize, 0usize, 0usize);
        for (text, _) in words {
            if text.is_ascii() {
                latin += text.bytes().filter(u8::is_ascii_alphabetic).count();
                continue;
            }
            for c in text.chars().filter(|c| is_alphabetic(*c)) {
                match c {
                    'A'..='Z' | 'a'..='z' | '\u{00C0}'..='\u{024F}' => latin += 1,
                    'پ' | 'چ' | 'ژ' | 'گ' | 'ٹ' | 'ڈ' | 'ڑ' | 'ں' | 'ے' | 'ۓ' | 'ہ' | 'ھ' | 'ی' | 'ک' => {
                        persian += 1;
                        arabic += 1;
                    }
                    '\u{0600}'..='\u{06FF}'
                    | '\u{0750}'..='\u{077F}'
                    | '\u{FB50}'..='\u{FDFF}'
                    | '\u{FE70}'..='\u{FEFC}' => arabic += 1,
                    _ => other += 1,
                }
            }
        }
        let letters = latin + arabic + other;
        if letters < 2 {
            return self.fallback(votes);
        }
        if arabic * 2 > letters {
            return self.arabic_script(words, arabic, persian, votes);
        }
        if latin * 2 >= letters {
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

    /// Persian and Urdu letters speak against Arabic, but some Arabic keyboards and dialects have a few.
    fn arabic_script(&self, words: &[(&str, &str)], arabic: usize, persian: usize, votes: &Votes) -> LangGuess {
        let lexicon = votes.by_lexicon.iter().any(|(lang, _)| *lang == Lang::AR);
        if persian * 25 <= arabic || (lexicon && persian * 8 <= arabic) {
            return LangGuess::Detected { lang: Lang::AR, confidence: 0.98 };
        }
        self.by_whatlang(words).unwrap_or(LangGuess::Detected { lang: Lang::AR, confidence: 0.5 })
    }

    fn latin_script(&self, words: &[(&str, &str)], votes: &Votes) -> LangGuess {
        let mut scores = [0.0f64; FUNCTION_WORDS.len()];
        let (mut num_bytes, mut num_arabizi, mut num_arabic_rows) = (0, 0, 0);
        for (text, word) in words {
            num_bytes += text.len() + 1;
            num_arabizi += usize::from(is_arabizi(word));
            if let Some(&langs) = packed(word.as_bytes()).and_then(|key| self.function_words.get(&key)) {
                let share = 1.0 / f64::from(langs.count_ones());
                let mut rest = langs;
                while rest != 0 {
                    scores[rest.trailing_zeros() as usize] += share;
                    rest &= rest - 1;
                }
            }
        }
        for &(lang, count) in &votes.by_lexicon {
            match FUNCTION_WORDS.iter().position(|(code, _)| *code == lang.as_str()) {
                Some(number) => scores[number] += 0.7 * count as f64,
                None if lang == Lang::AR => num_arabic_rows += count,
                None => {}
            }
        }
        // Rows alone ("down") do not make Arabic of what has small words that Arabizi has not.
        let most = scores[..2].iter().copied().fold(0.0, f64::max);
        let is_told = num_arabizi >= 2 || (num_arabizi + num_arabic_rows >= 2 && most < 2.0);
        if is_told || (num_arabizi + num_arabic_rows == 1 && scores.iter().all(|&score| score < 1.0)) {
            return LangGuess::Detected { lang: Lang::AR, confidence: 0.8 };
        }
        if let Some(number) =
            votes.hint.and_then(|hint| FUNCTION_WORDS.iter().position(|(code, _)| *code == hint.as_str()))
        {
            scores[number] += 0.5;
        }
        let mut letters = words.iter().filter(|(text, _)| !text.is_ascii()).flat_map(|(text, _)| text.chars());
        if let Some((lang, confidence)) = letters.find_map(telling_letter)
            && let Some(number) = FUNCTION_WORDS.iter().position(|(code, _)| *code == lang)
        {
            scores[number] += confidence;
        }
        // A lead that whatlang could not make up decides without it: it takes longer than all the rest of the reading.
        let best = best_of(&scores);
        let is_decided =
            scores.iter().enumerate().all(|(i, score)| i == best || score + WHATLANG_AT_MOST < scores[best]);
        if !is_decided
            && num_bytes > 0
            && let Some(LangGuess::Detected { lang, confidence }) = self.by_whatlang(words)
        {
            match FUNCTION_WORDS.iter().position(|(code, _)| *code == lang.as_str()) {
                Some(number) => scores[number] += (0.4 + confidence) * (num_bytes as f64 / 25.0).min(1.0),
                None if scores.iter().all(|&score| score < 1.0) => return LangGuess::Detected { lang, confidence },
                None => {}
            }
        }
        let best = best_of(&scores);
        let total: f64 = scores.iter().sum();
        if scores[best] <= 0.0 {
            return self.fallback(votes);
        }
        match Lang::parse(FUNCTION_WORDS[best].0) {
            Some(lang) => LangGuess::Detected { lang, confidence: (scores[best] / (total + 0.2)).min(1.0) },
            None => LangGuess::Undetermined,
        }
    }

    fn by_whatlang(&self, words: &[(&str, &str)]) -> Option<LangGuess> {
        let text: String = words.iter().flat_map(|(text, _)| [*text, " "]).collect();
        let info = self.detector.detect(&text)?;
        let (_, code) = ALLOWED.iter().find(|(lang, _)| *lang == info.lang())?;
        Some(LangGuess::Detected { lang: Lang::parse(code)?, confidence: info.confidence() })
    }
}

fn best_of(scores: &[f64]) -> usize {
    (0..scores.len()).max_by(|&a, &b| scores[a].total_cmp(&scores[b])).unwrap_or(0)
}

/// Whether a word of Latin letters has a digit for an Arabic letter in it (`3andi`, `wa2e3`), and is
/// no ordinal, time or unit.
fn is_arabizi(word: &str) -> bool {
    const UNITS: [&str; 20] = [
        "nd", "rd", "th", "st", "am", "pm", "gb", "mb", "tb", "km", "kg", "px", "hr", "hrs", "min", "mins", "yr",
        "yrs", "bn", "ghz",
    ];
    if !word.bytes().any(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let rest = word.trim_start_matches(|c: char| c.is_ascii_digit());
    let has_inner = word.as_bytes().windows(2).any(|pair| b"23579".contains(&pair[0]) && pair[1].is_ascii_lowercase());
    has_inner && rest.len() >= 3 && !(rest.len() < word.len() && UNITS.contains(&rest))
}

/// Letters that one language has and its neighbors have not.
fn telling_letter(c: char) -> Option<(&'static str, f64)> {
    Some(match c {
        'ã' | 'õ' | 'Ã' | 'Õ' => ("pt", 1.5),
        'ñ' | '¿' | '¡' | 'Ñ' => ("es", 2.0),
        'œ' | 'è' | 'û' | 'î' => ("fr", 1.0),
        'ß' | 'ü' | 'ö' | 'ä' => ("de", 1.0),
        _ => return None,
    })
}
