//! Words as the tagger folds them, for the search engine: posts and queries meet in the same form.
//!
//! At the place of an Arabic word with letter clitics its bare forms stand too, so that "واتساب" finds "بالواتساب"; at the
//! place of a hashtag of several words stands the whole of it, so that "whatsappdown" finds "#WhatsAppDown".

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use crate::normalize::fold::clitic_starts;
use crate::normalize::words::{WordKind, Words, fold_into};

/// Longest word in bytes; longer ones are no words of a language.
const MAX_WORD_BYTES: usize = 128;

/// Cuts posts.
#[derive(Debug, Clone, Default)]
pub(super) struct WordTokenizer;

/// The words of one text, ready to be handed out.
#[derive(Debug)]
pub(super) struct WordStream {
    tokens: Vec<Token>,
    next: usize,
}

impl Tokenizer for WordTokenizer {
    type TokenStream<'a> = WordStream;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordStream {
        WordStream { tokens: tokens(text), next: 0 }
    }
}

impl TokenStream for WordStream {
    fn advance(&mut self) -> bool {
        self.next += 1;
        self.next <= self.tokens.len()
    }

    fn token(&self) -> &Token {
        &self.tokens[self.next - 1]
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.tokens[self.next - 1]
    }
}

/// The folded words of a query text, in order.
pub(super) fn query_words(text: &str) -> Vec<String> {
    let words = Words::plain(text);
    (0..words.len()).map(|at| words.text(at)).filter(|word| is_word(word)).map(ToOwned::to_owned).collect()
}

/// A word without an article in front, and the prepositions before that: what else a query for it means.
pub(super) fn without_article(word: &str) -> Option<&str> {
    let longest = clitic_starts(word).filter(|&at| word[..at].ends_with("ال") || word[..at].ends_with("لل")).max()?;
    (longest > 0).then(|| &word[longest..])
}

/// Every form under which a text is found, with its place in words and in bytes of the text.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let words = Words::plain(text);
    let mut tokens = Vec::with_capacity(words.len() + 4);
    let mut position = 0;
    for at in 0..words.len() {
        let (word, folded) = (words.word(at), words.text(at));
        if !is_word(folded) {
            continue;
        }
        let (from, to) = (word.span.0 as usize, word.span.1 as usize);
        let mut push = |text: &str, to: usize| {
            tokens.push(Token {
                offset_from: from,
                offset_to: to,
                position,
                text: text.to_owned(),
                position_length: 1,
            });
        };
        push(folded, to);
        for start in clitic_starts(folded).skip(1) {
            push(&folded[start..], to);
        }
        if let Some((tag, to)) = whole_tag(&words, at, text) {
            push(&tag, to);
        }
        position += 1;
    }
    tokens
}

/// The whole hashtag that begins with the word at `at` and goes on behind it, folded, and where it ends.
fn whole_tag(words: &Words, at: usize, text: &str) -> Option<(String, usize)> {
    let starts = |index: usize| text[..words.word(index).span.0 as usize].ends_with(['#', '＃']);
    if words.word(at).kind != WordKind::Hashtag || !starts(at) {
        return None;
    }
    let last =
        (at + 1..words.len()).take_while(|&next| words.word(next).kind == WordKind::Hashtag && !starts(next)).last()?;
    let (from, to) = (words.word(at).span.0 as usize, words.word(last).span.1 as usize);
    let mut folded = String::new();
    text[from..to].split('_').for_each(|part| fold_into(part, &mut folded));
    Some((folded, to))
}

fn is_word(folded: &str) -> bool {
    !folded.is_empty() && folded.len() <= MAX_WORD_BYTES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn posts_are_found_under_all_their_forms() {
        for (text, forms) in [
            ("Não caiu", "0:nao 1:caiu"),
            ("بالواتساب", "0:بالواتساب 0:واتساب 0:الواتساب"),
            ("#WhatsAppDown https://t.co/x hoje", "0:whats 0:whatsappdown 1:app 2:down 3:hoje"),
            ("#واتساب_معطل #x", "0:واتساب 0:اتساب 0:واتسابمعطل 1:معطل 2:x"),
            ("it's wi-fi", "0:it 1:s 2:wi 3:fi"),
        ] {
            let found: Vec<String> = tokens(text).iter().map(|t| format!("{}:{}", t.position, t.text)).collect();
            assert_eq!(found.join(" "), forms, "{text}");
        }
        for token in tokens("وعالانستقرام ÀÉ #Caiu_Geral 😭") {
            assert!(token.offset_from < token.offset_to, "{token:?}");
        }
    }

    #[test]
    fn articles_come_off_in_queries_and_roots_stay() {
        for (word, bare) in [("الواتساب", Some("واتساب")), ("للواتساب", Some("واتساب")), ("واقف", None), ("down", None)]
        {
            assert_eq!(without_article(word), bare, "{word}");
        }
    }
}
