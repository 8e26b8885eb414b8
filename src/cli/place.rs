//! The flags that say which index and which time, shared by every command over an index.

use std::path::PathBuf;

use anyhow::{Context, bail};
use chrono::{TimeDelta, Utc};
use chrono_tz::Tz;

use crate::config::Config;
use crate::index::query::time;
use crate::index::{IndexReader, Status};
use crate::model::Time;

/// Which index.
#[derive(Debug, Clone, clap::Args)]
pub struct IndexArg {
    /// Folder of the index
    #[arg(long, value_name = "DIR", env = "CAIU_INDEX", default_value = "caiu-index")]
    pub index: PathBuf,
}

impl IndexArg {
    /// Opens it for reading.
    pub fn open(&self) -> anyhow::Result<IndexReader> {
        Ok(IndexReader::open(&self.index)?)
    }
}

/// Which index, and the configuration that it is kept by.
#[derive(Debug, Clone, clap::Args)]
pub struct ConfiguredIndex {
    /// Folder of the index; left out: that of --config, or caiu-index
    #[arg(long, value_name = "DIR", env = "CAIU_INDEX")]
    pub index: Option<PathBuf>,
    /// A configuration: its index and its thresholds of services hold, and what else of it this command needs
    #[arg(long, short, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

impl ConfiguredIndex {
    /// The configuration, where one is named.
    pub fn read(&self) -> anyhow::Result<Option<Config>> {
        Ok(self.config.as_ref().map(|file| Config::read(file)).transpose()?)
    }

    /// The folder.
    pub fn folder(&self, config: Option<&Config>) -> PathBuf {
        let configured = || config.map(|config| config.index.path.clone());
        self.index.clone().or_else(configured).unwrap_or_else(|| PathBuf::from("caiu-index"))
    }

    /// Opens it for reading.
    pub fn open(&self, config: Option<&Config>) -> anyhow::Result<IndexReader> {
        Ok(IndexReader::open(&self.folder(config))?)
    }
}

/// Which stretch of time.
#[derive(Debug, Clone, clap::Args)]
pub struct SpanArgs {
    /// First moment: 2021-10-04, 2021-10-04T15:40, RFC 3339, or 90m, 6h, 7d for so long ago
    #[arg(long, value_name = "TIME")]
    pub from: Option<String>,
    /// First moment that does not count any more, written likewise
    #[arg(long, value_name = "TIME")]
    pub to: Option<String>,
}

impl SpanArgs {
    /// Both ends, read in a zone.
    pub fn read(&self, zone: Tz) -> anyhow::Result<(Option<Time>, Option<Time>)> {
        let now = Utc::now();
        let end = |flag: &str, text: &Option<String>| {
            text.as_ref()
                .map(|text| {
                    time::moment(text, zone, now)
                        .map_err(anyhow::Error::msg)
                        .with_context(|| format!("--{flag} {text}"))
                })
                .transpose()
        };
        let (from, to) = (end("from", &self.from)?, end("to", &self.to)?);
        if let (Some(from), Some(to)) = (from, to)
            && from >= to
        {
            bail!("--from must lie before --to");
        }
        Ok((from, to))
    }

    /// Both ends, those of all posts where they are left out; `None` where there are no posts.
    pub fn within(&self, zone: Tz, status: &Status) -> anyhow::Result<Option<(Time, Time)>> {
        let (from, to) = self.read(zone)?;
        let end = status.to.map(|last| last + TimeDelta::seconds(1));
        Ok(from.or(status.from).zip(to.or(end)).filter(|(from, to)| from < to))
    }
}
