//! Of which posts the opinion is asked at all, and which of them are doubtful.

use super::Opinion;
use super::tokens::tokens;
use crate::normalize::words::{WordKind, Words};
use crate::tag::Inside;
use crate::tag::claims::Fired;
use crate::tag::judge::sorted;
use crate::tag::lexicon::{Role, RowKind};
use crate::tag::names::Standing;

/// In longer posts, in words, that name nothing something must fail that people use of a service; who writes less leaves that
/// out ("it won't open again").
const MOST_BARE: usize = 24;

/// Longer ones are about something else, though a word of failing stands in them.
const MOST_UNNAMED: usize = 32;

/// The same where a first look promises something: long reviews tell of a failure between other things.
const MOST_PROMISED: usize = 48;

impl Opinion {
    /// Whether a post has anything for an opinion to be about: something was found, or its words promise it, since reviews and
    /// rants often name nothing. Who names nothing and speaks to somebody is not heard: what fails is theirs.
    pub(super) fn is_asked(&self, inside: &Inside<'_>) -> bool {
        if has_findings(inside) {
            return true;
        }
        let words = inside.text.words;
        let is_promised = || words.len() <= MOST_PROMISED && self.glance_promises(inside);
        !begins_with_account(words) && (speaks_of_failing(inside) || is_promised())
    }
}

/// Whether the words themselves say that something of a service fails, in a post of which the opinion may be asked.
pub(super) fn speaks_of_failing(inside: &Inside<'_>) -> bool {
    let words = inside.text.words;
    let table = inside.attachment.lexicon.classes.table();
    let lang = inside.lang.lang();
    if words.len() <= MOST_BARE && table.says_failing(lang, words) {
        return true;
    }
    words.len() <= MOST_UNNAMED && table.may_name_part(lang, words) && tells_of_part(inside)
}

/// Whether classes say that something fails that people use of a service.
pub(super) fn tells_of_part(inside: &Inside<'_>) -> bool {
    let tokens = tokens(inside.text.words, inside.mentions, None);
    inside.attachment.lexicon.classes.table().tell_of_failing(inside.class_sets(&tokens), &tokens)
}

/// Whether a row says something, or a service is named.
pub(super) fn has_findings(inside: &Inside<'_>) -> bool {
    has_rows(inside) || spoken_of(inside).any(|service| !is_destination(inside, service))
}

/// Whether a row says something.
pub(super) fn has_rows(inside: &Inside<'_>) -> bool {
    let firings = inside.firings;
    !firings.claims.is_empty() || !firings.news.is_empty() || !firings.moves.is_empty()
}

/// Whether people only go to a service, so that nobody says that it fails.
pub(super) fn is_destination(inside: &Inside<'_>, service: usize) -> bool {
    inside.attachment.lexicon.services[service].only_destination
}

/// Services that a post may speak of, by index: named, or called by an everyday word.
pub(super) fn candidates(inside: &Inside<'_>) -> Vec<usize> {
    sorted(spoken_of(inside))
}

/// The same, once for each time.
fn spoken_of(inside: &Inside<'_>) -> impl Iterator<Item = usize> {
    let may_count = inside.mentions.iter().filter(|m| !matches!(m.standing, Standing::Rejected(_)));
    may_count.map(|m| m.place.service)
}

/// Whether a post speaks to an account.
pub(super) fn begins_with_account(words: &Words) -> bool {
    !words.is_empty() && words.word(0).kind == WordKind::Mention
}

/// Whether a post names a service for certain.
pub(super) fn names_service(inside: &Inside<'_>) -> bool {
    inside.mentions.iter().any(|m| m.standing.counts() && !is_destination(inside, m.place.service))
}

/// Whether an everyday word of a post may be a service.
pub(super) fn may_name_service(inside: &Inside<'_>) -> bool {
    inside.mentions.iter().any(|m| m.standing == Standing::Open)
}

/// Whether a post speaks to somebody else or links to something (who shows something behind a link seldom shows a failure),
/// or its word of failing has another sense and nothing else is claimed.
pub(super) fn is_doubtful(inside: &Inside<'_>) -> bool {
    let words = inside.text.words;
    let rows = &inside.attachment.lexicon.rows;
    let is_other_sense = |fired: &Fired| matches!(rows[fired.row].kind, RowKind::Cue { role: Role::OtherSense, .. });
    let is_played_with = inside.verdict.claims.is_empty() && inside.firings.cues.iter().any(is_other_sense);
    let speaks_to_other =
        begins_with_account(words) && !inside.mentions.iter().any(|m| m.place.from == 0 && m.standing.counts());
    speaks_to_other || is_played_with || words.iter().any(|word| word.kind == WordKind::Link)
}
