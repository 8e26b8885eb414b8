//! `GET /api/v1/incidents/{id}/export`: an incident as a timeline, in every format of `caiu export`.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use chrono::Utc;
use serde::Deserialize;
use utoipa::IntoParams;

use super::answer;
use super::app::App;
use super::door::Scope;
use super::incidents::known;
use super::params::{Name, Params, given, zone};
use super::problem::{Failures, Problem};
use crate::export::{self, ExportError, Format, Selection};
use crate::model::report::GeneratedBy;
use crate::report::chart::Theme;

/// Quotes of each language, where not said and at most.
const QUOTES: (u32, u32) = (3, 20);

/// Parameters of an export.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ExportParams {
    /// html, timelinejs, timelinejs-csv, csv, xlsx, datawrapper, vega-lite, svg, png, ics, markdown, json, ndjson, parquet,
    /// gexf or ro-crate.
    #[param(example = "html")]
    format: Option<String>,
    /// Zone of all times for people.
    #[param(example = "Asia/Baghdad")]
    tz: Option<String>,
    /// Language of its words: en, pt or ar.
    #[param(example = "pt")]
    locale: Option<String>,
    /// Quotes of each language.
    #[param(minimum = 0, maximum = 20)]
    quotes: Option<u32>,
    /// Colors of charts: light or dark.
    theme: Option<String>,
}

/// An incident as a timeline, for reading, for spreadsheets, for charts, for citing.
#[utoipa::path(get, path = "/api/v1/incidents/{id}/export", tag = "incidents",
    params(("id" = String, Path, description = "Its id."), ExportParams),
    responses((status = 200, description = "A file of the format.", content_type = "application/octet-stream", body = String),
        (status = 304, description = "Nothing changed."), Failures))]
pub(super) async fn incident_export(
    State(app): State<Arc<App>>,
    scope: Option<Extension<Scope>>,
    Name(id): Name,
    Params(params): Params<ExportParams>,
) -> Result<Response, Problem> {
    let wrong = |param: &'static str| move |words: String| Problem::param(param, words);
    let format: Format = given(&params.format).unwrap_or("html").parse().map_err(wrong("format"))?;
    let locale = given(&params.locale).map_or(Ok(Default::default()), str::parse).map_err(wrong("locale"))?;
    let theme = match given(&params.theme) {
        None | Some("light") => Theme::Light,
        Some("dark") => Theme::Dark,
        Some(_) => return Err(Problem::param("theme", "light or dark")),
    };
    let num_quotes = params.quotes.unwrap_or(QUOTES.0);
    if num_quotes > QUOTES.1 {
        return Err(Problem::param("quotes", format!("between 0 and {}", QUOTES.1)));
    }
    let (version, zone) = (app.board().version, zone(&params.tz)?);
    let incident = known(&app, &id)?.incident;
    let is_journaled = app.book().has_journal();
    let with_authors = scope.is_some_and(|Extension(scope)| scope == Scope::Admin);
    let key = format!("export {id} {} {zone} {locale:?} {theme:?} {num_quotes} {with_authors}", format.name);
    let (worker, file) = (Arc::clone(&app), id.clone());
    let work = move || {
        let options = export::Options {
            zone,
            locale,
            theme,
            num_quotes: num_quotes as usize,
            with_authors,
            settings: worker.options.detection.clone(),
            bin_secs: worker.options.bin_secs,
            generated_by: GeneratedBy {
                name: env!("CARGO_PKG_NAME").to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                lexicon: worker.options.lexicon.clone(),
            },
            now: Utc::now(),
        };
        let selection = match is_journaled {
            true => Selection::Incident(id.clone()),
            // An index that nobody watched: it is found again, as the server found it.
            false => Selection::Span { from: None, to: None, services: vec![incident.service.clone()] },
        };
        let mut story = export::gather(&worker.reader, &selection, &options).map_err(told)?;
        if !is_journaled {
            story.incidents.retain(|told| told.incident.id == id);
        }
        export::write(&story, format, &options).map(Into::into).map_err(told)
    };
    let cached = app.cache.get(key, version, work).await?;
    let name = format!("caiu-{file}.{}", format.ending);
    Ok(answer::attachment(answer::typed(cached, format.content_type), &name))
}

fn told(error: ExportError) -> Problem {
    match error {
        ExportError::Unknown(_) => Problem::not_found("there is no such incident; /api/v1/incidents lists them"),
        ExportError::NoChart => {
            Problem::not_found("there is no series to draw: its counts are gone; format=json tells what there is")
        }
        ExportError::Index(error) => error.into(),
        error => Problem::internal(&error),
    }
}
