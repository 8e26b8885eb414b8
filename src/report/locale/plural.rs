//! Plural forms by the rules of each language (Unicode CLDR, Language Plural Rules, cardinals).

use super::Locale;

/// A counted noun. `{n}` is the number; what a language does not tell apart repeats `other`.
#[derive(Debug, Clone, Copy)]
pub struct Plural {
    /// None at all (Arabic).
    pub zero: &'static str,
    /// One; in Portuguese also none.
    pub one: &'static str,
    /// Two (Arabic).
    pub two: &'static str,
    /// Three to ten, and such endings (Arabic).
    pub few: &'static str,
    /// Eleven to ninety-nine, and such endings (Arabic).
    pub many: &'static str,
    /// Everything else.
    pub other: &'static str,
}

impl Plural {
    /// A noun of a language with two forms.
    pub(super) const fn two_forms(one: &'static str, other: &'static str) -> Self {
        Self { zero: other, one, two: other, few: other, many: other, other }
    }

    /// The noun with its number.
    pub fn of(&self, number: u64, locale: Locale) -> String {
        super::fill(self.form(number, locale), &[("n", &locale.whole(number))])
    }

    fn form(&self, number: u64, locale: Locale) -> &'static str {
        match (locale, number) {
            (Locale::En | Locale::Pt, 1) | (Locale::Pt, 0) => self.one,
            (Locale::En | Locale::Pt, _) => self.other,
            (Locale::Ar, 0) => self.zero,
            (Locale::Ar, 1) => self.one,
            (Locale::Ar, 2) => self.two,
            (Locale::Ar, _) => match number % 100 {
                3..=10 => self.few,
                11..=99 => self.many,
                _ => self.other,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nouns_agree_with_their_number() {
        for (locale, number, text) in [
            (Locale::En, 0, "0 complaints"),
            (Locale::En, 1, "1 complaint"),
            (Locale::En, 12_345, "12,345 complaints"),
            (Locale::Pt, 0, "0 reclamação"),
            (Locale::Pt, 1, "1 reclamação"),
            (Locale::Pt, 1_000, "1.000 reclamações"),
            (Locale::Ar, 0, "لا شكاوى"),
            (Locale::Ar, 1, "شكوى واحدة"),
            (Locale::Ar, 2, "شكويان"),
            (Locale::Ar, 7, "7 شكاوى"),
            (Locale::Ar, 11, "11 شكوى"),
            (Locale::Ar, 100, "100 شكوى"),
            (Locale::Ar, 105, "105 شكاوى"),
        ] {
            assert_eq!(locale.words().complaints.of(number, locale), text);
        }
    }
}
