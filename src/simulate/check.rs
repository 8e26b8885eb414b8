//! Whether a scenario makes sense, so that everything behind can trust it.

use std::collections::BTreeSet;

use super::SimulateError;
use super::rate;
use super::scenario::{Outage, Scenario, Trap};
use crate::model::{Lang, ServiceId, Verdict};

/// More posts than this are refused: they are all held in memory.
pub(super) const MAX_POSTS: f64 = 20e6;

/// Says what is wrong with a scenario, and how to set it right.
pub(super) fn check(scenario: &Scenario) -> Result<(), SimulateError> {
    let wrong = |what: String| Err(SimulateError::Invalid { scenario: scenario.name.clone(), what });
    if scenario.places.is_empty() || scenario.services.is_empty() {
        return wrong("it needs at least one [[places]] and one [[services]]".into());
    }
    if !(scenario.duration_min > 0.0 && scenario.duration_min <= 5_300_000.0) {
        return wrong(format!("duration_min = {}: use more than 0 and at most ten years", scenario.duration_min));
    }
    if scenario.num_authors == 0 || !(scenario.daily.is_empty() || scenario.daily.len() == 24) {
        return wrong("num_authors must be at least 1, and daily empty or 24 numbers".into());
    }
    for place in &scenario.places {
        if ![Lang::AR, Lang::EN, Lang::PT].contains(&place.lang) {
            return wrong(format!("lang = \"{}\": there are phrases for ar, en and pt only", place.lang));
        }
    }
    if let Some((name, value)) = numbers(scenario).into_iter().find(|(_, v)| !(v.is_finite() && *v >= 0.0)) {
        return wrong(format!("{name} = {value}: use a number of 0 or more"));
    }
    if let Some((name, value)) = shares(scenario).into_iter().find(|(_, v)| *v > 1.0) {
        return wrong(format!("{name} = {value}: use a share in 0..=1"));
    }
    if scenario.places.iter().map(|place| place.weight).sum::<f64>() <= 0.0 {
        return wrong("the weights of the places sum to nothing".into());
    }
    for outage in &scenario.outages {
        if outage.verdict == Verdict::Unclear {
            return wrong("the verdict of an outage is \"outage\" or \"block\"".into());
        }
        if outage.moves_per_min > 0.0 && outage.moves.values().sum::<f64>() <= 0.0 {
            return wrong(format!("moves_per_min of {} needs [outages.moves] with weights", outage.service));
        }
        if outage.moves.contains_key(&outage.service) || outage.together.contains_key(&outage.service) {
            return wrong(format!("{} cannot be its own alternative or companion", outage.service));
        }
    }
    for (what, start) in starts(scenario) {
        if start >= scenario.duration_min {
            return wrong(format!("{what} begins after the end of the corpus: raise duration_min"));
        }
    }
    let known: BTreeSet<&ServiceId> = scenario.services.iter().map(|service| &service.id).collect();
    let meant = scenario.outages.iter().map(|outage| &outage.service);
    if let Some(service) = meant.chain(scenario.traps.iter().filter_map(Trap::service)).find(|id| !known.contains(id)) {
        return wrong(format!("{service} has an outage or a trap and is not among [[services]]"));
    }
    let num_posts = expected_posts(scenario);
    if num_posts > MAX_POSTS {
        return wrong(format!(
            "about {num_posts:.0} posts are more than {MAX_POSTS:.0}: lower the rates or the duration"
        ));
    }
    Ok(())
}

/// Minutes from the beginning of the corpus to that of each outage and trap.
fn starts(scenario: &Scenario) -> Vec<(&'static str, f64)> {
    let outages = scenario.outages.iter().map(|outage| ("an outage", outage.start));
    let traps = scenario.traps.iter().map(|trap| ("a trap", trap.span().0));
    outages.chain(traps).map(|(what, start)| (what, rate::minutes_between(scenario.start, start))).collect()
}

/// No fewer posts than the scenario brings on average.
fn expected_posts(scenario: &Scenario) -> f64 {
    let peak_of_day = scenario.daily.iter().copied().fold(1.0, f64::max);
    let services = scenario.services.iter();
    let ordinary: f64 =
        services.map(|s| s.baseline_per_min + s.mentions_per_min + s.news_per_min + s.past_per_min).sum();
    let outages = scenario.outages.iter().map(|outage| {
        let during = (outage.peak_per_min + outage.news_per_min + outage.moves_per_min) * outage.duration_min;
        during + outage.peak_per_min * outage.decay_min + outage.restored_per_min * Outage::RESTORED_DECAY_MIN
    });
    let traps = scenario.traps.iter().map(|trap| match trap {
        Trap::NewsSpike { service, duration_min, factor, .. } => {
            let news = scenario.services.iter().find(|s| s.id == *service).map_or(0.0, |s| s.news_per_min);
            news * factor * duration_min
        }
        Trap::Anniversary { duration_min, peak_per_min, .. } => duration_min * peak_per_min,
        Trap::Copies { num_posts, .. } => f64::from(*num_posts),
        Trap::Gap { .. } => 0.0,
    });
    (scenario.chatter_per_min + ordinary) * peak_of_day * scenario.duration_min
        + outages.sum::<f64>()
        + traps.sum::<f64>()
}

fn numbers(scenario: &Scenario) -> Vec<(&'static str, f64)> {
    let mut list = vec![("chatter_per_min", scenario.chatter_per_min), ("dispersion", scenario.dispersion)];
    list.extend(scenario.daily.iter().map(|factor| ("daily", *factor)));
    for place in &scenario.places {
        list.extend([("weight", place.weight), ("weight_in_outage", place.weight_in_outage.unwrap_or(0.0))]);
    }
    for service in &scenario.services {
        list.extend([
            ("baseline_per_min", service.baseline_per_min),
            ("mentions_per_min", service.mentions_per_min),
            ("news_per_min", service.news_per_min),
            ("past_per_min", service.past_per_min),
        ]);
    }
    for outage in &scenario.outages {
        list.extend([
            ("outage duration_min", outage.duration_min),
            ("lag_min", outage.lag_min),
            ("peak_per_min", outage.peak_per_min),
            ("decay_min", outage.decay_min),
            ("restored_per_min", outage.restored_per_min),
            ("outage news_per_min", outage.news_per_min),
            ("moves_per_min", outage.moves_per_min),
        ]);
        list.extend(outage.moves.values().map(|weight| ("moves", *weight)));
    }
    for trap in &scenario.traps {
        let height = match trap {
            Trap::NewsSpike { factor, .. } => *factor,
            Trap::Anniversary { peak_per_min, .. } => *peak_per_min,
            Trap::Copies { .. } | Trap::Gap { .. } => 0.0,
        };
        list.extend([("trap duration_min", trap.span().1), ("trap height", height)]);
    }
    list.extend(starts(scenario));
    list.extend(shares(scenario));
    list
}

fn shares(scenario: &Scenario) -> Vec<(&'static str, f64)> {
    let mut list = vec![
        ("near_miss_share", scenario.near_miss_share),
        ("lang_share", scenario.lang_share),
        ("country_share", scenario.country_share),
    ];
    for outage in &scenario.outages {
        list.extend([
            ("final_share", outage.final_share),
            ("unnamed_share", outage.unnamed_share),
            ("together", outage.together.values().sum()),
        ]);
        list.extend(outage.together.values().map(|share| ("together", *share)));
    }
    list
}
