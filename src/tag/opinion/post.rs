//! Features of a whole post: what the rules found in it, and its wording.

use super::asked::{begins_with_account, has_findings};
use super::classes::Set;
use super::features::{Features, Group};
use super::tokens::{Token, sentence_at};
use super::wording::{around, sides, wording};
use crate::tag::Inside;
use crate::tag::cues::Status;
use crate::tag::judge::{Judged, sorted};
use crate::tag::lexicon::{Role, RowKind};
use crate::tag::names::Standing;

/// The features from which the kind of a post is judged; `tokens` are all of it.
pub(super) fn post_features(inside: &Inside<'_>, tokens: &[Token<'_>]) -> Features {
    let mut features = Features::with_room(inside.text.words.len());
    rules(inside, &mut features);
    outline(inside, tokens, &mut features);
    wording(inside.lang.lang(), tokens, &mut features);
    let (classes, sets) = (inside.attachment.lexicon.classes.table(), inside.class_sets(tokens));
    classes.describe(sets, tokens, &mut features);
    for (at, _) in tokens.iter().enumerate().filter(|(_, token)| token.mention.is_some()) {
        around(tokens, at, &mut features);
        classes.around(sets, tokens, at, &mut features);
        let sentence = sentence_at(tokens, at);
        sides(&tokens[sentence.clone()], at - sentence.start, Group::PostSide, &mut features);
    }
    near_claims(inside, sets, tokens, &mut features);
    features
}

/// Most words from a claim that are looked at.
const CLAIM_REACH: usize = 5;

/// Words and classes on both sides of each claim, in its sentence: what is said of it there turns it around.
fn near_claims(inside: &Inside<'_>, sets: &[Set], tokens: &[Token<'_>], features: &mut Features) {
    let classes = inside.attachment.lexicon.classes.table();
    for judged in &inside.verdict.claims {
        let hit = &inside.firings.claims[judged.claim].hit;
        let Some(first) = tokens.iter().position(|token| token.words.end > hit.from) else { continue };
        let Some(last) = tokens.iter().rposition(|token| !token.words.is_empty() && token.words.start < hit.to) else {
            continue;
        };
        let sentence = sentence_at(tokens, first);
        let before = sentence.start.max(first.saturating_sub(CLAIM_REACH))..first;
        let behind = last + 1..sentence.end.min(last + 1 + CLAIM_REACH).max(last + 1);
        for (side, range) in [("<", before), (">", behind)] {
            let place = format!("{}{side} ", claim_name(inside, judged));
            classes.words(sets, tokens, range, (Group::Claim, &place), features);
        }
    }
}

/// What fired, and what the rules make of it.
fn rules(inside: &Inside<'_>, features: &mut Features) {
    let kind = inside.verdict.kind.as_str();
    let rows = &inside.attachment.lexicon.rows;
    features.rule(&["kind ", kind]);
    features.rule(&["lang ", inside.lang.code()]);
    features.rule(&["kind ", kind, " lang ", inside.lang.code()]);
    features.rule(&["why ", inside.verdict.why]);
    for judged in &inside.verdict.claims {
        let (what, worth) = (claim_name(inside, judged), status_name(judged.status));
        let about = if judged.services.is_empty() { " unnamed" } else { " named" };
        features.rule(&["claim ", what, " ", worth]);
        features.rule(&["claim ", what, " ", worth, about]);
        let symptom = rows[inside.firings.claims[judged.claim].row].note.split(',').next().unwrap_or_default();
        features.rule(&["symptom ", symptom, " ", worth]);
    }
    features.rule(&["claims ", few(inside.verdict.claims.len())]);
    if !has_findings(inside) {
        features.rule(&["no findings"]);
    }
    for fired in &inside.firings.news {
        if let RowKind::News(role) = rows[fired.row].kind {
            features.rule(&["news ", role.as_str()]);
            features.rule(&["news ", role.as_str(), " kind ", kind]);
        }
    }
    moves(inside, features);
    for role in cue_roles(inside) {
        features.rule(&["cue ", role]);
        features.rule(&["cue ", role, " kind ", kind]);
    }
}

/// Whether people go somewhere or refuse to.
pub(super) fn moves(inside: &Inside<'_>, features: &mut Features) {
    for fired in &inside.firings.moves {
        let is_refused = inside.attachment.lexicon.rows[fired.row].kind == RowKind::Move { refuse: true };
        features.rule(&[if is_refused { "refuses a move" } else { "move" }]);
    }
}

/// Names of the roles of the cues that fired, each once, in the order of the text.
pub(super) fn cue_roles(inside: &Inside<'_>) -> Vec<&'static str> {
    let mut roles: Vec<Role> = Vec::new();
    for fired in &inside.firings.cues {
        if let RowKind::Cue { role, .. } = inside.attachment.lexicon.rows[fired.row].kind
            && !roles.contains(&role)
        {
            roles.push(role);
        }
    }
    roles.into_iter().map(Role::as_str).collect()
}

/// Services that the post names for certain, by index.
pub(super) fn named(inside: &Inside<'_>) -> Vec<usize> {
    sorted(inside.mentions.iter().filter(|m| m.standing.counts()).map(|m| m.place.service))
}

/// How the post is built: services, questions, whom it speaks to, how long it is.
fn outline(inside: &Inside<'_>, tokens: &[Token<'_>], features: &mut Features) {
    let kind = inside.verdict.kind.as_str();
    let services = &inside.attachment.lexicon.services;
    let named = named(inside);
    let num_open = inside.mentions.iter().filter(|m| m.standing == Standing::Open).count();
    features.rule(&["services ", few(named.len()), " open ", few(num_open)]);
    features.rule(&["services ", few(named.len()), " kind ", kind]);
    for &service in &named {
        features.rule(&["category ", &services[service].category]);
    }
    let words = inside.text.words;
    let asks = tokens.iter().any(|token| token.text == "?");
    let asks_of_service = inside.mentions.iter().any(|m| m.standing.counts() && words.is_question(m.place.from));
    if asks {
        features.rule(&["asks"]);
        features.rule(&["asks kind ", kind]);
    }
    if asks_of_service {
        features.rule(&["asks of a service kind ", kind]);
    }
    if begins_with_account(words) {
        let is_service = inside.mentions.iter().any(|m| m.place.from == 0);
        features.rule(&[if is_service { "speaks to a service" } else { "speaks to somebody" }]);
    }
    let length = ["0", "4", "8", "16", "32"][[4, 8, 16, 32].iter().filter(|&&n| words.len() >= n).count()];
    features.rule(&["words ", length]);
    features.rule(&["words ", length, " kind ", kind]);
    let num_ends = tokens.iter().filter(|token| token.words.is_empty()).count();
    features.rule(&["sentences ", few(num_ends - 1)]);
    if tokens.iter().any(|token| token.text == "$L") {
        features.rule(&["link kind ", kind]);
    }
}

/// What a claim says.
pub(super) fn claim_name(inside: &Inside<'_>, judged: &Judged) -> &'static str {
    match inside.attachment.lexicon.rows[inside.firings.claims[judged.claim].row].kind {
        RowKind::Restored { works_for_me: true } => "works-for-me",
        RowKind::Restored { works_for_me: false } => "works",
        RowKind::Outage { question: true } => "asked",
        _ => "fails",
    }
}

/// What a claim is worth.
pub(super) fn status_name(status: Status) -> &'static str {
    match status {
        Status::Live => "live",
        Status::WorksHere => "works-here",
        Status::Void(Role::Negation) => "negated",
        Status::Void(Role::Past) => "past",
        Status::Void(Role::Hypothetical) => "if",
        Status::Void(Role::Wish) => "wish",
        Status::Void(Role::Device) => "device",
        Status::Void(Role::Grumble) => "grumble",
        Status::Void(Role::Promo | Role::Fiction) => "promo",
        Status::Void(_) => "other-sense",
    }
}

/// A small number as text.
pub(super) fn few(number: usize) -> &'static str {
    ["0", "1", "2", "3", "many"][number.min(4)]
}
