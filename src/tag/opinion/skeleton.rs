//! Skeletons: consonants of Arabic words, the same whether they are typed in Arabic or in Latin letters.
//!
//! Vowels are typed by ear and by dialect, consonants hardly: what was learned of "معلق" holds of "mo3alla2" and "m3al2a".
//! (How Latin letters stand for Arabic ones: Darwish, "Arabizi Detection and Conversion to Arabic", ANLP 2014.)

use super::features::{Features, Group};
use super::tokens::Token;
use crate::normalize::fold::behind_article;

/// Two Latin letters for one consonant.
const DIGRAPHS: [(&str, char); 6] = [("sh", 'S'), ("ch", 'S'), ("kh", 'x'), ("gh", 'g'), ("th", 't'), ("dh", 'z')];

/// Least letters behind the article in Arabic letters.
const LEAST_BEHIND: usize = 2;

/// The article with "this" written onto it and as it is typed in Latin letters, and how many letters there must be behind it.
const OTHER_ARTICLES: [(&str, usize); 5] = [("هال", LEAST_BEHIND), ("el", 3), ("al", 3), ("il", 3), ("l", 5)];

/// Least letters in front of an ending that is taken off.
const LEAST_STEM: usize = 3;

/// Adds the skeletons of a post's words, alone and two side by side.
pub(super) fn skeletons(tokens: &[Token<'_>], features: &mut Features) {
    let form = |token: &Token<'_>| if token.is_word { skeleton(token.text) } else { token.text.to_owned() };
    let forms: Vec<String> = tokens.iter().map(form).collect();
    for (at, token) in tokens.iter().enumerate() {
        if token.is_word && forms[at].len() > 1 {
            features.add(Group::Skeleton, &[&forms[at]], token.words.clone());
        }
        let Some(next) = tokens.get(at + 1) else { continue };
        if (token.is_word || next.is_word) && !forms[at].is_empty() && !forms[at + 1].is_empty() {
            features.add(Group::Skeleton, &[&forms[at], " ", &forms[at + 1]], token.through(next));
        }
    }
}

/// The consonants of a folded word, one letter for those that are typed alike, without doubled ones, without long vowels,
/// the article and the ending "ه", which is a vowel in Latin letters.
fn skeleton(word: &str) -> String {
    let has = |text: &str, least: usize| text.chars().nth(least - 1).is_some();
    let behind = |&(article, least): &(&str, usize)| word.strip_prefix(article).filter(|rest| has(rest, least));
    let own = behind_article(word).filter(|rest| has(rest, LEAST_BEHIND));
    let mut rest = own.or_else(|| OTHER_ARTICLES.iter().find_map(behind)).unwrap_or(word);
    rest = rest.strip_suffix('ه').filter(|stem| has(stem, LEAST_STEM)).unwrap_or(rest);
    let mut out = String::new();
    let mut is_first = true;
    while let Some(letter) = rest.chars().next() {
        let digraph = DIGRAPHS.iter().find(|(two, _)| rest.starts_with(two));
        let (found, num_bytes) = match digraph {
            Some((two, found)) => (Some(*found), two.len()),
            None => (consonant(letter, is_first), letter.len_utf8()),
        };
        out.extend(found.filter(|&found| !out.ends_with(found)));
        (rest, is_first) = (&rest[num_bytes..], false);
    }
    out
}

/// What stands for a letter. Those that some region says or types alike are one: "ق" is "q", "g", "9" or "2".
fn consonant(letter: char, is_first: bool) -> Option<char> {
    Some(match letter {
        'ب' | 'پ' | 'b' | 'p' => 'b',
        'ت' | 'ث' | 'ط' | 't' | '6' => 't',
        'ج' | 'غ' | 'ق' | 'گ' | 'ڨ' | 'g' | 'j' | 'q' | '2' | '8' | '9' => 'g',
        'ح' | 'ه' | 'h' | '7' => 'h',
        'خ' | '5' => 'x',
        'د' | 'ض' | 'd' => 'd',
        'ذ' | 'ز' | 'ظ' | 'z' => 'z',
        'ر' | 'r' => 'r',
        'س' | 'ص' | 's' => 's',
        'ش' | 'چ' => 'S',
        'ع' | '3' => '3',
        'ف' | 'f' | 'v' => 'f',
        'ك' | 'c' | 'k' => 'k',
        'ل' | 'l' => 'l',
        'م' | 'm' => 'm',
        'ن' | 'n' => 'n',
        // Inside of a word it is a vowel more often than not.
        'و' | 'w' if is_first => 'w',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalize::words::Words;
    use crate::tag::opinion::tokens::tokens;

    fn names(text: &str) -> Vec<String> {
        let words = Words::plain(text);
        let mut features = Features::default();
        skeletons(&tokens(&words, &[], None), &mut features);
        features.iter().map(|(name, ..)| name.to_owned()).collect()
    }

    #[test]
    fn both_ways_of_typing_meet() {
        for (latin, arabic, expected) in [
            ("mo3alla2", "معلق", "o:m3lg"),
            ("yefta7", "يفتح", "o:fth"),
            ("sha8al", "شغال", "o:Sgl"),
            ("wa2ef", "واقف", "o:wgf"),
            ("elnet", "النت", "o:nt"),
            ("5arban", "خربان", "o:xrbn"),
            ("tay7a", "طايحة", "o:th"),
            ("maftu7a", "مفتوحة", "o:mfth"),
            ("moshkela", "مشكلة", "o:mSkl"),
            ("lcommande", "الكوماند", "o:kmnd"),
            ("kteer", "كتير", "o:ktr"),
            ("hadha", "هذا", "o:hz"),
        ] {
            for text in [latin, arabic] {
                assert!(names(text).contains(&expected.to_owned()), "{text}: {:?}", names(text));
            }
        }
        assert_eq!((skeleton("la2").as_str(), skeleton("lesh").as_str()), ("lg", "lS"), "no article");
        assert!(names("ma yefta7").contains(&"o:m fth".to_owned()));
        assert!(names("يا").is_empty(), "no consonant");
    }
}
