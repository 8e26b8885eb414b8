//! From claims to one kind, the failing services and the moves.

use super::attachment::Attachment;
use super::binding::is_bound;
use super::claims::Fired;
use super::cues::{Status, status};
use super::lexicon::{NewsRole, Role, RowKind};
use super::matcher::Place;
use super::moves;
use crate::model::Kind;
use crate::normalize::words::{Break, Words};

/// A claim with everything that was decided about it.
#[derive(Debug, Clone)]
pub struct Judged {
    /// Index into `firings.claims`.
    pub claim: usize,
    /// What it is worth.
    pub status: Status,
    /// The cue that decided, as an index into `firings.cues`.
    pub because: Option<usize>,
    /// Services it is about, as indexes into the lexicon.
    pub services: Vec<usize>,
    /// Whether it says that a service works.
    pub says_works: bool,
}

/// The judgment on a post, in indexes.
#[derive(Debug)]
pub struct Verdict {
    /// The kind.
    pub kind: Kind,
    /// Why this kind, in words.
    pub why: &'static str,
    /// Services that fail or are back, sorted by index, no doubles.
    pub down: Vec<usize>,
    /// Moves as (from, to), no doubles.
    pub moves: Vec<(Option<usize>, usize)>,
    /// Services that are known not to be what the post says of the others: who only speaks of a failure, and what works
    /// while another fails.
    pub cleared: Vec<usize>,
    /// Each claim.
    pub claims: Vec<Judged>,
    /// Whether the post speaks of a block.
    pub speaks_of_block: bool,
}

/// Judges a post from what fired on it.
pub fn judge(attachment: &Attachment<'_>) -> Verdict {
    let claims = judge_claims(attachment);
    let (kind, why, down) = kind_of(attachment, &claims);
    let fails = kind != Kind::Other || claims.iter().any(|claim| claim.status == Status::Live && !claim.says_works);
    let moves = moves::moves(attachment, fails, &down, kind == Kind::Restored);
    let speaks_of_block = has_news(attachment, |role| role == NewsRole::Block);
    let cleared = cleared(attachment, kind, &down, &claims);
    Verdict { kind, why, down, moves, cleared, claims, speaks_of_block }
}

fn judge_claims(attachment: &Attachment<'_>) -> Vec<Judged> {
    let firings = attachment.firings;
    let is_foreign = |claim: &Fired| Some(attachment.lexicon.rows[claim.row].lang) != attachment.lang;
    // Of two languages that of the post holds, and of what is left the longer match.
    let is_native = |claim: &Fired| {
        !is_foreign(claim) || !firings.claims.iter().any(|other| !is_foreign(other) && other.overlaps(claim))
    };
    let is_kept = |claim: &Fired| is_native(claim) && !attachment.is_stray(claim) && is_bound(attachment, claim);
    let kept = firings.claims.iter().enumerate().filter(|(_, claim)| is_kept(claim));
    let weighed: Vec<_> = kept.map(|(number, claim)| (number, claim, status(attachment, claim))).collect();
    // What is taken back says nothing about the words inside that it passes over.
    let hides = |other: &Fired, status: Status| status != Status::Void(Role::Negation) || other.hit.gaps.is_empty();
    let mut judged = Vec::new();
    for &(number, claim, (status, because)) in &weighed {
        if weighed.iter().any(|&(_, other, (status, _))| other.covers(claim) && hides(other, status)) {
            continue;
        }
        let mut services: Vec<usize> =
            attachment.places(claim).into_iter().map(|place| attachment.mentions[place].place.service).collect();
        services.sort_unstable();
        services.dedup();
        // "Is it back?" is asked while it is down.
        let is_question = ends_in_question(attachment.text.words, claim.hit.to);
        let says_works = matches!(attachment.lexicon.rows[claim.row].kind, RowKind::Restored { works_for_me: false } if !is_question)
            || matches!(attachment.lexicon.rows[claim.row].kind, RowKind::Restored { works_for_me: true })
            || status == Status::WorksHere;
        judged.push(Judged { claim: number, status, because, services, says_works });
    }
    share_fate(attachment, &mut judged);
    judged
}

/// Whether the question mark belongs to what ends before `to`: at most three words and no comma stand between.
fn ends_in_question(words: &Words, to: usize) -> bool {
    let behind = (to..words.len()).take_while(|&at| words.word(at).sentence == words.word(to - 1).sentence);
    words.is_question(to - 1)
        && behind.clone().count() <= 3
        && behind.into_iter().all(|at| words.word(at).before == Break::None)
}

/// What one language's cues turn around is turned around for the rows of other languages on the same words.
fn share_fate(attachment: &Attachment<'_>, judged: &mut [Judged]) {
    let fired = |judged: &Judged| &attachment.firings.claims[judged.claim];
    let lang = |judged: &Judged| attachment.lexicon.rows[fired(judged).row].lang;
    let void: Vec<Judged> = judged.iter().filter(|claim| matches!(claim.status, Status::Void(_))).cloned().collect();
    for claim in judged.iter_mut().filter(|claim| claim.status == Status::Live) {
        if let Some(other) = void.iter().find(|other| lang(other) != lang(claim) && fired(other).overlaps(fired(claim)))
        {
            (claim.status, claim.because) = (other.status, other.because);
        }
    }
}

fn kind_of(attachment: &Attachment<'_>, claims: &[Judged]) -> (Kind, &'static str, Vec<usize>) {
    let live =
        |works: bool| claims.iter().filter(move |c| !matches!(c.status, Status::Void(_)) && c.says_works == works);
    let services = |works: bool| sorted(live(works).flat_map(|claim| claim.services.iter().copied()));
    // The later word about a service holds: "was down, is back"; "is back, and down again".
    let last =
        |works: bool, service: usize| live(works).filter(|c| c.services.contains(&service)).map(|c| c.claim).max();
    let failing: Vec<usize> = services(false).into_iter().filter(|&s| last(false, s) > last(true, s)).collect();
    let failing_unnamed = live(false).any(|claim| claim.services.is_empty());
    let fails = !failing.is_empty() || (failing_unnamed && live(true).next().is_none());
    let works = live(true).next().is_some();

    let is_own = attachment
        .firings
        .cues
        .iter()
        .any(|cue| attachment.has_role(cue, Role::Same) || attachment.has_role(cue, Role::Own));
    let is_relayed = has_news(attachment, |role| role != NewsRole::Block);
    if is_relayed && !is_own {
        let told = without_speakers(attachment, &sorted(services(false).into_iter().chain(services(true))));
        if !told.is_empty() {
            return (Kind::News, "somebody else says so", told);
        }
        if has_news(attachment, |role| role == NewsRole::Statement) {
            let named = without_speakers(attachment, &named(attachment));
            if !named.is_empty() {
                return (Kind::News, "a company speaks of its failure", named);
            }
        }
        if fails && has_news(attachment, |role| role != NewsRole::Relay) {
            return (Kind::News, "somebody else says so", Vec::new());
        }
    }
    if fails {
        return (Kind::Complaint, "a failure, now, seen by the author", failing);
    }
    if works {
        return (Kind::Restored, "it works, by the author's own account", services(true));
    }
    if has_news(attachment, |role| role == NewsRole::Block) {
        let named = named(attachment);
        if !named.is_empty() {
            return (Kind::News, "a block by a court or a government", named);
        }
    }
    (
        Kind::Other,
        if claims.is_empty() { "no row claims a failure or a return" } else { "every claim is turned around" },
        Vec::new(),
    )
}

fn cleared(attachment: &Attachment<'_>, kind: Kind, down: &[usize], claims: &[Judged]) -> Vec<usize> {
    let all = match kind {
        Kind::News => named(attachment).into_iter().filter(|&service| speaks(attachment, service, down)).collect(),
        Kind::Complaint => {
            let working = claims.iter().filter(|c| !matches!(c.status, Status::Void(_)) && c.says_works);
            sorted(working.flat_map(|claim| claim.services.iter().copied()))
        }
        Kind::Restored | Kind::Other => Vec::new(),
    };
    all.into_iter().filter(|service| !down.contains(service)).collect()
}

/// Leaves out who only speaks of another service: "Google says that YouTube …".
fn without_speakers(attachment: &Attachment<'_>, services: &[usize]) -> Vec<usize> {
    services.iter().copied().filter(|&service| !speaks(attachment, service, services)).collect()
}

/// Whether a service only speaks, before another of `services` is named.
fn speaks(attachment: &Attachment<'_>, service: usize, services: &[usize]) -> bool {
    let is_statement = |fired: &&Fired| {
        matches!(attachment.lexicon.rows[fired.row].kind, RowKind::News(NewsRole::Statement | NewsRole::Relay))
    };
    let places = || attachment.mentions.iter().filter(|mention| mention.standing.counts()).map(|mention| mention.place);
    attachment.firings.news.iter().filter(is_statement).any(|fired| {
        let mut own = places().filter(|place| place.service == service);
        let is_other = |place: Place| place.service != service && services.contains(&place.service);
        own.all(|place| place.from == fired.hit.from || place.to == fired.hit.from)
            && places().any(|place| place.to >= fired.hit.to && is_other(place))
    })
}

fn has_news(attachment: &Attachment<'_>, is_wanted: impl Fn(NewsRole) -> bool) -> bool {
    attachment.firings.news.iter().any(|fired| match attachment.lexicon.rows[fired.row].kind {
        RowKind::News(role) => is_wanted(role),
        _ => false,
    })
}

/// Services that the post names and that are not only where one goes.
pub(super) fn named(attachment: &Attachment<'_>) -> Vec<usize> {
    let counted = (0..attachment.mentions.len())
        .filter(|&i| attachment.mentions[i].standing.counts() && !attachment.is_elsewhere(i))
        .map(|i| attachment.mentions[i].place.service);
    sorted(counted)
}

pub(super) fn sorted<T: Ord>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.into_iter().collect();
    items.sort_unstable();
    items.dedup();
    items
}
