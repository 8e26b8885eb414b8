//! From a scenario to events: each part of it is a stream of posts with a rate and random numbers of its own.

use chrono::{DurationRound, TimeDelta};

use super::dice::Dice;
use super::event::{Event, Says};
use super::rate;
use super::scenario::{Outage, Place, Scenario, Trap};
use crate::model::{Country, Lang, ServiceId, Verdict};

/// Rates are constant within a step of this many minutes (10 seconds).
const STEP_MIN: f64 = 1.0 / 6.0;
/// Steps over which one over-dispersion factor holds: a minute.
const STEPS_PER_FACTOR: u32 = 6;
/// Share of the complaints about a block that speak of the court or the government.
const SAYS_BLOCKED_SHARE: f64 = 0.6;
/// Shares of the moves that say the failure and the origin, the origin only, nothing of both.
const MOVE_FORMS: [(Says, f64); 3] = [(Says::MoveDown, 0.5), (Says::MoveFrom, 0.2), (Says::MoveBare, 0.3)];
/// Decays are followed until e to the power of minus this is left.
const DECAYS: f64 = 7.0;

/// Stream numbers of the words of all posts, and of a text that is copied.
pub(super) const WORDING: u64 = 20;
pub(super) const COPIED_TEXT: u64 = 21;

/// What the posts of one stream are.
#[derive(Clone, Copy)]
enum Part<'a> {
    Plain(Says, Option<&'a ServiceId>),
    Mentions(&'a ServiceId),
    Complaints(&'a Outage),
    Restored(&'a Outage),
    News(&'a Outage),
    Moves(&'a Outage),
}

struct Stream<'a> {
    number: u64,
    part: Part<'a>,
    from_min: f64,
    to_min: f64,
    rate: Box<dyn Fn(f64) -> f64 + 'a>,
}

/// All events of a scenario in time order; the scenario must have been checked.
pub(super) fn plan(scenario: &Scenario, seed: u64) -> Vec<Event> {
    let mut drafts: Vec<(i64, Event)> = Vec::new();
    for stream in streams(scenario) {
        run(scenario, &stream, Dice::new(seed, stream.number), &mut drafts);
    }
    for (number, trap) in scenario.traps.iter().enumerate() {
        copies(scenario, trap, number, Dice::new(seed, stream_number(9, number)), &mut drafts);
    }
    for trap in &scenario.traps {
        if let Trap::Gap { start, duration_min } = trap {
            let end = rate::after(*start, *duration_min);
            drafts.retain(|(_, event)| event.at < *start || event.at >= end);
        }
    }
    drafts.sort_by_key(|(millis, _)| *millis);
    drafts.into_iter().map(|(_, event)| event).collect()
}

/// A number for a stream of random numbers: its part of the work, and its index there.
pub(super) fn stream_number(part: u64, index: usize) -> u64 {
    (part << 32) | index as u64
}

fn streams(scenario: &Scenario) -> Vec<Stream<'_>> {
    let whole = scenario.duration_min;
    let mut list = Vec::new();
    let mut add = |part_number, index, part, (from_min, to_min): (f64, f64), rate: Box<dyn Fn(f64) -> f64>| {
        let number = stream_number(part_number, index);
        list.push(Stream { number, part, from_min: from_min.max(0.0), to_min: to_min.min(whole), rate });
    };
    let ordinary = |per_min: f64| {
        let daily = scenario.daily.clone();
        let start = scenario.start;
        Box::new(move |minute: f64| per_min * rate::of_day(&daily, rate::after(start, minute)))
    };
    add(0, 0, Part::Plain(Says::Chatter, None), (0.0, whole), ordinary(scenario.chatter_per_min));
    for (index, service) in scenario.services.iter().enumerate() {
        let id = Some(&service.id);
        let all = (0.0, whole);
        add(1, index, Part::Plain(Says::Complaint, id), all, ordinary(service.baseline_per_min));
        add(2, index, Part::Mentions(&service.id), all, ordinary(service.mentions_per_min));
        add(3, index, Part::Plain(Says::Headline, id), all, ordinary(service.news_per_min));
        add(4, index, Part::Plain(Says::Past, id), all, ordinary(service.past_per_min));
    }
    for (index, outage) in scenario.outages.iter().enumerate() {
        let from = rate::minutes_between(scenario.start, outage.start);
        let end = from + outage.duration_min;
        let faded = end + outage.decay_min * DECAYS;
        let thanked = end + Outage::RESTORED_DECAY_MIN * DECAYS;
        let level = |per_min: f64, outage: Outage| -> Box<dyn Fn(f64) -> f64> {
            Box::new(move |minute| per_min * rate::complaints(&outage, minute - from))
        };
        let grown = |per_min: f64, outage: Outage| -> Box<dyn Fn(f64) -> f64> {
            Box::new(move |minute| per_min * rate::response(outage.response, outage.lag_min, minute - from))
        };
        add(5, index, Part::Complaints(outage), (from, faded), level(outage.peak_per_min, outage.clone()));
        let thanks = outage.restored_per_min;
        let thank = move |minute: f64| thanks * rate::fall(minute - end, Outage::RESTORED_DECAY_MIN);
        add(6, index, Part::Restored(outage), (end, thanked), Box::new(thank));
        add(7, index, Part::News(outage), (from, end), grown(outage.news_per_min, outage.clone()));
        add(8, index, Part::Moves(outage), (from, end), level(outage.moves_per_min, outage.clone()));
    }
    for (index, trap) in scenario.traps.iter().enumerate() {
        match trap {
            Trap::NewsSpike { service, start, duration_min, factor } => {
                let ordinary = scenario.services.iter().find(|s| s.id == *service).map_or(0.0, |s| s.news_per_min);
                let from = rate::minutes_between(scenario.start, *start);
                let extra = ordinary * (factor - 1.0).max(0.0);
                let part = Part::Plain(Says::Headline, Some(service));
                add(10, index, part, (from, from + duration_min), Box::new(move |_| extra));
            }
            Trap::Anniversary { service, start, duration_min, peak_per_min } => {
                let from = rate::minutes_between(scenario.start, *start);
                let (half, peak) = (duration_min / 2.0, *peak_per_min);
                let wave = move |minute: f64| peak * (1.0 - ((minute - from - half) / half).abs()).max(0.0);
                add(11, index, Part::Plain(Says::Past, Some(service)), (from, from + duration_min), Box::new(wave));
            }
            Trap::Copies { .. } | Trap::Gap { .. } => {}
        }
    }
    list
}

fn run(scenario: &Scenario, stream: &Stream<'_>, mut dice: Dice, drafts: &mut Vec<(i64, Event)>) {
    let mut minute = stream.from_min;
    let mut factor = 1.0;
    let mut step = 0;
    while minute < stream.to_min {
        let width = STEP_MIN.min(stream.to_min - minute);
        if step % STEPS_PER_FACTOR == 0 {
            factor = dice.gamma(scenario.dispersion);
        }
        for _ in 0..dice.poisson((stream.rate)(minute + width / 2.0) * factor * width) {
            let at_min = minute + width * dice.unit();
            if let Some(draft) = draft(scenario, stream.part, at_min, &mut dice) {
                drafts.push(draft);
            }
        }
        step += 1;
        minute += width;
    }
}

fn draft(scenario: &Scenario, part: Part<'_>, at_min: f64, dice: &mut Dice) -> Option<(i64, Event)> {
    let outage = match part {
        Part::Plain(..) | Part::Mentions(_) => None,
        Part::Complaints(outage) | Part::Restored(outage) | Part::News(outage) | Part::Moves(outage) => Some(outage),
    };
    let (lang, country) = place(scenario, outage, dice)?;
    let author = dice.below(scenario.num_authors as usize) as u32;
    let is_block = outage.is_some_and(|outage| outage.verdict == Verdict::Block);
    let (mut also, mut to) = (None, None);
    let says = match part {
        Part::Plain(says, _) => says,
        Part::Mentions(_) if dice.chance(scenario.near_miss_share) => Says::NearMiss,
        Part::Mentions(_) => Says::Mention,
        Part::Complaints(_) if is_block && dice.chance(SAYS_BLOCKED_SHARE) => Says::Blocked,
        Part::Complaints(outage) if dice.chance(outage.unnamed_share) => Says::Unnamed,
        Part::Complaints(outage) => {
            let alone = 1.0 - outage.together.values().sum::<f64>();
            let which = dice.weighted(std::iter::once(alone).chain(outage.together.values().copied()));
            also = which.and_then(|which| outage.together.keys().nth(which.checked_sub(1)?).cloned());
            if also.is_some() { Says::Pair } else { Says::Complaint }
        }
        Part::Restored(_) => Says::Restored,
        Part::News(_) if is_block => Says::BlockNews,
        Part::News(_) => Says::News,
        Part::Moves(outage) => {
            let which = dice.weighted(outage.moves.values().copied())?;
            to = outage.moves.keys().nth(which).cloned();
            MOVE_FORMS[dice.weighted(MOVE_FORMS.iter().map(|(_, share)| *share))?].0
        }
    };
    let service = match part {
        Part::Plain(_, service) => service.cloned(),
        Part::Mentions(service) => Some(service.clone()),
        _ => outage.map(|outage| outage.service.clone()),
    };
    Some(stamp(
        scenario,
        at_min,
        Event { at: scenario.start, says, service, also, to, lang, country, author, copy_of: None },
    ))
}

fn place(scenario: &Scenario, outage: Option<&Outage>, dice: &mut Dice) -> Option<(Lang, Country)> {
    let weight = |place: &Place| match outage {
        Some(outage) if !outage.countries.is_empty() && !outage.countries.contains(&place.country) => 0.0,
        Some(_) => place.weight_in_outage.unwrap_or(place.weight),
        None => place.weight,
    };
    let place = &scenario.places[dice.weighted(scenario.places.iter().map(weight))?];
    Some((place.lang, place.country.clone()))
}

/// Events carry whole seconds, as the posts do; the milliseconds only give the order.
fn stamp(scenario: &Scenario, at_min: f64, mut event: Event) -> (i64, Event) {
    let at = rate::after(scenario.start, at_min);
    event.at = at.duration_trunc(TimeDelta::seconds(1)).unwrap_or(at);
    (at.timestamp_millis(), event)
}

fn copies(scenario: &Scenario, trap: &Trap, number: usize, mut dice: Dice, drafts: &mut Vec<(i64, Event)>) {
    let Trap::Copies { service, start, duration_min, num_posts, num_authors } = trap else { return };
    let Some((lang, country)) = place(scenario, None, &mut dice) else { return };
    let from = rate::minutes_between(scenario.start, *start);
    for _ in 0..*num_posts {
        let at_min = from + duration_min * dice.unit();
        let event = Event {
            at: scenario.start,
            says: Says::Copy,
            service: Some(service.clone()),
            also: None,
            to: None,
            lang,
            country: country.clone(),
            author: scenario.num_authors + dice.below(*num_authors as usize) as u32,
            copy_of: Some(number as u32),
        };
        drafts.push(stamp(scenario, at_min, event));
    }
}
