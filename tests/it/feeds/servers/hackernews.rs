//! The search of Hacker News.

use serde_json::{Value, json};
use wiremock::{Request, ResponseTemplate};

use super::ok;
use crate::feeds::world::{Told, fixture, parameter};

/// The newest hits in a window, a thousand at most, whatever is asked for.
pub(in crate::feeds) fn hackernews(request: &Request, posts: &[Told]) -> ResponseTemplate {
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
