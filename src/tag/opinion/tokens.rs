//! The words of a post with its services masked, so that what is learned of one service holds of all.

use std::ops::Range;

use crate::normalize::fold::clitic_starts;
use crate::normalize::words::{WordKind, Words};
use crate::tag::names::{Mention, Standing};

/// One word, one service or one end of a sentence.
#[derive(Debug, Clone)]
pub(super) struct Token<'a> {
    /// Folded; a service is `$S`, an end of a sentence `.` or `?`.
    pub text: &'a str,
    /// Without Arabic clitics.
    pub bare: &'a str,
    /// The words that it stands for; none of an end.
    pub words: Range<usize>,
    /// Index of the mention that it stands for.
    pub mention: Option<usize>,
    /// Whether it is made of letters that the author chose.
    pub is_word: bool,
}

impl Token<'_> {
    /// The words from this token to a later one.
    pub(super) fn through(&self, last: &Self) -> Range<usize> {
        self.words.start..last.words.end.max(self.words.start)
    }
}

/// How the service that is asked about is masked.
pub(super) const ASKED: &str = "$S";

/// Masks the services; with `asked` only mentions of this service (by index into the lexicon) are `$S`, others `$X`.
pub(super) fn tokens<'a>(words: &'a Words, mentions: &[Mention], asked: Option<usize>) -> Vec<Token<'a>> {
    let mark =
        |text: &'static str, words: Range<usize>| Token { text, bare: text, words, mention: None, is_word: false };
    let mut out = Vec::with_capacity(words.len() + 6);
    out.push(mark("^", 0..0));
    let mut at = 0;
    while at < words.len() {
        let is_here =
            |mention: &Mention| mention.place.from == at && !matches!(mention.standing, Standing::Rejected(_));
        let to = match mentions.iter().enumerate().find(|(_, mention)| is_here(mention)) {
            Some((number, mention)) => {
                let text = match asked {
                    Some(service) if service != mention.place.service => "$X",
                    None if mention.standing == Standing::Open => "$O",
                    _ => ASKED,
                };
                out.push(Token { mention: Some(number), ..mark(text, at..mention.place.to) });
                mention.place.to
            }
            None => {
                out.push(word(words, at));
                at + 1
            }
        };
        if words.ends_sentence(to - 1) {
            out.push(mark(if words.is_question(to - 1) { "?" } else { "." }, to..to));
        }
        at = to;
    }
    out
}

/// The tokens of the sentence in which a token stands, with the end of it.
pub(super) fn sentence_at(tokens: &[Token<'_>], at: usize) -> Range<usize> {
    let is_end = |token: &Token<'_>| matches!(token.text, "." | "?");
    let from = tokens[..at].iter().rposition(is_end).map_or(0, |end| end + 1);
    let to = tokens[at..].iter().position(is_end).map_or(tokens.len(), |end| at + end + 1);
    from..to
}

/// A word without its Arabic clitics.
pub(super) fn bare(word: &str) -> &str {
    clitic_starts(word).max().map_or(word, |from| &word[from..])
}

/// A word as a token, not masked as a service.
pub(super) fn word(words: &Words, at: usize) -> Token<'_> {
    let text = words.text(at);
    let masked = match words.word(at).kind {
        WordKind::Link => Some("$L"),
        WordKind::Mention => Some("$@"),
        _ if text.bytes().all(|b| b.is_ascii_digit()) => {
            let is_year = text.len() == 4 && (text.starts_with("19") || text.starts_with("20"));
            Some(if is_year { "$Y" } else { "$N" })
        }
        _ => None,
    };
    match masked {
        Some(text) => Token { text, bare: text, words: at..at + 1, mention: None, is_word: false },
        None => Token {
            text,
            bare: bare(text),
            words: at..at + 1,
            mention: None,
            is_word: words.word(at).kind != WordKind::Emoji,
        },
    }
}
