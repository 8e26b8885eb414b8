//! The OpenAPI document: paths from the handlers, schemas from the types that are sent.

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{InfoBuilder, OpenApi, OpenApiBuilder, RefOr};

use super::about::{About, Health, Ready};
use super::admin::{AlertTest, AlertsTried, Forget, Forgotten};
use super::feeds::Feeds;
use super::incident_row::IncidentRow;
use super::incidents::{IncidentSeries, IncidentsPage, Migrations, Revisions};
use super::live::LiveEvent;
use super::overview::Overview;
use super::posts::PostsPage;
use super::problem::Problem;
use super::series::{BurstsAnswer, SeriesAnswer};
use super::services::Services;
use crate::export::FORMATS;

/// Gives types a name that paths refer to, and their schema from the one derive that everything else uses.
macro_rules! documented {
    ($($name:ident),* $(,)?) => {
        $(
            impl utoipa::PartialSchema for $name {
                fn schema() -> RefOr<Schema> {
                    RefOr::T(Schema::default())
                }
            }
            impl utoipa::ToSchema for $name {}
        )*

        fn describe(generator: &mut SchemaGenerator) {
            $(generator.subschema_for::<$name>();)*
        }
    };
}

documented!(
    About,
    AlertTest,
    AlertsTried,
    BurstsAnswer,
    Feeds,
    Forget,
    Forgotten,
    Health,
    IncidentRow,
    IncidentSeries,
    IncidentsPage,
    LiveEvent,
    Migrations,
    Overview,
    PostsPage,
    Problem,
    Ready,
    Revisions,
    SeriesAnswer,
    Services,
);

/// What the document says of itself.
pub(super) fn info() -> OpenApi {
    let info = InfoBuilder::new()
        .title("caiu")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "What public posts say about outages: series, bursts, incidents with intervals, where people go. Times are UTC; \
            intervals hold 90 %. Errors are problem+json (RFC 9457).",
        ))
        .license(Some(utoipa::openapi::LicenseBuilder::new().name("Apache-2.0").build()))
        .build();
    OpenApiBuilder::new().info(info).build()
}

/// The document: what the router gathered, with the schemas of everything that is sent.
pub(super) fn finish(document: &OpenApi) -> Value {
    let mut document = serde_json::to_value(document).unwrap_or_default();
    let settings = SchemaSettings::draft2020_12()
        .for_serialize()
        .with(|settings| settings.definitions_path = "/components/schemas".into());
    let mut generator = settings.into_generator();
    describe(&mut generator);
    exported_types(&mut document);
    let mut schemas = Value::Object(generator.take_definitions(true).into_iter().collect());
    without_tuples(&mut schemas);
    document["components"]["schemas"] = schemas;
    document["components"]["securitySchemes"] = json!({ "token": { "type": "http", "scheme": "bearer" } });
    // Without one on loopback, with one where the server has one.
    document["security"] = json!([{}, { "token": [] }]);
    document
}

/// The content types of exports, of which the handler's description can name only one.
fn exported_types(document: &mut Value) {
    let bare = |kind: &str| kind.split(';').next().unwrap_or_default().to_owned();
    let types: serde_json::Map<String, Value> =
        FORMATS.iter().map(|format| (bare(format.content_type), json!({}))).collect();
    if let Some(answer) = document.pointer_mut("/paths/~1api~1v1~1incidents~1{id}~1export/get/responses/200") {
        answer["content"] = Value::Object(types);
    }
}

/// Pairs as lists of two: many programs that read such documents do not know `prefixItems`.
fn without_tuples(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if let Some(parts) = fields.remove("prefixItems") {
                fields.insert("items".to_owned(), json!({ "anyOf": parts }));
            }
            fields.values_mut().for_each(without_tuples);
        }
        Value::Array(parts) => parts.iter_mut().for_each(without_tuples),
        _ => {}
    }
}
