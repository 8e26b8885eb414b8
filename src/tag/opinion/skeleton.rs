//! Skeletons: consonants of Arabic words, the same whether they are typed in Arabic or in Latin letters.
//!
//! Vowels are typed by ear and by dialect, consonants hardly: what was learned of "ما يفتح" holds of "mayefta7" and
//! "ma yfth". (How Latin letters stand for Arabic ones: Darwish, "Arabizi Detection and Conversion to Arabic", ANLP 2014.)

use super::features::{Features, Group};
use super::tokens::Token;

/// Two Latin letters for one consonant.
const DIGRAPHS: [(&str, char); 6] = [("sh", 'S'), ("ch", 'S'), ("kh", 'x'), ("gh", 'g'), ("th", 't'), ("dh", 'd')];

/// The article as it is typed in front of a word, and how many letters there must be behind it.
const ARTICLES: [(&str, usize); 4] = [("el", 3), ("al", 3), ("il", 3), ("l", 5)];

/// Adds the skeletons of a post's words, alone and two words side by side.
pub(super) fn skeletons(tokens: &[Token<'_>], features: &mut Features) {
    let forms: Vec<String> =
        tokens.iter().map(|token| if token.is_word { skeleton(token.bare) } else { token.text.to_owned() }).collect();
    for (at, token) in tokens.iter().enumerate() {
        if token.is_word && forms[at].len() > 1 {
            features.add(Group::Skeleton, &[&forms[at]], token.words.clone());
        }
        if let Some(next) = tokens.get(at + 1) {
            let words = token.words.start..next.words.end.max(token.words.start);
            features.add(Group::Skeleton, &[&forms[at], " ", &forms[at + 1]], words);
        }
    }
}

/// The consonants of a folded word, one letter for those that are typed alike, without doubled ones, without long vowels
/// and without the ending "ه" or "ah".
fn skeleton(word: &str) -> String {
    let behind = |&(article, least): &(&str, usize)| word.strip_prefix(article).filter(|rest| rest.len() >= least);
    let mut rest = ARTICLES.iter().find_map(behind).unwrap_or(word);
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
    if out.len() > 2 && word.ends_with(['ه', 'h']) && out.ends_with('h') {
        out.pop();
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

    #[test]
    fn both_ways_of_typing_meet() {
        for (latin, arabic, expected) in [
            ("mo3alla2", "معلق", "m3lg"),
            ("yefta7", "يفتح", "fth"),
            ("sha8al", "شغال", "Sgl"),
            ("wa2ef", "واقف", "wgf"),
            ("elnet", "نت", "nt"),
            ("lcommande", "كومند", "kmnd"),
            ("5arban", "خربان", "xrbn"),
            ("tay7a", "طايحه", "th"),
            ("moshkela", "مشكله", "mSkl"),
        ] {
            assert_eq!((skeleton(latin).as_str(), skeleton(arabic).as_str()), (expected, expected), "{latin}");
        }
        assert_eq!((skeleton("la2").as_str(), skeleton("lesh").as_str()), ("lg", "lS"), "no article");
        assert_eq!(skeleton("eeee"), "");
    }
}
