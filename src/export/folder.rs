//! A story from the folder that `caiu analyze` wrote: its report, and its counts where they are there.

use std::fs::File;
use std::io;
use std::path::Path;

use super::ExportError;
use super::quotes::without_mentions;
use super::story::{Options, Origin, Quote, Selection, Story, Told};
use crate::detect::{self, IncidentDetail, PerService};
use crate::model::{Incident, Report};
use crate::report::chart::Chart;
use crate::report::read_counts;

/// Reads `report.json` of a folder, and `counts.parquet` for the series. Quotes are those of the report, the first
/// `num_quotes` of each language; authors are not in it.
///
/// # Errors
/// [`ExportError::Unknown`] where the report does not know the incident; otherwise where the files cannot be read.
pub fn from_folder(folder: &Path, selection: &Selection, options: &Options) -> Result<Story, ExportError> {
    let path = folder.join("report.json");
    let named = |error: io::Error| io::Error::new(error.kind(), format!("cannot read {}: {error}", path.display()));
    let text = std::fs::read(&path).map_err(named)?;
    let report: Report = serde_json::from_slice(&text).map_err(|error| named(error.into()))?;
    let settings = settings_of(folder);
    let counts = folder.join("counts.parquet");
    let details = match counts.exists() {
        true => {
            detect::incidents(&read_counts(&counts)?, &settings.clone().unwrap_or_default(), &report.coverage.gaps)
                .incidents
        }
        false => Vec::new(),
    };
    let is_meant = |incident: &Incident| match selection {
        Selection::Incident(id) => incident.id == *id,
        Selection::Span { from, to, services } => {
            (services.is_empty() || services.contains(&incident.service))
                && from.is_none_or(|from| incident.end.is_none_or(|end| end.high >= from))
                && to.is_none_or(|to| incident.onset.at < to)
        }
    };
    let incidents: Vec<Told> =
        report.incidents.into_iter().filter(is_meant).map(|incident| told(incident, &details, options)).collect();
    if let (Selection::Incident(id), true) = (selection, incidents.is_empty()) {
        return Err(ExportError::Unknown(id.clone()));
    }
    let query = match selection {
        Selection::Incident(id) => format!("--incident {id}"),
        Selection::Span { .. } => String::new(),
    };
    Ok(Story {
        generated_by: report.generated_by,
        retrieved_at: options.now,
        simulated: report.simulated,
        origin: Origin {
            index_seq: None,
            inputs: report.inputs,
            query,
            settings: settings.and_then(|settings| serde_json::to_value(settings).ok()),
        },
        coverage: report.coverage,
        incidents,
    })
}

/// The settings that the manifest of a run tells; those of single services stand among the others.
fn settings_of(folder: &Path) -> Option<PerService> {
    let manifest: serde_json::Value =
        serde_json::from_reader(io::BufReader::new(File::open(folder.join("manifest.json")).ok()?)).ok()?;
    let mut settings = manifest.pointer("/configuration/detection")?.as_object()?.clone();
    let services = settings.remove("services").map(serde_json::from_value).transpose().ok()?.unwrap_or_default();
    Some(PerService { base: serde_json::from_value(settings.into()).ok()?, services })
}

fn told(mut incident: Incident, details: &[IncidentDetail], options: &Options) -> Told {
    let mut quotes: Vec<Quote> = Vec::new();
    for quote in std::mem::take(&mut incident.quotes) {
        if quotes.iter().filter(|known| known.lang == quote.lang).count() < options.num_quotes {
            quotes.push(Quote {
                id: quote.id,
                platform: None,
                at: quote.at,
                lang: quote.lang,
                text: without_mentions(&quote.text),
                url: quote.url,
                author: None,
            });
        }
    }
    let detail = details.iter().find(|detail| detail.incident.id == incident.id);
    let chart = detail.map(|detail| Chart::new(detail.series.clone(), detail.expected.clone()));
    Told { incident, revision: 1, is_withdrawn: false, changed_at: None, chart, quotes }
}
