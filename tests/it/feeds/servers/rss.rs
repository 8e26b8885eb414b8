//! A server with an RSS feed of its newest items.

use wiremock::{Request, ResponseTemplate};

use crate::feeds::world::Told;

pub(in crate::feeds) fn rss(_: &Request, posts: &[Told]) -> ResponseTemplate {
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
