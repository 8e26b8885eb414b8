//! Rules and opinion weighed against each other: where they differ, the opinion holds if it is sure enough.

use std::ops::Range;

use super::asked::{
    candidates, has_findings, has_rows, is_destination, is_doubtful, may_name_service, names_service,
    speaks_of_failing, tells_of_part,
};
use super::linear::ByClass;
use super::route::Route;
use super::{Answer, Opinion};
use crate::model::Kind;
use crate::tag::Inside;
use crate::tag::judge::Verdict;

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

/// How sure the opinion must be; found on posts from which the models had not learned (docs/measured.md).
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// Of a complaint that names a service, where a row says something or a part of a service is said to fail.
    pub complaint: f32,
    /// Of any other complaint that names a service.
    pub complaint_unsaid: f32,
    /// Of a complaint that names no service for certain.
    pub complaint_unnamed: f32,
    /// Of a complaint in which only an everyday word may be a service ("alguém vivo aí?").
    pub complaint_everyday: f32,
    /// Of a complaint in which no row fires and nothing is named, not even a part of a service.
    pub complaint_bare: f32,
    /// Of a complaint that only a first look promised, since no word of failing stands in it or it is long: most posts of that
    /// sort are everyday talk.
    pub complaint_promised: f32,
    /// Of a complaint that speaks to somebody else or links to something, and of any other kind where nothing but words
    /// tells of it.
    pub complaint_doubtful: f32,
    /// Of a return or news in which the rules find nothing.
    pub something: f32,
    /// Of another kind where the rules find one.
    pub switch: f32,
    /// Of nothing where the rules find something. More than an even chance, since posts of a sort that the opinion never saw
    /// must not fall silent because it knows nothing of them.
    pub other: f32,
    /// Of a service that fails.
    pub down: f32,
    /// Of a service of which the rules say so too.
    pub down_agreed: f32,
    /// Of a service to which people go.
    pub to: f32,
    /// Of the same where a rival is named from which they come.
    pub to_from_rival: f32,
    /// Of the same where neither a rule nor anything else says from where.
    pub to_alone: f32,
    /// Of a service from which they come.
    pub from: f32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            complaint: 0.5,
            complaint_unsaid: 0.6,
            complaint_unnamed: 0.75,
            complaint_everyday: 0.9,
            complaint_bare: 0.95,
            complaint_promised: 0.97,
            complaint_doubtful: 0.97,
            something: 0.45,
            switch: 0.8,
            other: 0.6,
            down: 0.45,
            down_agreed: 0.15,
            to: 0.5,
            to_from_rival: 0.3,
            to_alone: 0.6,
            from: 0.3,
        }
    }
}

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

    fn add(&mut self, name: &'static str, evidence: Vec<Range<usize>>) {
        self.because.extend(evidence.into_iter().map(|words| (name, words)));
    }
}

impl Opinion {
    /// Weighs the rules' verdict against what the models make of the post.
    pub(in crate::tag) fn weigh(&self, inside: &Inside<'_>) -> Weighed {
        let mut weighed = Weighed::rules(inside.verdict);
        if !self.is_asked(inside) {
            return weighed;
        }
        let models = self.models();
        let answer = models.answer(inside, None);
        weighed.kind = self.limits.kind(inside, answer.shares);
        if weighed.kind != inside.verdict.kind {
            let name = match weighed.kind {
                Kind::Complaint => "opinion.complaint",
                Kind::Restored => "opinion.restored",
                Kind::News => "opinion.news",
                Kind::Other => "opinion.other",
            };
            weighed.add(name, answer.evidence(weighed.kind as usize));
        }
        self.weigh_services(inside, &mut weighed);
        weighed
    }

    fn weigh_services(&self, inside: &Inside<'_>, weighed: &mut Weighed) {
        let (kind, limits, models) = (weighed.kind, &self.limits, self.models());
        let ask = |service| (service, models.answer(inside, Some((service, kind))));
        let answers: Vec<(usize, Answer<'_, '_>)> = candidates(inside).into_iter().map(ask).collect();
        let parts: Vec<(usize, ByClass)> = answers.iter().map(|(service, answer)| (*service, answer.shares)).collect();
        let rules = inside.verdict;
        let fails = |service: usize, share: f32| {
            let is_agreed = kind == rules.kind && share >= limits.down_agreed && rules.down.contains(&service);
            // What the rules read as said of a service against its failing, words alone do not outweigh.
            let is_cleared = is_destination(inside, service) || rules.cleared.contains(&service);
            kind != Kind::Other && !is_cleared && (share >= limits.down || is_agreed)
        };
        let down = parts.iter().filter(|(service, shares)| fails(*service, shares[Part::Down as usize]));
        weighed.down = down.map(|(service, _)| *service).collect();
        weighed.moves = Route { inside, limits, parts: &parts, kind, down: &weighed.down }.moves();
        for (service, answer) in &answers {
            let is_to = |moves: &[(Option<usize>, usize)]| moves.iter().any(|(_, to)| to == service);
            let (name, part) = if weighed.down.contains(service) && !rules.down.contains(service) {
                ("opinion.down", Part::Down)
            } else if is_to(&weighed.moves) && !is_to(&rules.moves) {
                ("opinion.to", Part::To)
            } else {
                continue;
            };
            weighed.add(name, answer.evidence(part as usize));
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

    /// How sure it must be of a kind where the rules say other.
    pub(super) fn least(&self, inside: &Inside<'_>, kind: Kind) -> f32 {
        match kind {
            Kind::Complaint if !has_findings(inside) && !speaks_of_failing(inside) => self.complaint_promised,
            Kind::Complaint if is_doubtful(inside) => self.complaint_doubtful,
            Kind::Complaint if names_service(inside) && (has_rows(inside) || tells_of_part(inside)) => self.complaint,
            Kind::Complaint if names_service(inside) => self.complaint_unsaid,
            Kind::Complaint if !has_findings(inside) && !tells_of_part(inside) => self.complaint_bare,
            Kind::Complaint if may_name_service(inside) => self.complaint_everyday,
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
