//! Scenarios: what happens in a simulated corpus. Plain data, read from TOML.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{Country, Lang, ServiceId, Time, Verdict};

/// What happens, from the first minute to the last. Rates are posts per minute, spans are minutes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Short name, as in `--scenario NAME`.
    pub name: String,
    /// One line for people; says that the corpus is simulated.
    pub title: String,
    /// Beginning of the corpus.
    pub start: Time,
    /// Length of the corpus.
    pub duration_min: f64,
    /// Posts that name no service at all.
    #[serde(default)]
    pub chatter_per_min: f64,
    /// How much the rate of a minute varies beyond chance: variance of a factor with mean 1 that
    /// multiplies every rate, drawn anew for each stream and minute; 0 is plain Poisson.
    #[serde(default)]
    pub dispersion: f64,
    /// 24 factors on everything but outages and traps, one per hour of the day in UTC; empty is flat.
    #[serde(default)]
    pub daily: Vec<f64>,
    /// Number of people who post.
    #[serde(default = "default_num_authors")]
    pub num_authors: u32,
    /// Share of the mentions that look like complaints and are none (negated, hypothetical, a wish), 0..=1.
    #[serde(default)]
    pub near_miss_share: f64,
    /// Share of the posts that state their language, 0..=1.
    #[serde(default = "one")]
    pub lang_share: f64,
    /// Share of the posts that state their country, 0..=1.
    #[serde(default = "one")]
    pub country_share: f64,
    /// Who posts: at least one.
    pub places: Vec<Place>,
    /// What people talk about on an ordinary day: at least one.
    pub services: Vec<Service>,
    /// What breaks.
    #[serde(default)]
    pub outages: Vec<Outage>,
    /// What looks like an outage and is none.
    #[serde(default)]
    pub traps: Vec<Trap>,
}

/// A language in a country.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// `ar`, `en` or `pt`.
    pub lang: Lang,
    /// Country of the authors; also chooses the dialect.
    pub country: Country,
    /// Weight among all places.
    pub weight: f64,
    /// Weight among the posts about an outage; the ordinary one where it is left out.
    pub weight_in_outage: Option<f64>,
}

/// A service on an ordinary day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Canonical id.
    pub id: ServiceId,
    /// Complaints.
    pub baseline_per_min: f64,
    /// Posts that name it and claim no failure.
    #[serde(default)]
    pub mentions_per_min: f64,
    /// News about it that claim no failure.
    #[serde(default)]
    pub news_per_min: f64,
    /// Posts about a failure of the past.
    #[serde(default)]
    pub past_per_min: f64,
}

/// How the public's response grows after the failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Response {
    /// In equal steps, full after the lag.
    #[default]
    Linear,
    /// Slow, then fast, then slow: nine tenths after the lag (log-logistic with shape 2).
    LogLogistic,
}

/// A failure and what people write about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outage {
    /// What fails.
    pub service: ServiceId,
    /// `outage` or `block`.
    pub verdict: Verdict,
    /// When it fails.
    pub start: Time,
    /// How long it fails.
    pub duration_min: f64,
    /// How long people need to notice, see [`Response`].
    pub lag_min: f64,
    /// Shape of the rise.
    #[serde(default)]
    pub response: Response,
    /// Complaints at full response, over the baseline.
    pub peak_per_min: f64,
    /// Complaints just before the end as a share of the peak: people tire, 0..=1.
    #[serde(default = "one")]
    pub final_share: f64,
    /// Complaints fall by the factor e in this time after the end; 0 is at once.
    #[serde(default)]
    pub decay_min: f64,
    /// "It is back" posts just after the end, falling by the factor e in [`Outage::RESTORED_DECAY_MIN`].
    #[serde(default)]
    pub restored_per_min: f64,
    /// News of the failure at full response.
    #[serde(default)]
    pub news_per_min: f64,
    /// Posts that state a move, at full response.
    #[serde(default)]
    pub moves_per_min: f64,
    /// Where they go, with weights.
    #[serde(default)]
    pub moves: BTreeMap<ServiceId, f64>,
    /// Services that fail too, with the share of the complaints that name both, 0..=1 in sum.
    #[serde(default)]
    pub together: BTreeMap<ServiceId, f64>,
    /// Share of the complaints that name no service, 0..=1.
    #[serde(default)]
    pub unnamed_share: f64,
    /// Only people in these countries are hit; empty is everybody.
    #[serde(default)]
    pub countries: Vec<Country>,
}

impl Outage {
    /// Time in which the "it is back" posts fall by the factor e.
    pub const RESTORED_DECAY_MIN: f64 = 15.0;
}

/// What looks like an outage and is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Trap {
    /// Many times the ordinary news about a service that works.
    NewsSpike {
        /// The service.
        service: ServiceId,
        /// Beginning.
        start: Time,
        /// Length.
        duration_min: f64,
        /// Times the ordinary rate of news.
        factor: f64,
    },
    /// Copies of one long complaint from a few accounts.
    Copies {
        /// The service.
        service: ServiceId,
        /// Beginning.
        start: Time,
        /// Length.
        duration_min: f64,
        /// Number of copies.
        num_posts: u32,
        /// Number of accounts.
        num_authors: u32,
    },
    /// Nobody was listening: no posts at all.
    Gap {
        /// Beginning.
        start: Time,
        /// Length.
        duration_min: f64,
    },
    /// A wave of "remember when it was down?".
    Anniversary {
        /// The service.
        service: ServiceId,
        /// Beginning.
        start: Time,
        /// Length.
        duration_min: f64,
        /// Posts at the peak, in the middle.
        peak_per_min: f64,
    },
}

impl Trap {
    /// The service that it is about; none for a gap.
    pub fn service(&self) -> Option<&ServiceId> {
        match self {
            Self::NewsSpike { service, .. } | Self::Copies { service, .. } | Self::Anniversary { service, .. } => {
                Some(service)
            }
            Self::Gap { .. } => None,
        }
    }

    /// Beginning, and length in minutes.
    pub fn span(&self) -> (Time, f64) {
        match self {
            Self::NewsSpike { start, duration_min, .. }
            | Self::Copies { start, duration_min, .. }
            | Self::Gap { start, duration_min }
            | Self::Anniversary { start, duration_min, .. } => (*start, *duration_min),
        }
    }
}

fn default_num_authors() -> u32 {
    20_000
}

fn one() -> f64 {
    1.0
}
