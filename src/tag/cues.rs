//! What turns a claim around: negation, tense, condition, wish, own device, advertising.

use super::claims::{Attachment, Fired};
use super::lexicon::{Role, Scope};
use super::matcher::Slot;
use crate::normalize::words::Break;

/// What a claim is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The author says so now.
    Live,
    /// A negated failure, said of oneself: it works for the author.
    WorksHere,
    /// Turned around by this role.
    Void(Role),
}

/// The status of a claim, and the cue (index into `firings.cues`) that decided it.
pub fn status(attachment: &Attachment<'_>, claim: &Fired) -> (Status, Option<usize>) {
    let cues = &attachment.firings.cues;
    let find = |role: Role| {
        cues.iter().position(|cue| {
            attachment.is_heard(cue, claim)
                && attachment
                    .scope(cue)
                    .is_some_and(|(found, scope)| found == role && reaches(attachment, cue, scope, claim))
        })
    };
    let is_direct = claim.hit.slots.iter().any(|(slot, _)| *slot == Slot::Service);
    if let Some(cue) = find(Role::OtherSense).filter(|&cue| cues[cue].overlaps(claim)) {
        return (Status::Void(Role::OtherSense), Some(cue));
    }
    for role in [Role::Fiction, Role::Promo] {
        if let Some(cue) = find(role) {
            return (Status::Void(role), Some(cue));
        }
    }
    if let Some(cue) = negation(attachment, claim) {
        let is_here = find(Role::Here).is_some();
        return (if is_here { Status::WorksHere } else { Status::Void(Role::Negation) }, Some(cue));
    }
    let checks = find(Role::Check).is_some();
    for role in [Role::Hypothetical, Role::Wish] {
        if let Some(cue) = find(role).filter(|&cue| !checks && !cues[cue].is_within(claim)) {
            return (Status::Void(role), Some(cue));
        }
    }
    if let Some(cue) = find(Role::Past).filter(|_| find(Role::Live).is_none()) {
        return (Status::Void(Role::Past), Some(cue));
    }
    if !is_direct {
        for role in [Role::Device, Role::Grumble] {
            if let Some(cue) = find(role).filter(|&cue| !cues[cue].is_within(claim)) {
                return (Status::Void(role), Some(cue));
            }
        }
    }
    (Status::Live, None)
}

/// The last negation right before the claim in its clause, or in a gap that the claim passes over.
fn negation(attachment: &Attachment<'_>, claim: &Fired) -> Option<usize> {
    let words = attachment.text.words;
    let is_before = |cue: &Fired| {
        cue.hit.from < claim.hit.from
            && cue.hit.to <= claim.hit.from + 1
            && claim.hit.from.saturating_sub(cue.hit.to) <= 3
            && (cue.hit.to..=claim.hit.from).all(|i| words.word(i).before == Break::None)
    };
    let is_passed_over =
        |cue: &Fired| claim.hit.gaps.iter().any(|&(from, to)| from <= cue.hit.from && cue.hit.to <= to);
    attachment.firings.cues.iter().rposition(|cue| {
        attachment.has_role(cue, Role::Negation)
            && attachment.is_heard(cue, claim)
            && (is_before(cue) || is_passed_over(cue))
    })
}

fn reaches(attachment: &Attachment<'_>, cue: &Fired, scope: Scope, claim: &Fired) -> bool {
    let words = attachment.text.words;
    let is_same_sentence = words.word(cue.hit.from).sentence == words.word(claim.hit.from).sentence;
    match scope {
        Scope::Post => true,
        Scope::Sentence => is_same_sentence,
        Scope::Before => is_same_sentence && cue.hit.from <= claim.hit.from && !is_turned(attachment, cue, claim),
        Scope::Clause => is_same_sentence && !is_turned(attachment, cue, claim),
    }
}

/// Whether the sentence takes a turn ("but") between two rows.
fn is_turned(attachment: &Attachment<'_>, a: &Fired, b: &Fired) -> bool {
    let (from, to) = (a.hit.to.min(b.hit.to), a.hit.from.max(b.hit.from));
    attachment
        .firings
        .cues
        .iter()
        .any(|cue| attachment.has_role(cue, Role::Contrast) && cue.hit.from >= from && cue.hit.to <= to)
}
