//! One TOML file that says what `caiu watch` does: checked as a whole, with a remedy for every mistake.

mod example;
mod hint;
mod serve;
mod settings;

use std::collections::BTreeSet;
use std::path::Path;

use thiserror::Error;

pub use example::{EXAMPLE, STARTER};
pub use serve::ServeSettings;
pub use settings::{
    DetectSettings, IndexSettings, LimitSettings, LogSettings, MetricsSettings, NetSettings, ServiceSettings,
};

use crate::alert::{self, ReceiverConfig};
use crate::feed::{FeedContext, FeedKind, KINDS};
use crate::model::{Country, FeedId, Lang, ServiceId};

/// What is wrong with a configuration; the words say where and what would be right.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {file}: {detail}")]
    File {
        /// Its name.
        file: String,
        /// Why.
        detail: String,
    },
    /// No TOML, an unknown key, a value of the wrong type.
    #[error("{file}: {detail}")]
    Form {
        /// The file.
        file: String,
        /// Line, column and what is wrong.
        detail: String,
    },
    /// A feed that cannot be opened.
    #[error("{file}: feed \"{feed}\": {detail}")]
    Feed {
        /// The file.
        file: String,
        /// Its id.
        feed: String,
        /// The key and what is wrong with it.
        detail: String,
    },
    /// A receiver of alerts that cannot be opened.
    #[error("{file}: alert \"{alert}\": {detail}")]
    Alert {
        /// The file.
        file: String,
        /// Its id.
        alert: String,
        /// The key and what is wrong with it.
        detail: String,
    },
}

/// A whole configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where and what to keep.
    pub index: IndexSettings,
    /// How to detect.
    pub detect: DetectSettings,
    /// How to talk to servers.
    pub net: NetSettings,
    /// How to wait and give up.
    pub limits: LimitSettings,
    /// Where numbers about the program itself can be read.
    pub metrics: MetricsSettings,
    /// What is logged and how.
    pub log: LogSettings,
    /// Where the HTTP API listens, and who may ask.
    pub serve: ServeSettings,
    /// The feeds, in the order of the file.
    pub feeds: Vec<FeedConfig>,
    /// Who is told of incidents, in the order of the file.
    pub alerts: Vec<ReceiverConfig>,
}

/// One `[[feed]]`.
#[derive(Debug, Clone)]
pub struct FeedConfig {
    /// Its name, unique.
    pub id: FeedId,
    /// Its kind.
    pub kind: &'static FeedKind,
    /// Language that its posts get where they claim none.
    pub lang: Option<Lang>,
    /// Country that its posts get where they claim none.
    pub country: Option<Country>,
    /// Settings of the kind.
    pub settings: toml::Table,
}

impl Config {
    /// Reads and checks a file.
    ///
    /// # Errors
    /// The first mistake, with its place and remedy.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let file = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text, &file),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(ConfigError::File {
                file,
                detail: "there is no such file; `caiu init` writes one that works without an account".to_owned(),
            }),
            Err(error) => Err(ConfigError::File { file, detail: error.to_string() }),
        }
    }

    /// Checks a text; `file` is its name in errors.
    ///
    /// # Errors
    /// The first mistake, with its place and remedy.
    pub fn parse(text: &str, file: &str) -> Result<Self, ConfigError> {
        let form = |detail| ConfigError::Form { file: file.to_owned(), detail };
        let raw: settings::RawConfig = toml::from_str(text).map_err(|error| form(hint::told(&error, text)))?;
        let mut feeds = Vec::with_capacity(raw.feed.len());
        let mut seen = BTreeSet::new();
        for table in raw.feed {
            let feed = feed(table).map_err(form)?;
            if !seen.insert(feed.id.clone()) {
                return Err(form(format!("two feeds have the id \"{}\"; give one another id", feed.id)));
            }
            feeds.push(feed);
        }
        let mut alerts: Vec<ReceiverConfig> = Vec::with_capacity(raw.alert.len());
        for table in raw.alert {
            let alert = alert(table).map_err(form)?;
            if alerts.iter().any(|known| known.id == alert.id) {
                return Err(form(format!("two alerts have the id \"{}\"; give one another id", alert.id)));
            }
            alerts.push(alert);
        }
        raw.index.check().and_then(|()| raw.detect.check()).and_then(|()| raw.limits.check()).map_err(form)?;
        Ok(Self {
            index: raw.index,
            detect: raw.detect,
            net: raw.net,
            limits: raw.limits,
            metrics: raw.metrics,
            log: raw.log,
            serve: raw.serve,
            feeds,
            alerts,
        })
    }

    /// Opens all receivers of alerts.
    ///
    /// # Errors
    /// Where the settings of one are wrong, or a file with certificates cannot be read.
    pub fn open_alerts(&self, file: &str) -> Result<Vec<alert::Opened>, ConfigError> {
        let options = self.net.options().map_err(|detail| ConfigError::Form { file: file.to_owned(), detail })?;
        let open = |alert: &ReceiverConfig| match alert.open(&options) {
            Ok(receiver) => Ok((alert.clone(), receiver)),
            Err(detail) => Err(ConfigError::Alert {
                file: file.to_owned(),
                alert: alert.id.clone(),
                detail: hint::with_suggestion(&detail),
            }),
        };
        self.alerts.iter().map(open).collect()
    }

    /// The services that are named somewhere, with the place.
    fn services(&self) -> impl Iterator<Item = (String, &ServiceId)> {
        let of_detect = self.detect.services.keys().map(|service| ("detect.services".to_owned(), service));
        let of_alerts = self.alerts.iter().flat_map(|alert| {
            alert.policy.services.iter().map(|service| (format!("alert \"{}\": services", alert.id), service))
        });
        of_detect.chain(of_alerts)
    }

    /// Whether a service is named somewhere.
    pub fn names_services(&self) -> bool {
        self.services().next().is_some()
    }

    /// Checks that every service that is named somewhere is one of `known`: one that is misspelled would never be told.
    ///
    /// # Errors
    /// The first that is not known, with the one that was probably meant.
    pub fn check_services(&self, file: &str, known: &[&str]) -> Result<(), ConfigError> {
        let Some((place, service)) = self.services().find(|(_, service)| !known.contains(&service.as_str())) else {
            return Ok(());
        };
        let meant = hint::nearest(service.as_str(), known.iter().copied());
        let meant = meant.map(|name| format!("; did you mean \"{name}\"?")).unwrap_or_default();
        let detail = format!(
            "{place}: no service \"{service}\" is known{meant} (`caiu lexicon list --services` shows all of them)"
        );
        Err(ConfigError::Form { file: file.to_owned(), detail })
    }
}

impl FeedConfig {
    /// Opens the feed.
    ///
    /// # Errors
    /// Where its settings are wrong.
    pub fn open(&self, net: crate::feed::http::Net, file: &str) -> Result<Box<dyn crate::feed::Feed>, ConfigError> {
        let context = FeedContext { id: self.id.clone(), net };
        (self.kind.open)(&context, self.settings.clone()).map_err(|detail| ConfigError::Feed {
            file: file.to_owned(),
            feed: self.id.to_string(),
            detail: hint::with_suggestion(&detail),
        })
    }
}

/// Takes the keys that every feed has out of its table; the rest is its kind's.
fn feed(mut table: toml::Table) -> Result<FeedConfig, String> {
    let kind = text(&mut table, "kind")?.ok_or_else(|| format!("a [[feed]] has no kind; {}", kinds()))?;
    let known = KINDS.iter().find(|known| known.name == kind);
    let known = known.ok_or_else(|| {
        let suggestion = hint::nearest(&kind, KINDS.iter().map(|known| known.name));
        let meant = suggestion.map(|name| format!(" did you mean \"{name}\"?")).unwrap_or_default();
        format!("there is no kind of feed \"{kind}\";{meant} {}", kinds())
    })?;
    let id = text(&mut table, "id")?.unwrap_or_else(|| kind.clone());
    let is_plain =
        !id.is_empty() && id.len() <= 64 && id.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    if !is_plain {
        return Err(format!("feed id \"{id}\": write letters, digits, '-', '_' and '.', 64 at most"));
    }
    let lang = text(&mut table, "lang")?;
    let country = text(&mut table, "country")?;
    let wrong = |key: &str, value: &str, form: &str| format!("feed \"{id}\": {key} = \"{value}\" is no {form}");
    let lang = lang
        .map(|code| Lang::parse(&code).ok_or_else(|| wrong("lang", &code, "language code such as pt")))
        .transpose()?;
    let is_country = |code: &str| code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase());
    let country = country
        .map(|code| match is_country(&code) {
            true => Ok(Country::new(&code)),
            false => Err(wrong("country", &code, "country code of two capitals such as BR")),
        })
        .transpose()?;
    Ok(FeedConfig { id: FeedId::new(&id), kind: known, lang, country, settings: table })
}

/// Takes the kind out of the table of an `[[alert]]` and reads the rest.
fn alert(mut table: toml::Table) -> Result<ReceiverConfig, String> {
    let kinds = || {
        let names: Vec<&str> = alert::KINDS.iter().map(|kind| kind.name).collect();
        format!("the kinds are {}", names.join(", "))
    };
    let kind = text(&mut table, "kind")?.ok_or_else(|| format!("an [[alert]] has no kind; {}", kinds()))?;
    if !alert::KINDS.iter().any(|known| known.name == kind) {
        let suggestion = hint::nearest(&kind, alert::KINDS.iter().map(|known| known.name));
        let meant = suggestion.map(|name| format!(" did you mean \"{name}\"?")).unwrap_or_default();
        return Err(format!("there is no kind of alert \"{kind}\";{meant} {}", kinds()));
    }
    ReceiverConfig::read(&kind, table).map_err(|words| hint::with_suggestion(&words))
}

fn text(table: &mut toml::Table, key: &str) -> Result<Option<String>, String> {
    match table.remove(key) {
        None => Ok(None),
        Some(toml::Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(format!("a table has {key} = {other}; write a text in quotes")),
    }
}

fn kinds() -> String {
    format!("the kinds are {}", KINDS.iter().map(|kind| kind.name).collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests;
