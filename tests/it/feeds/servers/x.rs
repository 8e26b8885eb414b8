//! The recent search of X.

use serde_json::{Value, json};
use wiremock::{Request, ResponseTemplate};

use super::ok;
use crate::feeds::world::{Told, fixture, parameter};

const FIRST_ID: u64 = 1_993_000_000_000_000_000;

pub(in crate::feeds) fn search(request: &Request, posts: &[Told]) -> ResponseTemplate {
    if request.url.path() != "/2/tweets/search/recent" {
        return ResponseTemplate::new(404);
    }
    let number = |name: &str| parameter(request, name).map(|id| id.parse::<u64>().unwrap() - FIRST_ID);
    let most: usize = parameter(request, "max_results").unwrap().parse().unwrap();
    assert!((10..=100).contains(&most), "max_results = {most}");
    let (since, before) = (number("since_id").unwrap_or(0), number("next_token").unwrap_or(u64::MAX));
    let found: Vec<&Told> = posts.iter().rev().filter(|post| (since + 1..before).contains(&post.number)).collect();
    let id = |post: &Told| (FIRST_ID + post.number).to_string();
    let page: Vec<Value> = found
        .iter()
        .take(most)
        .map(|post| {
            let page: Value = serde_json::from_str(&fixture("x/page_tweets.json")).unwrap();
            let mut one = page["data"][1].clone();
            one["id"] = json!(id(post));
            one["text"] = json!(post.text);
            one["created_at"] = json!(post.at.to_rfc3339());
            one
        })
        .collect();
    let mut meta = json!({"result_count": page.len()});
    if page.is_empty() {
        return ok(&json!({"meta": meta}));
    }
    meta["newest_id"] = json!(id(found[0]));
    if found.len() > page.len() {
        meta["next_token"] = page[page.len() - 1]["id"].clone();
    }
    ok(&json!({"data": page, "meta": meta}))
}
