//! Languages in which charts and timelines speak: words, plural forms, numbers and dates, one file per language.

mod ar;
mod en;
mod plural;
mod pt;
mod services;
mod words;

use std::str::FromStr;

use chrono::{Datelike, Offset, TimeZone};
use chrono_tz::Tz;

pub use plural::Plural;
pub use services::{is_service, service_name};
pub use words::Words;

use crate::model::Time;

/// A language of charts and timelines. Figures are written with Western digits in all of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Locale {
    /// English.
    #[default]
    En,
    /// Portuguese, of Brazil where they differ.
    Pt,
    /// Modern Standard Arabic, as newspapers write it.
    Ar,
}

impl FromStr for Locale {
    type Err = String;
    fn from_str(code: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|locale| locale.code() == code);
        found.ok_or_else(|| format!("'{code}' is no language of an output: use en, pt or ar"))
    }
}

impl Locale {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::En, Self::Pt, Self::Ar];

    /// ISO 639-1 code.
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Pt => "pt",
            Self::Ar => "ar",
        }
    }

    /// `ltr` or `rtl`, as HTML writes it.
    pub fn dir(self) -> &'static str {
        if self.is_rtl() { "rtl" } else { "ltr" }
    }

    /// Whether it is written from right to left.
    pub fn is_rtl(self) -> bool {
        self == Self::Ar
    }

    /// What it calls things.
    pub fn words(self) -> &'static Words {
        match self {
            Self::En => &en::WORDS,
            Self::Pt => &pt::WORDS,
            Self::Ar => &ar::WORDS,
        }
    }

    /// A whole number with thousands apart: `12,345` or `12.345`.
    pub fn whole(self, number: u64) -> String {
        let english = super::wording::thousands(number);
        if self == Self::Pt { english.replace(',', ".") } else { english }
    }

    /// A number with `digits` decimals: `8.4` or `8,4`.
    pub fn decimal(self, number: f64, digits: usize) -> String {
        let english = format!("{number:.digits$}");
        if self == Self::Pt { english.replace('.', ",") } else { english }
    }

    /// A rate: whole where it is large, with one decimal where it is small.
    pub fn rate(self, per_min: f64) -> String {
        if per_min >= 20.0 { self.whole(per_min.round() as u64) } else { self.decimal(per_min, 1) }
    }

    /// A share as `61%`; what is above 0 but rounds to it as `<1%`.
    pub fn percent(self, share: f64) -> String {
        match share * 100.0 {
            percent if percent > 0.0 && percent < 0.5 => "<1%".to_owned(),
            percent => format!("{percent:.0}%"),
        }
    }

    /// A time of day in a zone: `18:41`.
    pub fn clock(self, time: Time, zone: Tz) -> String {
        local(time, zone).format("%H:%M").to_string()
    }

    /// A day in a zone, short enough for an axis: `4 Oct 2021`.
    pub fn short_day(self, time: Time, zone: Tz) -> String {
        self.day_with(time, zone, &self.words().months_short, self.words().short_day)
    }

    /// A day in a zone for running text: `4 October 2021`, `4 de outubro de 2021`.
    pub fn day(self, time: Time, zone: Tz) -> String {
        self.day_with(time, zone, &self.words().months, self.words().long_day)
    }

    fn day_with(self, time: Time, zone: Tz, months: &[&str; 12], form: &str) -> String {
        let local = local(time, zone);
        let month = months.get(local.month0() as usize).copied().unwrap_or_default();
        fill(form, &[("day", &local.day().to_string()), ("month", month), ("year", &local.year().to_string())])
    }

    /// A whole moment in a zone, without its name: `4 October 2021, 18:41`.
    pub fn moment(self, time: Time, zone: Tz) -> String {
        fill(self.words().moment, &[("day", &self.day(time, zone)), ("clock", &self.clock(time, zone))])
    }

    /// Text that keeps its own direction inside text of this language (UAX #9 isolates): for names and numbers in running
    /// text. What is all Arabic letters and digits needs none among Arabic.
    pub fn isolated(self, text: &str) -> String {
        let is_of_language = |c: char| matches!(c, '\u{600}'..='\u{6FF}' | '0'..='9' | ' ' | ':' | '.' | ',');
        if self.is_rtl() && !text.chars().all(is_of_language) {
            return format!("\u{2068}{text}\u{2069}");
        }
        text.to_owned()
    }

    /// What stands between the members of a list.
    pub fn comma(self) -> &'static str {
        if self.is_rtl() { "، " } else { ", " }
    }

    /// A line of this language that reads in its own direction where the medium runs from left to right.
    pub fn line(self, text: &str) -> String {
        if self.is_rtl() { format!("\u{2067}{text}\u{2069}") } else { text.to_owned() }
    }
}

/// Puts values in place of `{name}` in a sentence of a language; a value is never looked at again.
pub fn fill(form: &str, values: &[(&str, &str)]) -> String {
    let mut text = String::with_capacity(form.len() + 32);
    let mut rest = form;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let Some((name, behind)) = after.split_once('}') else {
            rest = after;
            break;
        };
        text.push_str(values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value));
        rest = behind;
    }
    text.push_str(rest);
    text
}

/// A zone with its distance from UTC at a moment: `Asia/Baghdad (UTC+3)`, `UTC`.
pub fn zone_name(zone: Tz, at: Time) -> String {
    if zone == Tz::UTC {
        return "UTC".to_owned();
    }
    let mins = local(at, zone).offset().fix().local_minus_utc() / 60;
    let (sign, hours, mins) = (if mins < 0 { '−' } else { '+' }, mins.abs() / 60, mins.abs() % 60);
    let mins = if mins == 0 { String::new() } else { format!(":{mins:02}") };
    format!("{} (UTC{sign}{hours}{mins})", zone.name())
}

/// A moment by the clocks of a zone.
pub fn local(time: Time, zone: Tz) -> chrono::DateTime<Tz> {
    zone.from_utc_datetime(&time.naive_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: &str = "2021-10-04T22:41:00Z";

    #[test]
    fn dates_and_numbers_follow_the_custom() {
        let at: Time = AT.parse().unwrap();
        for (locale, zone, moment, day, number) in [
            (Locale::En, Tz::UTC, "4 October 2021, 22:41", "4 Oct 2021", "12,345"),
            (Locale::Pt, Tz::America__Sao_Paulo, "4 de outubro de 2021, 19:41", "4 out. 2021", "12.345"),
            (Locale::Ar, Tz::Asia__Baghdad, "5 تشرين الأول/أكتوبر 2021، 01:41", "5 أكتوبر 2021", "12,345"),
        ] {
            assert_eq!(locale.moment(at, zone), moment);
            assert_eq!(locale.short_day(at, zone), day);
            assert_eq!(locale.whole(12_345), number);
        }
        assert_eq!(Locale::Pt.decimal(8.44, 1), "8,4");
        assert_eq!(Locale::En.percent(0.001), "<1%");
    }

    #[test]
    fn zones_are_named_with_their_distance() {
        let at: Time = AT.parse().unwrap();
        assert_eq!(zone_name(Tz::UTC, at), "UTC");
        assert_eq!(zone_name(Tz::Asia__Baghdad, at), "Asia/Baghdad (UTC+3)");
        assert_eq!(zone_name(Tz::America__Sao_Paulo, at), "America/Sao_Paulo (UTC−3)");
        assert_eq!(zone_name(Tz::Asia__Kolkata, at), "Asia/Kolkata (UTC+5:30)");
    }

    #[test]
    fn a_value_is_never_taken_for_a_form() {
        assert_eq!(fill("{a} and {b}", &[("a", "{b}"), ("b", "2")]), "{b} and 2");
        assert_eq!(fill("no {unknown} here", &[]), "no  here");
        assert_eq!(fill("broken {a", &[("a", "1")]), "broken a");
    }

    #[test]
    fn every_language_fills_the_same_places() {
        let places = |form: &str| {
            let mut names: Vec<String> =
                form.split('{').skip(1).filter_map(|part| Some(part.split_once('}')?.0.to_owned())).collect();
            names.sort();
            names
        };
        let english: Vec<_> = Locale::En.words().forms();
        for locale in Locale::ALL {
            for ((name, form), (_, model)) in locale.words().forms().iter().zip(&english) {
                assert!(!form.is_empty(), "{} {name}", locale.code());
                assert_eq!(places(form), places(model), "{} {name}", locale.code());
            }
        }
    }
}
