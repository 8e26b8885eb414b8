//! Reddit: listings for an app, and the RSS for everybody.

use serde_json::{Value, json};
use wiremock::{Request, ResponseTemplate};

use super::ok;
use crate::feeds::world::{Told, fixture, parameter};

pub(in crate::feeds) fn name(post: &Told) -> String {
    format!("t3_{:x}", 0x1_0000 + post.number)
}

fn entry(post: &Told) -> Value {
    let mut entry: Value = serde_json::from_str(&fixture("reddit/post.json")).unwrap();
    entry["data"]["name"] = json!(name(post));
    entry["data"]["id"] = json!(name(post)[3..]);
    entry["data"]["created_utc"] = json!(post.at.timestamp() as f64);
    entry["data"]["selftext"] = json!(if post.is_gone { "[removed]" } else { &post.text });
    if post.is_gone {
        entry["data"]["removed_by_category"] = json!("moderator");
    }
    entry
}

/// With a token only; a thousand entries at most.
pub(in crate::feeds) fn app(request: &Request, posts: &[Told]) -> ResponseTemplate {
    let bearer = request.headers.get("authorization").map(|value| value.to_str().unwrap().to_owned());
    if request.url.path() == "/api/v1/access_token" {
        assert!(bearer.unwrap().starts_with("Basic "));
        assert_eq!(request.body, b"grant_type=client_credentials");
        return ok(&json!({"access_token": "t0", "token_type": "bearer", "expires_in": 86400, "scope": "*"}));
    }
    assert_eq!(bearer.as_deref(), Some("Bearer t0"));
    let children: Vec<Value> = match request.url.path() {
        "/r/whatsapp+slack/new" => {
            let after = parameter(request, "after");
            let newest = posts.iter().rev().take(1_000);
            let rest = newest.skip_while(|post| after.as_ref().is_some_and(|after| *after != name(post)));
            rest.skip(usize::from(after.is_some())).take(100).map(entry).collect()
        }
        "/r/whatsapp+slack/comments" => Vec::new(),
        "/api/info" => {
            let ids = parameter(request, "id").unwrap();
            posts.iter().filter(|post| ids.split(',').any(|id| id == name(post))).map(entry).collect()
        }
        _ => return ResponseTemplate::new(404),
    };
    let after = children.last().filter(|_| children.len() == 100).map(|last| last["data"]["name"].clone());
    ok(&json!({"kind": "Listing", "data": {"after": after, "children": children, "before": null}}))
}

pub(in crate::feeds) fn rss(request: &Request, posts: &[Told]) -> ResponseTemplate {
    if request.url.path() != "/r/whatsapp+slack/new/.rss" {
        return ResponseTemplate::new(404);
    }
    let whole = fixture("reddit/new.rss");
    let (start, rest) = whole.split_once("<entry>").unwrap();
    let (pattern, end) = rest.split_once("</entry>").unwrap();
    let entry = |post: &Told| {
        let entry = pattern.replace("t3_1p3abc", &name(post)).replace("since noon &amp;amp; only a clock", &post.text);
        format!("<entry>{}</entry>", entry.replace("2026-11-22T14:02:11+00:00", &post.at.to_rfc3339()))
    };
    let entries: String = posts.iter().rev().take(100).map(entry).collect();
    ResponseTemplate::new(200).set_body_raw(format!("{start}{entries}{end}"), "application/atom+xml")
}
