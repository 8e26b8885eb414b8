//! Whether a claim may have the name in its slot: nothing else stands between that fails instead.

use super::attachment::Attachment;
use super::claims::Fired;
use super::lexicon::RowKind;
use super::matcher::Slot;

/// Whether a claim has no slot, or what it says is said of the name in it.
///
/// Where the same words are bound to another name in their own clause, they reach neither past that name, unless both
/// stand in one list, nor over a comma: "on twitter because insta is down", "spotify won't open, soundcloud it is". And
/// over a comma no failure reaches a name behind it to which people go.
pub fn is_bound(attachment: &Attachment<'_>, claim: &Fired) -> bool {
    let Some(place) = slot(claim) else { return true };
    let crosses_over = crosses(attachment, claim, place);
    let is_nearer = |other: &Fired| {
        slot(other).is_some_and(|near| {
            attachment.mentions[near].place.service != attachment.mentions[place].place.service
                && own_words(attachment, claim).any(|at| own_words(attachment, other).any(|word| word == at))
                && !crosses(attachment, other, near)
                && (crosses_over || passes_over(attachment, claim, place, near))
        })
    };
    let is_refuge = || crosses_over && is_behind(attachment, claim, place) && is_stated_destination(attachment, place);
    !attachment.firings.claims.iter().any(is_nearer) && !is_refuge()
}

/// Whether a name stands behind what is said to fail.
fn is_behind(attachment: &Attachment<'_>, claim: &Fired, place: usize) -> bool {
    let from = attachment.mentions[place].place.from;
    matches!(attachment.lexicon.rows[claim.row].kind, RowKind::Outage { .. })
        && own_words(attachment, claim).all(|at| at < from)
}

fn slot(claim: &Fired) -> Option<usize> {
    claim.hit.slots.iter().find(|(slot, _)| *slot == Slot::Service).map(|&(_, place)| place)
}

/// The words of a claim that are neither its service nor passed over.
fn own_words<'a>(attachment: &'a Attachment<'_>, claim: &'a Fired) -> impl Iterator<Item = usize> + 'a {
    let is_inside = |at: usize, (from, to): (usize, usize)| (from..to).contains(&at);
    (claim.hit.from..claim.hit.to).filter(move |&at| {
        let is_name = claim.hit.slots.iter().any(|&(_, place)| {
            let place = attachment.mentions[place].place;
            is_inside(at, (place.from, place.to))
        });
        !is_name && !claim.hit.gaps.iter().any(|&gap| is_inside(at, gap))
    })
}

/// Whether a gap passes over a name that stands in no list with the claim's own, and is not where one goes.
fn passes_over(attachment: &Attachment<'_>, claim: &Fired, own: usize, near: usize) -> bool {
    let place = attachment.mentions[near].place;
    if attachment.is_elsewhere(near) || !claim.hit.gaps.iter().any(|&(from, to)| from <= place.from && place.to <= to) {
        return false;
    }
    let mut list = vec![own];
    attachment.add_joined(&mut list);
    !list.contains(&near)
}

/// Whether a new clause begins between a claim's first word and its last, other than inside its list of names.
fn crosses(attachment: &Attachment<'_>, claim: &Fired, own: usize) -> bool {
    let place = attachment.mentions[own].place;
    let words = || own_words(attachment, claim);
    let before = words().filter(|&at| at < place.from).max();
    let behind = words().find(|&at| at >= place.to);
    before.is_some_and(|at| attachment.begins_clause(at + 1, place.from))
        || behind.is_some_and(|at| attachment.begins_clause(place.to, at))
}

/// Whether people go to a name, by the words of a move, and another service is named that may fail.
fn is_stated_destination(attachment: &Attachment<'_>, place: usize) -> bool {
    let is_other = |i: usize| {
        let mention = &attachment.mentions[i];
        mention.standing.counts()
            && mention.place.service != attachment.mentions[place].place.service
            && !attachment.is_elsewhere(i)
    };
    (0..attachment.mentions.len()).any(is_other)
        && attachment.firings.moves.iter().any(|step| {
            attachment.lexicon.rows[step.row].kind == RowKind::Move { refuse: false }
                && step.hit.slots.contains(&(Slot::To, place))
        })
}
