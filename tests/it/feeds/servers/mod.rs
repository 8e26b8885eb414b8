//! Stand-ins: how a server of each kind answers about the posts that the tests write.

pub(super) mod hackernews;
pub(super) mod lemmy;
pub(super) mod mastodon;
pub(super) mod reddit;
pub(super) mod rss;
pub(super) mod telegram;
pub(super) mod x;

use serde_json::Value;
use wiremock::ResponseTemplate;

fn ok(body: &Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}
