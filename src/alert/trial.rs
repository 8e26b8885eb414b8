//! A test message to each receiver, and what it answered: for `caiu alert test` and for who offers the same elsewhere.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{Event, Message, Notice, ReceiverConfig, SendError};
use crate::feed::http::NetOptions;
use crate::model::incident::Peak;
use crate::model::{Change, Incident, Phase, ServiceId, Time, TimeEstimate, Verdict};
use crate::report::file::hex;

/// Time that a receiver gets beyond its own limit.
const GRACE: Duration = Duration::from_secs(5);

/// What one receiver answered to a test.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Tried {
    /// Its id.
    pub receiver: String,
    /// Its kind.
    pub kind: &'static str,
    /// Whether it took the message.
    pub is_told: bool,
    /// Why not.
    pub said: String,
    /// How long it took, in seconds.
    pub secs: f64,
}

/// Sends every receiver an incident that says it is a test, all at once and once only. `service` is the service that
/// the test speaks of. Receivers answer in the order in which they are given.
pub async fn try_receivers(receivers: &[ReceiverConfig], base: &NetOptions, service: &ServiceId) -> Vec<Tried> {
    let now = Utc::now();
    let trials = receivers.iter().map(|config| {
        let message = message(config, service, now);
        async move {
            let began = Instant::now();
            let limit = config.pace.timeout + GRACE;
            let sent = async {
                let mut receiver = config.open(base).map_err(SendError::Failed)?;
                receiver.send(&message).await
            };
            let sent = tokio::time::timeout(limit, sent).await;
            let sent = sent.unwrap_or_else(|_| Err(SendError::Failed(format!("no answer in {} s", limit.as_secs()))));
            Tried {
                receiver: config.id.clone(),
                kind: config.kind.name,
                is_told: sent.is_ok(),
                said: sent.map_or_else(|error| error.to_string(), |()| String::new()),
                secs: began.elapsed().as_secs_f64(),
            }
        }
    });
    futures_util::future::join_all(trials).await
}

/// A message of an incident that never was; each has an id of its own, since a receiver may drop what it has seen.
fn message(config: &ReceiverConfig, service: &ServiceId, now: Time) -> Message {
    let estimate = |mins: i64| {
        let at = now - TimeDelta::minutes(mins);
        TimeEstimate { low: Some(at - TimeDelta::minutes(1)), at, high: at + TimeDelta::minutes(2) }
    };
    let onset = estimate(10);
    let incident = Incident {
        id: format!("test-{}", now.format("%Y%m%dT%H%M%SZ")),
        service: service.clone(),
        verdict: Verdict::Outage,
        onset,
        alarm_at: onset.high,
        end: None,
        phase: Phase::Ongoing,
        peak: Peak { at: now - TimeDelta::minutes(5), per_min: 8.0 },
        score: 40.0,
        num_complaints: 60,
        num_authors: 58,
        langs: BTreeMap::from([("pt".to_owned(), 0.5), ("en".to_owned(), 0.3), ("ar".to_owned(), 0.2)]),
        countries: BTreeMap::from([("??".to_owned(), 1.0)]),
        migrations: Vec::new(),
        quotes: Vec::new(),
    };
    let hash = Sha256::digest(format!("{}\0{}", config.id, now.timestamp_micros()));
    let link = config.link_to(&incident);
    let notice = Notice {
        event: Event::Change(Change::Opened),
        seq: 0,
        changed_at: now,
        opened_at: now,
        incident,
        link,
        is_first: true,
    };
    Message { id: format!("msg_{}", hex(&hash[..16])), notices: vec![notice], held_for: None, is_test: true }
}
