//! What people say, as templates by language, dialect and purpose: read from data/phrases.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use super::SimulateError;
use super::dice::Dice;
use super::event::Says;
use crate::model::{Country, Lang, ServiceId};

const FILES: [&str; 3] = [
    include_str!("../../data/phrases/ar.toml"),
    include_str!("../../data/phrases/en.toml"),
    include_str!("../../data/phrases/pt.toml"),
];
/// The dialect of phrases that everybody uses.
const ANY: &str = "any";

type ByDialect<T> = BTreeMap<String, T>;

/// The phrases of one language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Phrases {
    pub(super) lang: Lang,
    /// Dialects by country code.
    dialects: BTreeMap<Country, Vec<String>>,
    /// What a slot such as `{no S}` puts before the name: for most services, and for those below.
    #[serde(default)]
    forms: BTreeMap<String, [String; 2]>,
    /// Services that take the second form (feminine, or without an article).
    #[serde(default)]
    second_form: Vec<ServiceId>,
    /// How services are called.
    names: ByDialect<BTreeMap<ServiceId, Vec<String>>>,
    /// Emoji by kind of post (`complaint`, `restored`, `other`).
    pub(super) emoji: BTreeMap<String, Vec<String>>,
    /// Hashtags that people put behind a complaint; `{S}` is the name without spaces.
    pub(super) hashtags: Vec<String>,
    /// Who is named as the source of news.
    pub(super) sources: Vec<String>,
    /// What people put before any phrase.
    heads: ByDialect<Vec<String>>,
    /// What people put behind a complaint; `{N}` is a number, `{H}` an hour.
    tails: ByDialect<Vec<String>>,
    say: BTreeMap<Says, ByDialect<Vec<String>>>,
}

/// A part of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Words as they stand.
    Text(&'a str),
    /// A service (`S`, `T`, `U` or `V`), with a form before it or none.
    Slot(&'a str, char),
}

/// The phrases of all languages.
pub(super) fn all() -> Result<&'static [Phrases], SimulateError> {
    static ALL: OnceLock<Result<Vec<Phrases>, toml::de::Error>> = OnceLock::new();
    let read = || FILES.into_iter().map(toml::from_str).collect();
    match ALL.get_or_init(read) {
        Ok(phrases) => Ok(phrases),
        Err(error) => Err(SimulateError::Phrases(error.clone())),
    }
}

impl Phrases {
    /// Templates for a purpose, the dialects of `country` included.
    pub(super) fn templates(&self, says: Says, country: &Country) -> Vec<&str> {
        self.say.get(&says).map(|lists| self.of_country(lists, country)).unwrap_or_default()
    }

    /// Beginnings, the dialects of `country` included.
    pub(super) fn heads(&self, country: &Country) -> Vec<&str> {
        self.of_country(&self.heads, country)
    }

    /// Endings of complaints, the dialects of `country` included.
    pub(super) fn tails(&self, country: &Country) -> Vec<&str> {
        self.of_country(&self.tails, country)
    }

    fn of_country<'a>(&'a self, lists: &'a ByDialect<Vec<String>>, country: &Country) -> Vec<&'a str> {
        self.spoken(country).filter_map(|dialect| lists.get(dialect)).flatten().map(String::as_str).collect()
    }

    /// One of the names of a service; its id with a capital where the file has none.
    pub(super) fn name(&self, service: &ServiceId, country: &Country, dice: &mut Dice) -> String {
        let lists = self.spoken(country).filter_map(|dialect| self.names.get(dialect)?.get(service));
        let names: Vec<&String> = lists.flatten().collect();
        dice.pick(&names).map_or_else(|| capitalized(service), |name| (*name).clone())
    }

    /// The name that a newspaper uses: the first in the file.
    pub(super) fn formal_name(&self, service: &ServiceId) -> String {
        let first = self.names.get(ANY).and_then(|names| names.get(service)?.first());
        first.cloned().unwrap_or_else(|| capitalized(service))
    }

    /// What stands before the name of a service in this form.
    pub(super) fn form(&self, form: &str, service: &ServiceId) -> &str {
        let second = usize::from(self.second_form.contains(service));
        self.forms.get(form).map_or("", |forms| forms[second].as_str())
    }

    fn spoken<'a>(&'a self, country: &Country) -> impl Iterator<Item = &'a str> {
        let own = self.dialects.get(country).map_or(&[][..], Vec::as_slice);
        std::iter::once(ANY).chain(own.iter().map(String::as_str))
    }
}

fn capitalized(service: &ServiceId) -> String {
    let mut letters = service.as_str().chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Cuts a template at its slots: `{S}`, or `{form S}` with a form before the name.
pub(super) fn pieces(template: &str) -> Vec<Piece<'_>> {
    let mut list = Vec::new();
    let mut rest = template;
    while let Some((text, slot, behind)) =
        rest.split_once('{').and_then(|(text, more)| more.split_once('}').map(|(slot, behind)| (text, slot, behind)))
    {
        let (form, who) = slot.rsplit_once(' ').unwrap_or(("", slot));
        list.extend([Piece::Text(text), Piece::Slot(form, who.chars().next().unwrap_or('S'))]);
        rest = behind;
    }
    list.push(Piece::Text(rest));
    list.retain(|piece| *piece != Piece::Text(""));
    list
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn templates_are_cut_at_their_slots() {
        use Piece::{Slot, Text};
        assert_eq!(pieces("a {S} b"), [Text("a "), Slot("", 'S'), Text(" b")]);
        assert_eq!(pieces("{no S}, {T}"), [Slot("no", 'S'), Text(", "), Slot("", 'T')]);
        assert_eq!(pieces("plain"), [Text("plain")]);
    }

    #[test]
    fn every_purpose_has_enough_different_phrases_with_the_right_slots() {
        use Says::*;
        let rows = [
            (Complaint, 60, "S", "V"),
            (Pair, 10, "SU", ""),
            (Unnamed, 10, "", ""),
            (Blocked, 10, "S", ""),
            (Restored, 20, "S", ""),
            (News, 20, "S", ""),
            (BlockNews, 8, "S", ""),
            (Headline, 20, "S", ""),
            (Mention, 30, "S", ""),
            (NearMiss, 25, "S", ""),
            (MoveDown, 12, "ST", ""),
            (MoveFrom, 8, "ST", ""),
            (MoveBare, 10, "T", ""),
            (Past, 15, "S", ""),
            (Chatter, 60, "", ""),
            (Copy, 2, "S", ""),
        ];
        for phrases in all().unwrap() {
            for (says, least, needs, may) in rows {
                let by_dialect = phrases.say.get(&says).unwrap_or_else(|| panic!("{} {says:?}", phrases.lang));
                let list: Vec<&String> = by_dialect.values().flatten().collect();
                let distinct: BTreeSet<&String> = list.iter().copied().collect();
                assert_eq!(distinct.len(), list.len(), "{} {says:?} has doubles", phrases.lang);
                assert!(list.len() >= least, "{} {says:?}: {} of {least}", phrases.lang, list.len());
                for template in list {
                    let slots: BTreeSet<char> = pieces(template)
                        .into_iter()
                        .filter_map(|piece| match piece {
                            Piece::Slot(form, who) => {
                                assert!(form.is_empty() || phrases.forms.contains_key(form), "{template}");
                                Some(who)
                            }
                            Piece::Text(text) => {
                                assert!(!text.contains(['{', '}']), "{template}");
                                None
                            }
                        })
                        .collect();
                    assert!(needs.chars().all(|slot| slots.contains(&slot)), "{says:?} {template}");
                    assert!(
                        slots.iter().all(|slot| needs.contains(*slot) || may.contains(*slot)),
                        "{says:?} {template}"
                    );
                }
            }
        }
    }
}
