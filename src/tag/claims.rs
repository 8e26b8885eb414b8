//! Which rows fire on a post.

use super::lexicon::pattern::Pattern;
use super::lexicon::{Lexicon, Needs, RowKind};
use super::matcher::{Hit, Index, Slot, Text};
use super::names::{BEHIND_DETERMINER, Mention, Standing};
use super::support::{may_be_subject, support};
use crate::model::Lang;
use crate::normalize::words::WordKind;

/// A row that fired.
#[derive(Debug, Clone, PartialEq)]
pub struct Fired {
    /// Index of the row in the lexicon.
    pub row: usize,
    /// Where.
    pub hit: Hit,
}

/// Everything that fired on one post, by kind of row, each in the order of the text.
#[derive(Debug, Default)]
pub struct Firings {
    /// Failures and returns.
    pub claims: Vec<Fired>,
    /// Relays, statements, headlines, blocks.
    pub news: Vec<Fired>,
    /// Moves and refusals.
    pub moves: Vec<Fired>,
    /// Cues.
    pub cues: Vec<Fired>,
}

impl Fired {
    /// Whether two matches share a word.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.hit.from < other.hit.to && other.hit.from < self.hit.to
    }

    /// Whether this match lies inside the other.
    pub fn is_within(&self, other: &Self) -> bool {
        self.hit.from >= other.hit.from && self.hit.to <= other.hit.to
    }

    /// Places in its `$S` slots.
    pub fn services(&self) -> Vec<usize> {
        self.hit.slots.iter().filter(|(slot, _)| *slot == Slot::Service).map(|&(_, place)| place).collect()
    }

    /// Whether this match covers the other and more.
    pub fn covers(&self, other: &Self) -> bool {
        other.is_within(self) && self.hit.to - self.hit.from > other.hit.to - other.hit.from
    }
}

impl Firings {
    /// How many claims and moves speak for each language. Words that rows of two languages claim speak for
    /// neither, and Arabic rows in Latin letters ("down") take no vote from the others.
    pub fn votes(&self, lexicon: &Lexicon) -> Vec<(Lang, usize)> {
        let lang = |fired: &Fired| lexicon.rows[fired.row].lang;
        let mut votes: Vec<(Lang, usize)> = Vec::new();
        for fired in self.claims.iter().chain(&self.moves) {
            let is_shared = self
                .claims
                .iter()
                .chain(&self.moves)
                .any(|other| ![lang(fired), Lang::AR].contains(&lang(other)) && other.overlaps(fired));
            match votes.iter_mut().find(|(known, _)| *known == lang(fired)) {
                _ if is_shared => {}
                Some((_, count)) => *count += 1,
                None => votes.push((lang(fired), 1)),
            }
        }
        votes
    }
}

/// Three indexes, so that most posts are through with the first and most others with the second.
#[derive(Debug, Default)]
pub struct RowIndex {
    /// Failures and returns that speak for themselves.
    alone: Index,
    /// Rows by which a word that may be a service becomes one, and what is no claim and needs no service.
    direct: Index,
    /// Rows that only matter beside something.
    beside: Index,
}

impl RowIndex {
    /// Indexes all rows.
    pub fn new(lexicon: &Lexicon) -> Self {
        let (mut alone, mut direct, mut beside) = (Vec::new(), Vec::new(), Vec::new());
        for (number, row) in lexicon.rows.iter().enumerate() {
            let is_cue = matches!(row.kind, RowKind::Cue { .. });
            let is_claim = matches!(row.kind, RowKind::Outage { .. } | RowKind::Restored { .. });
            let is_free = row.needs == Needs::Nothing && !is_cue;
            let is_direct =
                (is_claim || matches!(row.kind, RowKind::Move { .. })) && row.patterns.iter().any(Pattern::has_slot);
            for pattern in &row.patterns {
                let list = match (is_free && is_claim && !pattern.has_slot(), is_free || is_direct) {
                    (true, _) => &mut alone,
                    (false, true) => &mut direct,
                    (false, false) => &mut beside,
                };
                list.push((number, pattern.clone()));
            }
        }
        Self { alone: Index::new(alone), direct: Index::new(direct), beside: Index::new(beside) }
    }

    /// Finds what fires. Weak names that a claim or move says something of directly become services.
    /// With `all` also what cannot matter to the reading, because nothing is claimed and no service named.
    pub fn fire(&self, lexicon: &Lexicon, text: &Text<'_>, mentions: &mut [Mention], all: bool) -> Firings {
        let mut firings = Firings::default();
        let mut hits = self.alone.find(text);
        let num_alone = hits.len();
        if !all && hits.is_empty() && mentions.iter().all(|mention| matches!(mention.standing, Standing::Rejected(_))) {
            return firings;
        }
        hits.extend(self.direct.find(text));
        let may_count = |mention: &Mention| {
            mention.standing.counts()
                || (mention.standing == Standing::Open && may_be_subject(text, mention.place.from))
        };
        if !all && hits.is_empty() && !mentions.iter().any(may_count) {
            return firings;
        }
        hits.extend(self.beside.find(text));
        hits[num_alone..].sort_by_key(|hit| (hit.from, hit.tag));
        hits.retain(|hit| stands(lexicon, text, mentions, hit));
        hits.sort_by_key(|hit| (hit.from, std::cmp::Reverse(hit.to)));
        hits.dedup_by_key(|hit| (hit.tag, hit.from));
        support(lexicon, text, &hits, mentions);
        // Nobody says of texts or mail as such that they fail: they stand for a service only where people go to them.
        let is_gone_to = |place: usize| {
            let is_there = |hit: &Hit| hit.slots.contains(&(Slot::To, place));
            hits.iter().any(|hit| matches!(lexicon.rows[hit.tag].kind, RowKind::Move { .. }) && is_there(hit))
        };
        let names_service = mentions.iter().enumerate().any(|(place, mention)| {
            mention.standing.counts()
                && (!lexicon.services[mention.place.service].only_destination || is_gone_to(place))
        });
        for hit in hits {
            let row = &lexicon.rows[hit.tag];
            let is_silent = (row.about_addressee && !names_service && addresses_stranger(text, mentions))
                || hit.slots.iter().any(|&(_, place)| !mentions[place].standing.counts())
                || (row.needs == Needs::Service && !matches!(row.kind, RowKind::Cue { .. }) && !names_service);
            if is_silent {
                continue;
            }
            let list = match row.kind {
                RowKind::Outage { .. } | RowKind::Restored { .. } => &mut firings.claims,
                RowKind::News(_) => &mut firings.news,
                RowKind::Move { .. } => &mut firings.moves,
                RowKind::Cue { .. } => &mut firings.cues,
            };
            list.push(Fired { row: hit.tag, hit });
        }
        keep_contrasts(lexicon, text, mentions, &mut firings.claims);
        firings
    }
}

/// Drops claims that need a contrast and have none: another service in the same sentence of which the opposite is said.
fn keep_contrasts(lexicon: &Lexicon, text: &Text<'_>, mentions: &[Mention], claims: &mut Vec<Fired>) {
    let needs_contrast = |claim: &Fired| lexicon.rows[claim.row].needs == Needs::Contrast;
    if !claims.iter().any(needs_contrast) {
        return;
    }
    let fails = |claim: &Fired| matches!(lexicon.rows[claim.row].kind, RowKind::Outage { .. });
    let sentence = |claim: &Fired| text.words.word(claim.hit.from).sentence;
    let service = |claim: &Fired| claim.services().first().map(|&place| mentions[place].place.service);
    let is_opposite = |one: &Fired, other: &Fired| {
        fails(one) != fails(other)
            && sentence(one) == sentence(other)
            && service(one).is_some_and(|own| service(other).is_some_and(|service| service != own))
    };
    let stays: Vec<bool> =
        claims.iter().map(|one| !needs_contrast(one) || claims.iter().any(|other| is_opposite(one, other))).collect();
    let mut stays = stays.into_iter();
    claims.retain(|_| stays.next().unwrap_or(true));
}

/// Whether a row's own conditions hold: its `not` patterns, its question mark, its slots.
fn stands(lexicon: &Lexicon, text: &Text<'_>, mentions: &[Mention], hit: &Hit) -> bool {
    let row = &lexicon.rows[hit.tag];
    let is_claim = matches!(row.kind, RowKind::Outage { .. } | RowKind::Restored { .. });
    let is_destination = |place: usize| lexicon.services[mentions[place].place.service].only_destination;
    (row.kind != RowKind::Outage { question: true } || text.words.is_question(hit.to - 1))
        && !hit.slots.iter().any(|&(_, place)| match mentions[place].standing {
            Standing::Rejected(BEHIND_DETERMINER) => !matches!(row.kind, RowKind::Move { .. }),
            Standing::Rejected(_) => true,
            _ => false,
        })
        && !(is_claim && hit.slots.iter().any(|&(_, place)| is_destination(place)))
        && !row.not.iter().any(|pattern| text.touches(pattern, hit.from, hit.to))
}

/// Whether the post begins by addressing an account that is no service: then "your site" is theirs.
fn addresses_stranger(text: &Text<'_>, mentions: &[Mention]) -> bool {
    (0..text.words.len())
        .take_while(|&at| text.words.word(at).kind == WordKind::Mention)
        .any(|at| !mentions.iter().any(|mention| mention.place.from == at))
}
