//! What turns a claim around: negation, tense, condition, wish, own device, advertising.

use super::attachment::Attachment;
use super::claims::Fired;
use super::lexicon::{Role, RowKind, Scope};
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
    let find_where = |role: Role, is_wanted: &dyn Fn(&Fired) -> bool| {
        cues.iter().position(|cue| {
            attachment.is_heard(cue, claim)
                && attachment
                    .scope(cue)
                    .is_some_and(|(found, scope)| found == role && reaches(attachment, cue, scope, claim))
                && is_wanted(cue)
        })
    };
    let find = |role: Role| find_where(role, &|_| true);
    let is_outside = |cue: &Fired| !is_own_word(cue, claim);
    let is_direct = claim.hit.slots.iter().any(|(slot, _)| *slot == Slot::Service);
    if let Some(cue) = find_where(Role::OtherSense, &|cue| cue.overlaps(claim)) {
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
        if let Some(cue) = find_where(role, &is_outside).filter(|_| !checks) {
            return (Status::Void(role), Some(cue));
        }
    }
    // "Now" beats "then", but not a day that is named, not where it is a word of "then" itself, and not where it is told
    // of what came of it.
    let is_past = |past: &Fired| {
        let is_of_claim = |live: &Fired| !live.is_within(past) && !is_told_after(attachment, claim, past, live);
        attachment.lexicon.rows[past.row].is_firm || find_where(Role::Live, &is_of_claim).is_none()
    };
    if let Some(cue) = find_where(Role::Past, &is_past) {
        return (Status::Void(Role::Past), Some(cue));
    }
    if is_direct {
        // What the press calls the reason is not the author's own device.
        let is_own = attachment.firings.news.is_empty();
        if let Some(cue) = find_where(Role::Device, &|cue| is_own && is_cause(attachment, cue, claim)) {
            return (Status::Void(Role::Device), Some(cue));
        }
    } else {
        for role in [Role::Device, Role::Grumble] {
            if let Some(cue) = find_where(role, &is_outside) {
                return (Status::Void(role), Some(cue));
            }
        }
    }
    (Status::Live, None)
}

/// The last negation right before the claim in its clause, or in a gap that the claim passes over.
fn negation(attachment: &Attachment<'_>, claim: &Fired) -> Option<usize> {
    let is_move = matches!(attachment.lexicon.rows[claim.row].kind, RowKind::Move { .. });
    let words = attachment.text.words;
    let is_before = |cue: &Fired| {
        cue.hit.from < claim.hit.from
            && cue.hit.to <= claim.hit.from + 1
            && claim.hit.from.saturating_sub(cue.hit.to) <= 3
            && (cue.hit.to..=claim.hit.from).all(|i| words.word(i).before == Break::None)
            && !(is_move && attachment.begins_clause(cue.hit.to, claim.hit.from))
    };
    let is_passed_over = |cue: &Fired| {
        gap_of(cue, claim).is_some_and(|(_, to)| {
            !is_move || (to.saturating_sub(cue.hit.to) <= 3 && !attachment.begins_clause(cue.hit.to, to))
        })
    };
    // A negation whose reach is written down ("it is a rumor") need not stand before the claim.
    let is_told = |cue: &Fired, scope: Scope| {
        matches!(scope, Scope::Sentence | Scope::Post)
            && !is_move
            && !cue.is_within(claim)
            && reaches(attachment, cue, scope, claim)
    };
    attachment.firings.cues.iter().rposition(|cue| match attachment.scope(cue) {
        Some((Role::Negation, scope)) => {
            attachment.is_heard(cue, claim) && (is_before(cue) || is_passed_over(cue) || is_told(cue, scope))
        }
        _ => false,
    })
}

/// The gap of a claim in which a cue begins.
fn gap_of(cue: &Fired, claim: &Fired) -> Option<(usize, usize)> {
    claim.hit.gaps.iter().copied().find(|&(from, to)| (from..to).contains(&cue.hit.from))
}

/// Whether a cue in a gap stands right before what fails ("whatsapp, if it falls"), and not before what the author does
/// ("whatsapp, if I open it, hangs").
fn is_of_what_fails(cue: &Fired, claim: &Fired) -> bool {
    gap_of(cue, claim).is_some_and(|(_, to)| cue.hit.to >= to)
}

/// Whether a cue is made of words that the claim itself has, and not of words that it passes over.
fn is_own_word(cue: &Fired, claim: &Fired) -> bool {
    cue.is_within(claim) && gap_of(cue, claim).is_none()
}

/// Whether a cue is given as the reason: "because" stands right before it, behind the claim; or "so" right behind it,
/// before the claim ("my router died so no Netflix").
fn is_cause(attachment: &Attachment<'_>, cue: &Fired, claim: &Fired) -> bool {
    attachment.firings.cues.iter().any(|because| {
        let is_reason_given = because.hit.from >= claim.hit.to
            && because.hit.to <= cue.hit.from + 1
            && because.hit.from <= cue.hit.from
            && cue.hit.from.saturating_sub(because.hit.to) <= 3;
        let is_outcome_told = because.hit.from >= cue.hit.to
            && because.hit.from - cue.hit.to <= 1
            && because.hit.to <= claim.hit.from
            && claim.hit.from - because.hit.to <= 3;
        attachment.has_role(because, Role::Because) && (is_reason_given || is_outcome_told)
    })
}

/// Whether "so" or "then" stands between a claim with its "then" and a "now": "it fell last week, so I use the other one now".
fn is_told_after(attachment: &Attachment<'_>, claim: &Fired, past: &Fired, live: &Fired) -> bool {
    attachment.firings.cues.iter().any(|turn| {
        attachment.has_role(turn, Role::Because)
            && turn.hit.from >= claim.hit.to.max(past.hit.to)
            && turn.hit.to <= live.hit.from
    })
}

fn reaches(attachment: &Attachment<'_>, cue: &Fired, scope: Scope, claim: &Fired) -> bool {
    let words = attachment.text.words;
    let is_same_sentence = words.word(cue.hit.from).sentence == words.word(claim.hit.from).sentence;
    match scope {
        Scope::Post => true,
        Scope::Sentence => is_same_sentence,
        Scope::Before => {
            is_same_sentence
                && (cue.hit.from <= claim.hit.from || is_of_what_fails(cue, claim))
                && !is_turned(attachment, cue, claim)
        }
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
