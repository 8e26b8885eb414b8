//! Which services a claim is about, and what stands between a claim and a name.

use super::binding::is_bound;
use super::claims::{Fired, Firings};
use super::lexicon::{Lexicon, Needs, Role, RowKind, Scope};
use super::matcher::{Slot, Text};
use super::names::Mention;
use crate::model::Lang;
use crate::normalize::words::Break;

/// What services a claim is about.
pub struct Attachment<'a> {
    /// The lexicon.
    pub lexicon: &'a Lexicon,
    /// The text.
    pub text: &'a Text<'a>,
    /// The services named.
    pub mentions: &'a [Mention],
    /// What fired.
    pub firings: &'a Firings,
    /// Language of the post, as far as known: its cues count beside those of a claim's own language.
    pub lang: Option<Lang>,
}

impl Attachment<'_> {
    /// Places (indexes of mentions) that a claim is about: its slots, else those of the claims inside it, else the
    /// nearest name in its sentence, else in the sentences around; joined by "and" to the names beside it.
    pub fn places(&self, claim: &Fired) -> Vec<usize> {
        let mut found = claim.services();
        if found.is_empty() {
            let inside = self.firings.claims.iter().filter(|other| claim.covers(other) && is_bound(self, other));
            found.extend(inside.flat_map(Fired::services));
        }
        if found.is_empty() {
            let free =
                (0..self.mentions.len()).filter(|&i| self.mentions[i].standing.counts() && !self.is_elsewhere(i));
            found.extend(free.min_by_key(|&i| self.distance(claim, i)));
        }
        self.add_joined(&mut found);
        found.retain(|&i| self.mentions[i].standing.counts() && !self.is_destination(i));
        found
    }

    /// Adds the names that stand in one list with those that are there. Before a comma alone a list only stands where
    /// its clause begins: "cheguei no twitter, o insta caiu" has none.
    pub fn add_joined(&self, found: &mut Vec<usize>) {
        let mut next = 0;
        let mut is_list = false;
        while next < found.len() {
            let place = found[next];
            let beside = [Some(place + 1).filter(|&i| i < self.mentions.len()), place.checked_sub(1)];
            for other in beside.into_iter().flatten() {
                let (left, right) = (place.min(other), place.max(other));
                if found.contains(&other) || self.is_elsewhere(other) || !self.are_joined(left, right) {
                    continue;
                }
                is_list |= self.has_and(left, right);
                if other == right || is_list || self.is_at_front(left) {
                    found.push(other);
                }
            }
            next += 1;
        }
    }

    /// Whether at most one word stands before a name in its clause, or it follows another name.
    fn is_at_front(&self, place: usize) -> bool {
        let from = self.mentions[place].place.from;
        from < 2
            || (from - 1..=from).any(|at| self.text.words.word(at).before != Break::None)
            || place.checked_sub(1).is_some_and(|left| self.mentions[left].place.to + 1 >= from)
    }

    /// Whether a name is of a service that people only go to.
    fn is_destination(&self, place: usize) -> bool {
        self.lexicon.services[self.mentions[place].place.service].only_destination
    }

    /// Whether a name is only where one goes or came to complain.
    pub fn is_elsewhere(&self, place: usize) -> bool {
        self.is_destination(place)
            || self.firings.cues.iter().any(|cue| self.has_role(cue, Role::Venue) && self.touches(cue, place))
            || self.firings.moves.iter().any(|step| {
                let is_met = self.lexicon.rows[step.row].needs != Needs::Outage || !self.firings.claims.is_empty();
                is_met && step.hit.slots.contains(&(Slot::To, place))
            })
    }

    /// Whether an Arabic row fired on Latin letters in a post that is not Arabic: then it has no say.
    pub fn is_stray(&self, fired: &Fired) -> bool {
        self.lexicon.rows[fired.row].lang == Lang::AR
            && self.lang != Some(Lang::AR)
            && (fired.hit.from..fired.hit.to).all(|at| self.text.words.text(at).is_ascii())
    }

    /// Whether a cue may speak about a claim: both of one language, or the cue of the post's.
    pub fn is_heard(&self, cue: &Fired, claim: &Fired) -> bool {
        let lang = self.lexicon.rows[cue.row].lang;
        lang == self.lexicon.rows[claim.row].lang || Some(lang) == self.lang
    }

    /// Whether a fired row is a cue of this role.
    pub fn has_role(&self, fired: &Fired, role: Role) -> bool {
        matches!(self.lexicon.rows[fired.row].kind, RowKind::Cue { role: found, .. } if found == role)
    }

    /// The reach of a cue.
    pub fn scope(&self, fired: &Fired) -> Option<(Role, Scope)> {
        match self.lexicon.rows[fired.row].kind {
            RowKind::Cue { role, scope } => Some((role, scope)),
            _ => None,
        }
    }

    fn touches(&self, cue: &Fired, place: usize) -> bool {
        let place = self.mentions[place].place;
        cue.hit.slots.iter().any(|&(_, i)| self.mentions[i].place == place)
    }

    /// Words between a claim and a name; breaks and turns of the sentence count as more words.
    fn distance(&self, claim: &Fired, place: usize) -> usize {
        let place = self.mentions[place].place;
        let (from, to, is_behind) = if place.to <= claim.hit.from {
            (place.to, claim.hit.from, false)
        } else {
            (claim.hit.to, place.from, true)
        };
        let breaks: usize = (from..=to.min(self.text.words.len() - 1))
            .map(|i| match self.text.words.word(i).before {
                Break::None => 0,
                Break::Clause => 3,
                Break::Sentence => 100,
            })
            .sum();
        let turns = self
            .firings
            .cues
            .iter()
            .filter(|cue| self.has_role(cue, Role::Contrast) || self.has_role(cue, Role::Because))
            .filter(|cue| cue.hit.from >= from && cue.hit.to <= to)
            .count();
        2 * (to.saturating_sub(from) + breaks + 8 * turns) + usize::from(is_behind)
    }

    /// Whether two neighboring names stand in one list: nothing between them but "and", a comma or an article.
    pub fn are_joined(&self, left: usize, right: usize) -> bool {
        let (from, to) = (self.mentions[left].place.to, self.mentions[right].place.from);
        if (from..=to).any(|i| self.text.words.word(i).before == Break::Sentence) {
            return false;
        }
        // "X works, Y doesn't" is no list.
        let is_contrast = |claim: &Fired| {
            self.lexicon.rows[claim.row].needs == Needs::Contrast && claim.hit.from < to && from < claim.hit.to
        };
        if self.firings.claims.iter().any(is_contrast) {
            return false;
        }
        let has_comma = (from..=to).any(|i| self.text.words.word(i).before == Break::Clause);
        let has_and = self.has_and(left, right);
        match to.saturating_sub(from) {
            0 => true,
            1 => has_and || has_comma,
            2 => has_and,
            3 => has_and && has_comma,
            _ => false,
        }
    }

    /// Whether an "and", an "or", an ampersand or a plus stands between two names.
    pub fn has_and(&self, left: usize, right: usize) -> bool {
        let (from, to) = (self.mentions[left].place.to, self.mentions[right].place.from);
        self.text.words.word(to).is_added
            || self.firings.cues.iter().any(|cue| {
                self.has_role(cue, Role::And) && cue.hit.from >= from && cue.hit.to <= to && cue.hit.to > from
            })
    }

    /// Whether a new clause begins at one of the words `from..=to`: behind a comma, or with "so" or "but".
    pub fn begins_clause(&self, from: usize, to: usize) -> bool {
        (from..=to.min(self.text.words.len() - 1)).any(|at| self.text.words.word(at).before != Break::None)
            || self.firings.cues.iter().any(|cue| {
                (from..=to).contains(&cue.hit.from)
                    && (self.has_role(cue, Role::Because) || self.has_role(cue, Role::Contrast))
            })
    }
}
