//! Text -> folded words with their places, sentences and clauses: what lexicon rows are matched against.

mod reader;

use reader::Reader;
pub use reader::fold_into;

/// What stands between a word and the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Break {
    /// Nothing or space.
    None,
    /// Comma, colon, dash, bracket, ellipsis.
    Clause,
    /// Full stop, question or exclamation mark, line end.
    Sentence,
}

/// What a word was in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WordKind {
    /// Letters and digits.
    Plain,
    /// A part of a hashtag.
    Hashtag,
    /// An `@name`, without the sign.
    Mention,
    /// A link; its folded text is empty.
    Link,
    /// A picture.
    Emoji,
}

/// One word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// Where its folded form stands in [`Words::folded`].
    folded: (u32, u32),
    /// Bytes of the original text.
    pub span: (u32, u32),
    /// What it was.
    pub kind: WordKind,
    /// What stands before it.
    pub before: Break,
    /// Whether it begins with a capital and is not in capitals throughout.
    pub is_capitalized: bool,
    /// Whether it is of two letters or more, all of them capitals.
    pub is_upper: bool,
    /// Whether an ampersand or a plus stands before it.
    pub is_added: bool,
    /// Number of its sentence, from 0.
    pub sentence: u16,
}

/// A text as folded words.
#[derive(Debug, Clone, Default)]
pub struct Words {
    folded: String,
    words: Vec<Word>,
    questions: Vec<bool>,
}

impl Words {
    /// Folds a text; `split` gets each run of letters of a hashtag, pushes the byte offsets at which
    /// a new word begins, and says whether the run is made of known words.
    pub fn of(text: &str, split: impl Fn(&str, &mut Vec<usize>) -> bool) -> Self {
        Reader::read_all(text, split)
    }

    /// Folds a text without splitting hashtags.
    pub fn plain(text: &str) -> Self {
        Self::of(text, |_, _| false)
    }

    /// Number of words.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether there is no word.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The word at `index`; panics beyond the end as a slice does.
    pub fn word(&self, index: usize) -> &Word {
        &self.words[index]
    }

    /// All words.
    pub fn iter(&self) -> impl Iterator<Item = &Word> {
        self.words.iter()
    }

    /// Folded form of the word at `index`; empty for a link.
    pub fn text(&self, index: usize) -> &str {
        let (from, to) = self.words[index].folded;
        &self.folded[from as usize..to as usize]
    }

    /// Number of sentences.
    pub fn num_sentences(&self) -> usize {
        self.words.last().map_or(0, |last| usize::from(last.sentence) + 1)
    }

    /// Whether the sentence of the word at `index` ends in a question mark.
    pub fn is_question(&self, index: usize) -> bool {
        self.questions.get(usize::from(self.words[index].sentence)).copied().unwrap_or(false)
    }

    /// Whether the word at `index` begins its sentence.
    pub fn starts_sentence(&self, index: usize) -> bool {
        index == 0 || self.words[index].sentence != self.words[index - 1].sentence
    }

    /// Whether the word at `index` ends its sentence.
    pub fn ends_sentence(&self, index: usize) -> bool {
        index + 1 == self.words.len() || self.words[index].sentence != self.words[index + 1].sentence
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let words = Words::of(text, |word, cuts| {
            if word == "whatsappdown" {
                cuts.push(8);
            }
            word == "whatsappdown"
        });
        let mut out = String::new();
        for (i, word) in words.iter().enumerate() {
            out.push_str(match word.before {
                Break::None => " ",
                Break::Clause => ", ",
                Break::Sentence => ". ",
            });
            out.push_str(if word.kind == WordKind::Link { "LINK" } else { words.text(i) });
        }
        out
    }

    #[test]
    fn texts_become_words() {
        for (text, words) in [
            ("Zap CAIUUUU, né?", ". zap caiu, ne"),
            ("It's down. Can’t send!", ". it s down. cant send"),
            ("#WhatsAppDown #whatsappdown #واتساب_معطل", ". whatsapp down whatsapp down واتساب معطل"),
            ("#ZapFora", ". zap fora"),
            ("@WhatsApp: why?\nhttps://t.co/x ok", ". whatsapp, why. LINK ok"),
            ("wi-fi … 😭😭 1000", ". wi fi, 😭 😭 1000"),
            ("hmmm... ok", ". hm, ok"),
            ("gov.br e c.ai, 4.5. fim", ". gov br e c ai, 4 5. fim"),
            ("caiu.alguem? sim.Nao", ". caiu. alguem. sim. nao"),
            ("ig &amp; fb/insta", ". ig fb, insta"),
            ("", ""),
            ("!!! ...", ""),
        ] {
            assert_eq!(shown(text), words, "{text}");
        }
    }

    #[test]
    fn questions_are_known() {
        let words = Words::plain("whatsapp down? no. really");
        assert!(words.is_question(0) && words.is_question(1) && !words.is_question(2) && !words.is_question(3));
    }
}
