//! The figures of an incident as pairs of name and value, and its shares by language and country.

use std::collections::BTreeMap;

use super::story::Told;
use super::telling::Telling;
use crate::model::{Incident, Phase, Verdict};
use crate::report::locale::fill;
use crate::report::text::one_line;
use crate::report::wording::ranked;

/// Languages and countries that are named before the rest.
const NUM_SHARES: usize = 6;

impl Telling<'_> {
    /// The figures of an incident, as pairs of name and value.
    pub(super) fn figures(&self, told: &Told) -> Vec<(&'static str, String)> {
        let (words, incident) = (self.words, &told.incident);
        let onset = incident.onset;
        let begun = match onset.low {
            Some(_) => format!("{} ({})", self.moment(onset.at, None), self.interval(&onset)),
            None => fill(words.or_earlier, &[("high", &self.moment(onset.high, None))]),
        };
        let mut rows = vec![
            (words.verdict, self.verdict(incident).to_owned()),
            (words.state, self.state(told).to_owned()),
            (words.kind_onset, begun),
            (words.kind_alarm, self.moment(incident.alarm_at, None)),
        ];
        if let Some(end) = &incident.end {
            rows.push((words.kind_end, format!("{} ({})", self.moment(end.at, None), self.interval(end))));
        }
        rows.extend(self.lasted(incident).map(|lasted| (words.lasted, lasted)));
        rows.extend([
            (words.num_complaints, self.locale.whole(incident.num_complaints)),
            (words.num_authors, self.locale.whole(incident.num_authors)),
            (words.peak_per_min, self.locale.rate(incident.peak.per_min)),
            (words.peak_time, self.moment(incident.peak.at, None)),
            (words.languages, self.listed(&self.langs(incident))),
            (words.countries, self.listed(&self.countries(incident))),
            (words.incident, self.locale.isolated(&one_line(&incident.id))),
            (words.revision, told.revision.to_string()),
        ]);
        rows
    }

    /// The verdict as a word of a table.
    pub(super) fn verdict(&self, incident: &Incident) -> &'static str {
        match incident.verdict {
            Verdict::Outage => self.words.outage,
            Verdict::Block => self.words.block,
            Verdict::Unclear => self.words.unclear,
        }
    }

    /// The state as a word of a table.
    pub(super) fn state(&self, told: &Told) -> &'static str {
        match told.incident.phase {
            _ if told.is_withdrawn => self.words.withdrawn,
            Phase::Ongoing => self.words.ongoing,
            Phase::Ended => self.words.ended,
        }
    }

    /// How long an incident lasted, by its best estimates.
    pub(super) fn lasted(&self, incident: &Incident) -> Option<String> {
        let mins = (incident.end?.at - incident.onset.at).num_minutes().max(0);
        let (hours, mins) = ((mins / 60).to_string(), (mins % 60).to_string());
        Some(fill(self.words.duration, &[("hours", &hours), ("mins", &mins)]))
    }

    /// Languages with their shares, largest first.
    pub(super) fn langs(&self, incident: &Incident) -> Vec<(String, f64)> {
        self.shares(&incident.langs, |code| self.words.lang(code).to_owned())
    }

    /// Countries with their shares, largest first.
    pub(super) fn countries(&self, incident: &Incident) -> Vec<(String, f64)> {
        self.shares(
            &incident.countries,
            |code| {
                if code == "??" { self.words.not_claimed.to_owned() } else { code.to_owned() }
            },
        )
    }

    fn shares(&self, shares: &BTreeMap<String, f64>, name: impl Fn(&str) -> String) -> Vec<(String, f64)> {
        let ranked = ranked(shares);
        let (shown, rest) = ranked.split_at(ranked.len().min(NUM_SHARES));
        let mut named: Vec<(String, f64)> = shown.iter().map(|(code, share)| (name(code), *share)).collect();
        if !rest.is_empty() {
            named.push((self.words.others.to_owned(), rest.iter().map(|(_, share)| share).sum()));
        }
        named
    }

    /// Shares as `61% Portuguese, 30% English`.
    pub(super) fn listed(&self, shares: &[(String, f64)]) -> String {
        let part = |(name, share): &(String, f64)| {
            format!("{} {}", self.locale.isolated(&self.locale.percent(*share)), self.locale.isolated(name))
        };
        shares.iter().map(part).collect::<Vec<_>>().join(self.locale.comma())
    }
}
