//! Which rows fire on a post, and which services each claim is about.

use super::lexicon::{Lexicon, Needs, Role, RowKind, Scope};
use super::matcher::{Hit, Index, Slot, Text};
use super::names::{Mention, Standing};
use crate::model::Lang;
use crate::normalize::words::{Break, WordKind};

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

/// Two indexes: rows that speak for themselves, and rows that only matter beside something.
#[derive(Debug, Default)]
pub struct RowIndex {
    alone: Index,
    beside: Index,
}

impl RowIndex {
    /// Indexes all rows.
    pub fn new(lexicon: &Lexicon) -> Self {
        let mut index = Self::default();
        for (number, row) in lexicon.rows.iter().enumerate() {
            for pattern in &row.patterns {
                let is_alone = row.needs == Needs::Nothing
                    && !pattern.has_slot()
                    && matches!(row.kind, RowKind::Outage { .. } | RowKind::Restored { .. });
                let index = if is_alone { &mut index.alone } else { &mut index.beside };
                index.add(number, pattern.clone());
            }
        }
        index
    }

    /// Finds what fires. Weak names that a claim or move says something of directly become services.
    /// With `all` also what cannot matter to the reading, because nothing is claimed and no service named.
    pub fn fire(&self, lexicon: &Lexicon, text: &Text<'_>, mentions: &mut [Mention], all: bool) -> Firings {
        let mut firings = Firings::default();
        let mut hits = Vec::new();
        self.alone.find(text, |hit| hits.push(hit));
        if !all && hits.is_empty() && mentions.iter().all(|mention| matches!(mention.standing, Standing::Rejected(_))) {
            return firings;
        }
        self.beside.find(text, |hit| hits.push(hit));
        hits.retain(|hit| stands(lexicon, text, mentions, hit));
        hits.sort_by_key(|hit| (hit.from, std::cmp::Reverse(hit.to)));
        hits.dedup_by_key(|hit| (hit.tag, hit.from));
        support_slots(lexicon, &hits, mentions);
        let names_service = mentions.iter().any(|mention| mention.standing.counts());
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
        firings
    }
}

/// Whether a row's own conditions hold: its `not` patterns, its question mark, its slots.
fn stands(lexicon: &Lexicon, text: &Text<'_>, mentions: &[Mention], hit: &Hit) -> bool {
    let row = &lexicon.rows[hit.tag];
    let is_claim = matches!(row.kind, RowKind::Outage { .. } | RowKind::Restored { .. });
    let is_destination = |place: usize| lexicon.services[mentions[place].place.service].only_destination;
    (row.kind != RowKind::Outage { question: true } || text.words.is_question(hit.to - 1))
        && !hit.slots.iter().any(|&(_, place)| matches!(mentions[place].standing, Standing::Rejected(_)))
        && !(is_claim && hit.slots.iter().any(|&(_, place)| is_destination(place)))
        && !row.not.iter().any(|pattern| text.touches(pattern, hit.from, hit.to))
}

/// Whether the post begins by addressing an account that is no service: then "your site" is theirs.
fn addresses_stranger(text: &Text<'_>, mentions: &[Mention]) -> bool {
    (0..text.words.len())
        .take_while(|&at| text.words.word(at).kind == WordKind::Mention)
        .any(|at| !mentions.iter().any(|mention| mention.place.from == at))
}

/// A failure or a move said directly of an everyday word makes it a service.
fn support_slots(lexicon: &Lexicon, hits: &[Hit], mentions: &mut [Mention]) {
    let has_other = |mentions: &[Mention], but: usize| {
        mentions.iter().enumerate().any(|(i, mention)| i != but && mention.standing.counts())
    };
    for hit in hits {
        let supports = match lexicon.rows[hit.tag].kind {
            RowKind::Outage { .. } | RowKind::Restored { .. } => true,
            RowKind::Move { .. } => hit.slots.iter().any(|&(_, place)| has_other(mentions, place)),
            _ => false,
        };
        if !supports {
            continue;
        }
        for &(_, place) in &hit.slots {
            if mentions[place].standing == Standing::Open {
                mentions[place].standing = Standing::Supported("a failure or a move is said of it");
            }
        }
    }
}

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
    /// Places (indexes of mentions) that a claim is about: its slots, else the nearest name in its
    /// sentence, else in the sentences around; joined by "and" to the names beside it.
    pub fn places(&self, claim: &Fired) -> Vec<usize> {
        let mut found: Vec<usize> =
            claim.hit.slots.iter().filter(|(slot, _)| *slot == Slot::Service).map(|&(_, place)| place).collect();
        if found.is_empty() {
            let free =
                (0..self.mentions.len()).filter(|&i| self.mentions[i].standing.counts() && !self.is_elsewhere(i));
            found.extend(free.min_by_key(|&i| self.distance(claim, i)));
        }
        let mut next = 0;
        while next < found.len() {
            let place = found[next];
            let beside = [place.checked_sub(1), Some(place + 1).filter(|&i| i < self.mentions.len())];
            for other in beside.into_iter().flatten() {
                if !found.contains(&other)
                    && !self.is_elsewhere(other)
                    && self.are_joined(place.min(other), place.max(other))
                {
                    found.push(other);
                }
            }
            next += 1;
        }
        found.retain(|&i| self.mentions[i].standing.counts() && !self.is_destination(i));
        found
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
    fn are_joined(&self, left: usize, right: usize) -> bool {
        let (from, to) = (self.mentions[left].place.to, self.mentions[right].place.from);
        if (from..=to).any(|i| self.text.words.word(i).before == Break::Sentence) {
            return false;
        }
        let has_comma = (from..=to).any(|i| self.text.words.word(i).before == Break::Clause);
        let has_and =
            self.firings.cues.iter().any(|cue| {
                self.has_role(cue, Role::And) && cue.hit.from >= from && cue.hit.to <= to && cue.hit.to > from
            });
        match to.saturating_sub(from) {
            0 => true,
            1 => has_and || has_comma,
            2 => has_and,
            3 => has_and && has_comma,
            _ => false,
        }
    }
}
