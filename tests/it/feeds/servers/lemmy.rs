//! Lemmy in both versions: pages by number (times without zone), and pages by cursor.

use serde_json::{Value, json};
use wiremock::{Request, ResponseTemplate};

use super::ok;
use crate::feeds::world::{Told, fixture, parameter};

fn view(pattern: &str, post: &Told, date: &str, at: &str) -> Value {
    let mut view: Value = serde_json::from_str(&fixture(pattern)).unwrap();
    let inner = if view["comment"].is_object() { "comment" } else { "post" };
    let (id, kind) = (post.number, inner);
    view[inner]["id"] = json!(id);
    view[inner]["ap_id"] = json!(format!("https://lemmy.example/{kind}/{id}"));
    view[inner][date] = json!(at);
    view[inner][if inner == "post" { "body" } else { "content" }] = json!(post.text);
    view
}

/// Version 0.17: deleted posts just vanish, and a pinned one stands first.
pub(in crate::feeds) fn v3(request: &Request, posts: &[Told]) -> ResponseTemplate {
    let there = |post: &&Told| !post.is_gone;
    match request.url.path() {
        "/api/v3/comment/list" => return ok(&json!({"comments": []})),
        "/api/v3/post/list" => {}
        "/api/v3/post" => {
            let id: u64 = parameter(request, "id").unwrap().parse().unwrap();
            return match posts.iter().filter(there).find(|post| post.number == id) {
                Some(post) => ok(&json!({"post_view": post_v3(post)})),
                None => ResponseTemplate::new(400).set_body_json(json!({"error": "couldnt_find_post"})),
            };
        }
        _ => return ResponseTemplate::new(404),
    }
    let number: usize = parameter(request, "page").unwrap().parse().unwrap();
    let page = posts.iter().rev().filter(there).skip((number - 1) * 50).take(50);
    ok(&json!({"posts": page.map(post_v3).collect::<Vec<_>>()}))
}

pub(in crate::feeds) fn post_v3(post: &Told) -> Value {
    view("lemmy/post_v3.json", post, "published", &post.at.format("%Y-%m-%dT%H:%M:%S%.6f").to_string())
}

/// Version 1.0, which still answers some of version 3.
pub(in crate::feeds) fn v4(request: &Request, posts: &[Told]) -> ResponseTemplate {
    let list = match request.url.path() {
        "/api/v4/post/list" => return ok(&json!({"items": [], "next_page": null})),
        "/api/v4/comment/list" => posts,
        _ => return ResponseTemplate::new(404),
    };
    let skip: usize =
        parameter(request, "page_cursor").map_or(0, |cursor| cursor.strip_prefix('P').unwrap().parse().unwrap());
    let page: Vec<Value> = list
        .iter()
        .rev()
        .skip(skip)
        .take(50)
        .map(|post| view("lemmy/comment_v4.json", post, "published_at", &post.at.to_rfc3339()))
        .collect();
    let next = (skip + 50 < list.len()).then(|| format!("P{}", skip + 50));
    ok(&json!({"items": page, "next_page": next}))
}
