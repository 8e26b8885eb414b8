//! The tables of the configuration, with their defaults; `caiu.example.toml` says the same in words.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use crate::detect::{PerService, Settings};
use crate::feed::http::NetOptions;
use crate::model::{Keep, ServiceId};

/// The file as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawConfig {
    #[serde(default)]
    pub(super) index: IndexSettings,
    #[serde(default)]
    pub(super) detect: DetectSettings,
    #[serde(default)]
    pub(super) net: NetSettings,
    #[serde(default)]
    pub(super) limits: LimitSettings,
    #[serde(default)]
    pub(super) metrics: MetricsSettings,
    #[serde(default)]
    pub(super) log: LogSettings,
    #[serde(default)]
    pub(super) serve: super::ServeSettings,
    #[serde(default)]
    pub(super) feed: Vec<toml::Table>,
    #[serde(default)]
    pub(super) alert: Vec<toml::Table>,
}

/// `[index]`
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IndexSettings {
    /// Folder.
    pub path: PathBuf,
    /// Which posts are kept.
    pub keep: Keep,
    /// Longest time between two commits, in seconds.
    pub commit_secs: f64,
    /// Most posts between two commits.
    pub commit_posts: usize,
    /// Posts older than this lose their text, in days; 0 keeps them.
    pub retention_days: u32,
    /// Size above which the oldest days lose their text, in MiB; 0 sets no limit.
    pub max_size_mb: u64,
    /// Memory of the writer, in MiB.
    pub memory_mb: usize,
    /// Whether a damaged index is repaired at the start; otherwise the program ends and says so.
    pub repair: bool,
}

impl Default for IndexSettings {
    fn default() -> Self {
        Self {
            path: PathBuf::from("caiu-index"),
            keep: Keep::Matches,
            commit_secs: 1.0,
            commit_posts: 10_000,
            retention_days: 0,
            max_size_mb: 0,
            memory_mb: 64,
            repair: true,
        }
    }
}

impl IndexSettings {
    pub(super) fn check(&self) -> Result<(), String> {
        if !(0.05..=3600.0).contains(&self.commit_secs) {
            return Err("index.commit_secs lies between 0.05 and 3600".to_owned());
        }
        if self.commit_posts == 0 {
            return Err("index.commit_posts is at least 1".to_owned());
        }
        if !(16..=4_000).contains(&self.memory_mb) {
            return Err("index.memory_mb lies between 16 and 4000".to_owned());
        }
        Ok(())
    }
}

/// `[detect]`
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DetectSettings {
    /// Expected false alarms of one service in a week.
    pub false_alarms_per_week: f64,
    /// Time between two looks at what is new, in seconds.
    pub every_secs: f64,
    /// Width of a bin in seconds.
    pub bin_secs: u32,
    /// How many days of counts the baseline rests on.
    pub history_days: u32,
    /// Services with settings of their own.
    pub services: BTreeMap<ServiceId, ServiceSettings>,
}

/// `[detect.services.ID]`
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceSettings {
    /// Expected false alarms of this service in a week.
    pub false_alarms_per_week: f64,
}

impl Default for DetectSettings {
    fn default() -> Self {
        Self {
            false_alarms_per_week: Settings::default().false_alarms_per_week,
            every_secs: 5.0,
            bin_secs: 60,
            history_days: 14,
            services: BTreeMap::new(),
        }
    }
}

impl DetectSettings {
    /// What the detector is set to, service by service.
    pub fn thresholds(&self) -> PerService {
        let base = Settings { false_alarms_per_week: self.false_alarms_per_week, ..Settings::default() };
        self.services.iter().fold(base.into(), |settings: PerService, (service, own)| {
            settings.with_false_alarms(service.clone(), own.false_alarms_per_week)
        })
    }

    pub(super) fn check(&self) -> Result<(), String> {
        let per_week = |service: &ServiceId| format!("services.{service}.false_alarms_per_week");
        let own = self.services.iter().map(|(id, own)| (per_week(id), own.false_alarms_per_week, 1e-6..=1e3));
        let general = [
            ("false_alarms_per_week", self.false_alarms_per_week, 1e-6..=1e3),
            ("every_secs", self.every_secs, 0.1..=3_600.0),
            ("bin_secs", f64::from(self.bin_secs), 1.0..=86_400.0),
            ("history_days", f64::from(self.history_days), 1.0..=400.0),
        ];
        for (name, value, range) in
            general.map(|(name, value, range)| (name.to_owned(), value, range)).into_iter().chain(own)
        {
            if !range.contains(&value) {
                return Err(format!("detect.{name} lies between {} and {}", range.start(), range.end()));
            }
        }
        Ok(())
    }
}

/// `[net]`
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NetSettings {
    /// Whether feeds may lie at private addresses.
    pub allow_private: bool,
    /// Longest time to connect, in seconds.
    pub connect_timeout_secs: u64,
    /// Longest silence of a server, in seconds.
    pub read_timeout_secs: u64,
    /// Longest time for a whole answer, in seconds.
    pub timeout_secs: u64,
    /// Most bytes of an answer or message, after unpacking.
    pub max_body_bytes: usize,
    /// Requests a minute to one host, at most.
    pub requests_per_min: NonZeroU32,
    /// Files with certificates that are trusted beside those of the system.
    pub extra_roots: Vec<PathBuf>,
}

impl Default for NetSettings {
    fn default() -> Self {
        let options = NetOptions::default();
        Self {
            allow_private: options.allow_private,
            connect_timeout_secs: options.connect_timeout.as_secs(),
            read_timeout_secs: options.read_timeout.as_secs(),
            timeout_secs: options.timeout.as_secs(),
            max_body_bytes: options.max_body_bytes,
            requests_per_min: options.requests_per_min,
            extra_roots: Vec::new(),
        }
    }
}

impl NetSettings {
    /// The options of the client.
    ///
    /// # Errors
    /// Where a file with certificates cannot be read.
    pub fn options(&self) -> Result<NetOptions, String> {
        let read = |path: &PathBuf| {
            std::fs::read(path).map_err(|error| format!("net.extra_roots: cannot read {}: {error}", path.display()))
        };
        Ok(NetOptions {
            allow_private: self.allow_private,
            connect_timeout: Duration::from_secs(self.connect_timeout_secs.max(1)),
            read_timeout: Duration::from_secs(self.read_timeout_secs.max(1)),
            timeout: Duration::from_secs(self.timeout_secs.max(1)),
            max_body_bytes: self.max_body_bytes,
            requests_per_min: self.requests_per_min,
            extra_roots: self.extra_roots.iter().map(read).collect::<Result<_, _>>()?,
        })
    }
}

/// `[limits]`
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitSettings {
    /// First pause after an error, in seconds; it doubles up to the longest.
    pub first_pause_secs: f64,
    /// Longest pause after errors, in seconds.
    pub longest_pause_secs: f64,
    /// Errors in a row after which a feed rests for the longest pause between two tries.
    pub errors_to_rest: u32,
    /// Batches that wait between the feeds and the index before feeds are held back.
    pub queue_batches: usize,
}

impl Default for LimitSettings {
    fn default() -> Self {
        Self { first_pause_secs: 1.0, longest_pause_secs: 300.0, errors_to_rest: 8, queue_batches: 64 }
    }
}

impl LimitSettings {
    pub(super) fn check(&self) -> Result<(), String> {
        let is_good = self.first_pause_secs > 0.0
            && self.first_pause_secs <= self.longest_pause_secs
            && self.longest_pause_secs <= 86_400.0;
        if !is_good {
            return Err("limits: 0 < first_pause_secs <= longest_pause_secs <= 86400".to_owned());
        }
        if self.queue_batches == 0 {
            return Err("limits.queue_batches is at least 1".to_owned());
        }
        Ok(())
    }
}

/// `[metrics]`
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MetricsSettings {
    /// Address at which Prometheus reads, such as 127.0.0.1:9464; none by default.
    pub listen: Option<std::net::SocketAddr>,
}

/// `[log]`
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogSettings {
    /// `error`, `warn`, `info`, `debug`, or a filter such as `caiu::feed=debug`.
    pub level: String,
    /// One JSON object a line instead of words.
    pub json: bool,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self { level: "info".to_owned(), json: false }
    }
}
