//! Charts as SVG, inlined or standing alone, and as PNG: of an incident, a series, and bursts.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use utoipa::IntoParams;

use super::answer;
use super::app::App;
use super::incidents::{ZoomParams, complaints, known, stretch};
use super::params::{Name, Params, flag, given, zone};
use super::problem::{Failures, Problem};
use super::series::{Asked, SeriesParams};
use crate::detect::Detection;
use crate::index::Per;
use crate::model::{CountSeries, Time};
use crate::report::Locale;
use crate::report::chart::{Chart, Counted, Look, Size, Theme, draw_incident, draw_series, png};
use crate::report::locale::service_name;

/// Pixels of a unit, for sharp screens and print.
const ZOOM: f32 = 2.0;
/// Media types.
const SVG: &str = "image/svg+xml";
const PNG: &str = "image/png";

/// Parameters of a chart.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ChartParams {
    /// What to count, as in /posts; for series and bursts.
    #[param(max_length = 2000)]
    pub(super) q: Option<String>,
    /// First moment.
    pub(super) from: Option<String>,
    /// First moment that is not shown any more.
    pub(super) to: Option<String>,
    /// Width of a bin in whole minutes; left out, it is chosen by the length of time.
    #[param(pattern = "^[0-9]{1,4}(m|h|d)$", example = "5m")]
    pub(super) bin: Option<String>,
    /// posts, authors or clusters; for series and bursts.
    pub(super) per: Option<String>,
    /// Zone of the times on it.
    #[param(example = "Asia/Baghdad")]
    tz: Option<String>,
    /// Hours up to the end of the index; for services.
    #[param(minimum = 1, maximum = 72)]
    pub(super) hours: Option<u32>,
    /// spark (a row of a table), narrow (a phone) or wide.
    #[param(example = "wide")]
    size: Option<String>,
    /// Language of its words: en, pt or ar.
    #[param(example = "pt")]
    pub(super) locale: Option<String>,
    /// 1 for a file with its own colors, title and legend; otherwise it takes the colors of the page it is put into.
    standalone: Option<String>,
    /// light or dark, where it stands alone.
    theme: Option<String>,
}

/// What kind of file is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Svg,
    Png,
}

/// What a chart shows, before it is known how.
pub(super) struct Shown {
    /// Begins the ids in it and the name of its file.
    pub(super) id: String,
    /// In words; may be hostile.
    pub(super) title: String,
    pub(super) from: Time,
    pub(super) to: Time,
}

impl ChartParams {
    fn series(&self) -> SeriesParams {
        let Self { q, from, to, bin, per, tz, .. } = self.clone();
        SeriesParams { q, from, to, bin, per, tz }
    }

    fn zoom(&self) -> ZoomParams {
        let Self { from, to, bin, tz, .. } = self.clone();
        ZoomParams { from, to, bin, tz }
    }

    /// Refuses what means nothing for this chart.
    pub(super) fn refuse(&self, strange: &[(&str, bool)]) -> Result<(), Problem> {
        match strange.iter().find(|(_, is_given)| *is_given) {
            Some((name, _)) => Err(Problem::param(name, "it means nothing for this chart")),
            None => Ok(()),
        }
    }

    /// The language of its words, to name what it shows; a wrong one is told by [`answer_with`].
    pub(super) fn locale(&self) -> Locale {
        given(&self.locale).and_then(|locale| locale.parse().ok()).unwrap_or_default()
    }

    fn look(&self, form: Form, shown: &Shown, is_simulated: bool) -> Result<Look, Problem> {
        let size = match given(&self.size) {
            None | Some("wide") => Size::Wide,
            Some("narrow") => Size::Narrow,
            Some("spark") => Size::Spark,
            Some(_) => return Err(Problem::param("size", "spark, narrow or wide")),
        };
        let own = match given(&self.theme) {
            None | Some("light") => Theme::Light,
            Some("dark") => Theme::Dark,
            Some(_) => return Err(Problem::param("theme", "light or dark")),
        };
        let theme = if self.is_alone(form)? { own } else { Theme::Page };
        let locale = given(&self.locale)
            .map_or(Ok(Locale::En), str::parse)
            .map_err(|words: String| Problem::param("locale", words))?;
        let zone = zone(&self.tz)?;
        let stretch = format!("{} – {}", locale.moment(shown.from, zone), locale.moment(shown.to, zone));
        Ok(Look {
            size,
            theme,
            zone,
            locale,
            id: shown.id.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect(),
            title: shown.title.clone(),
            description: format!("{}, {stretch}", shown.title),
            is_simulated,
        })
    }

    fn is_alone(&self, form: Form) -> Result<bool, Problem> {
        Ok(flag("standalone", &self.standalone)? || form == Form::Png)
    }

    /// What tells how it looks from others in the cache.
    fn key(&self) -> String {
        let Self { tz, size, locale, standalone, theme, .. } = self;
        format!("{tz:?} {size:?} {locale:?} {standalone:?} {theme:?}")
    }
}

/// Draws once for a commit, and answers it as a page or a file wants it.
pub(super) async fn answer_with<F>(
    app: &Arc<App>,
    params: &ChartParams,
    form: Form,
    what: String,
    shown: Shown,
    draw: F,
) -> Result<Response, Problem>
where
    F: FnOnce(&App, &Look) -> Result<Option<String>, Problem> + Send + 'static,
{
    // Mistakes are told before anything is worked out.
    params.look(form, &shown, false)?;
    let name = format!("caiu-{}.{}", shown.id, if form == Form::Png { "png" } else { "svg" });
    let (key, worker, own) = (format!("chart {form:?} {what} {}", params.key()), Arc::clone(app), params.clone());
    let work = move || {
        let look = own.look(form, &shown, worker.reader.holds_simulated()?)?;
        let svg =
            draw(&worker, &look)?.ok_or_else(|| Problem::not_found("there is nothing to draw in this stretch"))?;
        match form {
            Form::Svg => Ok(svg.into()),
            Form::Png => png(&svg, ZOOM).map(Into::into).map_err(|error| Problem::internal(&error)),
        }
    };
    let cached = app.cache.get(key, app.board().version, work).await?;
    let response = answer::typed(cached, if form == Form::Png { PNG } else { SVG });
    Ok(if params.is_alone(form)? { answer::attachment(response, &name) } else { response })
}

async fn of_incident(app: &Arc<App>, id: &str, params: &ChartParams, form: Form) -> Result<Response, Problem> {
    params.refuse(&[("q", params.q.is_some()), ("per", params.per.is_some()), ("hours", params.hours.is_some())])?;
    let incident = known(app, id)?.incident;
    let stretch = stretch(app, &incident, &params.zoom())?;
    let is_zoomed = given(&params.from).is_some() || given(&params.to).is_some();
    let title = service_name(incident.service.as_str(), params.locale());
    let shown = Shown { id: id.to_owned(), title, from: stretch.from, to: stretch.to };
    let what = format!("incident {id} {stretch:?} {is_zoomed}");
    answer_with(app, params, form, what, shown, move |app, look| {
        let (series, detection) = complaints(app, &incident, stretch)?;
        let Detection { bursts, baseline, .. } = detection;
        let chart = Chart::new(series, baseline);
        // Around the incident itself its own moments are marked; elsewhere what was found there.
        let whole = (!is_zoomed).then(|| draw_incident(&chart, &incident, look)).flatten();
        Ok(whole.or_else(|| draw_series(&chart, &bursts, Counted::Complaints, look)))
    })
    .await
}

/// The chart of an incident.
#[utoipa::path(get, path = "/api/v1/incidents/{id}/chart.svg", tag = "charts",
    params(("id" = String, Path, description = "Its id."), ChartParams),
    responses((status = 200, content_type = "image/svg+xml", body = String), (status = 304, description = "Nothing changed."), Failures))]
pub(super) async fn incident_svg(
    State(app): State<Arc<App>>,
    Name(id): Name,
    Params(params): Params<ChartParams>,
) -> Result<Response, Problem> {
    of_incident(&app, &id, &params, Form::Svg).await
}

/// The chart of an incident as a picture.
#[utoipa::path(get, path = "/api/v1/incidents/{id}/chart.png", tag = "charts",
    params(("id" = String, Path, description = "Its id."), ChartParams),
    responses((status = 200, content_type = "image/png", body = String), (status = 304, description = "Nothing changed."), Failures))]
pub(super) async fn incident_png(
    State(app): State<Arc<App>>,
    Name(id): Name,
    Params(params): Params<ChartParams>,
) -> Result<Response, Problem> {
    of_incident(&app, &id, &params, Form::Png).await
}

async fn of_series(app: &Arc<App>, params: &ChartParams, form: Form, with_bursts: bool) -> Result<Response, Problem> {
    params.refuse(&[("hours", params.hours.is_some())])?;
    let board = app.board();
    let asked = Asked::read(&params.series(), &board, if with_bursts { Per::Authors } else { Per::Posts })?;
    let counted = match asked.per {
        Per::Posts => Counted::Posts,
        Per::Authors => Counted::Authors,
        Per::Clusters => Counted::Clusters,
    };
    let title = given(&params.q).unwrap_or("*").to_owned();
    let id = if with_bursts { "bursts" } else { "series" };
    let shown = Shown { id: id.to_owned(), title, from: asked.stretch.from, to: asked.stretch.to };
    let (what, begin) = (asked.key(id), board.from);
    answer_with(app, params, form, what, shown, move |app, look| {
        let (series, detection): (CountSeries, Detection) = asked.detect(app, begin)?;
        let bursts = if with_bursts { detection.bursts.as_slice() } else { &[] };
        Ok(draw_series(&Chart::new(series, detection.baseline.clone()), bursts, counted, look))
    })
    .await
}

/// Counts over time as a chart, with what is usual.
#[utoipa::path(get, path = "/api/v1/series.svg", tag = "charts", params(ChartParams),
    responses((status = 200, content_type = "image/svg+xml", body = String), (status = 304, description = "Nothing changed."), Failures))]
pub(super) async fn series_svg(
    State(app): State<Arc<App>>,
    Params(params): Params<ChartParams>,
) -> Result<Response, Problem> {
    of_series(&app, &params, Form::Svg, false).await
}

/// Counts over time as a picture.
#[utoipa::path(get, path = "/api/v1/series.png", tag = "charts", params(ChartParams),
    responses((status = 200, content_type = "image/png", body = String), (status = 304, description = "Nothing changed."), Failures))]
pub(super) async fn series_png(
    State(app): State<Arc<App>>,
    Params(params): Params<ChartParams>,
) -> Result<Response, Problem> {
    of_series(&app, &params, Form::Png, false).await
}

/// Counts over time with their bursts as a chart.
#[utoipa::path(get, path = "/api/v1/bursts.svg", tag = "charts", params(ChartParams),
    responses((status = 200, content_type = "image/svg+xml", body = String), (status = 304, description = "Nothing changed."), Failures))]
pub(super) async fn bursts_svg(
    State(app): State<Arc<App>>,
    Params(params): Params<ChartParams>,
) -> Result<Response, Problem> {
    of_series(&app, &params, Form::Svg, true).await
}

/// Counts over time with their bursts as a picture.
#[utoipa::path(get, path = "/api/v1/bursts.png", tag = "charts", params(ChartParams),
    responses((status = 200, content_type = "image/png", body = String), (status = 304, description = "Nothing changed."), Failures))]
pub(super) async fn bursts_png(
    State(app): State<Arc<App>>,
    Params(params): Params<ChartParams>,
) -> Result<Response, Problem> {
    of_series(&app, &params, Form::Png, true).await
}
