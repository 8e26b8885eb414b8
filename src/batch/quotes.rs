//! A few witnesses per incident, chosen so that neither the order of the posts nor threads matter.

use std::collections::BTreeMap;

use chrono::{DurationRound, TimeDelta};

use crate::model::incident::Quote;
use crate::model::{ClusterKey, Incident, Kind, ServiceId, TaggedPost, Time};

/// Quotes shown per incident.
const PER_INCIDENT: usize = 8;
/// Candidates kept per service, language and half hour.
const PER_SLOT: usize = 3;
/// Lengths in characters that read well.
const LENGTHS: std::ops::RangeInclusive<usize> = 12..=220;

type Slot = (ServiceId, Time, String);

/// Candidates by slot; within a slot by a key that is as good as random, so that nobody chose them.
#[derive(Debug, Default)]
pub struct Quotes {
    slots: BTreeMap<Slot, BTreeMap<ClusterKey, Quote>>,
}

impl Quotes {
    /// Keeps a complaint as a candidate if there is room for it.
    pub fn offer(&mut self, tagged: &TaggedPost) {
        let (post, reading) = (tagged.post(), tagged.reading());
        let Some(at) = post.at.filter(|_| reading.kind == Kind::Complaint && !post.is_repost) else { return };
        if !LENGTHS.contains(&post.text.chars().count()) {
            return;
        }
        let half_hour = at.duration_trunc(TimeDelta::minutes(30)).unwrap_or(at);
        for service in &reading.down {
            let slot = self.slots.entry((service.clone(), half_hour, reading.lang.code().to_owned())).or_default();
            if slot.len() >= PER_SLOT && slot.last_key_value().is_some_and(|(last, _)| post.cluster >= *last) {
                continue;
            }
            let quote = Quote {
                id: post.id.to_string(),
                text: post.text.clone(),
                lang: reading.lang.code().to_owned(),
                at,
                url: post.url.clone(),
            };
            // Of copies the smallest id stays, in whatever order they come.
            slot.entry(post.cluster)
                .and_modify(|kept| {
                    if (quote.at, &quote.id) < (kept.at, &kept.id) {
                        *kept = quote.clone();
                    }
                })
                .or_insert(quote);
            if slot.len() > PER_SLOT {
                slot.pop_last();
            }
        }
    }

    /// Gives each incident its quotes: from its own time, by turns from its languages, in time order.
    pub fn fill(&self, incidents: &mut [Incident]) {
        for incident in incidents {
            let from = incident.onset.low.unwrap_or(incident.onset.at);
            let to = incident.end.map(|end| end.high);
            let mut by_lang: BTreeMap<&str, Vec<(&ClusterKey, &Quote)>> = BTreeMap::new();
            for ((service, _, lang), slot) in &self.slots {
                if *service == incident.service {
                    let inside =
                        slot.iter().filter(|(_, quote)| quote.at >= from && to.is_none_or(|to| quote.at <= to));
                    by_lang.entry(lang).or_default().extend(inside);
                }
            }
            for quotes in by_lang.values_mut() {
                quotes.sort_by_key(|(cluster, quote)| (**cluster, quote.at));
            }
            let mut chosen: Vec<Quote> = Vec::new();
            for turn in 0..PER_INCIDENT {
                let of_turn = by_lang.values().filter_map(|quotes| quotes.get(turn)).map(|(_, quote)| (*quote).clone());
                chosen.extend(of_turn.take(PER_INCIDENT - chosen.len()));
            }
            chosen.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
            incident.quotes = chosen;
        }
    }
}
