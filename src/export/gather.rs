//! A story from an index: an incident of its journal, or all that the batch's detector finds in a stretch of time.

use chrono::{SecondsFormat, TimeDelta};

use super::ExportError;
use super::quotes::{Candidate, choose};
use super::story::{Options, Origin, Quote, Selection, Story, Told};
use crate::detect::{self, IncidentDetail, bursts};
use crate::index::query::Query;
use crate::index::{IndexReader, KeptPost, Per, Sort};
use crate::model::{Coverage, Gap, Incident, Kind, ServiceId, Time};
use crate::pipeline::journal::{Change, Entry, Journal};
use crate::report::chart::Chart;

/// Counts before a stretch of time that the baseline is learned from.
const HISTORY: TimeDelta = TimeDelta::days(28);
/// Stretch on either side of an incident that a chart shows.
const AROUND: TimeDelta = TimeDelta::hours(6);
/// An incident is looked at in so many parts, so that its quotes come from all of it ...
const PARTS: i32 = 12;
/// ... and so many posts of each.
const POSTS_PER_PART: usize = 300;

/// Gathers the story of a selection from the commit that the reader looks at.
///
/// # Errors
/// [`ExportError::Unknown`] where the journal does not know the incident; otherwise where index or journal cannot be read.
pub fn gather(reader: &IndexReader, selection: &Selection, options: &Options) -> Result<Story, ExportError> {
    let mut coverage = reader.coverage()?;
    let incidents = match selection {
        Selection::Incident(id) => {
            let (told, gaps) = known(reader, id, &coverage, options)?;
            coverage.gaps = gaps;
            vec![told]
        }
        Selection::Span { from, to, services } => {
            let (begin, end) = (*from, *to);
            let tally = reader.tally(begin.map(|from| from - HISTORY), end, options.bin_secs)?;
            let analysis = detect::incidents(&tally, &options.settings, &coverage.gaps);
            coverage.gaps = analysis.coverage.gaps;
            let is_meant = |detail: &IncidentDetail| {
                (services.is_empty() || services.contains(&detail.incident.service))
                    && begin.is_none_or(|from| detail.incident.end.is_none_or(|end| end.high >= from))
                    && end.is_none_or(|to| detail.incident.onset.at < to)
            };
            analysis.incidents.into_iter().filter(is_meant).map(found).collect()
        }
    };
    let mut story = Story {
        generated_by: options.generated_by.clone(),
        retrieved_at: options.now,
        simulated: reader.holds_simulated()?,
        origin: Origin {
            index_seq: Some(reader.seq()),
            inputs: Vec::new(),
            query: in_words(selection),
            settings: serde_json::to_value(&options.settings).ok(),
        },
        coverage,
        incidents,
    };
    for told in &mut story.incidents {
        told.quotes = quotes(reader, &told.incident, story.coverage.to, options)?;
    }
    Ok(story)
}

/// An incident of the journal with its series as the detector sees it now, and the gaps that the counts show.
fn known(
    reader: &IndexReader,
    id: &str,
    coverage: &Coverage,
    options: &Options,
) -> Result<(Told, Vec<Gap>), ExportError> {
    let entries: Vec<Entry> =
        Journal::read(reader.folder())?.into_iter().filter(|entry| entry.incident.id == id).collect();
    let revision = entries.len() as u64;
    let Some(last) = entries.into_iter().next_back() else { return Err(ExportError::Unknown(id.to_owned())) };
    let mut incident = last.incident;
    incident.quotes.clear();
    let (chart, gaps) = chart(reader, &incident, coverage, options)?;
    let told = Told {
        incident,
        revision,
        is_withdrawn: last.change == Change::Withdrawn,
        changed_at: Some(last.at),
        chart,
        quotes: Vec::new(),
    };
    Ok((told, gaps))
}

fn found(detail: IncidentDetail) -> Told {
    let chart = Chart::new(detail.series, detail.expected);
    Told {
        incident: detail.incident,
        revision: 1,
        is_withdrawn: false,
        changed_at: None,
        chart: Some(chart),
        quotes: Vec::new(),
    }
}

/// The series around an incident with its baseline: that of the same incident found anew, else that of its complaints.
fn chart(
    reader: &IndexReader,
    incident: &Incident,
    coverage: &Coverage,
    options: &Options,
) -> Result<(Option<Chart>, Vec<Gap>), ExportError> {
    let begun = incident.onset.low.unwrap_or(incident.onset.at);
    let end = incident.end.map(|end| end.high + AROUND);
    let tally = reader.tally(Some(begun - HISTORY), end, options.bin_secs)?;
    let analysis = detect::incidents(&tally, &options.settings, &coverage.gaps);
    let is_same = |detail: &IncidentDetail| {
        let other = &detail.incident;
        other.service == incident.service
            && incident.end.is_none_or(|end| other.onset.at <= end.high)
            && other.end.is_none_or(|end| end.high >= begun)
    };
    let all_gaps = analysis.coverage.gaps;
    if let Some(detail) = analysis.incidents.into_iter().find(is_same) {
        return Ok((Some(Chart::new(detail.series, detail.expected)), all_gaps));
    }
    let Some(to) = end.or(coverage.to) else { return Ok((None, all_gaps)) };
    let from = tally.bin_start(begun - HISTORY);
    let query = Query::down(&incident.service).and(Query::kind(Kind::Complaint));
    let series = reader.series(&query, from, to, options.bin_secs, Per::Authors)?.with_gaps(&all_gaps);
    let baseline = bursts(&series, options.settings.of(&incident.service)).baseline;
    let first = series.grid.index(begun - AROUND).unwrap_or(0);
    let mut grid = series.grid;
    (grid.start, grid.len) = (grid.time(first), grid.len - first);
    let cut = crate::model::CountSeries { grid, bins: series.bins.into_iter().skip(first).collect() };
    Ok((Some(Chart::new(cut, baseline.into_iter().skip(first).collect())), all_gaps))
}

/// What was asked for, as the command line says it.
fn in_words(selection: &Selection) -> String {
    let stamp = |time: &Time| time.to_rfc3339_opts(SecondsFormat::Secs, true);
    match selection {
        Selection::Incident(id) => format!("--incident {id}"),
        Selection::Span { from, to, services } => {
            let mut words: Vec<String> = Vec::new();
            words.extend(from.as_ref().map(|from| format!("--from {}", stamp(from))));
            words.extend(to.as_ref().map(|to| format!("--to {}", stamp(to))));
            words.extend(services.iter().map(|service: &ServiceId| format!("--service {service}")));
            words.join(" ")
        }
    }
}

/// What people wrote during an incident, from all of its time; one that goes on is followed to where the index ends.
fn quotes(
    reader: &IndexReader,
    incident: &Incident,
    until: Option<Time>,
    options: &Options,
) -> Result<Vec<Quote>, ExportError> {
    if options.num_quotes == 0 {
        return Ok(Vec::new());
    }
    let from = incident.onset.low.unwrap_or(incident.onset.at);
    let Some(to) = incident.end.map(|end| end.high).or(until).filter(|to| *to > from) else {
        return Ok(Vec::new());
    };
    let about = Query::down(&incident.service).and(Query::kind(Kind::Complaint));
    let mut candidates = Vec::new();
    for part in 0..PARTS {
        let at = |part: i32| from + (to - from) * part / PARTS;
        // The last moment of the last part counts too.
        let end = at(part + 1) + if part + 1 == PARTS { TimeDelta::seconds(1) } else { TimeDelta::zero() };
        let query = about.clone().and(Query::between(Some(at(part)), Some(end)));
        let found = reader.search(&query, Sort::Oldest, POSTS_PER_PART, None)?;
        candidates.extend(found.hits.into_iter().filter_map(|hit| candidate(hit.post, options.with_authors)));
    }
    Ok(choose(candidates, options.num_quotes))
}

/// A post as it may be quoted; `None` of one that was taken back or passes on another.
fn candidate(post: KeptPost, with_authors: bool) -> Option<Candidate> {
    let lang = post.lang_code().to_owned();
    let (text, author) = (post.text.filter(|_| !post.is_repost)?, post.author.filter(|_| with_authors));
    let quote = Quote {
        id: post.id.to_string(),
        platform: post.platform,
        at: post.at,
        lang,
        text,
        url: post.url,
        author: author.map(|author| format!("{:016x}", author.0)),
    };
    Some(Candidate { quote, cluster: post.cluster })
}
