//! The HTTP API and the web page over an index: reads beside whoever writes it, and follows every commit.
//!
//! A request goes through `listen.rs` (limits of connections), `answer.rs` (headers of every answer), `door.rs` (who may come
//! in), and ends in the file of its resource. What is worked out is worked out once for a commit (`cache.rs`, `follow.rs`),
//! off the threads that serve (`work.rs`).
#![allow(unused_qualifications, reason = "the macro that describes endpoints writes some")]

mod about;
mod admin;
mod answer;
mod app;
mod assets;
mod atom;
mod book;
mod cache;
mod charts;
mod door;
mod exports;
mod feeds;
mod follow;
mod held;
mod incident_row;
mod incidents;
mod listen;
mod live;
mod minutes;
mod openapi;
mod overview;
mod page;
mod params;
mod posts;
mod problem;
mod series;
mod services;
mod work;

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Request};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::routing::get;
use axum::{Json, Router};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::TimeoutLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use about::describe_metrics;
pub use app::{App, Options};
pub use listen::{Limits, serve};

/// Most bytes of a body.
const BODY_BYTES: usize = 64 << 10;
/// Where the page's views are: it finds out itself which one is meant.
const VIEWS: [&str; 6] = ["/", "/incidents", "/incidents/{id}", "/query", "/feeds", "/about"];

/// The endpoints with their description.
fn endpoints() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::with_openapi(openapi::info())
        .routes(routes!(overview::overview))
        .routes(routes!(incidents::incidents))
        .routes(routes!(incidents::incident))
        .routes(routes!(incidents::revisions))
        .routes(routes!(incidents::incident_posts))
        .routes(routes!(incidents::incident_series))
        .routes(routes!(incidents::incident_series_csv))
        .routes(routes!(incidents::migrations))
        .routes(routes!(posts::posts))
        .routes(routes!(series::series))
        .routes(routes!(series::series_csv))
        .routes(routes!(series::find_bursts))
        .routes(routes!(series::bursts_csv))
        .routes(routes!(incidents::migrations_csv))
        .routes(routes!(exports::incident_export))
        .routes(routes!(charts::incident_svg))
        .routes(routes!(charts::incident_png))
        .routes(routes!(services::service_svg))
        .routes(routes!(services::service_png))
        .routes(routes!(services::service_csv))
        .routes(routes!(charts::series_svg))
        .routes(routes!(charts::series_png))
        .routes(routes!(charts::bursts_svg))
        .routes(routes!(charts::bursts_png))
        .routes(routes!(feeds::feeds))
        .routes(routes!(services::services))
        .routes(routes!(about::about))
        .routes(routes!(live::live))
        .routes(routes!(atom::feed))
        .routes(routes!(admin::forget))
        .routes(routes!(admin::try_alerts))
        .routes(routes!(about::health))
        .routes(routes!(about::ready))
        .routes(routes!(about::metrics))
}

/// The OpenAPI document, as it is served.
pub fn openapi() -> serde_json::Value {
    openapi::finish(&endpoints().into_openapi())
}

/// Everything that is answered.
pub fn router(app: Arc<App>) -> Router {
    let (api, document) = endpoints().split_for_parts();
    let document = Arc::new(openapi::finish(&document));
    let mut router: Router<Arc<App>> = api
        .route("/api/v1/openapi.json", get(move || async move { Json(document) }))
        .route("/assets/{*path}", get(assets::asset))
        .route("/favicon.ico", get(assets::icon));
    for view in VIEWS {
        router = router.route(view, get(assets::index));
    }
    let (versions, timeout) = (Arc::clone(&app), app.options.timeout);
    router
        .layer(middleware::from_fn(move |request: Request, next: Next| {
            let version = versions.board().version;
            answer::tagged(version, request, next)
        }))
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, timeout))
        .layer(CompressionLayer::new())
        .layer(CatchPanicLayer::custom(answer::panicked))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), door::enter))
        .layer(middleware::from_fn(answer::dressed))
        .with_state(app)
}
