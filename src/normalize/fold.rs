//! Folding: characters brought to the form in which lexicons and posts meet.
//!
//! Compatibility forms, case, accents and Arabic letter forms fall together (Unicode NFKD without
//! marks; Arabic forms after Darwish et al., "Arabic Information Retrieval", 2014, section 3).

use std::sync::LazyLock;

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// Calls `emit` for each folded character of `c`: none for marks and invisible characters.
#[inline]
pub fn fold_char(c: char, mut emit: impl FnMut(char)) {
    if c.is_ascii() {
        return emit(c.to_ascii_lowercase());
    }
    match COMMON.get(c as usize).map(|known| known.folded) {
        Some(Folded::Nothing) => {}
        Some(Folded::One(form)) => emit(form),
        Some(Folded::Several) | None => fold_rare(c, emit),
    }
}

/// Whether `char::is_alphanumeric` holds, found faster.
#[inline]
pub fn is_alphanumeric(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric();
    }
    COMMON.get(c as usize).map_or_else(|| c.is_alphanumeric(), |known| known.is_alphanumeric)
}

/// Whether `char::is_alphabetic` holds, found faster.
#[inline]
pub fn is_alphabetic(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphabetic();
    }
    COMMON.get(c as usize).map_or_else(|| c.is_alphabetic(), |known| known.is_alphabetic)
}

/// What a character folds to.
#[derive(Clone, Copy)]
enum Folded {
    Nothing,
    One(char),
    Several,
}

/// What is known of a character.
#[derive(Clone, Copy)]
struct Known {
    folded: Folded,
    is_alphanumeric: bool,
    is_alphabetic: bool,
}

/// The scripts up to Arabic, which make up most posts: the tables of Unicode are searched once for each character.
static COMMON: LazyLock<Vec<Known>> = LazyLock::new(|| {
    ('\0'..'\u{0700}')
        .map(|c| {
            let mut folded = Folded::Nothing;
            fold_rare(c, |form| {
                folded = if matches!(folded, Folded::Nothing) { Folded::One(form) } else { Folded::Several };
            });
            Known { folded, is_alphanumeric: c.is_alphanumeric(), is_alphabetic: c.is_alphabetic() }
        })
        .collect()
});

fn fold_rare(c: char, mut emit: impl FnMut(char)) {
    decompose_compatible(c, |part| {
        if is_combining_mark(part) || is_invisible(part) {
            return;
        }
        match arabic_form(part) {
            Some(form) => emit(form),
            None => part.to_lowercase().for_each(&mut emit),
        }
    });
}

/// Marks that carry no letter: joiners, direction marks, tatweel, variation selectors, soft hyphen.
pub fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{0640}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{2069}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{E0000}'..='\u{E007F}')
}

/// The letter or digit that stands for the forms that people write for one another.
fn arabic_form(c: char) -> Option<char> {
    Some(match c {
        '\u{0671}' => 'ا',
        'ى' | 'ی' | 'ې' => 'ي',
        'ة' | 'ہ' | 'ە' | 'ھ' => 'ه',
        'ک' => 'ك',
        'ڤ' => 'ف',
        'ء' => 'ء',
        '٠'..='٩' => char::from(b'0' + (c as u32 - '٠' as u32) as u8),
        '۰'..='۹' => char::from(b'0' + (c as u32 - '۰' as u32) as u8),
        _ => return None,
    })
}

/// Whether a character is a picture that stands as a word of its own.
pub fn is_emoji(c: char) -> bool {
    matches!(c, '\u{1F000}'..='\u{1FAFF}' | '\u{2600}'..='\u{27BF}' | '\u{2B00}'..='\u{2BFF}' | '\u{231A}'..='\u{23FF}')
        && !matches!(c, '\u{1F3FB}'..='\u{1F3FF}')
}

/// Letter clitics in front of an Arabic word by their first letter: conjunctions, prepositions, the article and their
/// chains.
fn clitics(first: char) -> &'static [&'static str] {
    match first {
        'و' => &["وبال", "وعال", "ولل", "وال", "وب", "ول", "وع", "و"],
        'ف' => &["فال", "فب", "فل", "ف"],
        'ب' => &["بال", "ب"],
        'ك' => &["كال", "ك"],
        'ع' => &["عال"],
        'ه' => &["هال", "ه"],
        'ل' => &["لل", "ل"],
        'ا' => &["ال"],
        _ => &[],
    }
}

/// What stands behind the Arabic article at the beginning of a folded word, with or without a letter written onto it.
pub fn behind_article(word: &str) -> Option<&str> {
    const FORMS: [&str; 7] = ["ال", "وال", "بال", "فال", "كال", "عال", "لل"];
    FORMS.iter().find_map(|form| word.strip_prefix(form))
}

/// Byte offsets in a folded Arabic word at which it may begin once clitics are taken off (0 first).
/// At least three letters stay, so that short words are left alone.
#[inline]
pub fn clitic_starts(word: &str) -> impl Iterator<Item = usize> + '_ {
    let is_ascii = word.as_bytes().first().is_none_or(u8::is_ascii);
    let first = if is_ascii { None } else { word.chars().next() };
    let clitics = first.map_or(&[][..], clitics);
    let is_left = |rest: &str| rest.chars().nth(2).is_some();
    std::iter::once(0).chain(
        clitics
            .iter()
            .filter(move |clitic| word.strip_prefix(**clitic).is_some_and(is_left))
            .map(|clitic| clitic.len()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        let mut out = String::new();
        text.chars().for_each(|c| fold_char(c, |f| out.push(f)));
        out
    }

    #[test]
    fn forms_fall_together() {
        for (a, b) in [
            ("NÃO", "nao"),
            ("إشارة", "اشاره"),
            ("أُغْلِقَ", "اغلق"),
            ("واتســـاب", "واتساب"),
            ("ﻭﺍﺗﺴﺎﺏ", "واتساب"),
            ("کیف", "كيف"),
            ("١٢٣۴", "1234"),
            ("𝓦𝓱𝓪𝓽𝓼", "whats"),
            ("can\u{200d}t", "cant"),
        ] {
            assert_eq!(folded(a), b, "{a}");
        }
    }

    #[test]
    fn clitics_come_off() {
        let forms = |w| clitic_starts(w).map(|at| &w[at..]).collect::<Vec<_>>();
        assert!(forms("والواتساب").contains(&"واتساب"));
        assert!(forms("للواتساب").contains(&"واتساب"));
        assert_eq!(forms("ولا"), ["ولا"]);
        assert_eq!(forms("down"), ["down"]);
    }
}
