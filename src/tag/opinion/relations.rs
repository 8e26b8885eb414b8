//! What services of one post have to do with each other: pairs of them, rivals, moves there and back.

use super::post::named;
use crate::tag::Inside;
use crate::tag::names::Standing;

/// Pairs of services that an "and" or an "or" joins, by index.
pub(super) struct Pairs(Vec<[usize; 2]>);

impl Pairs {
    /// Those of a post.
    pub(super) fn of(inside: &Inside<'_>) -> Self {
        let (attachment, mentions) = (&inside.attachment, inside.mentions);
        let is_named = |place: usize| !matches!(mentions[place].standing, Standing::Rejected(_));
        // "Left WhatsApp and joined Signal" is none.
        let is_near = |right: usize| mentions[right].place.from <= mentions[right - 1].place.to + 1;
        let is_pair = |&right: &usize| {
            let left = right - 1;
            let may_be = is_named(left) && is_named(right) && is_near(right);
            may_be && attachment.are_joined(left, right) && attachment.has_and(left, right)
        };
        let pairs = (1..mentions.len()).filter(is_pair);
        Self(pairs.map(|right| [right - 1, right].map(|place| mentions[place].place.service)).collect())
    }

    /// The services that are joined with this one.
    pub(super) fn beside(&self, service: usize) -> impl Iterator<Item = usize> {
        let own = self.0.iter().filter(move |pair| pair.contains(&service));
        own.flatten().copied().filter(move |&other| other != service)
    }
}

/// Whether two services are of one category, so that people go from the one to the other.
pub(super) fn are_rivals(inside: &Inside<'_>, one: usize, other: usize) -> bool {
    let services = &inside.attachment.lexicon.services;
    one != other && services[one].category == services[other].category
}

/// The only rival of a service that a post names: whoever goes to the one comes from the other.
pub(super) fn only_rival(inside: &Inside<'_>, to: usize) -> Option<usize> {
    let mut rivals = named(inside).into_iter().filter(|&other| are_rivals(inside, other, to));
    rivals.next().filter(|_| rivals.next().is_none())
}

/// Of two moves that go there and back again, the one to the likelier destination.
pub(super) fn one_way(moves: &[(Option<usize>, usize)], share: impl Fn(usize) -> f32) -> Vec<(Option<usize>, usize)> {
    let is_beaten = |&(from, to): &(Option<usize>, usize)| {
        from.is_some_and(|from| moves.contains(&(Some(to), from)) && share(from) > share(to))
    };
    moves.iter().filter(|step| !is_beaten(step)).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_goes_there_and_back_at_once() {
        let share = |service: usize| [0.9, 0.5, 0.7][service];
        let moves = vec![(None, 2), (Some(0), 1), (Some(1), 0), (Some(1), 2)];
        assert_eq!(one_way(&moves, share), [(None, 2), (Some(1), 0), (Some(1), 2)]);
    }
}
