//! Errors as RFC 9457 has them: `application/problem+json`, each with what would be right.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;

use crate::index::{IndexError, QueryError};

/// Media type of an error.
pub(super) const MEDIA_TYPE: &str = "application/problem+json";

/// Why a request was not answered (RFC 9457).
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(super) struct Problem {
    /// What kind of problem, stable for programs.
    #[serde(rename = "type")]
    kind: String,
    /// The same for people.
    title: String,
    /// HTTP status.
    status: u16,
    /// What happened, and what would be right.
    detail: String,
    /// The parameters that are wrong.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    errors: Vec<Mistake>,
    /// Seconds after which it is worth asking again, for the header.
    #[serde(skip)]
    retry_after_secs: Option<u64>,
}

/// What is wrong with one parameter.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(super) struct Mistake {
    /// Its name.
    param: String,
    /// What is wrong, and what would be right.
    message: String,
    /// Number of the character from 1, where a place is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<usize>,
    /// What stands there.
    #[serde(skip_serializing_if = "Option::is_none")]
    near: Option<String>,
}

impl Problem {
    /// A problem of a status, with what to tell.
    pub(super) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        let title = status.canonical_reason().unwrap_or("Error").to_owned();
        let name = title.to_ascii_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-");
        Self {
            kind: format!("urn:caiu:problem:{name}"),
            title,
            status: status.as_u16(),
            detail: detail.into(),
            errors: Vec::new(),
            retry_after_secs: None,
        }
    }

    /// A parameter that cannot be read.
    pub(super) fn param(param: &str, detail: impl Into<String>) -> Self {
        let mistake = Mistake { param: param.to_owned(), message: detail.into(), at: None, near: None };
        let mut problem = Self::new(StatusCode::BAD_REQUEST, format!("{param}: {}", mistake.message));
        problem.errors.push(mistake);
        problem
    }

    /// Nothing is there by this name.
    pub(super) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// Too much is going on.
    pub(super) fn busy(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, detail).retry_after(1)
    }

    /// The fault is ours: logged here, and told without its words.
    pub(super) fn internal(error: &dyn std::fmt::Display) -> Self {
        tracing::error!("a request failed: {error}");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "the server failed; its log says why")
    }

    /// Tells after how many seconds it is worth asking again.
    #[must_use]
    pub(super) fn retry_after(mut self, secs: u64) -> Self {
        self.retry_after_secs = Some(secs.max(1));
        self
    }
}

impl From<QueryError> for Problem {
    fn from(error: QueryError) -> Self {
        let mut problem = Self::new(StatusCode::BAD_REQUEST, error.to_string());
        let QueryError { at, near, message } = error;
        problem.kind = "urn:caiu:problem:bad-query".to_owned();
        problem.errors.push(Mistake { param: "q".to_owned(), message, at: Some(at), near });
        problem
    }
}

impl From<IndexError> for Problem {
    fn from(error: IndexError) -> Self {
        match error {
            IndexError::Query(error) => error.into(),
            // The words of the others name folders of this machine, which are not the client's.
            error => Self::internal(&error),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after_secs = self.retry_after_secs;
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(secs) = retry_after_secs {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(secs));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"caiu\""));
        }
        response
    }
}

/// What any endpoint may answer instead of data.
#[derive(utoipa::IntoResponses)]
#[expect(dead_code, reason = "read by the macro that writes the OpenAPI document")]
pub(super) enum Failures {
    /// A parameter cannot be read; `errors` says which and what would be right.
    #[response(status = 400, content_type = "application/problem+json")]
    BadRequest(Problem),
    /// A token is needed, or the one that was sent is none.
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthorized(Problem),
    /// The token does not allow this, or the request comes from another site.
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(Problem),
    /// There is nothing by this name.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(Problem),
    /// The server is not known by the name in the Host header.
    #[response(status = 421, content_type = "application/problem+json")]
    Misdirected(Problem),
    /// Too many requests from one address.
    #[response(status = 429, content_type = "application/problem+json")]
    TooManyRequests(Problem),
    /// The address or the headers are too long: this is answered before anything is read, without words.
    #[response(status = 431)]
    TooLong,
    /// The server failed.
    #[response(status = 500, content_type = "application/problem+json")]
    Internal(Problem),
    /// Too much is going on, or the answer took too long.
    #[response(status = 503, content_type = "application/problem+json")]
    Busy(Problem),
}
