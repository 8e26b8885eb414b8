//! Alertmanager by its API v2 (`POST /api/v2/alerts`): labels that never change, told again until it is over, since
//! Alertmanager forgets (resolve_timeout is 5 minutes).

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde::Deserialize;
use serde_json::{Value, json};

use super::post::{address, join, post};
use super::words;
use super::{AlertContext, AlertKind, Event, Message, Notice, Receiver, SendError};
use crate::feed::Secret;
use crate::feed::http::{Net, Url, Verb};
use crate::model::{Change, Phase, Time};
use crate::report::text::one_line;
use crate::report::wording;

pub(super) const KIND: AlertKind = AlertKind {
    name: "alertmanager",
    tells: "Prometheus' Alertmanager, which groups, silences and forwards; told again every minute while it goes on",
    needs: "url",
    tested_with: "prometheus-alertmanager 0.25 of Debian",
    takes_digests: false,
    keeps_all: false,
    open: |context, table| Ok(Box::new(Alertmanager::open(context, table)?)),
};

/// An alert that is not told again in so many repetitions ends by itself, as with Prometheus.
const REPEATS_TO_FORGET: i32 = 4;
/// A test ends by itself after this.
const TEST_LASTS: TimeDelta = TimeDelta::minutes(1);

/// The keys of `[[alert]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Address, without `/api/v2`.
    url: String,
    /// Labels beside alertname, service, incident and severity, for routes.
    #[serde(default)]
    labels: BTreeMap<String, String>,
    /// Value of a header `Authorization`.
    authorization: Option<Secret>,
    /// Seconds between two repetitions.
    #[serde(default = "repeat_secs")]
    repeat_secs: f64,
}

fn repeat_secs() -> f64 {
    60.0
}

struct Alertmanager {
    net: Net,
    url: Url,
    labels: BTreeMap<String, String>,
    authorization: Option<Secret>,
    every: Duration,
}

impl Alertmanager {
    fn open(context: &AlertContext, table: toml::Table) -> Result<Self, String> {
        let settings: Settings = context.settings(table)?;
        let is_label = |name: &String| {
            name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        if let Some(name) = settings.labels.keys().find(|name| !is_label(name)) {
            return Err(format!("labels: \"{name}\" is no name of a label; write letters, digits and _"));
        }
        Ok(Self {
            net: context.net.clone(),
            url: join(&address("url", settings.url)?, &["api", "v2", "alerts"]),
            labels: settings.labels,
            authorization: settings.authorization,
            every: crate::feed::pause("repeat_secs", settings.repeat_secs, 1.0)?,
        })
    }

    async fn tell(&self, notices: &[Notice], is_test: bool) -> Result<(), SendError> {
        if notices.is_empty() {
            return Ok(());
        }
        let now = Utc::now();
        let alerts: Vec<Value> = notices.iter().map(|notice| self.alert(notice, is_test, now)).collect();
        let authorization = self.authorization.as_ref().map(|secret| ("authorization", secret.reveal()));
        let headers: Vec<(&str, &str)> = authorization.into_iter().collect();
        post(&self.net, Verb::Post, &self.url, &headers, Value::from(alerts).to_string()).await.map(drop)
    }

    fn alert(&self, notice: &Notice, is_test: bool, now: Time) -> Value {
        let incident = &notice.incident;
        let mut labels: BTreeMap<String, String> = self.labels.clone();
        let own = [
            ("alertname", if is_test { "ServiceOutageTest" } else { "ServiceOutage" }.to_owned()),
            ("service", one_line(incident.service.as_str())),
            ("incident", one_line(&incident.id)),
        ];
        labels.extend(own.map(|(name, value)| (name.to_owned(), value)));
        // A route may want another one; whoever writes none gets the usual one.
        labels.entry("severity".to_owned()).or_insert_with(|| "critical".to_owned());
        let starts_at = incident.onset.at.min(now - TimeDelta::seconds(1));
        let is_over = incident.phase == Phase::Ended || notice.event == Event::Change(Change::Withdrawn);
        let goes_on = is_test || !is_over || notice.event == Event::Flapping;
        let ends_at = match (goes_on, incident.end) {
            (true, _) if is_test => now + TEST_LASTS,
            (true, _) => now + TimeDelta::from_std(self.every).unwrap_or_default() * REPEATS_TO_FORGET,
            (false, Some(end)) if notice.event != Event::Change(Change::Withdrawn) => end.at,
            (false, _) => now,
        };
        let ends_at = if goes_on { ends_at } else { ends_at.clamp(starts_at + TimeDelta::milliseconds(1), now) };
        json!({
            "labels": labels,
            "annotations": {
                "summary": words::title(notice),
                "description": words::details(notice).join("\n"),
                "event": notice.event.name(),
                "verdict": wording::verdict(incident.verdict),
                "complaints": incident.num_complaints.to_string(),
                "authors": incident.num_authors.to_string(),
            },
            "startsAt": starts_at,
            "endsAt": ends_at,
            "generatorURL": notice.link.clone().unwrap_or_default(),
        })
    }
}

impl Receiver for Alertmanager {
    fn send<'a>(&'a mut self, message: &'a Message) -> BoxFuture<'a, Result<(), SendError>> {
        self.tell(&message.notices, message.is_test).boxed()
    }

    fn repeat_every(&self) -> Option<Duration> {
        Some(self.every)
    }

    fn repeat<'a>(&'a mut self, told: &'a [Notice]) -> BoxFuture<'a, Result<(), SendError>> {
        self.tell(told, false).boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::example::{self, at};
    use crate::feed::http::NetOptions;

    #[test]
    fn labels_stay_and_the_end_follows_the_incident() {
        let context = AlertContext { id: "am".to_owned(), net: Net::new(NetOptions::default()).unwrap() };
        let table = "url = 'http://am:9093/x/'\nlabels = { team = 'sre', severity = 'page' }".parse().unwrap();
        let receiver = Alertmanager::open(&context, table).unwrap();
        assert_eq!(receiver.url.as_str(), "http://am:9093/x/api/v2/alerts");
        let alert = |event, change| receiver.alert(&example::notice(event, change), false, at(60));
        let time = |alert: &Value, key: &str| alert[key].as_str().unwrap().parse::<Time>().unwrap();
        let opened = alert(Event::Change(Change::Opened), Change::Opened);
        assert_eq!(opened["labels"]["severity"], "page");
        assert_eq!(time(&opened, "startsAt"), at(-6));
        assert_eq!(time(&opened, "endsAt"), at(64));
        for (event, change, end) in [
            (Event::Change(Change::Revised), Change::Revised, at(64)),
            (Event::Flapping, Change::Ended, at(64)),
            (Event::Change(Change::Ended), Change::Ended, at(25)),
            (Event::Change(Change::Withdrawn), Change::Withdrawn, at(60)),
        ] {
            let later = alert(event, change);
            assert_eq!(later["labels"], opened["labels"], "Alertmanager knows an alert by its labels");
            assert_eq!(time(&later, "endsAt"), end, "{event:?}");
        }
    }
}
