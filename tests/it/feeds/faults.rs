//! What servers do wrong: survived by every kind, and told for what it is.

use std::time::Duration;

use caiu::feed::FeedError;
use chrono::TimeDelta;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wiremock::ResponseTemplate;

use super::kinds::ROWS;
use super::world::{Row, World, assert_heard, hear};

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
