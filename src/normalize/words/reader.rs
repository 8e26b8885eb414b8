//! Cuts a text: links, hashtags, mentions, words, pictures, and the marks between them.

use super::{Break, Word, WordKind, Words};
use crate::normalize::fold::{fold_char, is_alphanumeric, is_emoji, is_invisible};

/// Reads a text from its beginning to its end.
pub(super) struct Reader {
    out: Words,
    before: Break,
    is_added: bool,
    cuts: Vec<usize>,
}

impl Reader {
    /// All words of a text, as [`Words::of`] gives them.
    pub(super) fn read_all(text: &str, split: impl Fn(&str, &mut Vec<usize>) -> bool) -> Words {
        let mut reader = Self { out: Words::default(), before: Break::Sentence, is_added: false, cuts: Vec::new() };
        reader.out.folded.reserve(text.len() + 8);
        reader.out.words.reserve(text.len() / 5 + 2);
        reader.read(text, split);
        reader.out.questions.resize(reader.out.num_sentences(), false);
        reader.out
    }

    fn read(&mut self, text: &str, split: impl Fn(&str, &mut Vec<usize>) -> bool) {
        let mut at = 0;
        while let Some(c) = text[at..].chars().next() {
            let end = at + c.len_utf8();
            if c == ' ' {
                at = end;
            } else if let Some(len) = link_len(&text[at..]) {
                self.push(text, at, at + len, WordKind::Link);
                at += len;
            } else if matches!(c, '#' | '＃') && text[end..].starts_with(is_tag_char) {
                let len = run_len(&text[end..], is_tag_char);
                self.hashtag(text, end, end + len, &split);
                at = end + len;
            } else if matches!(c, '@' | '＠') && text[end..].starts_with(is_tag_char) {
                let len = run_len(&text[end..], |c| is_tag_char(c) || matches!(c, '.' | '-' | '@'));
                let len = text[end..end + len].trim_end_matches(['.', '-', '@']).len();
                self.push(text, end, end + len, WordKind::Mention);
                at = end + len;
            } else if is_word_char(c) {
                at = self.word(text, at);
            } else if is_emoji(c) {
                self.push(text, at, end, WordKind::Emoji);
                at = end;
            } else {
                self.punctuation(text, at, c);
                at = end + entity_len(&text[at..]);
            }
        }
    }

    /// Reads letters and digits; an apostrophe joins, and `'s` at the end is a word of its own.
    fn word(&mut self, text: &str, from: usize) -> usize {
        let bytes = &text.as_bytes()[from..];
        let len = bytes.iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(bytes.len());
        if bytes.get(len).is_none_or(|next| next.is_ascii() && !matches!(next, b'\'' | b'`')) {
            self.push(text, from, from + len, WordKind::Plain);
            return from + len;
        }
        let mut to = from + run_len(&text[from..], is_word_char);
        while let Some(quote) = text[to..].chars().next().filter(|c| matches!(c, '\'' | '’' | 'ʼ' | '`' | '´')) {
            let next = to + quote.len_utf8();
            let len = run_len(&text[next..], is_word_char);
            if len == 0 {
                break;
            }
            if text[next..next + len].eq_ignore_ascii_case("s") {
                self.push(text, from, to, WordKind::Plain);
                self.push(text, next, next + len, WordKind::Plain);
                return next + len;
            }
            to = next + len;
        }
        self.push(text, from, to, WordKind::Plain);
        to
    }

    /// Cuts a hashtag at underscores, then into known words, and only where that fails at capitals.
    fn hashtag(&mut self, text: &str, from: usize, to: usize, split: &impl Fn(&str, &mut Vec<usize>) -> bool) {
        let mut begin = from;
        for (at, _) in text[from..to].match_indices('_').chain([(to - from, "")]) {
            let end = from + at;
            if begin < end && !self.tag_part(text, begin, end, split) {
                if let Some(whole) = self.out.words.pop() {
                    self.before = whole.before;
                }
                self.humps(text, begin, end, split);
            }
            begin = end + 1;
        }
    }

    fn humps(&mut self, text: &str, from: usize, to: usize, split: &impl Fn(&str, &mut Vec<usize>) -> bool) {
        let (mut begin, mut previous) = (from, '_');
        for (offset, c) in text[from..to].char_indices() {
            if c.is_uppercase() && previous.is_lowercase() {
                self.tag_part(text, begin, from + offset, split);
                begin = from + offset;
            }
            previous = c;
        }
        self.tag_part(text, begin, to, split);
    }

    /// Pushes a run of letters, cut into known words; `false` where it is not made of known words.
    fn tag_part(&mut self, text: &str, from: usize, to: usize, split: &impl Fn(&str, &mut Vec<usize>) -> bool) -> bool {
        let start = self.out.words.len();
        self.push(text, from, to, WordKind::Hashtag);
        let Some(whole) = self.out.words.get(start).copied() else { return true };
        let mut cuts = std::mem::take(&mut self.cuts);
        cuts.clear();
        let is_known = split(self.out.text(start), &mut cuts);
        for &cut in &cuts {
            let last = self.out.words.len() - 1;
            let mut tail = self.out.words[last];
            tail.folded.0 = whole.folded.0 + cut as u32;
            (tail.before, tail.is_added) = (Break::None, false);
            self.out.words[last].folded.1 = tail.folded.0;
            self.out.words.push(tail);
        }
        self.cuts = cuts;
        is_known
    }

    fn push(&mut self, text: &str, from: usize, to: usize, kind: WordKind) {
        let start = self.out.folded.len();
        if kind != WordKind::Link {
            fold_into(&text[from..to], &mut self.out.folded);
            if self.out.folded.len() == start {
                return;
            }
        }
        let end = self.out.folded.len();
        self.out.folded.push(' ');
        let sentence = match self.out.words.last() {
            None => 0,
            Some(last) if self.before == Break::Sentence => last.sentence.saturating_add(1),
            Some(last) => last.sentence,
        };
        let mut letters = text[from..to].chars();
        // Letters beyond ASCII are looked at only where the first is a capital, which few are.
        let is_capital = |c: char| if c.is_ascii() { c.is_ascii_uppercase() } else { c.is_uppercase() };
        let is_capitalized =
            letters.next().is_some_and(is_capital) && (to - from == 1 || letters.any(char::is_lowercase));
        let is_upper = to - from > 1 && text[from..to].chars().all(is_capital);
        self.out.words.push(Word {
            folded: (start as u32, end as u32),
            span: (from as u32, to as u32),
            kind,
            before: self.before,
            is_capitalized,
            is_upper,
            is_added: std::mem::take(&mut self.is_added),
            sentence,
        });
        self.before = Break::None;
    }

    fn punctuation(&mut self, text: &str, at: usize, c: char) {
        let rest = &text[at..];
        self.is_added |= c == '+' || c == '&' && matches!(&rest[..entity_len(rest) + 1], "&" | "&amp;");
        let found = match c {
            '?' | '؟' | '？' | '⁉' => {
                if let Some(last) = self.out.words.last() {
                    let sentence = usize::from(last.sentence);
                    self.out.questions.resize(self.out.questions.len().max(sentence + 1), false);
                    self.out.questions[sentence] = true;
                }
                Break::Sentence
            }
            '.' if is_inside_name(&text[..at], &rest[1..]) => Break::None,
            '.' if rest[1..].starts_with('.') || text[..at].ends_with('.') => Break::Clause,
            '.' | '!' | '！' | '\n' | '\r' | '۔' | '。' | '\u{2028}' | '\u{2029}' => Break::Sentence,
            '-' if text[..at].ends_with(is_word_char) && rest[1..].starts_with(is_word_char) => Break::None,
            ',' | ';' | ':' | '،' | '؛' | '-' | '–' | '—' | '(' | ')' | '[' | ']' | '|' | '/' | '…' | '•' | '«'
            | '»' | '"' | '“' | '”' => Break::Clause,
            _ => Break::None,
        };
        self.before = self.before.max(found);
    }
}

/// Whether a full stop with no space around it is a part of what it stands in ("gov.br", "c.ai", "4.5"), as far as one
/// side is short, and not the end of a sentence whose next one was begun without a space.
fn is_inside_name(before: &str, behind: &str) -> bool {
    const SHORT: usize = 3;
    let is_far = |c: char| !is_word_char(c);
    let num_before = before.chars().rev().take(SHORT + 1).take_while(|&c| !is_far(c)).count();
    let num_behind = behind.chars().take(SHORT + 1).take_while(|&c| !is_far(c)).count();
    num_before > 0 && num_behind > 0 && num_before.min(num_behind) <= SHORT && !behind.starts_with(char::is_uppercase)
}

/// Appends a word without marks in it folded, with three or more of one letter brought to one.
pub fn fold_into(text: &str, out: &mut String) {
    let start = out.len();
    let bytes = text.as_bytes();
    let is_stretched = |three: &[u8]| three[0] | 0x20 == three[1] | 0x20 && three[1] | 0x20 == three[2] | 0x20;
    if bytes.iter().all(u8::is_ascii_alphanumeric) && !bytes.windows(3).any(is_stretched) {
        out.push_str(text);
        return out[start..].make_ascii_lowercase();
    }
    let mut folding = Folding { out, start, last: '\0', run: 0 };
    text.chars().for_each(|c| fold_char(c, |folded| folding.take(folded)));
}

/// A word on its way.
struct Folding<'a> {
    out: &'a mut String,
    start: usize,
    last: char,
    run: u32,
}

impl Folding<'_> {
    #[inline]
    fn take(&mut self, f: char) {
        if !is_alphanumeric(f) && !is_emoji(f) && f != '.' && f != '_' {
            return;
        }
        self.run = if f == self.last { self.run + 1 } else { 1 };
        self.last = f;
        if self.run < 3 || f.is_ascii_digit() {
            self.out.push(f);
        } else if self.run == 3 && self.out.len() > self.start {
            self.out.pop();
        }
    }
}

#[inline]
fn is_word_char(c: char) -> bool {
    is_alphanumeric(c)
        || (!c.is_ascii()
            && (is_invisible(c) || ('\u{0300}'..='\u{036F}').contains(&c) || ('\u{064B}'..='\u{0670}').contains(&c)))
}

fn is_tag_char(c: char) -> bool {
    is_word_char(c) || c == '_'
}

fn run_len(text: &str, is_member: impl Fn(char) -> bool) -> usize {
    text.find(|c| !is_member(c)).unwrap_or(text.len())
}

/// Bytes behind the `&` of an HTML entity that stands for a mark, as Twitter writes them.
fn entity_len(text: &str) -> usize {
    if !text.starts_with('&') {
        return 0;
    }
    ["&amp;", "&lt;", "&gt;", "&quot;", "&#39;", "&nbsp;"]
        .iter()
        .find(|entity| text.starts_with(**entity))
        .map_or(0, |e| e.len() - 1)
}

/// Length of a link at the beginning of `text`, if there is one.
#[inline]
fn link_len(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let starts = |prefix: &str| bytes.get(..prefix.len()).is_some_and(|b| b.eq_ignore_ascii_case(prefix.as_bytes()));
    // Asked at every word, so the first letter decides for nearly all of them.
    let is_link = match bytes.first()? {
        b'h' | b'H' => starts("http://") || starts("https://"),
        b'w' | b'W' => starts("www."),
        b'p' | b'P' => starts("pic.twitter.com/"),
        b't' | b'T' => starts("t.co/"),
        b'b' | b'B' => starts("bit.ly/"),
        _ => false,
    };
    is_link.then(|| text.find(char::is_whitespace).unwrap_or(text.len()))
}
