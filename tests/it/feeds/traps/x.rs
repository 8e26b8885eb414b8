//! X: both names of its fields, the budget, places that are too old, the stream.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use caiu::feed::{FeedError, Next};
use caiu::model::{Cursor, GapCause};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use wiremock::matchers::{body_partial_json, method, path, query_param_contains};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::super::kinds::row;
use super::super::servers::x::search;
use super::super::world::{Told, World, assert_heard, fixture, hear, open, parameter};

const SEARCH: &str = "/2/tweets/search/recent";

fn settings(server: &MockServer, more: &str) -> String {
    format!("query = 'down'\ntoken = 'env:PATH'\nmax_posts_per_month = 1000\napi_url = '{}'\n{more}", server.uri())
}

fn problem(detail: &str) -> ResponseTemplate {
    ResponseTemplate::new(400).set_body_json(json!({"title": "Invalid Request", "errors": [{"message": detail}]}))
}

#[tokio::test]
async fn both_dialects_of_answers_are_read() {
    for (file, texts) in [
        ("x/page_tweets.json", vec!["Slack down & out", "o zap caiu de novo? desde o meio-dia"]),
        ("x/page_posts.json", vec!["long one: Slack has been down since two and nobody answers"]),
    ] {
        let server = MockServer::start().await;
        let page = ResponseTemplate::new(200).set_body_raw(fixture(file), "application/json");
        Mock::given(path(SEARCH)).respond_with(page).mount(&server).await;
        let heard = hear(&mut *open("x", &settings(&server, "")).unwrap(), None).await.unwrap();
        assert_eq!(heard.texts, texts, "{file}");
    }
}

#[tokio::test]
async fn a_server_that_wants_the_newer_names_gets_them() {
    let server = MockServer::start().await;
    let page = ResponseTemplate::new(200).set_body_raw(fixture("x/page_posts.json"), "application/json");
    Mock::given(query_param_contains("post.fields", "referenced_posts"))
        .respond_with(page)
        .expect(1)
        .mount(&server)
        .await;
    let refusal = problem("The query parameter [tweet.fields] is not one of [post.fields]");
    Mock::given(query_param_contains("tweet.fields", "referenced_tweets"))
        .respond_with(refusal)
        .expect(1)
        .mount(&server)
        .await;
    assert_eq!(hear(&mut *open("x", &settings(&server, "")).unwrap(), None).await.unwrap().texts.len(), 1);
}

#[tokio::test]
async fn the_budget_is_never_passed_and_outlives_a_restart() {
    let world = World::new(row("x")).await;
    world.write(5, TimeDelta::hours(1));
    let feed = || {
        let settings = world.row.settings.replace("10000", "115").replace("$BASE", &world.server.uri());
        open("x", &settings).unwrap()
    };
    let first = hear(&mut *feed(), None).await.unwrap();
    world.write(500, TimeDelta::zero());
    // 5 are spent; a page of 100 leaves 10; a page of 10 leaves none.
    let (mut cursor, mut num_read, mut reader) = (first.cursor, 0, feed());
    for expected in [100, 10] {
        let batch = reader.next_batch(cursor.as_ref()).await.unwrap();
        assert_eq!((batch.posts.len(), batch.next), (expected, Next::Now));
        num_read += batch.posts.len();
        cursor = batch.cursor;
    }
    for mut reader in [reader, feed()] {
        let error = reader.next_batch(cursor.as_ref()).await.unwrap_err();
        assert!(matches!(error, FeedError::Throttled { retry_after: Some(wait) } if wait >= Duration::from_secs(600)));
    }
    assert_eq!(num_read, 110);
}

#[tokio::test]
async fn a_restart_between_two_pages_reads_none_twice() {
    let world = World::new(row("x")).await;
    world.write(5, TimeDelta::hours(3));
    let mut cursor = hear(&mut *world.feed(), None).await.unwrap().cursor;
    world.write(250, TimeDelta::minutes(60));
    let mut heard = super::super::world::Heard::default();
    let mut until = None;
    for _ in 0..3 {
        let batch = world.feed().next_batch(cursor.as_ref()).await.unwrap();
        heard.texts.extend(batch.posts.iter().map(|incoming| incoming.post.text.clone()));
        // While older pages are still to come, nothing new is claimed to be covered.
        assert!(batch.next != Next::Now || until.is_none_or(|until| batch.until == Some(until)));
        (cursor, until) = (batch.cursor, batch.until);
    }
    assert_heard(&heard, 6, 255, "three pages in three runs");
    let num_searches = world.server.received_requests().await.unwrap().len();
    assert_eq!(num_searches, 4);
}

#[tokio::test]
async fn a_place_older_than_the_search_reaches_is_searched_for_by_time() {
    for (days, num_gaps) in [(0, 0), (9, 1)] {
        let server = MockServer::start().await;
        let page = || ResponseTemplate::new(200).set_body_raw(fixture("x/page_tweets.json"), "application/json");
        let refusal = problem("'since_id' must be a tweet id created after [2026-11-21T15:00Z]");
        Mock::given(query_param_contains("since_id", "1")).respond_with(refusal).expect(1).mount(&server).await;
        let starts = Arc::<Mutex<Vec<String>>>::default();
        let state = Arc::clone(&starts);
        Mock::given(path(SEARCH))
            .respond_with(move |request: &wiremock::Request| {
                state.lock().unwrap().extend(parameter(request, "start_time"));
                page()
            })
            .expect(2)
            .mount(&server)
            .await;
        let mut feed = open("x", &settings(&server, "")).unwrap();
        let first = hear(&mut *feed, None).await.unwrap();
        let (cursor, until) = told_days_ago(first.cursor.as_ref().unwrap(), days);
        let heard = hear(&mut *feed, Some(cursor)).await.unwrap();
        assert_eq!((heard.texts.len(), heard.gaps.len()), (0, num_gaps), "the same posts again, told once");
        let start: DateTime<Utc> = starts.lock().unwrap()[0].parse().unwrap();
        let reach = Utc::now() - TimeDelta::days(7);
        // A query that few posts match has an old last post without any pause: nothing is bought again.
        let expected = if days == 0 { until - TimeDelta::minutes(1) } else { reach };
        assert!((start - expected).abs() < TimeDelta::minutes(15), "{days}: {start} {expected}");
        for gap in heard.gaps {
            assert_eq!((gap.cause, gap.gap.from), (GapCause::CursorLost, until));
            assert!((gap.gap.to - reach).abs() < TimeDelta::minutes(15), "what the search still reaches is no gap");
        }
    }
}

/// The saved place as it would be had the program stopped so many days ago.
fn told_days_ago(cursor: &Cursor, days: i64) -> (Cursor, DateTime<Utc>) {
    let mut place: serde_json::Value = serde_json::from_str(cursor.as_str()).unwrap();
    let secs = place["until_secs"].as_i64().unwrap() - days * 86_400;
    place["until_secs"] = json!(secs);
    (Cursor::new(place.to_string()), DateTime::from_timestamp(secs, 0).unwrap())
}

#[tokio::test]
async fn catching_up_after_a_pause_takes_half_of_what_is_left_and_tells_the_rest_as_a_gap() {
    let world = World::new(row("x")).await;
    let feed = || {
        let settings = world.row.settings.replace("10000", "500").replace("$BASE", &world.server.uri());
        open("x", &settings).unwrap()
    };
    world.write(5, TimeDelta::days(2));
    let first = hear(&mut *feed(), None).await.unwrap();
    let (cursor, until) = told_days_ago(first.cursor.as_ref().unwrap(), 2);
    world.write(2_000, TimeDelta::zero());
    let heard = hear(&mut *feed(), Some(cursor)).await.unwrap();
    assert_eq!(heard.texts.len(), 300, "the page in which 247 are passed is the last one");
    let gap = &heard.gaps[0];
    assert_eq!((heard.gaps.len(), gap.cause, gap.gap.from), (1, GapCause::Overrun, until));
    let oldest = Utc::now() - TimeDelta::seconds(299);
    assert!((gap.gap.to - oldest).abs() < TimeDelta::seconds(20), "{gap:?}");
    world.write(3, TimeDelta::zero());
    let again = hear(&mut *feed(), heard.cursor).await.unwrap();
    assert_eq!((again.texts.len(), again.gaps.len()), (3, 0), "the rest of the month is for the present");
}

/// The stream is not listened to before everything was searched for: it tells nothing of the past.
#[tokio::test]
async fn what_came_before_the_stream_is_searched_to_its_end() {
    let server = MockServer::start().await;
    let posts = Arc::<Mutex<Vec<Told>>>::default();
    let state = Arc::clone(&posts);
    Mock::given(path(SEARCH))
        .respond_with(move |request: &wiremock::Request| search(request, &state.lock().unwrap()))
        .mount(&server)
        .await;
    let rules = json!({"data": [{"id": "1", "value": "down", "tag": "caiu"}]});
    Mock::given(path("/2/tweets/search/stream/rules"))
        .respond_with(ResponseTemplate::new(200).set_body_json(rules))
        .mount(&server)
        .await;
    let stream = ResponseTemplate::new(200).set_body_raw("\r\n{broken\r\n", "application/json");
    Mock::given(path("/2/tweets/search/stream")).respond_with(stream).mount(&server).await;
    let settings = settings(&server, "mode = 'stream'");
    let told = |number| Told { number, at: Utc::now(), text: format!("zap caiu {number}"), is_gone: false };
    posts.lock().unwrap().push(told(1));
    let first = open("x", &settings).unwrap().next_batch(None).await.unwrap();
    posts.lock().unwrap().extend((2..=350).map(told));
    let (mut feed, mut cursor, mut heard) = (open("x", &settings).unwrap(), first.cursor, Vec::new());
    for _ in 0..6 {
        let batch = feed.next_batch(cursor.as_ref()).await.unwrap();
        heard.extend(batch.posts.into_iter().map(|incoming| incoming.post.id));
        cursor = batch.cursor;
    }
    assert_eq!(heard.len(), 349);
}

#[tokio::test]
async fn problems_inside_a_good_answer_are_told() {
    let server = MockServer::start().await;
    let answer = json!({"errors": [{"title": "operational-disconnect", "detail": "…"}]});
    Mock::given(path(SEARCH)).respond_with(ResponseTemplate::new(200).set_body_json(answer)).mount(&server).await;
    let error = open("x", &settings(&server, "")).unwrap().next_batch(None).await.unwrap_err();
    assert!(matches!(&error, FeedError::Transient(said) if said.contains("operational-disconnect")), "{error:?}");
}

#[tokio::test]
async fn the_stream_is_ruled_read_and_left_when_the_server_hangs_up() {
    let server = MockServer::start().await;
    let rules = "/2/tweets/search/stream/rules";
    let old =
        json!({"data": [{"id": "1", "value": "something else", "tag": "caiu"}, {"id": "2", "value": "x", "tag": "y"}]});
    Mock::given(method("GET"))
        .and(path(rules))
        .respond_with(ResponseTemplate::new(200).set_body_json(old))
        .mount(&server)
        .await;
    for body in [json!({"delete": {"ids": ["1"]}}), json!({"add": [{"value": "down", "tag": "caiu"}]})] {
        Mock::given(method("POST"))
            .and(path(rules))
            .and(body_partial_json(&body))
            .respond_with(ResponseTemplate::new(201).set_body_json(json!({})))
            .expect(1)
            .mount(&server)
            .await;
    }
    let page: serde_json::Value = serde_json::from_str(&fixture("x/page_tweets.json")).unwrap();
    let line = |tag: &str, id: &str| {
        let mut post = page["data"][1].clone();
        post["id"] = json!(id);
        format!("{}\r\n", json!({"data": post, "matching_rules": [{"id": "9", "tag": tag}]}))
    };
    let body = [
        "\r\n".to_owned(),
        line("caiu", "11"),
        "\r\n".to_owned(),
        line("caiu", "11"),
        line("y", "12"),
        "{broken\r\n".to_owned(),
        line("caiu", "13"),
        format!(
            "{}\r\n",
            json!({"errors": [{"title": "operational-disconnect", "disconnect_type": "UpstreamOperationalDisconnect"}]})
        ),
        line("caiu", "14"),
    ];
    let stream = ResponseTemplate::new(200).set_body_raw(body.concat(), "application/json");
    Mock::given(path("/2/tweets/search/stream")).respond_with(stream).expect(1).mount(&server).await;
    let empty = ResponseTemplate::new(200).set_body_json(json!({"meta": {"result_count": 0}}));
    Mock::given(path(SEARCH)).respond_with(empty).mount(&server).await;
    let mut feed = open("x", &settings(&server, "mode = 'stream'")).unwrap();
    let first = feed.next_batch(None).await.unwrap();
    assert_eq!((first.posts.len(), first.next), (0, Next::Now), "searched once, so that nothing is lost in between");
    let second = feed.next_batch(first.cursor.as_ref()).await.unwrap();
    let ids: Vec<&str> = second.posts.iter().map(|incoming| incoming.post.id.as_str()).collect();
    assert_eq!(ids, ["11", "13"]);
    assert_eq!((second.rejected["another rule's post"], second.rejected["unknown form"]), (1, 1));
}
