//! `GET /api/v1/incidents` and what belongs to one: revisions, posts, moves, its series.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use super::answer::{self, json};
use super::app::App;
use super::cache::Cached;
use super::door::Scope;
use super::incident_row::{IncidentRow, rounded};
use super::minutes::{begin, num_bins};
use super::params::{Name, Params, Stretch, given, limit, moment, width, zone};
use super::posts::{PostsPage, PostsParams, find};
use super::problem::{Failures, Problem};
use super::series::{BurstsAnswer, CSV, cut, table, wider};
use crate::detect::{self, Detection};
use crate::index::IndexReader;
use crate::index::query::Query;
use crate::model::{CountSeries, FeedId, GapCause, Grid, Incident, Migration, Phase, Time};
use crate::pipeline::journal::{Change, Entry, Known};
use crate::report::incidents_csv::write_migrations;

/// What is usual for a service is learned from so much before an incident.
const HISTORY: TimeDelta = TimeDelta::days(14);
/// Shortest and longest time that is shown before the onset and behind the end.
const MARGINS: (TimeDelta, TimeDelta) = (TimeDelta::minutes(30), TimeDelta::hours(6));
/// So far around an incident it can be looked at: minutes are counted one by one.
const AROUND: TimeDelta = TimeDelta::days(31);
/// Incidents of an answer, where not said and at most.
const LIMITS: (usize, usize) = (50, 500);

/// Parameters of the list of incidents.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct IncidentsParams {
    /// open (going on), ended, withdrawn, or all. Left out: those that stand, open or ended.
    #[param(example = "open")]
    state: Option<String>,
    /// Id of a service.
    #[param(example = "whatsapp")]
    service: Option<String>,
    /// Incidents of one answer.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// A page of incidents, the latest onset first.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct IncidentsPage {
    /// How many there are in all.
    total: usize,
    /// This page of them.
    incidents: Vec<IncidentRow>,
    /// Hand it over as `cursor` for the next page; `null` at the end.
    next: Option<String>,
}

/// Incidents, the latest first.
#[utoipa::path(get, path = "/api/v1/incidents", tag = "incidents", params(IncidentsParams),
    responses((status = 200, body = IncidentsPage), (status = 304, description = "Nothing changed."), Failures))]
pub(super) async fn incidents(
    State(app): State<Arc<App>>,
    Params(params): Params<IncidentsParams>,
) -> Result<Response, Problem> {
    let state = given(&params.state).unwrap_or("standing");
    if !["open", "ended", "withdrawn", "all", "standing"].contains(&state) {
        return Err(Problem::param("state", "open, ended, withdrawn or all"));
    }
    let limit = limit(params.limit, LIMITS.0, LIMITS.1)?;
    let after = given(&params.cursor).map(|cursor| {
        let place = cursor.split_once('.').and_then(|(secs, id)| Some((secs.parse::<i64>().ok()?, id.to_owned())));
        place.ok_or_else(|| Problem::param("cursor", "this is no page: hand over the next of an earlier answer"))
    });
    let after = after.transpose()?;
    let is_wanted = |known: &&Known| {
        let is_state = match state {
            "open" => known.is_ongoing(),
            "ended" => known.is_open() && known.incident.phase == Phase::Ended,
            "withdrawn" => !known.is_open(),
            "standing" => known.is_open(),
            _ => true,
        };
        is_state && given(&params.service).is_none_or(|service| known.incident.service.as_str() == service)
    };
    let place = |known: &Known| (known.incident.onset.at.timestamp(), known.incident.id.clone());
    let (version, book) = (app.board().version, app.book());
    let mut found: Vec<&Known> = book.latest().into_iter().filter(is_wanted).collect();
    let total = found.len();
    found.retain(|known| after.as_ref().is_none_or(|after| place(known) < *after));
    let next = (found.len() > limit).then(|| found.get(limit - 1).map(|known| place(known))).flatten();
    let page = IncidentsPage {
        total,
        incidents: found.into_iter().take(limit).map(IncidentRow::of).collect(),
        next: next.map(|(secs, id)| format!("{secs}.{id}")),
    };
    Ok(answer::bytes(version, json(&page)?))
}

/// One incident, or what is told where there is none.
pub(super) fn known(app: &App, id: &str) -> Result<Known, Problem> {
    let found = app.book().get(id).cloned();
    found.ok_or_else(|| Problem::not_found("there is no such incident; /api/v1/incidents lists them"))
}

/// One incident.
#[utoipa::path(get, path = "/api/v1/incidents/{id}", tag = "incidents", params(("id" = String, Path, description = "Its id.")),
    responses((status = 200, body = IncidentRow), (status = 304, description = "Nothing changed."), Failures))]
pub(super) async fn incident(State(app): State<Arc<App>>, Name(id): Name) -> Result<Response, Problem> {
    let version = app.board().version;
    Ok(answer::bytes(version, json(&IncidentRow::of(&known(&app, &id)?))?))
}

/// Everything that was said of an incident.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Revisions {
    /// Oldest first.
    revisions: Vec<Revision>,
}

/// A line of the journal.
#[derive(Debug, Serialize, JsonSchema)]
struct Revision {
    /// Its number.
    seq: u64,
    /// When it was written.
    at: Time,
    /// What happened.
    change: Change,
    /// The incident from then on.
    incident: Incident,
}

/// Everything that was said of an incident, oldest first.
#[utoipa::path(get, path = "/api/v1/incidents/{id}/revisions", tag = "incidents",
    params(("id" = String, Path, description = "Its id.")),
    responses((status = 200, body = Revisions), (status = 304, description = "Nothing changed."), Failures))]
pub(super) async fn revisions(State(app): State<Arc<App>>, Name(id): Name) -> Result<Response, Problem> {
    let version = app.board().version;
    known(&app, &id)?;
    let row = |entry: &Entry| Revision {
        seq: entry.seq,
        at: entry.at,
        change: entry.change,
        incident: rounded(&entry.incident),
    };
    let revisions = app.book().revisions(&id).map(row).collect();
    Ok(answer::bytes(version, json(&Revisions { revisions })?))
}

/// Posts that name the service of an incident, between its onset and its end; `q` narrows them (`kind:complaint`).
#[utoipa::path(get, path = "/api/v1/incidents/{id}/posts", tag = "incidents",
    params(("id" = String, Path, description = "Its id."), PostsParams),
    responses((status = 200, body = PostsPage), (status = 304, description = "Nothing changed."), Failures))]
pub(super) async fn incident_posts(
    State(app): State<Arc<App>>,
    scope: Option<Extension<Scope>>,
    Name(id): Name,
    Params(params): Params<PostsParams>,
) -> Result<Response, Problem> {
    let incident = known(&app, &id)?.incident;
    let from = incident.onset.low.unwrap_or(incident.onset.at);
    let within = Query::service(&incident.service).and(Query::between(Some(from), incident.end.map(|end| end.high)));
    find(app, scope.map(|Extension(scope)| scope), &params, Some(within)).await
}

/// Where people go.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Migrations {
    /// Strongest first; empty is a result.
    migrations: Vec<Migration>,
}

/// Where people go during an incident.
#[utoipa::path(get, path = "/api/v1/incidents/{id}/migrations", tag = "incidents",
    params(("id" = String, Path, description = "Its id.")),
    responses((status = 200, body = Migrations), (status = 304, description = "Nothing changed."), Failures))]
pub(super) async fn migrations(State(app): State<Arc<App>>, Name(id): Name) -> Result<Response, Problem> {
    let version = app.board().version;
    let migrations = rounded(&known(&app, &id)?.incident).migrations;
    Ok(answer::bytes(version, json(&Migrations { migrations })?))
}

/// Where people go during an incident, as a table.
#[utoipa::path(get, path = "/api/v1/incidents/{id}/migrations.csv", tag = "incidents",
    params(("id" = String, Path, description = "Its id.")),
    responses((status = 200, content_type = "text/csv", body = String), (status = 304, description = "Nothing changed."), Failures))]
pub(super) async fn migrations_csv(State(app): State<Arc<App>>, Name(id): Name) -> Result<Response, Problem> {
    let version = app.board().version;
    let mut bytes = Vec::new();
    write_migrations(std::slice::from_ref(&known(&app, &id)?.incident), &mut bytes)
        .map_err(|error| Problem::internal(&error))?;
    let response = answer::typed(Cached::new(version, bytes.into()), CSV);
    Ok(answer::attachment(response, &format!("caiu-{id}-migrations.csv")))
}

/// Parameters of the series of an incident.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ZoomParams {
    /// First moment; left out, some way before the onset.
    pub(super) from: Option<String>,
    /// First moment that does not count any more; left out, some way behind the end.
    pub(super) to: Option<String>,
    /// Width of a bin in whole minutes; left out, it is chosen by the length of time. Where the server counts in wider bins, the
    /// next width that is made of these.
    #[param(pattern = "^[0-9]{1,4}(m|h)$", example = "1m")]
    pub(super) bin: Option<String>,
    /// Zone of moments without one, and of times in files.
    pub(super) tz: Option<String>,
}

/// Complaints before, during and after an incident.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct IncidentSeries {
    #[serde(flatten)]
    series: BurstsAnswer,
    /// When somebody was listening.
    coverage: IncidentCoverage,
}

/// When somebody was listening, feed by feed.
#[derive(Debug, Serialize, JsonSchema)]
struct IncidentCoverage {
    /// As of the series.
    from: Time,
    /// As of the series.
    to: Time,
    /// Stretches in which nobody was (without a feed), or one feed was not.
    gaps: Vec<CoverageGap>,
}

/// A stretch in which somebody was not listening.
#[derive(Debug, Serialize, JsonSchema)]
struct CoverageGap {
    /// Beginning.
    from: Time,
    /// End.
    to: Time,
    /// Which feed; `null` where no feed at all told anything.
    feed: Option<FeedId>,
    /// Why, where it is known.
    cause: Option<GapCause>,
}

/// Independent complaints about the service of an incident, with what is expected.
#[utoipa::path(get, path = "/api/v1/incidents/{id}/series", tag = "incidents",
    params(("id" = String, Path, description = "Its id."), ZoomParams),
    responses((status = 200, body = IncidentSeries), (status = 304, description = "Nothing changed."), Failures))]
pub(super) async fn incident_series(
    State(app): State<Arc<App>>,
    Name(id): Name,
    Params(params): Params<ZoomParams>,
) -> Result<Response, Problem> {
    let version = app.board().version;
    let incident = known(&app, &id)?.incident;
    let stretch = stretch(&app, &incident, &params)?;
    let (key, worker) = (format!("incident-series {id} {stretch:?}"), Arc::clone(&app));
    let work = move || {
        let (series, detection) = complaints(&worker, &incident, stretch)?;
        let coverage = coverage(&worker.reader, stretch);
        json(&IncidentSeries { series: BurstsAnswer::of(&series, &detection, "complaints"), coverage })
    };
    Ok(answer::cached(app.cache.get(key, version, work).await?))
}

/// The same as a table.
#[utoipa::path(get, path = "/api/v1/incidents/{id}/series.csv", tag = "incidents",
    params(("id" = String, Path, description = "Its id."), ZoomParams),
    responses((status = 200, content_type = "text/csv", body = String), (status = 304, description = "Nothing changed."), Failures))]
pub(super) async fn incident_series_csv(
    State(app): State<Arc<App>>,
    Name(id): Name,
    Params(params): Params<ZoomParams>,
) -> Result<Response, Problem> {
    let (version, zone) = (app.board().version, zone(&params.tz)?);
    let incident = known(&app, &id)?.incident;
    let stretch = stretch(&app, &incident, &params)?;
    let (key, worker) = (format!("incident-series.csv {id} {stretch:?} {zone}"), Arc::clone(&app));
    let work = move || {
        let (series, detection) = complaints(&worker, &incident, stretch)?;
        Ok(table(&series, Some(&detection), zone, "complaints").into())
    };
    let cached = app.cache.get(key, version, work).await?;
    Ok(answer::attachment(answer::typed(cached, CSV), &format!("caiu-{id}-series.csv")))
}

/// The stretch of an incident that is worth showing, or the one that was asked for.
pub(super) fn stretch(app: &App, incident: &Incident, params: &ZoomParams) -> Result<Stretch, Problem> {
    let zone = zone(&params.tz)?;
    let at = app.board().at.unwrap_or(incident.onset.high);
    let (from, to) = (moment("from", &params.from, zone, at)?, moment("to", &params.to, zone, at)?);
    let onset = incident.onset.low.unwrap_or(incident.onset.at);
    let end = incident.end.map_or(at, |end| end.high).max(onset + TimeDelta::minutes(1));
    let margin = ((end - onset) / 3).clamp(MARGINS.0, MARGINS.1);
    let (from, to) = (from.unwrap_or(onset - margin), to.unwrap_or((end + margin).min(at.max(end))));
    for (param, is_far) in [("from", from < onset - AROUND), ("to", to > end + AROUND)] {
        if is_far {
            return Err(Problem::param(param, "at most 31 days from the incident; /bursts counts any time"));
        }
    }
    Ok(Stretch::new(from, to, width(&params.bin)?, zone)?.made_of(app.options.bin_secs))
}

/// Independent complaints in a stretch, with what is usual by the weeks before.
pub(super) fn complaints(
    app: &App,
    incident: &Incident,
    stretch: Stretch,
) -> Result<(CountSeries, Detection), Problem> {
    let (reader, bin_secs) = (&app.reader, app.options.bin_secs);
    let bin_of = |time| begin(time, bin_secs);
    let earliest = bin_of(stretch.from.min(incident.onset.at) - HISTORY);
    let end = stretch.to.max(incident.end.map_or(stretch.to, |end| end.high + MARGINS.1));
    let tally = reader.complaints(&incident.service, Some(earliest), Some(end), bin_secs)?;
    let feeds = reader.checkpoint().feeds;
    let first = feeds.values().filter_map(|progress| progress.since).min().map_or(earliest, bin_of).max(earliest);
    let first = first.min(bin_of(stretch.from));
    let grid = Grid { start: first, bin_secs, len: num_bins(end - first, bin_secs) };
    let series = detect::complaints(&tally, &incident.service, &grid, &reader.gaps());
    let detection = detect::bursts(&series, app.options.detection.of(&incident.service));
    let (series, detection) = cut(series, detection, num_bins(stretch.from - first, bin_secs));
    Ok(wider(&series, detection, stretch.bin_secs, stretch.to))
}

fn coverage(reader: &IndexReader, stretch: Stretch) -> IncidentCoverage {
    let (from, to) = (stretch.from, stretch.to);
    let nobody = reader.gaps().into_iter().map(|gap| (gap, None, None));
    let checkpoint = reader.checkpoint();
    let of_feeds = checkpoint.feeds.into_iter().flat_map(|(feed, progress)| {
        progress.missing().into_iter().map(move |gap| (gap.gap, Some(feed.clone()), Some(gap.cause)))
    });
    let gaps = nobody.chain(of_feeds).map(|(gap, feed, cause)| CoverageGap {
        from: gap.from.max(from),
        to: gap.to.min(to),
        feed,
        cause,
    });
    IncidentCoverage { from, to, gaps: gaps.filter(|gap| gap.from < gap.to).collect() }
}
