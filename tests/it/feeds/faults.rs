//! What servers do wrong: survived by every kind, and told for what it is.

use std::time::Duration;

use caiu::feed::FeedError;
use chrono::TimeDelta;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wiremock::ResponseTemplate;

use super::kinds::ROWS;
use super::world::{Row, World, assert_heard, hear, net};

/// Answers with the fault, and checks that the feed then goes on where it was.
async fn check(row: &Row, name: &str, fault: ResponseTemplate, is_right: fn(&FeedError) -> bool) {
    let world = World::new(*row).await;
    world.write(3, TimeDelta::minutes(1));
    let mut feed = world.feed();
    let first = hear(&mut *feed, None).await.unwrap();
    world.write(2, TimeDelta::zero());
    world.set_fault(Some(fault));
    let error = hear(&mut *feed, first.cursor.clone()).await.expect_err(&format!("{}: {name}", row.kind));
    assert!(is_right(&error), "{}: {name}: {error:?}", row.kind);
    world.set_fault(None);
    let heard = hear(&mut *feed, first.cursor).await.unwrap();
    assert_heard(&heard, 4, 5, &format!("{} after {name}", row.kind));
}

fn is_transient(error: &FeedError) -> bool {
    matches!(error, FeedError::Transient(_))
}

#[tokio::test]
async fn servers_that_fail_are_asked_again() {
    let page = "<!DOCTYPE html><html><head><title>Just a moment…</title></head><body>checking</body></html>";
    for row in ROWS {
        for (name, fault) in [
            ("500", ResponseTemplate::new(500)),
            ("502 with a page", ResponseTemplate::new(502).set_body_raw(page, "text/html")),
            ("a page", ResponseTemplate::new(200).set_body_raw(page, "text/html")),
            ("nothing", ResponseTemplate::new(200)),
            ("204", ResponseTemplate::new(204)),
            ("garbage", ResponseTemplate::new(200).set_body_raw(b"\0\xff\xfe{[<garbage".to_vec(), "application/json")),
            ("another JSON", ResponseTemplate::new(200).set_body_raw("{\"a\":[1,2]}", "application/json")),
            ("half a JSON", ResponseTemplate::new(200).set_body_raw("[{\"id\":\"1\",\"cont", "application/json")),
            ("deep JSON", ResponseTemplate::new(200).set_body_raw("[".repeat(100_000), "application/json")),
            ("a loop", ResponseTemplate::new(302).insert_header("location", "/loop")),
            ("a redirect to nothing", ResponseTemplate::new(302)),
            ("404", ResponseTemplate::new(404).set_body_raw("not here", "text/plain")),
        ] {
            check(row, name, fault, is_transient).await;
        }
    }
}

#[tokio::test]
async fn a_line_of_50_mb_is_cut_off() {
    let huge = ResponseTemplate::new(200).set_body_raw(vec![b'['; 50 << 20], "application/json");
    for row in ROWS {
        check(row, "50 MB", huge.clone(), |error| error.to_string().contains("net.max_body_bytes")).await;
    }
}

#[tokio::test]
async fn waits_are_kept() {
    let is_17 = |error: &FeedError| matches!(error, FeedError::Throttled { retry_after: Some(wait) } if *wait == Duration::from_secs(17));
    for row in ROWS {
        for status in [429, 503] {
            let fault = ResponseTemplate::new(status).insert_header("retry-after", "17");
            check(row, "retry-after", fault, is_17).await;
        }
    }
}

#[tokio::test]
async fn refusals_are_final_and_give_their_reason() {
    for row in ROWS {
        let fault = ResponseTemplate::new(403).set_body_raw("{\"error\":\"not for you\"}", "application/json");
        check(row, "403", fault, |error| matches!(error, FeedError::Fatal(said) if said.contains("not for you"))).await;
    }
}

/// Good answers with bytes cut, doubled, turned and replaced: whatever comes of it, nothing panics, and the feed goes on.
#[tokio::test]
async fn mangled_answers_are_survived() {
    for row in ROWS {
        let world = World::new(*row).await;
        world.write(3, TimeDelta::minutes(1));
        let first = hear(&mut *world.feed(), None).await.unwrap();
        let requests = world.server.received_requests().await.unwrap();
        let request = requests.iter().rfind(|request| request.method.as_str() == "GET" && is_listing(request)).unwrap();
        let bearer = request.headers.get("authorization").map(|value| value.to_str().unwrap().to_owned());
        let headers: Vec<(&str, &str)> = bearer.iter().map(|bearer| ("authorization", bearer.as_str())).collect();
        let mut url = caiu::feed::http::Url::parse(&world.server.uri()).unwrap();
        url.set_path(request.url.path());
        url.set_query(request.url.query());
        let answer = net().get(&url, &headers).await.unwrap();
        assert!(answer.status == 200 && !answer.body.is_empty(), "{}", row.kind);
        let mut feed = world.feed();
        for seed in 0..80 {
            let body = mangled(&answer.body, seed);
            world.set_fault(Some(ResponseTemplate::new(200).set_body_raw(body, "application/json")));
            let batch = feed.next_batch([None, first.cursor.as_ref()][seed as usize % 2]).await;
            assert!(batch.is_err() || batch.is_ok_and(|batch| batch.posts.len() < 500), "{} {seed}", row.kind);
        }
        world.set_fault(None);
        assert!(hear(&mut *feed, first.cursor).await.is_ok(), "{}", row.kind);
    }
}

/// Whether the stand-in answered with its posts.
fn is_listing(request: &wiremock::Request) -> bool {
    !["updates", "access_token", "instance", "/api/v4/post"].iter().any(|other| request.url.path().contains(other))
        && !request.url.path().contains("/r/whatsapp+slack/comments")
        && request.url.path() != "/api/v3/comment/list"
}

fn mangled(body: &[u8], seed: u64) -> Vec<u8> {
    const TOKENS: [&[u8]; 9] =
        [b"null", b"-1", b"1e999", b"[]", b"{}", b"\"\\ud800\"", b"\0", b"99999999999999999999", b"\xff\xfe"];
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut dice = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below.max(1) as u64) as usize
    };
    let mut body = body.to_vec();
    for _ in 0..=dice(3) {
        let from = dice(body.len());
        let to = (from + dice(40)).min(body.len());
        match dice(4) {
            0 => drop(body.drain(from..to)),
            1 => body.truncate(from),
            2 => {
                let part = body[from..to].to_vec();
                body.splice(from..from, part);
            }
            _ => drop(body.splice(from..to, TOKENS[dice(TOKENS.len())].iter().copied())),
        }
    }
    body
}

/// A server that breaks off in the middle of a body.
#[tokio::test]
async fn half_a_body_is_no_answer() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 4000\r\n\r\n[{\"id\":\"1\"}").await;
        }
    });
    for row in ROWS {
        let mut feed = super::world::open(row.kind, &row.settings.replace("$BASE", &base)).unwrap();
        let error = feed.next_batch(None).await.unwrap_err();
        assert!(is_transient(&error), "{}: {error:?}", row.kind);
    }
}

/// Nobody listens there.
#[tokio::test]
async fn a_server_that_is_away_is_asked_again() {
    for row in ROWS {
        let mut feed = super::world::open(row.kind, &row.settings.replace("$BASE", "http://127.0.0.1:9")).unwrap();
        let error = feed.next_batch(None).await.unwrap_err();
        assert!(is_transient(&error) && error.to_string().contains("cannot connect"), "{}: {error:?}", row.kind);
    }
}

/// A server that closes each connection instead of answering on it a second time.
#[tokio::test]
async fn a_kept_connection_that_was_closed_is_opened_anew() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = caiu::feed::http::Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
            let _ = stream.read(&mut [0; 4096]).await;
        }
    });
    let net = net();
    for _ in 0..3 {
        assert_eq!(net.get(&url, &[]).await.unwrap().text(), "ok");
    }
}
