//! A server that speaks Mastodon's API, with ids that have no order.

use serde_json::{Value, json};
use wiremock::{Request, ResponseTemplate};

use super::ok;
use crate::feeds::world::{Told, fixture, parameter};

/// An id that is no number and has no order, as snac gives them.
pub(in crate::feeds) fn opaque(number: u64) -> String {
    format!("{:08x}c67e43", (number as u32).wrapping_mul(2_654_435_761))
}

pub(in crate::feeds) fn status(post: &Told) -> Value {
    let mut status: Value = serde_json::from_str(&fixture("mastodon/status.json")).unwrap();
    status["id"] = json!(opaque(post.number));
    status["uri"] = json!(format!("https://social.example/users/ana/statuses/{}", post.number));
    status["created_at"] = json!(post.at.to_rfc3339());
    status["content"] = json!(format!("<p>{}</p>", post.text));
    status
}

/// Forward from `min_id`, backward from `max_id`, the newest page without either; an id that is gone leads nowhere.
pub(in crate::feeds) fn mastodon(request: &Request, posts: &[Told]) -> ResponseTemplate {
    let there: Vec<&Told> = posts.iter().filter(|post| !post.is_gone).collect();
    let limit = parameter(request, "limit").map_or(20, |limit| limit.parse().unwrap());
    match request.url.path() {
        "/api/v1/timelines/public" => {}
        "/api/v1/statuses" => {
            let ids: Vec<String> =
                request.url.query_pairs().filter(|(key, _)| key == "id[]").map(|(_, id)| id.into_owned()).collect();
            let found = there.iter().filter(|post| ids.contains(&opaque(post.number)));
            return ok(&Value::Array(found.map(|post| status(post)).collect()));
        }
        _ => return ResponseTemplate::new(404),
    }
    let place = |id: String| there.iter().position(|post| opaque(post.number) == id);
    let page: Vec<&&Told> = match (parameter(request, "min_id"), parameter(request, "max_id")) {
        (Some(id), _) => place(id).map(|at| there[at + 1..].iter().take(limit).collect()).unwrap_or_default(),
        (_, Some(id)) => place(id).map(|at| there[at.saturating_sub(limit)..at].iter().collect()).unwrap_or_default(),
        _ => there[there.len().saturating_sub(limit)..].iter().collect(),
    };
    ok(&Value::Array(page.iter().rev().map(|post| status(post)).collect()))
}
