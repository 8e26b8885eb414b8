//! The kinds that read over HTTP: how a server of each answers.

use serde_json::{Value, json};
use wiremock::{Request, ResponseTemplate};

use super::world::{Row, Told, fixture, parameter};

/// All of them.
pub(super) const ROWS: &[Row] = &[
    Row {
        kind: "mastodon",
        minimal: "server = '$BASE'",
        settings: "server = '$BASE'",
        answer: mastodon,
        reach: usize::MAX,
    },
    Row { kind: "rss", minimal: "url = '$BASE'", settings: "url = '$BASE/feed.xml'", answer: rss, reach: 100 },
    Row {
        kind: "hackernews",
        minimal: "",
        settings: "search_url = '$BASE'\nitems_url = '$BASE'",
        answer: hackernews,
        reach: usize::MAX,
    },
];

pub(super) fn ok(body: &Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

/// An id that is no number and has no order, as snac gives them.
pub(super) fn opaque(number: u64) -> String {
    format!("{:08x}c67e43", (number as u32).wrapping_mul(2_654_435_761))
}

pub(super) fn status(post: &Told) -> Value {
    let mut status: Value = serde_json::from_str(&fixture("mastodon/status.json")).unwrap();
    status["id"] = json!(opaque(post.number));
    status["uri"] = json!(format!("https://social.example/users/ana/statuses/{}", post.number));
    status["created_at"] = json!(post.at.to_rfc3339());
    status["content"] = json!(format!("<p>{}</p>", post.text));
    status
}

/// Forward from `min_id`, backward from `max_id`, the newest page without either; an id that is gone leads nowhere.
pub(super) fn mastodon(request: &Request, posts: &[Told]) -> ResponseTemplate {
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

fn rss(_: &Request, posts: &[Told]) -> ResponseTemplate {
    let item = |post: &Told| {
        let (number, text, date) = (post.number, &post.text, post.at.to_rfc2822());
        format!(
            "<item><guid isPermaLink=\"false\">{number}</guid><title>{text}</title><pubDate>{date}</pubDate></item>"
        )
    };
    let newest = &posts[posts.len().saturating_sub(180)..];
    let items: String = newest.iter().rev().map(item).collect();
    let body = format!("<rss version=\"2.0\"><channel><title>t</title>{items}</channel></rss>");
    ResponseTemplate::new(200).set_body_raw(body, "application/rss+xml")
}

/// The newest hits in a window, a thousand at most, whatever is asked for.
fn hackernews(request: &Request, posts: &[Told]) -> ResponseTemplate {
    if request.url.path() != "/api/v1/search_by_date" {
        return ResponseTemplate::new(404);
    }
    let (mut from, mut to) = (i64::MIN, i64::MAX);
    for bound in parameter(request, "numericFilters").unwrap_or_default().split(',') {
        if let Some(secs) = bound.strip_prefix("created_at_i>=") {
            from = secs.parse().unwrap();
        } else if let Some(secs) = bound.strip_prefix("created_at_i<") {
            to = secs.parse().unwrap();
        }
    }
    let most: usize = parameter(request, "hitsPerPage").unwrap().parse().unwrap();
    let inside: Vec<&Told> =
        posts.iter().filter(|post| !post.is_gone && (from..to).contains(&post.at.timestamp())).collect();
    let hits = inside.iter().rev().take(most.min(1_000)).map(|post| {
        let mut hit: Value = serde_json::from_str(&fixture("hackernews/hit.json")).unwrap();
        hit["objectID"] = json!(post.number.to_string());
        hit["created_at_i"] = json!(post.at.timestamp());
        hit["comment_text"] = json!(post.text);
        hit
    });
    ok(&json!({"hits": hits.collect::<Vec<_>>(), "nbHits": inside.len(), "page": 0, "nbPages": 1, "hitsPerPage": most}))
}
