//! Whether and of what a receiver is told: what it knows of an incident against what is known now. Pure.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::Event;
use super::board::Line;
use super::quiet::{After, QuietHours};
use crate::model::{Change, Incident, Phase, ServiceId, Time};

/// An incident concerns a language in which at least this share of its complaints is written.
const LEAST_SHARE: f64 = 0.1;

/// What a receiver wants to hear.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// Which events.
    pub on: BTreeSet<Event>,
    /// Only these services; empty: all.
    pub services: BTreeSet<ServiceId>,
    /// Only incidents with a tenth of their complaints in one of these languages; empty: all.
    pub langs: BTreeSet<String>,
    /// Only incidents with so many authors; once one was told, it is told to its end.
    pub min_authors: u64,
    /// When it wants to be left alone.
    pub(super) quiet: Option<QuietHours>,
    /// Shortest time between two messages about one incident of which the later is a revision.
    pub revise_every: TimeDelta,
    /// An incident that turns (ends or goes on again) so often ...
    pub flap_turns: usize,
    /// ... within this time is flapping, until it has not turned for as long.
    pub flap_within: TimeDelta,
    /// An incident that was over so long ago when the receiver could first hear of it is passed over; `None`: never.
    pub max_age: Option<TimeDelta>,
}

/// How an incident stands, as a receiver sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Standing {
    /// It goes on.
    Ongoing,
    /// It is over.
    Ended,
    /// It was none.
    Withdrawn,
    /// It cannot be said; nothing more is told until it can.
    Flapping,
}

/// What a receiver was told of an incident, or would have been told if it wanted to hear it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Passed {
    /// Line of the journal.
    pub(super) seq: u64,
    /// How the incident stood.
    pub(super) standing: Standing,
    /// When it was last told of it; `None`: never.
    pub(super) told_at: Option<Time>,
}

/// What is to be done about an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing until it changes.
    Nothing,
    /// The receiver does not want to hear it: remember that it stands so.
    Pass(Standing),
    /// Tell it.
    Tell(Event, Standing),
    /// Look again at this moment.
    Wait(Time),
}

impl Policy {
    /// What is to be done about an incident, at a moment.
    pub(super) fn step(&self, line: &Line, passed: Option<&Passed>, now: Time) -> Step {
        let known = &line.known;
        let was = passed.map(|passed| passed.standing);
        let is_new = passed.is_none_or(|passed| passed.seq < known.seq);
        if !self.concerns(&known.incident.service) || (!is_new && was != Some(Standing::Flapping)) {
            return Step::Nothing;
        }
        let is = match (known.is_open(), known.incident.phase) {
            (false, _) => Standing::Withdrawn,
            (true, Phase::Ongoing) => Standing::Ongoing,
            (true, Phase::Ended) => Standing::Ended,
        };
        if passed.is_none() {
            if is == Standing::Withdrawn || !self.is_large_enough(&known.incident) {
                return Step::Nothing;
            }
            let is_old = |end: Time| self.max_age.is_some_and(|max_age| end < now - max_age);
            if known.incident.end.is_some_and(|end| is_old(end.high)) {
                return Step::Pass(is);
            }
        }
        if is != Standing::Withdrawn
            && let Some(steady_at) = self.flaps_until(line, now)
        {
            return match was {
                Some(Standing::Flapping) => Step::Wait(steady_at),
                _ => self.tell(Event::Flapping, Standing::Flapping, known.changed_at, &known.incident, now),
            };
        }
        let Some(event) = self.event(was, is) else { return Step::Nothing };
        let told_at = passed.and_then(|passed| passed.told_at);
        if !self.on.contains(&event) || (event == Event::Change(Change::Withdrawn) && told_at.is_none()) {
            return Step::Pass(is);
        }
        if event == Event::Change(Change::Revised)
            && let Some(next) = told_at.map(|told_at| told_at + self.revise_every).filter(|next| *next > now)
        {
            return Step::Wait(next);
        }
        self.tell(event, is, known.changed_at, &known.incident, now)
    }

    /// Whether it wants to hear of a service at all.
    pub(super) fn concerns(&self, service: &ServiceId) -> bool {
        self.services.is_empty() || self.services.contains(service)
    }

    /// The quiet hours in words, such as `22:00–07:00 America/Sao_Paulo`.
    pub fn quiet_hours(&self) -> Option<String> {
        self.quiet.as_ref().map(QuietHours::told)
    }

    /// Whether a change was held back for the quiet hours; in words, which.
    pub(super) fn held(&self, incident: &Incident, changed_at: Time) -> Option<String> {
        let quiet = self.quiet.as_ref()?;
        (quiet.contain(changed_at) && !quiet.let_through(incident)).then(|| quiet.told())
    }

    fn tell(&self, event: Event, standing: Standing, changed_at: Time, incident: &Incident, now: Time) -> Step {
        match &self.quiet {
            Some(quiet) if !quiet.let_through(incident) => match quiet.after {
                After::Drop if quiet.contain(changed_at) => Step::Pass(standing),
                After::Digest if quiet.contain(now) => Step::Wait(quiet.end_after(now)),
                _ => Step::Tell(event, standing),
            },
            _ => Step::Tell(event, standing),
        }
    }

    fn is_large_enough(&self, incident: &Incident) -> bool {
        let concerns = |lang: &String| incident.langs.get(lang).is_some_and(|share| *share >= LEAST_SHARE);
        incident.num_authors >= self.min_authors && (self.langs.is_empty() || self.langs.iter().any(concerns))
    }

    /// Until when an incident counts as flapping, if it does.
    fn flaps_until(&self, line: &Line, now: Time) -> Option<Time> {
        if !self.on.contains(&Event::Flapping) {
            return None;
        }
        let last = *line.turns.back()?;
        let recent = line.turns.iter().filter(|turn| **turn > last - self.flap_within).count();
        Some(last + self.flap_within).filter(|steady_at| recent >= self.flap_turns && *steady_at > now)
    }

    /// The difference between how it stood and how it stands.
    fn event(&self, was: Option<Standing>, is: Standing) -> Option<Event> {
        use Standing::{Ended, Flapping, Ongoing, Withdrawn};
        Some(Event::Change(match (was, is) {
            (Some(Withdrawn), Withdrawn) | (_, Flapping) => return None,
            (_, Withdrawn) => Change::Withdrawn,
            (None, Ongoing) => Change::Opened,
            // What is over when it is first told is told once, as what the receiver wants to hear.
            (None, Ended) if !self.on.contains(&Event::Change(Change::Ended)) => Change::Opened,
            (Some(Ongoing), Ongoing) | (Some(Ended), Ended) => Change::Revised,
            (_, Ended) => Change::Ended,
            (Some(_), Ongoing) => Change::Reopened,
        }))
    }
}

#[cfg(test)]
mod tests;
