//! Rules and opinion weighed against each other: where they differ, the opinion holds if it is sure enough.

use std::ops::Range;

use super::Opinion;
use super::asked::{candidates, has_findings, is_asked, is_destination, is_doubtful, names_service, tells_of_part};
use super::features::Features;
use super::linear::{ByClass, Linear};
use super::mention::service_features;
use super::post::post_features;
use super::relations::{Pairs, one_way, only_rival};
use crate::model::Kind;
use crate::tag::Inside;
use crate::tag::judge::{Verdict, sorted};
use crate::tag::moves::is_looked_at_from;

/// What a service does in a post, in the order of the model's classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// It fails, or is back.
    Down,
    /// People go there.
    To,
    /// People come from there.
    From,
    /// None of these.
    Nothing,
}

/// How sure the opinion must be; found by cross-validation (`cargo run --release --example train -- --folds 5`).
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// Of a complaint in which the rules find nothing.
    pub complaint: f32,
    /// Of a complaint that names no service for certain.
    pub complaint_unnamed: f32,
    /// Of a complaint in which no row fires and nothing is named, not even a part of a service.
    pub complaint_bare: f32,
    /// Of a complaint that speaks to somebody else or links to something, and of any other kind where nothing but words
    /// tells of it.
    pub complaint_doubtful: f32,
    /// Of a return or news in which the rules find nothing.
    pub something: f32,
    /// Of another kind where the rules find one.
    pub switch: f32,
    /// Of nothing where the rules find something. The rules are the judge: posts of a sort that the opinion never saw
    /// must not fall silent because it knows nothing of them.
    pub other: f32,
    /// Of a service that fails.
    pub down: f32,
    /// Of a service of which the rules say so too.
    pub down_agreed: f32,
    /// Of a service to which people go.
    pub to: f32,
    /// Of a service from which they come.
    pub from: f32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            complaint: 0.75,
            complaint_unnamed: 0.85,
            complaint_bare: 0.97,
            complaint_doubtful: 0.95,
            something: 0.45,
            switch: 0.8,
            other: 0.75,
            down: 0.45,
            down_agreed: 0.15,
            to: 0.4,
            from: 0.3,
        }
    }
}

/// How many reasons become evidence.
const NUM_REASONS: usize = 3;

/// The judgment after both have spoken.
#[derive(Debug, Clone)]
pub struct Weighed {
    /// The kind.
    pub kind: Kind,
    /// Services that fail or are back, as indexes, sorted.
    pub down: Vec<usize>,
    /// Moves as (from, to), sorted.
    pub moves: Vec<(Option<usize>, usize)>,
    /// What the opinion decided against the rules, with the words behind it.
    pub because: Vec<(&'static str, Range<usize>)>,
}

impl Weighed {
    /// The rules alone.
    pub fn rules(verdict: &Verdict) -> Self {
        Self { kind: verdict.kind, down: verdict.down.clone(), moves: verdict.moves.clone(), because: Vec::new() }
    }

    fn add_reasons(&mut self, name: &'static str, model: &Linear, features: &Features, class: usize) {
        let reasons = model.reasons(features, class);
        let told = reasons.into_iter().filter(|(_, weight, words)| *weight > 0.0 && !words.is_empty());
        self.because.extend(told.take(NUM_REASONS).map(|(_, _, words)| (name, words)));
    }
}

impl Opinion {
    /// Weighs the rules' verdict against what the models make of the post.
    pub(in crate::tag) fn weigh(&self, inside: &Inside<'_>) -> Weighed {
        let mut weighed = Weighed::rules(inside.verdict);
        if !is_asked(inside) {
            return weighed;
        }
        let kinds = &self.models().kinds;
        let features = post_features(inside);
        weighed.kind = self.limits.kind(inside, kinds.shares(&features));
        if weighed.kind != inside.verdict.kind {
            let name = match weighed.kind {
                Kind::Complaint => "opinion.complaint",
                Kind::Restored => "opinion.restored",
                Kind::News => "opinion.news",
                Kind::Other => "opinion.other",
            };
            weighed.add_reasons(name, kinds, &features, weighed.kind as usize);
        }
        self.weigh_services(inside, &mut weighed);
        weighed
    }

    fn weigh_services(&self, inside: &Inside<'_>, weighed: &mut Weighed) {
        let (kind, limits, parts) = (weighed.kind, &self.limits, &self.models().parts);
        let mut judged = Vec::new();
        for service in candidates(inside) {
            let features = service_features(inside, service, kind);
            judged.push((service, parts.shares(&features), features));
        }
        let likely = |part: Part, least: f32| {
            let found = judged.iter().filter(|(_, shares, _)| shares[part as usize] >= least);
            found.map(|(service, ..)| *service).collect::<Vec<_>>()
        };
        weighed.down = if kind == Kind::Other { Vec::new() } else { likely(Part::Down, limits.down) };
        if kind == inside.verdict.kind {
            let agreed = likely(Part::Down, limits.down_agreed);
            weighed.down.extend(agreed.into_iter().filter(|service| inside.verdict.down.contains(service)));
            weighed.down = sorted(std::mem::take(&mut weighed.down));
        }
        // What the rules read as said of a service against its failing, words alone do not outweigh.
        weighed.down.retain(|service| !is_destination(inside, *service) && !inside.verdict.cleared.contains(service));
        let left = if kind == Kind::Restored { Vec::new() } else { weighed.down.clone() };
        let rules = inside.verdict;
        let pairs = Pairs::of(inside);
        let mut destinations = likely(Part::To, limits.to);
        let joined: Vec<usize> = destinations.iter().flat_map(|&to| pairs.beside(to)).collect();
        destinations.extend(joined);
        let destinations = sorted(destinations);
        let mut origins = likely(Part::From, limits.from);
        origins.retain(|from| !destinations.contains(from));
        let mut moves = Vec::new();
        for &to in &destinations {
            let is_down = weighed.down.contains(&to) && kind != Kind::Restored;
            if is_down || is_looked_at_from(inside.attachment, to) {
                continue;
            }
            let stated = rules.moves.iter().filter(|&&(_, known)| known == to);
            let mut from: Vec<usize> = stated.filter_map(|&(from, _)| from).collect();
            if from.is_empty() {
                from.clone_from(&left);
            }
            if from.is_empty() {
                from.clone_from(&origins);
            }
            if from.is_empty() {
                from.extend(only_rival(inside, to).filter(|from| !destinations.contains(from)));
            }
            // Nobody goes from one of "Signal and Telegram" to the other.
            from.retain(|&from| from != to && !pairs.beside(to).any(|other| other == from));
            match from.is_empty() {
                true => moves.push((None, to)),
                false => moves.extend(from.into_iter().map(|from| (Some(from), to))),
            }
        }
        if kind == Kind::Restored && moves.is_empty() {
            // What is back is where people go: they come from where they waited.
            let from = likely(Part::From, limits.from);
            let steps = from.into_iter().flat_map(|from| weighed.down.iter().map(move |&to| (Some(from), to)));
            moves.extend(steps.filter(|&(from, to)| from != Some(to)));
        }
        weighed.moves = one_way(&sorted(moves), |service| {
            judged.iter().find(|(known, ..)| *known == service).map_or(0.0, |(_, shares, _)| shares[Part::To as usize])
        });
        for (service, _, features) in &judged {
            let is_to = |moves: &[(Option<usize>, usize)]| moves.iter().any(|(_, to)| to == service);
            if weighed.down.contains(service) && !rules.down.contains(service) {
                weighed.add_reasons("opinion.down", parts, features, Part::Down as usize);
            } else if is_to(&weighed.moves) && !is_to(&rules.moves) {
                weighed.add_reasons("opinion.to", parts, features, Part::To as usize);
            }
        }
    }
}

impl Limits {
    /// The kind on which both agree, or of which the opinion is sure enough.
    fn kind(&self, inside: &Inside<'_>, shares: ByClass) -> Kind {
        let rules = inside.verdict.kind;
        let best = best_of(shares);
        let share = shares[best as usize];
        match rules {
            Kind::Other if share >= self.least(inside, best) => best,
            _ if rules == Kind::Other || shares[Kind::Other as usize] >= self.other => Kind::Other,
            _ if share >= self.switch => best,
            _ => rules,
        }
    }

    /// How sure it must be of a kind where the rules find nothing.
    pub(super) fn least(&self, inside: &Inside<'_>, kind: Kind) -> f32 {
        match kind {
            Kind::Complaint if is_doubtful(inside) => self.complaint_doubtful,
            Kind::Complaint if names_service(inside) => self.complaint,
            Kind::Complaint if !has_findings(inside) && !tells_of_part(inside) => self.complaint_bare,
            Kind::Complaint => self.complaint_unnamed,
            Kind::Restored | Kind::News if !has_findings(inside) => self.complaint_doubtful,
            _ => self.something,
        }
    }
}

/// The most likely of the kinds that say something of a service.
pub(super) fn best_of(shares: ByClass) -> Kind {
    [Kind::Restored, Kind::News]
        .into_iter()
        .fold(Kind::Complaint, |best, kind| if shares[kind as usize] > shares[best as usize] { kind } else { best })
}
