//! Features of one service named in a post: does it fail, do people go there or come from there?

use super::classes::Set;
use super::features::{Features, Group};
use super::post::{claim_name, cue_roles, few, moves, named, status_name};
use super::tokens::{ASKED, Token, sentence_at};
use super::wording::{around, sides, wording};
use crate::model::Kind;
use crate::normalize::words::WordKind;
use crate::tag::Inside;
use crate::tag::judge::sorted;
use crate::tag::lexicon::{Role, RowKind};
use crate::tag::matcher::Slot;
use crate::tag::names::Standing;

/// Most words between two services that are looked at.
const REACH: usize = 8;

/// The features from which the part of a service (by index into the lexicon) in a post of this kind is judged; in `tokens` the
/// service is masked.
pub(super) fn service_features(inside: &Inside<'_>, tokens: &[Token<'_>], service: usize, kind: Kind) -> Features {
    let mut features = Features::with_room(inside.text.words.len());
    rules(inside, service, kind, &mut features);
    let (classes, sets) = (inside.attachment.lexicon.classes.table(), inside.class_sets(tokens));
    for (at, token) in tokens.iter().enumerate().filter(|(_, token)| token.text == ASKED) {
        debug_assert!(token.mention.is_some(), "only services are masked so");
        around(tokens, at, &mut features);
        classes.around(sets, tokens, at, &mut features);
        between(inside, sets, tokens, at, &mut features);
        let sentence = sentence_at(tokens, at);
        sides(&tokens[sentence.clone()], at - sentence.start, Group::Side, &mut features);
    }
    wording(inside.lang.lang(), tokens, &mut features);
    features
}

/// Words and classes between the service and the ones next to it: what leads from the one to the other.
fn between(inside: &Inside<'_>, sets: &[Set], tokens: &[Token<'_>], at: usize, features: &mut Features) {
    let classes = inside.attachment.lexicon.classes.table();
    let is_other = |token: &Token<'_>| token.mention.is_some() && token.text != ASKED;
    // Far apart, what stands between them speaks of other things.
    let before = tokens[..at].iter().rposition(is_other);
    let before = before.map(|place| ("<", place, at.saturating_sub(REACH).max(place + 1)..at));
    let behind = tokens[at + 1..].iter().position(is_other).map(|steps| at + 1 + steps);
    let behind = behind.map(|place| (">", place, at + 1..place.min(at + 1 + REACH)));
    for (side, place, range) in before.into_iter().chain(behind) {
        let Some(mention) = tokens[place].mention else { continue };
        let place = format!("{side}{} ", state(inside, inside.mentions[mention].place.service));
        classes.words(sets, tokens, range, (Group::Between, &place), features);
    }
}

/// What the rules say of another service.
fn state(inside: &Inside<'_>, service: usize) -> &'static str {
    if inside.verdict.down.contains(&service) { "down" } else { "named" }
}

fn rules(inside: &Inside<'_>, service: usize, kind: Kind, features: &mut Features) {
    let kind = kind.as_str();
    let verdict = inside.verdict;
    let own: Vec<usize> = (0..inside.mentions.len()).filter(|&i| inside.mentions[i].place.service == service).collect();
    let is_down = verdict.down.contains(&service);
    let is_to = verdict.moves.iter().any(|&(_, to)| to == service);
    let is_from = verdict.moves.iter().any(|&(from, _)| from == Some(service));
    let part = match (is_down, is_to, is_from) {
        (true, ..) => "down",
        (_, true, _) => "to",
        (.., true) => "from",
        _ => "none",
    };
    features.rule(&["kind ", kind]);
    features.rule(&["part ", part]);
    features.rule(&["part ", part, " kind ", kind]);
    features.rule(&["part ", part, " kind ", kind, " by rules ", verdict.kind.as_str()]);
    let mut others = named(inside);
    others.retain(|&other| other != service);
    features.rule(&["others ", few(others.len()), " kind ", kind]);
    features.rule(&["others ", few(others.len()), " part ", part]);
    let others_down = verdict.down.iter().filter(|&&other| other != service).count();
    features.rule(&["others down ", few(others_down), " part ", part]);
    let order = own.first().map_or(0, |&first| {
        sorted(inside.mentions[..first].iter().filter(|m| m.standing.counts()).map(|m| m.place.service)).len()
    });
    features.rule(&["order ", few(order), " of ", few(others.len()), " kind ", kind]);
    let services = &inside.attachment.lexicon.services;
    let category = services[service].category.as_str();
    features.rule(&["category ", category]);
    features.rule(&["category ", category, " kind ", kind]);
    // Whoever leaves one messenger goes to another; a shop that is named beside a bank is no way out.
    for &other in &others {
        let beside = services[other].category.as_str();
        let state = state(inside, other);
        features.rule(&["category ", category, " beside ", beside, " ", state]);
        let beside = if beside == category { "a rival" } else { "another" };
        features.rule(&["beside ", beside, " ", state, " kind ", kind]);
        features.rule(&["beside ", beside, " ", state, " part ", part]);
    }
    features.rule(&["lang ", inside.lang.code(), " kind ", kind]);
    features.rule(&["named ", few(own.len()), " times"]);
    if inside.attachment.lexicon.services[service].only_destination {
        features.rule(&["only a destination"]);
    }
    for &i in &own {
        let mention = inside.mentions[i];
        let standing = match mention.standing {
            Standing::Strong => "strong",
            Standing::Supported(why) => why,
            Standing::Open => "open",
            Standing::Rejected(_) => continue,
        };
        features.rule(&["standing ", standing]);
        features.rule(&["standing ", standing, " kind ", kind]);
        let word = inside.text.words.word(mention.place.from);
        match word.kind {
            WordKind::Mention if mention.place.from == 0 => features.rule(&["spoken to", " kind ", kind]),
            WordKind::Mention => features.rule(&["account", " kind ", kind]),
            WordKind::Hashtag => features.rule(&["hashtag", " kind ", kind]),
            _ => {}
        }
        if inside.attachment.is_elsewhere(i) {
            features.rule(&["elsewhere"]);
        }
        if inside.text.words.is_question(mention.place.from) {
            features.rule(&["asked kind ", kind]);
        }
        slots(inside, i, features);
    }
    for judged in verdict.claims.iter().filter(|judged| judged.services.contains(&service)) {
        features.rule(&["claim ", claim_name(inside, judged), " ", status_name(judged.status)]);
        features.rule(&["claim ", claim_name(inside, judged), " ", status_name(judged.status), " kind ", kind]);
    }
    moves(inside, features);
    for role in cue_roles(inside) {
        features.rule(&["cue ", role, " part ", part]);
    }
}

/// In which slots of which rows the mention stands.
fn slots(inside: &Inside<'_>, mention: usize, features: &mut Features) {
    let rows = &inside.attachment.lexicon.rows;
    for fired in inside.firings.moves.iter().chain(&inside.firings.cues).chain(&inside.firings.claims) {
        for &(slot, place) in &fired.hit.slots {
            if place != mention {
                continue;
            }
            let slot = match slot {
                Slot::Service => "service",
                Slot::To => "to",
                Slot::From => "from",
            };
            match rows[fired.row].kind {
                RowKind::Move { refuse: true } => features.rule(&["refused ", slot]),
                RowKind::Move { refuse: false } => features.rule(&["moved ", slot]),
                RowKind::Cue { role: Role::Venue, .. } => features.rule(&["venue"]),
                RowKind::Cue { .. } => {}
                _ => features.rule(&["said directly"]),
            }
        }
    }
}
