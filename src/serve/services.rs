//! `GET /api/v1/services` and what belongs to one: complaints of late against what is expected, as a chart and as a table.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use chrono::DateTime;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use super::answer::{self, json};
use super::app::{App, Board};
use super::cache::Version;
use super::charts::{ChartParams, Form, Shown, answer_with};
use super::minutes::Minutes;
use super::overview::{hours_and_bin, last_hours};
use super::params::{Name, Params, zone};
use super::problem::{Failures, Problem};
use super::series::{CSV, table, wider};
use crate::detect::Detection;
use crate::model::{CountSeries, ServiceId, Time};
use crate::report::Locale;
use crate::report::chart::{Chart, Counted, draw_series};
use crate::report::locale::service_name;

/// Every service that posts are read for.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Services {
    /// By id.
    services: Vec<Service>,
}

/// A service.
#[derive(Debug, Serialize, JsonSchema)]
struct Service {
    /// Its id, as in queries.
    id: ServiceId,
    /// Its names.
    names: Names,
}

/// A name in each language of the page.
#[derive(Debug, Serialize, JsonSchema)]
struct Names {
    /// English.
    en: String,
    /// Portuguese.
    pt: String,
    /// Arabic.
    ar: String,
}

/// Every service that posts are read for.
#[utoipa::path(get, path = "/api/v1/services", tag = "services",
    responses((status = 200, body = Services), (status = 304, description = "Nothing changed."), Failures))]
pub(super) async fn services(State(app): State<Arc<App>>) -> Result<Response, Problem> {
    let one = |id: &ServiceId| {
        let name = |locale| service_name(id.as_str(), locale);
        Service { id: id.clone(), names: Names { en: name(Locale::En), pt: name(Locale::Pt), ar: name(Locale::Ar) } }
    };
    let mut services: Vec<Service> = app.options.services.iter().map(one).collect();
    services.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(answer::bytes(Version::default(), json(&Services { services })?))
}

/// Parameters of the table of a service.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ServiceParams {
    /// Hours up to the end of the index.
    #[param(minimum = 1, maximum = 72, example = 6)]
    hours: Option<u32>,
    /// Width of a bin in whole minutes: 1m, 5m, 1h.
    #[param(pattern = "^[0-9]{1,4}(m|h)$", example = "5m")]
    bin: Option<String>,
    /// Zone of the times.
    #[param(example = "Asia/Baghdad")]
    tz: Option<String>,
}

/// The last hours of a service in whole bins.
struct Late {
    service: ServiceId,
    board: Arc<Board>,
    from: Time,
    to: Time,
    bin_secs: u32,
}

impl Late {
    fn read(app: &App, id: &str, hours: Option<u32>, bin: &Option<String>) -> Result<Self, Problem> {
        let service = ServiceId::new(id);
        if !app.options.services.contains(&service) && app.book().last_of(&service, DateTime::UNIX_EPOCH).is_none() {
            return Err(Problem::not_found("there is no such service; /api/v1/services lists them"));
        }
        let (hours, bin_secs) = hours_and_bin(hours, bin, app.options.bin_secs)?;
        let board = app.board();
        let at = board.at.ok_or_else(|| Problem::not_found("the index holds no posts yet"))?;
        let (from, to) = last_hours(at, hours, bin_secs);
        Ok(Self { service, board, from, to, bin_secs })
    }

    /// What tells it from others in the cache.
    fn key(&self) -> String {
        format!("service {} {} {} {}", self.service, self.from, self.to, self.bin_secs)
    }

    /// Independent complaints and what is expected of them.
    fn count(&self, minutes: &Minutes) -> (CountSeries, Detection) {
        let window = minutes.window(&self.service, self.from, self.to, &self.board.gaps);
        let detection = Detection { baseline: window.expected, baseline_factor: window.factor, ..Detection::default() };
        wider(&window.series, detection, self.bin_secs, self.to)
    }
}

/// Complaints about a service of late, against what is expected.
#[utoipa::path(get, path = "/api/v1/services/{id}/chart.svg", tag = "charts",
    params(("id" = String, Path, description = "Id of the service."), ChartParams),
    responses((status = 200, content_type = "image/svg+xml", body = String), (status = 304, description = "Nothing changed."), Failures))]
pub(super) async fn service_svg(
    State(app): State<Arc<App>>,
    Name(id): Name,
    Params(params): Params<ChartParams>,
) -> Result<Response, Problem> {
    chart(&app, &id, &params, Form::Svg).await
}

/// The same as a picture.
#[utoipa::path(get, path = "/api/v1/services/{id}/chart.png", tag = "charts",
    params(("id" = String, Path, description = "Id of the service."), ChartParams),
    responses((status = 200, content_type = "image/png", body = String), (status = 304, description = "Nothing changed."), Failures))]
pub(super) async fn service_png(
    State(app): State<Arc<App>>,
    Name(id): Name,
    Params(params): Params<ChartParams>,
) -> Result<Response, Problem> {
    chart(&app, &id, &params, Form::Png).await
}

async fn chart(app: &Arc<App>, id: &str, params: &ChartParams, form: Form) -> Result<Response, Problem> {
    let strange = [
        ("q", params.q.is_some()),
        ("per", params.per.is_some()),
        ("from", params.from.is_some()),
        ("to", params.to.is_some()),
    ];
    params.refuse(&strange)?;
    let late = Late::read(app, id, params.hours, &params.bin)?;
    let title = service_name(id, params.locale());
    let shown = Shown { id: format!("service-{id}"), title, from: late.from, to: late.to };
    answer_with(app, params, form, late.key(), shown, move |app, look| {
        let (series, detection) = late.count(&app.minutes());
        Ok(draw_series(&Chart::new(series, detection.baseline), &[], Counted::Complaints, look))
    })
    .await
}

/// The same as a table.
#[utoipa::path(get, path = "/api/v1/services/{id}/series.csv", tag = "services",
    params(("id" = String, Path, description = "Id of the service."), ServiceParams),
    responses((status = 200, content_type = "text/csv", body = String), (status = 304, description = "Nothing changed."), Failures))]
pub(super) async fn service_csv(
    State(app): State<Arc<App>>,
    Name(id): Name,
    Params(params): Params<ServiceParams>,
) -> Result<Response, Problem> {
    let zone = zone(&params.tz)?;
    let late = Late::read(&app, &id, params.hours, &params.bin)?;
    let (version, worker, key) = (late.board.version, Arc::clone(&app), format!("{} csv {zone}", late.key()));
    let work = move || {
        let (series, detection) = late.count(&worker.minutes());
        Ok(table(&series, Some(&detection), zone, "complaints").into())
    };
    let cached = app.cache.get(key, version, work).await?;
    Ok(answer::attachment(answer::typed(cached, CSV), &format!("caiu-service-{id}.csv")))
}
