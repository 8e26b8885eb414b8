//! Moves from what the opinion holds of each service: where people go, and where they come from.

use super::linear::ByClass;
use super::relations::{Pairs, are_rivals, one_way, only_rival};
use super::weigh::{Limits, Part};
use crate::model::Kind;
use crate::tag::Inside;
use crate::tag::judge::sorted;
use crate::tag::moves::is_looked_at_from;

/// What moves are made of.
pub(super) struct Route<'a> {
    /// The post.
    pub inside: &'a Inside<'a>,
    /// How sure the opinion must be.
    pub limits: &'a Limits,
    /// How likely each part of each service is, by index of the service.
    pub parts: &'a [(usize, ByClass)],
    /// The kind of the post.
    pub kind: Kind,
    /// Services that fail or are back.
    pub down: &'a [usize],
}

impl Route<'_> {
    /// The moves as (from, to), sorted.
    pub(super) fn moves(&self) -> Vec<(Option<usize>, usize)> {
        let pairs = Pairs::of(self.inside);
        let mut destinations: Vec<usize> = self.services(|service| self.is_destination(service)).collect();
        let joined: Vec<usize> = destinations.iter().flat_map(|&to| pairs.beside(to)).collect();
        destinations.extend(joined);
        let destinations = sorted(destinations);
        let mut moves = Vec::new();
        for &to in &destinations {
            let is_down = self.down.contains(&to) && self.kind != Kind::Restored;
            if is_down || is_looked_at_from(self.inside.attachment, to) {
                continue;
            }
            let mut from = self.origins(to, &destinations);
            // Nobody goes from one of "Signal and Telegram" to the other.
            from.retain(|&from| from != to && !pairs.beside(to).any(|other| other == from));
            match from.is_empty() {
                true if !self.is_told(to) && !pairs.beside(to).any(|other| self.is_told(other)) => {}
                true => moves.push((None, to)),
                false => moves.extend(from.into_iter().map(|from| (Some(from), to))),
            }
        }
        if self.kind == Kind::Restored && moves.is_empty() {
            // What is back is where people go: they come from where they waited.
            let steps = self.left().flat_map(|from| self.down.iter().map(move |&to| (Some(from), to)));
            moves.extend(steps.filter(|&(from, to)| from != Some(to)));
        }
        one_way(&sorted(moves), |service| self.share(service, Part::To))
    }

    /// From where people go to a service: as a rule states it, else from what fails, else from what is left, else from
    /// its only rival.
    fn origins(&self, to: usize, destinations: &[usize]) -> Vec<usize> {
        let mut from: Vec<usize> = self.stated(to).flatten().collect();
        if from.is_empty() && self.kind != Kind::Restored {
            from.extend(self.down);
        }
        if from.is_empty() {
            from.extend(self.left().filter(|from| !destinations.contains(from)));
        }
        if from.is_empty() {
            from.extend(only_rival(self.inside, to).filter(|from| !destinations.contains(from)));
        }
        from
    }

    /// Whether people go there; of a service whose rival they leave, less has to speak for it.
    fn is_destination(&self, service: usize) -> bool {
        let share = self.share(service, Part::To);
        share >= self.limits.to
            || share >= self.limits.to_from_rival
                && share > self.share(service, Part::From)
                && self.left().any(|other| are_rivals(self.inside, other, service))
    }

    /// Whether a rule states that people go there, or enough speaks for it even where nothing says from where.
    fn is_told(&self, to: usize) -> bool {
        self.stated(to).next().is_some() || self.share(to, Part::To) >= self.limits.to_alone
    }

    /// From where people go to a service as the rules state it, once for each move.
    fn stated(&self, to: usize) -> impl Iterator<Item = Option<usize>> {
        self.inside.verdict.moves.iter().filter(move |&&(_, known)| known == to).map(|&(from, _)| from)
    }

    /// Services from which people come.
    fn left(&self) -> impl Iterator<Item = usize> {
        self.services(|service| self.share(service, Part::From) >= self.limits.from)
    }

    fn services(&self, is_it: impl Fn(usize) -> bool) -> impl Iterator<Item = usize> {
        self.parts.iter().map(|&(service, _)| service).filter(move |&service| is_it(service))
    }

    fn share(&self, service: usize, part: Part) -> f32 {
        self.parts.iter().find(|(known, _)| *known == service).map_or(0.0, |(_, shares)| shares[part as usize])
    }
}
