//! What a timeline is told from: incidents with their series and quotes, and where all of it comes from.

use chrono::TimeDelta;
use chrono_tz::Tz;
use serde::Serialize;

use crate::detect::PerService;
use crate::model::report::{GeneratedBy, Input, REPORT_SCHEMA};
use crate::model::{Coverage, Gap, Incident, Report, ServiceId, Time};
use crate::report::chart::{Chart, Theme};
use crate::report::locale::Locale;

/// Version of the form of `--format json`.
pub const STORY_SCHEMA: &str = "caiu-story/1";

/// Gaps so near to an incident are events of its timeline.
const AROUND: TimeDelta = TimeDelta::hours(6);

/// Which incidents.
#[derive(Debug, Clone, PartialEq)]
pub enum Selection {
    /// One of the journal, by its id.
    Incident(String),
    /// All that are found anew in a stretch of time.
    Span {
        /// First moment; the beginning of the posts where it is left out.
        from: Option<Time>,
        /// First moment that does not count any more; the end of the posts where it is left out.
        to: Option<Time>,
        /// Only these services; all where it is empty.
        services: Vec<ServiceId>,
    },
}

/// How a story is gathered and told.
#[derive(Debug, Clone)]
pub struct Options {
    /// Zone of all times for people.
    pub zone: Tz,
    /// Language of all words.
    pub locale: Locale,
    /// Colors of charts; [`Theme::Page`] counts as light.
    pub theme: Theme,
    /// Quotes of each incident and language.
    pub num_quotes: usize,
    /// Whether quotes carry the key of their author.
    pub with_authors: bool,
    /// How to detect.
    pub settings: PerService,
    /// Width of a bin in seconds.
    pub bin_secs: u32,
    /// Program and lexicon.
    pub generated_by: GeneratedBy,
    /// The present: when it was retrieved.
    pub now: Time,
}

/// What a timeline is told from.
#[derive(Debug, Clone, PartialEq)]
pub struct Story {
    /// Program and lexicon.
    pub generated_by: GeneratedBy,
    /// When it was gathered.
    pub retrieved_at: Time,
    /// Whether the posts are simulated.
    pub simulated: bool,
    /// Where it was gathered from.
    pub origin: Origin,
    /// What the posts cover.
    pub coverage: Coverage,
    /// Incidents by onset.
    pub incidents: Vec<Told>,
}

/// Where a story was gathered from.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Origin {
    /// Number of the commit of the index; `null` where it was no index.
    pub index_seq: Option<u64>,
    /// What an analysis had read.
    pub inputs: Vec<Input>,
    /// What was asked for, in words of the command line.
    pub query: String,
    /// Settings of the detector, where they are known.
    pub settings: Option<serde_json::Value>,
}

/// An incident with what is told of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// The incident; its own quotes are empty.
    pub incident: Incident,
    /// Number of lines that the journal has of it; 1 where it was found anew.
    pub revision: u64,
    /// Whether it was taken back.
    pub is_withdrawn: bool,
    /// When its last line was written; `None` where it was found anew.
    pub changed_at: Option<Time>,
    /// Complaints with their baseline around it, where the counts are there.
    pub chart: Option<Chart>,
    /// What people wrote, in time order.
    pub quotes: Vec<Quote>,
}

/// A post as a witness. Its text is hostile, and no person is named in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Quote {
    /// Id of the post.
    pub id: String,
    /// Where it was written.
    pub platform: Option<String>,
    /// When it was posted.
    pub at: Time,
    /// Language code or `und`.
    pub lang: String,
    /// Text, names of accounts taken out.
    pub text: String,
    /// Link to the original.
    pub url: Option<String>,
    /// Key of the author in hexadecimal; only where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
}

impl Story {
    /// The same as a report: what `report.json` holds.
    pub fn report(&self) -> Report {
        let incidents = self.incidents.iter().map(|told| {
            let quotes = told.quotes.iter().map(|quote| crate::model::incident::Quote {
                id: quote.id.clone(),
                text: quote.text.clone(),
                lang: quote.lang.clone(),
                at: quote.at,
                url: quote.url.clone(),
            });
            Incident { quotes: quotes.collect(), ..told.incident.clone() }
        });
        Report {
            schema: REPORT_SCHEMA.to_owned(),
            generated_by: self.generated_by.clone(),
            inputs: self.origin.inputs.clone(),
            simulated: self.simulated,
            coverage: self.coverage.clone(),
            incidents: incidents.collect(),
        }
    }

    /// Gaps that lie near its incidents.
    pub fn gaps_nearby(&self) -> impl Iterator<Item = &Gap> {
        self.coverage.gaps.iter().filter(|gap| {
            self.incidents.iter().any(|told| {
                let (from, to) = told.span();
                gap.from < to.unwrap_or(Time::MAX_UTC - AROUND) + AROUND && gap.to > from - AROUND
            })
        })
    }
}

impl Told {
    /// From when to when it lasted at most; `None` while it goes on.
    pub fn span(&self) -> (Time, Option<Time>) {
        let incident = &self.incident;
        (incident.onset.low.unwrap_or(incident.onset.at), incident.end.map(|end| end.high))
    }
}
