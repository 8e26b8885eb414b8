//! Reddit: tokens, removed posts, the form and the pace of its RSS, a secret in a link.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use caiu::feed::FeedError;
use caiu::model::GapCause;
use chrono::TimeDelta;
use serde_json::json;
use wiremock::matchers::{header, path, query_param};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use super::super::kinds::{ROWS, row};
use super::super::world::{World, fixture, hear, open};

fn rss_row() -> super::super::world::Row {
    *ROWS.iter().rfind(|row| row.kind == "reddit").unwrap()
}

#[tokio::test]
async fn removed_posts_are_taken_back() {
    let world = World::new(row("reddit")).await;
    world.write(150, TimeDelta::minutes(9));
    let mut feed = world.feed_with("recheck_secs = 1");
    let first = hear(&mut *feed, None).await.unwrap();
    world.change(120, |post| post.is_gone = true);
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let heard = hear(&mut *feed, first.cursor).await.unwrap();
    assert_eq!(heard.deleted, ["t3_10078"]);
}

#[tokio::test]
async fn a_token_that_was_taken_back_is_replaced_once() {
    let server = MockServer::start().await;
    let num_tokens = AtomicUsize::new(0);
    let token = move |_: &Request| {
        let number = num_tokens.fetch_add(1, Ordering::Relaxed);
        ResponseTemplate::new(200).set_body_json(json!({"access_token": format!("t{number}"), "expires_in": 86400}))
    };
    Mock::given(path("/api/v1/access_token")).respond_with(token).expect(2).mount(&server).await;
    let listing = json!({"kind": "Listing", "data": {"children": [serde_json::from_str::<serde_json::Value>(&fixture("reddit/post.json")).unwrap()], "after": null}});
    Mock::given(header("authorization", "Bearer t1"))
        .respond_with(ResponseTemplate::new(200).set_body_json(listing))
        .mount(&server)
        .await;
    Mock::given(header("authorization", "Bearer t0")).respond_with(ResponseTemplate::new(401)).mount(&server).await;
    let settings = rss_row().settings.replace("$BASE", &server.uri());
    let settings =
        format!("{settings}\napi_url = '{}'\nclient_id = 'env:PATH'\nclient_secret = 'env:PATH'", server.uri());
    let heard = hear(&mut *open("reddit", &settings).unwrap(), None).await.unwrap();
    assert_eq!(heard.texts, ["Down again?\nsince noon & only a clock"]);
}

#[tokio::test]
async fn wrong_credentials_are_told_with_a_remedy() {
    let server = MockServer::start().await;
    Mock::given(path("/api/v1/access_token")).respond_with(ResponseTemplate::new(401)).mount(&server).await;
    let mut feed = open("reddit", &row("reddit").settings.replace("$BASE", &server.uri())).unwrap();
    let error = feed.next_batch(None).await.unwrap_err();
    assert!(matches!(&error, FeedError::Fatal(said) if said.contains("check client_id")), "{error:?}");
    let error = open("reddit", "subreddits = ['a']\nclient_id = 'env:PATH'").unwrap_err();
    assert!(error.contains("client_secret is missing"), "{error}");
}

#[tokio::test]
async fn rss_gives_posts_and_comments_in_turn_as_the_interface_would() {
    let server = MockServer::start().await;
    for (at, file) in [("/r/whatsapp/new/.rss", "reddit/new.rss"), ("/r/whatsapp/comments/.rss", "reddit/comments.rss")]
    {
        let answer = ResponseTemplate::new(200).set_body_raw(fixture(file), "application/atom+xml");
        Mock::given(path(at)).respond_with(answer).expect(1).mount(&server).await;
    }
    let settings = format!("subreddits = ['whatsapp']\nsite_url = '{}'", server.uri());
    let mut feed = open("reddit", &settings).unwrap();
    let first = hear(&mut *feed, None).await.unwrap();
    let post = &first.last.as_ref().unwrap().posts[0].post;
    let listed = caiu::corpus::posts_of_json(&fixture("reddit/post.json")).pop().unwrap().unwrap();
    assert_eq!(
        (&post.id, &post.text, &post.author, &post.url),
        (&listed.id, &listed.text, &listed.author, &listed.url)
    );
    let second = hear(&mut *feed, first.cursor).await.unwrap();
    let comment = &second.last.as_ref().unwrap().posts[0].post;
    assert_eq!(
        (comment.id.as_str(), comment.text.as_str(), comment.author.as_deref()),
        ("t1_nq7xyz", "same here", Some("rui"))
    );
}

#[tokio::test]
async fn a_minute_is_kept_between_two_requests_for_all_feeds_of_the_host() {
    let server = MockServer::start().await;
    let answer = ResponseTemplate::new(200)
        .set_body_raw(fixture("reddit/new.rss"), "application/atom+xml")
        .insert_header("x-ratelimit-remaining", "0")
        .insert_header("x-ratelimit-reset", "57");
    Mock::given(path("/r/whatsapp/new/.rss")).respond_with(answer).expect(1).mount(&server).await;
    let settings = format!("subreddits = ['whatsapp']\ntypes = ['post']\nsite_url = '{}'", server.uri());
    let mut feed = open("reddit", &settings).unwrap();
    let first = hear(&mut *feed, None).await.unwrap();
    assert_eq!(first.last.as_ref().unwrap().next, caiu::feed::Next::After(Duration::from_secs(60)));
    let error = feed.next_batch(first.cursor.as_ref()).await.unwrap_err();
    let FeedError::Throttled { retry_after: Some(wait) } = error else { panic!("{error:?}") };
    assert!((50..=57).contains(&wait.as_secs()), "{wait:?}");
}

#[tokio::test]
async fn more_than_the_rss_holds_is_a_gap() {
    let world = World::new(rss_row()).await;
    world.write(5, TimeDelta::hours(1));
    let mut feed = world.feed();
    let first = hear(&mut *feed, None).await.unwrap();
    world.write(300, TimeDelta::zero());
    let heard = hear(&mut *feed, first.cursor).await.unwrap();
    assert_eq!((heard.texts.len(), heard.gaps.len()), (100, 1));
    assert_eq!(heard.gaps[0].cause, GapCause::Overrun);
}

/// The token stands in the link, and links turn up in errors.
#[tokio::test]
async fn the_token_of_a_private_feed_is_never_told() {
    let secret = std::env::var("PATH").unwrap();
    let server = MockServer::start().await;
    let answer = ResponseTemplate::new(200).set_body_raw(fixture("reddit/new.rss"), "application/atom+xml");
    Mock::given(query_param("feed", &*secret))
        .and(query_param("user", "ana"))
        .respond_with(answer)
        .expect(1)
        .mount(&server)
        .await;
    let more = "types = ['post']\nfeed_token = 'env:PATH'\nfeed_user = 'ana'";
    let settings = |base: &str| format!("subreddits = ['whatsapp']\nsite_url = '{base}'\n{more}");
    hear(&mut *open("reddit", &settings(&server.uri())).unwrap(), None).await.unwrap();
    for base in ["http://127.0.0.1:9", &server.uri()] {
        server.reset().await;
        let error = open("reddit", &settings(base)).unwrap().next_batch(None).await.unwrap_err();
        let told = format!("{error} {error:?}");
        assert!(!told.contains(&secret) && !told.contains("ana"), "{told}");
    }
}
