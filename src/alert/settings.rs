//! The keys that every `[[alert]]` has; the others are those of its kind.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::TimeDelta;
use serde::Deserialize;

use super::policy::Policy;
use super::quiet::QuietHours;
use super::{AlertContext, AlertKind, Event, KINDS, Receiver};
use crate::feed::http::{Net, NetOptions};
use crate::model::{Change, Incident, Lang, ServiceId};
use crate::report::text::safe_url;

/// Most bytes of a receiver's answer.
const MAX_ANSWER_BYTES: usize = 1 << 20;
/// Requests a minute to one receiver: alerts are few, a burst of them is not to be held up.
const REQUESTS_PER_MIN: u32 = 600;

/// How a receiver is tried.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pace {
    /// Longest time for one try.
    pub(super) timeout: Duration,
    pub(super) first_pause: Duration,
    pub(super) longest_pause: Duration,
    /// Failures in a row after which it is tried only once in the longest pause.
    pub(super) failures_to_rest: u32,
    pub(super) give_up_after: TimeDelta,
}

/// One `[[alert]]`, checked as far as it can be without opening it.
#[derive(Debug, Clone)]
pub struct ReceiverConfig {
    /// Its name, unique.
    pub id: String,
    /// Its kind.
    pub kind: &'static AlertKind,
    /// What it wants to hear.
    pub policy: Policy,
    pub(super) pace: Pace,
    link: Option<String>,
    allow_private: bool,
    settings: toml::Table,
}

/// The common keys as they are written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Common {
    id: Option<String>,
    on: Option<BTreeSet<Event>>,
    services: BTreeSet<ServiceId>,
    langs: BTreeSet<String>,
    min_authors: u64,
    quiet_hours: Option<QuietHours>,
    revise_every_secs: Option<f64>,
    flapping: Flapping,
    max_age_hours: Option<f64>,
    link: Option<String>,
    allow_private: bool,
    timeout_secs: f64,
    first_pause_secs: f64,
    longest_pause_secs: f64,
    give_up_hours: f64,
}

impl Default for Common {
    fn default() -> Self {
        Self {
            id: None,
            on: None,
            services: BTreeSet::new(),
            langs: BTreeSet::new(),
            min_authors: 0,
            quiet_hours: None,
            revise_every_secs: None,
            flapping: Flapping::default(),
            max_age_hours: None,
            link: None,
            allow_private: true,
            timeout_secs: 10.0,
            first_pause_secs: 1.0,
            longest_pause_secs: 300.0,
            give_up_hours: 24.0,
        }
    }
}

/// `flapping = { turns = 4, within_secs = 7200 }`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Flapping {
    turns: usize,
    within_secs: f64,
}

impl Default for Flapping {
    fn default() -> Self {
        Self { turns: 4, within_secs: 7200.0 }
    }
}

/// The common keys by name: everything else is the kind's.
const COMMON: [&str; 15] = [
    "id",
    "on",
    "services",
    "langs",
    "min_authors",
    "quiet_hours",
    "revise_every_secs",
    "flapping",
    "max_age_hours",
    "link",
    "allow_private",
    "timeout_secs",
    "first_pause_secs",
    "longest_pause_secs",
    "give_up_hours",
];

/// Failures in a row after which a receiver rests.
const FAILURES_TO_REST: u32 = 8;

impl ReceiverConfig {
    /// Reads an `[[alert]]` of a known kind, whose `kind` was taken out.
    ///
    /// # Errors
    /// The first mistake, with its key.
    pub fn read(kind: &str, mut table: toml::Table) -> Result<Self, String> {
        let Some(kind) = KINDS.iter().find(|known| known.name == kind) else {
            return Err(format!("there is no kind of alert \"{kind}\""));
        };
        let mut common = toml::Table::new();
        for key in COMMON {
            common.extend(table.remove(key).map(|value| (key.to_owned(), value)));
        }
        let named = common.get("id").and_then(toml::Value::as_str).unwrap_or(kind.name).to_owned();
        let wrong = |words: String| format!("alert \"{named}\": {words}");
        let common =
            Common::deserialize(toml::Value::Table(common)).map_err(|error| wrong(error.message().to_owned()))?;
        let id = common.id.unwrap_or_else(|| kind.name.to_owned());
        let is_plain =
            !id.is_empty() && id.len() <= 64 && id.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
        if !is_plain {
            return Err(wrong("id: write letters, digits, '-', '_' and '.', 64 at most".to_owned()));
        }
        let unknown = common.langs.iter().find(|code| Lang::parse(code).is_none());
        if let Some(code) = unknown {
            return Err(wrong(format!("langs: \"{code}\" is no language code such as pt")));
        }
        if common.flapping.turns < 2 {
            return Err(wrong(
                "flapping.turns is at least 2; leave \"flapping\" out of `on` to hear every turn".to_owned(),
            ));
        }
        let link = common.link.as_deref().map(|link| safe_url(link).map(str::to_owned));
        let link = link
            .map(|link| {
                link.ok_or_else(|| {
                    wrong("link is no web link; write one such as https://example.org/incidents/{id}".to_owned())
                })
            })
            .transpose()?;
        let span = |key: &str, secs: f64, least: f64| {
            let is_good = (least..=31_536_000.0).contains(&secs);
            is_good
                .then_some(secs)
                .ok_or_else(|| wrong(format!("{key}: {secs} is no length of time that makes sense here")))
        };
        let delta = |secs: f64| TimeDelta::milliseconds((secs * 1000.0) as i64);
        let most = Event::ALL.into_iter().filter(|event| *event != Event::Change(Change::Revised));
        let on = common.on.unwrap_or_else(|| if kind.keeps_all { Event::ALL.into() } else { most.collect() });
        if on.is_empty() {
            return Err(wrong("on is empty: nothing would be told; leave it out for the usual events".to_owned()));
        }
        let max_age_hours = common.max_age_hours.unwrap_or(if kind.keeps_all { 0.0 } else { 24.0 });
        let revise_every = common.revise_every_secs.unwrap_or(if kind.keeps_all { 0.0 } else { 600.0 });
        let pace = Pace {
            timeout: Duration::from_secs_f64(span("timeout_secs", common.timeout_secs, 0.1)?),
            first_pause: Duration::from_secs_f64(span("first_pause_secs", common.first_pause_secs, 0.01)?),
            longest_pause: Duration::from_secs_f64(span(
                "longest_pause_secs",
                common.longest_pause_secs,
                common.first_pause_secs,
            )?),
            failures_to_rest: FAILURES_TO_REST,
            give_up_after: delta(span("give_up_hours", common.give_up_hours * 3600.0, 1.0)?),
        };
        let policy = Policy {
            on,
            services: common.services,
            langs: common.langs,
            min_authors: common.min_authors,
            quiet: common.quiet_hours,
            revise_every: delta(span("revise_every_secs", revise_every, 0.0)?),
            flap_turns: common.flapping.turns,
            flap_within: delta(span("flapping.within_secs", common.flapping.within_secs, 1.0)?),
            max_age: Some(span("max_age_hours", max_age_hours * 3600.0, 0.0)?).filter(|secs| *secs > 0.0).map(delta),
        };
        Ok(Self { id, kind, policy, pace, link, allow_private: common.allow_private, settings: table })
    }

    /// Opens the receiver; `base` is how the program talks to servers otherwise.
    ///
    /// # Errors
    /// Words that name the key.
    pub fn open(&self, base: &NetOptions) -> Result<Box<dyn Receiver>, String> {
        let options = NetOptions {
            allow_private: self.allow_private,
            connect_timeout: base.connect_timeout.min(self.pace.timeout),
            read_timeout: self.pace.timeout,
            timeout: self.pace.timeout,
            max_body_bytes: MAX_ANSWER_BYTES,
            requests_per_min: REQUESTS_PER_MIN.try_into().unwrap_or(base.requests_per_min),
            ..base.clone()
        };
        let net = Net::new(options).map_err(|error| error.to_string())?;
        let context = AlertContext { id: self.id.clone(), net };
        (self.kind.open)(&context, self.settings.clone()).map_err(|words| {
            // A misspelled common key arrives at the kind, which knows only its own.
            match words.starts_with("unknown field") {
                true => format!("{words}, `{}`", COMMON.join("`, `")),
                false => words,
            }
        })
    }

    /// The page about an incident.
    pub(super) fn link_to(&self, incident: &Incident) -> Option<String> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let id: String = incident.id.chars().filter(|c| is_plain(*c)).collect();
        Some(self.link.as_ref()?.replace("{id}", &id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: &str, text: &str) -> Result<ReceiverConfig, String> {
        ReceiverConfig::read(kind, text.parse().unwrap())
    }

    #[test]
    fn mistakes_name_the_receiver_and_the_key() {
        for (kind, text, told) in [
            ("webhok", "", "no kind of alert \"webhok\""),
            ("webhook", "id = 'a b'", "id: write letters"),
            ("webhook", "id = 'a'\non = ['open']", "alert \"a\": unknown variant `open`"),
            ("webhook", "on = []", "nothing would be told"),
            ("webhook", "langs = ['portuguese']", "no language code"),
            ("webhook", "timeout_secs = -1", "timeout_secs"),
            ("webhook", "longest_pause_secs = 0.5", "longest_pause_secs"),
            ("webhook", "flapping = { turns = 1 }", "at least 2"),
            ("webhook", "link = 'javascript:x'", "no web link"),
            ("webhook", "quiet_hours = { from = '22:00' }", "missing field `to`"),
        ] {
            assert!(read(kind, text).unwrap_err().contains(told), "{text}: {:?}", read(kind, text));
        }
        let error = read("webhook", "url = 'http://127.0.0.1:1'\nquiet_hour = 1").unwrap();
        let error = error.open(&NetOptions::default()).unwrap_err();
        assert!(error.contains("`quiet_hour`") && error.contains("`quiet_hours`"), "{error}");
    }

    #[test]
    fn links_hold_nothing_but_the_id() {
        let config = read("atom", "path = 'x'\nlink = 'https://example.org/i/{id}'").unwrap();
        let mut incident = crate::alert::example::incident();
        incident.id = "whatsapp\"><script>-1".to_owned();
        assert_eq!(config.link_to(&incident).unwrap(), "https://example.org/i/whatsappscript-1");
        assert!(config.policy.on.contains(&Event::Change(Change::Revised)) && config.policy.max_age.is_none());
    }
}
