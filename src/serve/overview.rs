//! `GET /api/v1/overview`: every service with what is said of it now, against what is expected.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, TimeDelta};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use super::answer::{self, json};
use super::app::{App, Board};
use super::book::Book;
use super::minutes::{Minutes, Window, begin, num_bins, wide_enough};
use super::params::{Params, flag, width};
use super::problem::{Failures, Problem};
use crate::model::{Coverage, Distinct, Gap, Phase, ServiceId, Time, TimeEstimate};
use crate::report::Locale;
use crate::report::burst::round;
use crate::report::locale::service_name;

/// Most hours.
const MOST_HOURS: u32 = 72;

/// Parameters of the overview.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct OverviewParams {
    /// How far back complaints are counted, in hours.
    #[param(minimum = 1, maximum = 72, example = 6)]
    hours: Option<u32>,
    /// Width of the bin of the last rate, in whole minutes: 1m, 5m, 1h; where the server counts in wider bins, the next width
    /// that is made of these.
    #[param(pattern = "^[0-9]{1,4}(m|h)$", example = "5m")]
    bin: Option<String>,
    /// 1: every service that posts are read for, also where nothing is told of it; 0, the default: those that fail, did so
    /// within these hours, or are complained of.
    #[param(example = "0")]
    all: Option<String>,
}

/// What the overview is to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extent {
    /// How far back complaints are counted, in hours.
    hours: u32,
    /// Width of the bin of the last rate, in seconds.
    bin_secs: u32,
    /// Whether services of which nothing is told have rows too.
    is_whole: bool,
}

/// What is meant where nothing is said: hours, and the width of the bin of the last rate in seconds.
const DEFAULT: (u32, u32) = (6, 300);

impl Extent {
    /// What is meant where nothing is said, of a server that counts in bins of so many seconds.
    pub(super) fn usual(base_secs: u32) -> Self {
        let (hours, bin_secs) = made_of(DEFAULT.0, DEFAULT.1, base_secs);
        Self { hours, bin_secs, is_whole: false }
    }
}

/// Hours and a width in seconds that are made of bins of `base_secs`: the hours hold at least one of the width.
fn made_of(hours: u32, bin_secs: u32, base_secs: u32) -> (u32, u32) {
    let bin_secs = wide_enough(bin_secs, base_secs);
    (hours.max(bin_secs.div_ceil(3_600)), bin_secs)
}

/// The services.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Overview {
    /// The moment up to which the index tells; `null` before the first post.
    pub(super) at: Option<Time>,
    /// Commit of the index.
    pub(super) seq: u64,
    /// How far back complaints are counted.
    hours: u32,
    /// Width of the bin of the last rate, in seconds.
    bin_secs: u32,
    /// When somebody was listening.
    coverage: Coverage,
    /// Those that fail first, then by complaints.
    services: Vec<ServiceRow>,
    /// Services that are left out since nothing is told of them; none with `all=1`.
    num_quiet: usize,
}

/// One service.
#[derive(Debug, Serialize, JsonSchema)]
struct ServiceRow {
    /// Its id.
    id: ServiceId,
    /// Its name in English.
    name: String,
    /// Whether it fails.
    state: ServiceState,
    /// Independent complaints a minute, on average over the last whole bin.
    complaints_per_min: Rate,
    /// The incident that goes on, or the last one.
    incident_id: Option<String>,
    /// When that began.
    since: Option<TimeEstimate>,
    /// Complaints, copies included.
    num_complaints: u64,
    /// Distinct authors of them: exact below 1,024, an estimate from there on.
    num_authors: u64,
    /// Their 90 % interval.
    num_authors_interval: [u64; 2],
}

/// Whether a service fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum ServiceState {
    /// An incident goes on.
    Ongoing,
    /// An incident ended within these hours.
    Ended,
    /// Nothing out of the ordinary.
    Quiet,
}

/// A rate against what is expected.
#[derive(Debug, Serialize, JsonSchema)]
struct Rate {
    /// What was observed; `null` where nobody listened.
    last: Option<f64>,
    /// What is usual, by its best single value.
    expected: f64,
    /// Lower bound of its 90 % interval.
    expected_low: f64,
    /// Upper bound of it.
    expected_high: f64,
}

/// The state of all services.
#[utoipa::path(get, path = "/api/v1/overview", tag = "incidents", params(OverviewParams),
    responses((status = 200, body = Overview), (status = 304, description = "Nothing changed."), Failures))]
pub(super) async fn overview(
    State(app): State<Arc<App>>,
    Params(params): Params<OverviewParams>,
) -> Result<Response, Problem> {
    let base_secs = app.options.bin_secs;
    let (hours, bin_secs) = hours_and_bin(params.hours, &params.bin, base_secs)?;
    let extent = Extent { hours, bin_secs, is_whole: flag("all", &params.all)? };
    let board = app.board();
    if extent == Extent::usual(base_secs) {
        return Ok(answer::cached(board.overview.clone()));
    }
    let (key, worker, version) = (format!("overview {extent:?}"), Arc::clone(&app), board.version);
    let work = move || json(&build(&worker.minutes(), &worker.book(), &board, &worker.options.services, extent));
    Ok(answer::cached(app.cache.get(key, version, work).await?))
}

/// Reads how far back is looked and in what bins, in seconds, of a server that counts in bins of `base_secs`.
pub(super) fn hours_and_bin(hours: Option<u32>, bin: &Option<String>, base_secs: u32) -> Result<(u32, u32), Problem> {
    let hours = hours.unwrap_or(DEFAULT.0);
    if !(1..=MOST_HOURS).contains(&hours) {
        return Err(Problem::param("hours", format!("between 1 and {MOST_HOURS}")));
    }
    let bin_secs = width(bin)?.unwrap_or(DEFAULT.1);
    if bin_secs > hours * 3_600 {
        return Err(Problem::param("bin", "a bin is not longer than the hours"));
    }
    Ok(made_of(hours, bin_secs, base_secs))
}

/// Beginning and end of the last hours before a moment, in whole bins.
pub(super) fn last_hours(at: Time, hours: u32, bin_secs: u32) -> (Time, Time) {
    let to = begin(at, bin_secs);
    (begin(to - TimeDelta::hours(i64::from(hours)), bin_secs), to)
}

/// Works it out; `known` are the services that posts are read for.
pub(super) fn build(minutes: &Minutes, book: &Book, board: &Board, known: &[ServiceId], extent: Extent) -> Overview {
    let Extent { hours, bin_secs, is_whole } = extent;
    let (seq, gaps) = (board.version.seq, board.gaps.as_slice());
    let Some(at) = board.at else {
        let coverage = Coverage { from: None, to: None, num_posts: 0, gaps: Vec::new() };
        // Nothing was heard of any of them.
        let epoch = DateTime::UNIX_EPOCH;
        let unheard = |id| row(id, &minutes.window(id, epoch, epoch, gaps), book, epoch, 0, bin_secs);
        let mut services: Vec<ServiceRow> = known.iter().filter(|_| is_whole).map(unheard).collect();
        services.sort_by(|a, b| a.id.cmp(&b.id));
        let num_quiet = known.len() - services.len();
        return Overview { at: None, seq, hours, bin_secs, coverage, services, num_quiet };
    };
    let (from, to) = last_hours(at, hours, bin_secs);
    // What came since the last whole bin counts, and only the rate waits for the bin to be whole.
    let base_secs = minutes.bin_secs();
    let end = begin(at, base_secs) + TimeDelta::seconds(i64::from(base_secs));
    let mut told: BTreeSet<&ServiceId> = minutes.named(from, end).collect();
    told.extend(book.services(from));
    let all: BTreeSet<&ServiceId> = told.iter().copied().chain(known).collect();
    let mut services: Vec<ServiceRow> = if is_whole { &all } else { &told }
        .iter()
        .map(|id| {
            let window = minutes.window(id, from, end, gaps);
            row(id, &window, book, from, num_bins(to - from, base_secs), bin_secs)
        })
        .filter(|row| is_whole || row.num_complaints > 0 || row.state != ServiceState::Quiet)
        .collect();
    services.sort_by(|a, b| (a.state, b.num_complaints, &a.id).cmp(&(b.state, a.num_complaints, &b.id)));
    let within = |gap: &Gap| Gap { from: gap.from.max(from), to: gap.to.min(at) };
    let coverage = Coverage {
        from: Some(from),
        to: Some(at),
        num_posts: minutes.num_posts(from, end),
        gaps: gaps.iter().map(within).filter(|gap| gap.from < gap.to).collect(),
    };
    let num_quiet = all.len() - services.len();
    Overview { at: Some(at), seq, hours, bin_secs, coverage, services, num_quiet }
}

/// The row of a service; its last whole bin of `bin_secs` ends `len` bins of the window behind its beginning.
fn row(id: &ServiceId, window: &Window, book: &Book, from: Time, len: usize, bin_secs: u32) -> ServiceRow {
    let each_secs = window.series.grid.bin_secs;
    let first = len.saturating_sub((bin_secs / each_secs) as usize);
    let seen = window.series.bins.get(first..len).unwrap_or_default().iter();
    let per_min = 60.0 / f64::from(each_secs);
    let mean = |values: &[f64]| per_min * values.iter().sum::<f64>() / values.len().max(1) as f64;
    let seen: Vec<f64> = seen.filter_map(|bin| bin.count()).map(f64::from).collect();
    let known = book.last_of(id, from);
    let state = match known.map(|known| known.incident.phase) {
        Some(Phase::Ongoing) => ServiceState::Ongoing,
        Some(Phase::Ended) => ServiceState::Ended,
        None => ServiceState::Quiet,
    };
    let expected = mean(window.expected.get(first..len).unwrap_or_default());
    ServiceRow {
        id: id.clone(),
        name: service_name(id.as_str(), Locale::En),
        state,
        complaints_per_min: Rate {
            last: (!seen.is_empty()).then(|| round(mean(&seen), 1e4)),
            expected: round(expected, 1e4),
            expected_low: round(expected / window.factor, 1e4),
            expected_high: round(expected * window.factor, 1e4),
        },
        incident_id: known.map(|known| known.incident.id.clone()),
        since: known.map(|known| known.incident.onset),
        num_complaints: window.num_complaints,
        num_authors: window.num_authors,
        num_authors_interval: Distinct::interval(window.num_authors).into(),
    }
}
