//! Mastodon: opaque ids, places that are gone, closed timelines, deletions and edits, the stream.

use caiu::feed::{Deletion, FeedError, Next};
use chrono::TimeDelta;
use serde_json::{Value, json};
use wiremock::matchers::{header, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::super::kinds::row;
use super::super::servers::mastodon::{mastodon, status};
use super::super::world::{Told, World, assert_heard, fixture, hear, open};

async fn world() -> World {
    World::new(row("mastodon")).await
}

fn told(number: u64) -> Told {
    Told { number, at: chrono::Utc::now(), text: format!("zap caiu {number}"), is_gone: false }
}

#[tokio::test]
async fn a_place_that_is_gone_is_found_again() {
    let world = world().await;
    world.write(1, TimeDelta::minutes(30));
    let mut feed = world.feed_with("recheck_secs = 0");
    let first = hear(&mut *feed, None).await.unwrap();
    world.change(1, |post| post.is_gone = true);
    world.write(100, TimeDelta::zero());
    let heard = hear(&mut *feed, first.cursor).await.unwrap();
    assert_heard(&heard, 2, 101, "from a place that is gone");
}

#[tokio::test]
async fn a_place_that_is_gone_and_too_much_behind_it_is_a_gap() {
    let world = world().await;
    world.write(1, TimeDelta::minutes(30));
    let mut feed = world.feed();
    let first = hear(&mut *feed, None).await.unwrap();
    world.change(1, |post| post.is_gone = true);
    world.write(1_000, TimeDelta::zero());
    let heard = hear(&mut *feed, first.cursor).await.unwrap();
    assert_heard(&heard, 602, 1_001, "the newest ten pages");
    assert_eq!((heard.gaps.len(), heard.gaps[0].cause), (1, caiu::model::GapCause::Overrun));
}

#[tokio::test]
async fn deletions_and_edits_are_noticed_when_posts_are_looked_at_again() {
    let world = world().await;
    world.write(10, TimeDelta::minutes(30));
    let mut feed = world.feed_with("recheck_secs = 1");
    let first = hear(&mut *feed, None).await.unwrap();
    world.change(4, |post| post.is_gone = true);
    world.change(7, |post| post.text = "voltou".to_owned());
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    let heard = hear(&mut *feed, first.cursor).await.unwrap();
    assert_eq!(heard.deleted, ["https://social.example/users/ana/statuses/4"]);
    assert_eq!(heard.texts, ["voltou"]);
    let again = hear(&mut *feed, heard.cursor).await.unwrap();
    assert!(again.deleted.is_empty() && again.texts.is_empty());
}

/// A server that answers nothing to a question about ids has not understood it: nothing is concluded.
#[tokio::test]
async fn silence_about_posts_deletes_nothing() {
    let server = MockServer::start().await;
    let page = ResponseTemplate::new(200).set_body_json([status(&told(2)), status(&told(1))]);
    Mock::given(path("/api/v1/timelines/public")).respond_with(page).mount(&server).await;
    Mock::given(path("/api/v1/statuses"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!([])))
        .mount(&server)
        .await;
    let mut feed = open("mastodon", &format!("server = '{}'\nrecheck_secs = 1", server.uri())).unwrap();
    let first = hear(&mut *feed, None).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    let heard = hear(&mut *feed, first.cursor).await.unwrap();
    assert_eq!((first.texts.len(), heard.deleted.len()), (2, 0));
}

#[tokio::test]
async fn closed_timelines_are_told_with_a_remedy() {
    let refused = || json!({"error": "This method requires an authenticated user"});
    let access = |of: &str| {
        let feeds = json!({"local": of, "remote": of});
        json!({"configuration": {"timelines_access": {"live_feeds": feeds, "hashtag_feeds": feeds}}})
    };
    for (answer, instance) in [
        (ResponseTemplate::new(401).set_body_json(refused()), json!({})),
        (ResponseTemplate::new(422).set_body_json(refused()), json!({})),
        (ResponseTemplate::new(200).set_body_json(json!([])), access("authenticated")),
        (ResponseTemplate::new(200).set_body_json(json!([])), access("disabled")),
    ] {
        let server = MockServer::start().await;
        Mock::given(path("/api/v1/timelines/public")).respond_with(answer).mount(&server).await;
        let instance = ResponseTemplate::new(200).set_body_json(instance);
        Mock::given(path("/api/v2/instance")).respond_with(instance).mount(&server).await;
        let mut feed = open("mastodon", &format!("server = '{}'", server.uri())).unwrap();
        let error = feed.next_batch(None).await.unwrap_err();
        assert!(matches!(&error, FeedError::Fatal(said) if said.contains("token = \"env:NAME\"")), "{error:?}");
    }
    // An empty timeline that is open is only empty.
    let server = MockServer::start().await;
    let nothing = ResponseTemplate::new(200).set_body_json(json!([]));
    Mock::given(path("/api/v1/timelines/public")).respond_with(nothing).mount(&server).await;
    let mut feed = open("mastodon", &format!("server = '{}'", server.uri())).unwrap();
    let first = feed.next_batch(None).await.unwrap();
    assert!(first.cursor.is_some() && first.posts.is_empty());
}

#[tokio::test]
async fn hashtags_are_asked_for_together() {
    let server = MockServer::start().await;
    let page = ResponseTemplate::new(200).set_body_json([status(&told(1))]);
    Mock::given(path("/api/v1/timelines/tag/%D9%88%D8%A7%D8%AA%D8%B3%D8%A7%D8%A8"))
        .and(query_param("any[]", "whatsapp"))
        .and(query_param("local", "true"))
        .respond_with(page)
        .expect(1)
        .mount(&server)
        .await;
    let settings = format!("server = '{}'\ntags = ['واتساب', 'whatsapp']\ntimeline = 'local'", server.uri());
    assert_eq!(hear(&mut *open("mastodon", &settings).unwrap(), None).await.unwrap().texts.len(), 1);
    let error = open("mastodon", "server = 'x.example'\ntags = ['#a']").unwrap_err();
    assert!(error.contains("write it without #"), "{error}");
}

/// The header names places on any host; only the id in it is taken.
#[tokio::test]
async fn the_link_header_is_read_for_its_id_only() {
    let server = MockServer::start().await;
    let link =
        "<https://evil.example/api?max_id=7>; rel=\"next\", <https://evil.example/api?min_id=opaque>; rel=\"prev\"";
    let page =
        |number: u64| ResponseTemplate::new(200).set_body_json([status(&told(number))]).insert_header("link", link);
    Mock::given(query_param("min_id", "opaque"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!([])))
        .expect(1)
        .with_priority(1)
        .mount(&server)
        .await;
    Mock::given(path("/api/v1/timelines/public"))
        .respond_with(page(1))
        .up_to_n_times(1)
        .with_priority(2)
        .mount(&server)
        .await;
    Mock::given(path("/api/v1/timelines/public")).respond_with(page(2)).with_priority(3).mount(&server).await;
    let mut feed = open("mastodon", &format!("server = '{}'\nrecheck_secs = 0", server.uri())).unwrap();
    let first = hear(&mut *feed, None).await.unwrap();
    assert_eq!(hear(&mut *feed, first.cursor).await.unwrap().texts, ["zap caiu 2"]);
}

fn event(name: &str, data: &str) -> String {
    format!("event: {name}\ndata: {data}\n\n")
}

#[tokio::test]
async fn the_stream_tells_posts_edits_and_deletions() {
    let server = MockServer::start().await;
    let one_line = |post: &Told| status(post).to_string();
    let edited = Told { text: "voltou 1".to_owned(), ..told(1) };
    let mut other: Value = status(&told(3));
    other["content"] = json!("<p>down<br>again 3</p>");
    let body = [
        ":thump\n\n".to_owned(),
        event("update", &one_line(&told(2))),
        event("update", &one_line(&told(2))),
        event("update", &other.to_string()),
        event("status.update", &one_line(&edited)),
        event("delete", status(&told(2))["id"].as_str().unwrap()),
        event("delete", "of-a-post-from-before"),
        event("notification", "{}"),
        event("update", "{broken"),
    ]
    .concat();
    let stream = ResponseTemplate::new(200).set_body_raw(body, "text/event-stream");
    Mock::given(path("/api/v1/streaming/public"))
        .and(header("authorization", &*format!("Bearer {}", token())))
        .respond_with(stream)
        .up_to_n_times(1)
        .mount(&server)
        .await;
    let page = ResponseTemplate::new(200).set_body_json([status(&told(1))]);
    Mock::given(path("/api/v1/timelines/public")).respond_with(page).mount(&server).await;
    let settings = format!("server = '{}'\ntoken = 'env:{TOKEN}'", server.uri());
    let mut feed = open("mastodon", &settings).unwrap();
    let first = feed.next_batch(None).await.unwrap();
    assert_eq!((first.posts.len(), first.next), (1, Next::Now), "polled once, so that nothing is lost in between");
    let second = feed.next_batch(first.cursor.as_ref()).await.unwrap();
    let texts: Vec<&str> = second.posts.iter().map(|incoming| incoming.post.text.as_str()).collect();
    assert_eq!(texts, ["zap caiu 2", "down\nagain 3", "voltou 1"]);
    let platform = "mastodon".to_owned();
    assert_eq!(second.deletions.len(), 2);
    assert_eq!(second.deletions[1], Deletion::Named { platform, name: "127.0.0.1/of-a-post-from-before".to_owned() });
    // What the index is told the post by is what the deletion names later.
    let names: Vec<Option<String>> = second.posts.iter().map(|incoming| incoming.local_name.clone()).collect();
    assert_eq!(names[0], Some(format!("127.0.0.1/{}", status(&told(2))["id"].as_str().unwrap())));
    let rejected: Vec<(&str, u64)> = second.rejected.iter().map(|(reason, count)| (reason.as_str(), *count)).collect();
    assert_eq!(rejected, [("not a post", 1), ("unknown form", 1)]);
    // The stream has ended; the timeline is polled, and what the stream told is not told again.
    let third = feed.next_batch(second.cursor.as_ref()).await.unwrap();
    assert!(third.posts.is_empty() || third.posts[0].post.text == "zap caiu 1", "{:?}", third.posts);
}

/// After a stop longer than what one batch asks for, the stream is not listened to before everything was polled: it tells
/// nothing of the past.
#[tokio::test]
async fn what_came_before_the_stream_is_polled_to_its_end() {
    let server = MockServer::start().await;
    let posts: std::sync::Arc<std::sync::Mutex<Vec<Told>>> = std::sync::Arc::default();
    let state = std::sync::Arc::clone(&posts);
    Mock::given(path("/api/v1/timelines/public"))
        .respond_with(move |request: &wiremock::Request| mastodon(request, &state.lock().unwrap()))
        .mount(&server)
        .await;
    let stream = ResponseTemplate::new(200).set_body_raw(event("update", "{broken"), "text/event-stream");
    Mock::given(path("/api/v1/streaming/public")).respond_with(stream).mount(&server).await;
    let settings = format!("server = '{}'\ntoken = 'env:{TOKEN}'\nrecheck_secs = 0", server.uri());
    posts.lock().unwrap().push(told(1));
    let first = open("mastodon", &settings).unwrap().next_batch(None).await.unwrap();
    // More than ten pages of forty.
    posts.lock().unwrap().extend((2..=1_000).map(told));
    let (mut feed, mut cursor, mut heard) = (open("mastodon", &settings).unwrap(), first.cursor, Vec::new());
    for _ in 0..5 {
        let batch = feed.next_batch(cursor.as_ref()).await.unwrap();
        heard.extend(batch.posts.into_iter().map(|incoming| incoming.post.text));
        cursor = batch.cursor;
    }
    let expected: Vec<String> = (2..=1_000).map(|number| told(number).text).collect();
    assert_eq!(heard, expected);
}

#[tokio::test]
async fn a_server_without_a_stream_is_polled() {
    for status_code in [401, 403, 404] {
        let server = MockServer::start().await;
        Mock::given(path("/api/v1/streaming/public"))
            .respond_with(ResponseTemplate::new(status_code))
            .mount(&server)
            .await;
        let posts: Vec<Told> = (1..=3).map(told).collect();
        Mock::given(path("/api/v1/timelines/public"))
            .respond_with(move |request: &wiremock::Request| mastodon(request, &posts))
            .mount(&server)
            .await;
        let settings = format!("server = '{}'\ntoken = 'env:{TOKEN}'", server.uri());
        let heard = hear(&mut *open("mastodon", &settings).unwrap(), None).await.unwrap();
        assert_heard(&heard, 1, 3, &status_code.to_string());
    }
}

#[tokio::test]
async fn an_event_without_end_is_cut_off() {
    let server = MockServer::start().await;
    let body = format!("event: update\ndata: {}", "x".repeat(5 << 20));
    let stream = ResponseTemplate::new(200).set_body_raw(body, "text/event-stream");
    Mock::given(path("/api/v1/streaming/public")).respond_with(stream).mount(&server).await;
    let page = ResponseTemplate::new(200).set_body_json([status(&told(1))]);
    Mock::given(path("/api/v1/timelines/public")).respond_with(page).mount(&server).await;
    let settings = format!("server = '{}'\ntoken = 'env:{TOKEN}'", server.uri());
    let mut feed = open("mastodon", &settings).unwrap();
    let first = feed.next_batch(None).await.unwrap();
    let second = feed.next_batch(first.cursor.as_ref()).await.unwrap();
    assert!(second.posts.is_empty() && matches!(second.next, Next::After(_)));
}

/// A variable that is set wherever tests run: a test cannot set one without unsafe code.
const TOKEN: &str = "PATH";

fn token() -> String {
    std::env::var(TOKEN).unwrap()
}

#[test]
fn the_pattern_is_a_status() {
    let posts = caiu::corpus::posts_of_json(&fixture("mastodon/status.json"));
    let post = posts[0].as_ref().unwrap();
    assert_eq!((post.text.as_str(), post.lang.as_deref()), ("o zap caiu de novo? #whatsapp", Some("pt")));
}

/// A check of old posts that always fails must not keep new ones away.
#[tokio::test]
async fn a_check_that_fails_costs_no_posts() {
    let server = MockServer::start().await;
    Mock::given(path("/api/v1/statuses")).respond_with(ResponseTemplate::new(500)).mount(&server).await;
    let page = ResponseTemplate::new(200).set_body_json([status(&told(1))]);
    Mock::given(path("/api/v1/timelines/public")).respond_with(page).mount(&server).await;
    let mut feed = open("mastodon", &format!("server = '{}'\nrecheck_secs = 1", server.uri())).unwrap();
    assert_eq!(hear(&mut *feed, None).await.unwrap().texts.len(), 1);
}
