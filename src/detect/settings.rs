//! What a user may choose about detection.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::ServiceId;

/// Settings of [`super::bursts()`] and [`super::incidents()`]. Values out of range are brought into it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Expected false alarms in a week of one service's ordinary posts.
    pub false_alarms_per_week: f64,
    /// An alarm needs this many counts above the expected ones: one or two posts are never a burst.
    pub min_excess: f64,
    /// Two bursts with less quiet between them are one, in seconds.
    pub join_secs: u32,
    /// What is known about the ordinary rate before looking; `null` for counts of an unknown kind.
    pub prior: Option<RatePrior>,
}

/// A log-normal belief about the ordinary rate of a series.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RatePrior {
    /// Half of all series have less than this when nothing is wrong, per minute.
    pub median_per_min: f64,
    /// 19 of 20 series have less than this when nothing is wrong, per minute.
    pub high_per_min: f64,
}

impl RatePrior {
    /// Complaints about one service: most have 0.01 to 0.5 a minute when nothing is wrong.
    pub const COMPLAINTS: Self = Self { median_per_min: 0.05, high_per_min: 1.0 };
}

impl Settings {
    /// For counts of an unknown kind: nothing is assumed about their ordinary rate.
    pub fn any_series() -> Self {
        Self { prior: None, ..Self::default() }
    }

    /// The same with every value in its range.
    pub(super) fn in_range(self) -> Self {
        let or = |value: f64, default: f64| if value.is_finite() { value } else { default };
        Self {
            false_alarms_per_week: or(self.false_alarms_per_week, 0.1).clamp(1e-6, 1e3),
            min_excess: or(self.min_excess, 5.0).clamp(1.0, 1e9),
            join_secs: self.join_secs,
            prior: self.prior.filter(|prior| {
                prior.median_per_min > 0.0
                    && prior.high_per_min > prior.median_per_min
                    && prior.high_per_min.is_finite()
            }),
        }
    }
}

/// Settings, and other ones for services that have their own: an alarm about a bank may be worth more than one about a game.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct PerService {
    /// Of every service that has none of its own.
    #[serde(flatten)]
    pub base: Settings,
    /// By service.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub services: BTreeMap<ServiceId, Settings>,
}

impl PerService {
    /// The settings of a service.
    pub fn of(&self, service: &ServiceId) -> &Settings {
        self.services.get(service).unwrap_or(&self.base)
    }

    /// The settings for a series of counts. Complaints are those of `service`, where they are of one; where the counts are
    /// of another kind nothing is assumed about their ordinary rate.
    pub fn of_series(&self, are_complaints: bool, service: Option<&ServiceId>) -> Settings {
        match (are_complaints, service) {
            (true, Some(service)) => *self.of(service),
            (true, None) => self.base,
            (false, _) => Settings { prior: None, ..self.base },
        }
    }

    /// The same with another number of false alarms a week for one service.
    #[must_use]
    pub fn with_false_alarms(mut self, service: ServiceId, per_week: f64) -> Self {
        let settings = Settings { false_alarms_per_week: per_week, ..*self.of(&service) };
        self.services.insert(service, settings);
        self
    }
}

impl From<Settings> for PerService {
    fn from(base: Settings) -> Self {
        Self { base, services: BTreeMap::new() }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self { false_alarms_per_week: 0.1, min_excess: 5.0, join_secs: 1800, prior: Some(RatePrior::COMPLAINTS) }
    }
}
