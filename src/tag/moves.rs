//! Who goes where: moves that a post states, in place of what, and what is refused.

use super::attachment::Attachment;
use super::claims::Fired;
use super::cues::{Status, status};
use super::judge::{named, sorted};
use super::lexicon::{Needs, Role, RowKind};
use super::matcher::Slot;

/// Moves as (from, to), indexes of services, sorted, no doubles. `fails`: the post says that something
/// fails; `down`: what, or with `is_back` what works again: nobody moves to what is down itself, and people go back
/// to what works only from something that they name.
pub fn moves(attachment: &Attachment<'_>, fails: bool, down: &[usize], is_back: bool) -> Vec<(Option<usize>, usize)> {
    let steps = &attachment.firings.moves;
    let row = |step: &Fired| &attachment.lexicon.rows[step.row];
    let refused: Vec<usize> = steps
        .iter()
        .filter(|step| row(step).kind == RowKind::Move { refuse: true })
        .flat_map(|step| services(attachment, step, Slot::To))
        .collect();
    let mut found = Vec::new();
    for step in steps {
        let is_stated =
            row(step).kind == RowKind::Move { refuse: false } && (row(step).needs != Needs::Outage || fails);
        if !is_stated || is_turned_around(attachment, step) {
            continue;
        }
        let from = services(attachment, step, Slot::From);
        for to in services(attachment, step, Slot::To) {
            let returns = is_back && down.contains(&to);
            if refused.contains(&to) || is_venue(attachment, to) || (!is_back && down.contains(&to)) {
                continue;
            }
            if returns && from.is_empty() && row(step).needs == Needs::Outage {
                continue;
            }
            let mut origins = if from.is_empty() && !returns { down.to_vec() } else { from.clone() };
            if origins.is_empty() {
                origins = only_other(attachment, to);
            }
            origins.retain(|&origin| origin != to);
            match origins.is_empty() {
                true if returns => {}
                true => found.push((None, to)),
                false => found.extend(origins.into_iter().map(|origin| (Some(origin), to))),
            }
        }
    }
    // What one row leaves open another may have said, and what is left is no destination of it.
    let known: Vec<usize> = found.iter().filter_map(|&(from, to)| from.map(|from| [from, to])).flatten().collect();
    found.retain(|(from, to)| from.is_some() || !known.contains(to));
    sorted(found)
}

/// Services in the slots of one kind.
fn services(attachment: &Attachment<'_>, step: &Fired, wanted: Slot) -> Vec<usize> {
    let slots = step.hit.slots.iter().filter(|(slot, _)| *slot == wanted);
    let mut places: Vec<usize> = slots.map(|&(_, place)| place).collect();
    add_list(attachment, step, &mut places);
    sorted(places.into_iter().map(|place| attachment.mentions[place].place.service))
}

/// Adds the names that an "and" or "or" joins to those of a slot, as far as they stand in no other slot.
fn add_list(attachment: &Attachment<'_>, step: &Fired, places: &mut Vec<usize>) {
    let mut next = 0;
    while next < places.len() {
        let place = places[next];
        let beside = [place.checked_sub(1), Some(place + 1).filter(|&i| i < attachment.mentions.len())];
        for other in beside.into_iter().flatten() {
            let (left, right) = (place.min(other), place.max(other));
            if !places.contains(&other)
                && attachment.mentions[other].standing.counts()
                && !step.hit.slots.iter().any(|&(_, slot)| slot == other)
                && attachment.are_joined(left, right)
                && attachment.has_and(left, right)
            {
                places.push(other);
            }
        }
        next += 1;
    }
}

/// Whether a condition, a negation, a wish or advertising takes the move back. A past move was made, unless it was a move
/// from a failure that is past as well.
fn is_turned_around(attachment: &Attachment<'_>, step: &Fired) -> bool {
    let words = attachment.text.words;
    match status(attachment, step) {
        (Status::Void(Role::Past), Some(cue)) => {
            let is_beside = |claim: &Fired| words.word(claim.hit.from).sentence == words.word(step.hit.from).sentence;
            let is_void = |claim: &Fired| matches!(status(attachment, claim).0, Status::Void(_));
            let mut beside = attachment.firings.claims.iter().filter(|claim| is_beside(claim)).peekable();
            attachment.lexicon.rows[attachment.firings.cues[cue].row].is_firm
                || (beside.peek().is_some() && beside.all(is_void))
        }
        (Status::Void(role), _) => {
            matches!(role, Role::Hypothetical | Role::Negation | Role::Promo | Role::Fiction | Role::Wish)
        }
        _ => false,
    }
}

/// Whether people only came there to complain or to look.
fn is_venue(attachment: &Attachment<'_>, service: usize) -> bool {
    attachment.firings.cues.iter().any(|cue| {
        attachment.has_role(cue, Role::Venue)
            && cue.hit.slots.iter().any(|&(_, place)| attachment.mentions[place].place.service == service)
    })
}

/// Whether people came there only to look: the place, and right behind it what they want to know.
pub(super) fn is_looked_at_from(attachment: &Attachment<'_>, service: usize) -> bool {
    let cues = &attachment.firings.cues;
    let is_there = |cue: &Fired| {
        let mut own = attachment.mentions.iter().filter(|mention| mention.place.service == service);
        own.any(|mention| (cue.hit.from..cue.hit.to).contains(&mention.place.from))
    };
    let asks = |venue: &Fired| {
        let near = venue.hit.from..venue.hit.to + 2;
        cues.iter().any(|cue| attachment.has_role(cue, Role::Check) && near.contains(&cue.hit.from))
    };
    cues.iter().any(|cue| attachment.has_role(cue, Role::Venue) && is_there(cue) && asks(cue))
}

/// The one other service that the post names, if it is one: then that is what they leave.
fn only_other(attachment: &Attachment<'_>, to: usize) -> Vec<usize> {
    let mut others = named(attachment);
    others.retain(|&service| service != to);
    if others.len() == 1 { others } else { Vec::new() }
}
