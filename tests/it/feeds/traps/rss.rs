//! RSS: validators, moves, the end of a feed, items without ids or dates.

use std::sync::atomic::{AtomicUsize, Ordering};

use caiu::feed::{FeedError, Next};
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use super::super::world::{hear, open};

fn feed(items: &str) -> ResponseTemplate {
    let body = format!("<rss version=\"2.0\"><channel><title>t</title>{items}</channel></rss>");
    ResponseTemplate::new(200).set_body_raw(body, "application/rss+xml")
}

const DATED: &str = "<item><guid>1</guid><title>one 1</title><pubDate>Sun, 22 Nov 2026 14:00:00 GMT</pubDate></item>";

#[tokio::test]
async fn validators_are_sent_back_as_they_came() {
    let server = MockServer::start().await;
    let (etag, modified) = ("W/\"6b03017b-10b\"", "Sun, 22 Nov 2026 14:00:00 GMT");
    let is_sent = move |request: &Request, name: &str, value: &str| {
        request.headers.get(name).is_some_and(|sent| sent.as_bytes() == value.as_bytes())
    };
    let is_asked = move |request: &Request| {
        is_sent(request, "if-none-match", etag) && is_sent(request, "if-modified-since", modified)
    };
    Mock::given(is_asked).respond_with(ResponseTemplate::new(304)).expect(2).with_priority(1).mount(&server).await;
    let answer = feed(DATED).insert_header("etag", etag).insert_header("last-modified", modified);
    Mock::given(path("/f")).respond_with(answer).expect(1).mount(&server).await;
    let settings = format!("url = '{}/f'", server.uri());
    let first = hear(&mut *open("rss", &settings).unwrap(), None).await.unwrap();
    // A restart and a second look: the validators are in the place, and an unchanged feed leaves it as it is.
    let mut reopened = open("rss", &settings).unwrap();
    for _ in 0..2 {
        let batch = reopened.next_batch(first.cursor.as_ref()).await.unwrap();
        assert!(batch.posts.is_empty() && batch.cursor.is_none() && matches!(batch.next, Next::After(_)));
    }
}

#[tokio::test]
async fn a_move_for_good_is_remembered_and_one_for_now_is_not() {
    for (status, expected) in [(301, 1), (308, 1), (302, 3), (307, 3)] {
        let server = MockServer::start().await;
        let moved = ResponseTemplate::new(status).insert_header("location", "/new");
        Mock::given(path("/old")).respond_with(moved).expect(expected).mount(&server).await;
        Mock::given(path("/new")).respond_with(feed(DATED)).expect(3).mount(&server).await;
        let mut reader = open("rss", &format!("url = '{}/old'", server.uri())).unwrap();
        let mut ids = Vec::new();
        for _ in 0..3 {
            ids.extend(hear(&mut *reader, None).await.unwrap().ids);
        }
        ids.dedup();
        assert_eq!(ids, ["127.0.0.1/old#1"], "the id does not move with the feed");
    }
}

#[tokio::test]
async fn a_feed_that_is_gone_is_told_as_gone() {
    let server = MockServer::start().await;
    Mock::given(path("/f")).respond_with(ResponseTemplate::new(410)).mount(&server).await;
    let mut reader = open("rss", &format!("url = '{}/f'", server.uri())).unwrap();
    let error = reader.next_batch(None).await.unwrap_err();
    assert!(matches!(&error, FeedError::Fatal(said) if said.contains("gone for good")), "{error:?}");
}

#[tokio::test]
async fn items_without_ids_and_dates_are_taken_once_from_the_moment_they_are_seen() {
    let server = MockServer::start().await;
    let num_asked = AtomicUsize::new(0);
    let answer = move |_: &Request| {
        let new = "<item><title>new</title><pubDate>soon</pubDate></item>";
        let old = "<item><title>old</title></item>";
        match num_asked.fetch_add(1, Ordering::Relaxed) {
            0 => feed(&format!("{old}{DATED}")),
            _ => feed(&format!("{new}{old}{DATED}")),
        }
    };
    Mock::given(path("/f")).respond_with(answer).mount(&server).await;
    let mut reader = open("rss", &format!("url = '{}/f'", server.uri())).unwrap();
    let first = hear(&mut *reader, None).await.unwrap();
    assert_eq!(first.texts, ["one 1"]);
    assert_eq!(first.rejected["no date at the first look"], 1);
    let second = hear(&mut *reader, first.cursor).await.unwrap();
    assert_eq!(second.texts, ["new"]);
    let incoming = &second.last.as_ref().unwrap().posts[0];
    assert!(incoming.post.created_at.is_none() && incoming.witnessed_at.is_some());
    assert!(hear(&mut *reader, second.cursor).await.unwrap().texts.is_empty());
}

#[tokio::test]
async fn a_feed_that_turned_over_between_two_looks_leaves_a_gap() {
    let server = MockServer::start().await;
    let num_asked = AtomicUsize::new(0);
    let answer = move |_: &Request| match num_asked.fetch_add(1, Ordering::Relaxed) {
        0 => feed(DATED),
        _ => feed(&DATED.replace(">1<", ">2<").replace("14:00", "16:00")),
    };
    Mock::given(path("/f")).respond_with(answer).mount(&server).await;
    let mut reader = open("rss", &format!("url = '{}/f'", server.uri())).unwrap();
    let first = hear(&mut *reader, None).await.unwrap();
    assert!(first.gaps.is_empty());
    let second = hear(&mut *reader, first.cursor).await.unwrap();
    assert_eq!(second.gaps.len(), 1);
    assert_eq!(second.gaps[0].gap.to.to_rfc3339(), "2026-11-22T16:00:00+00:00");
}

#[tokio::test]
async fn a_packed_bomb_is_cut_off() {
    use std::io::Write;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..64 {
        packed.write_all(&vec![b' '; 1 << 20]).unwrap();
    }
    let server = MockServer::start().await;
    let answer = ResponseTemplate::new(200).set_body_bytes(packed.finish().unwrap());
    Mock::given(path("/f")).respond_with(answer.insert_header("content-encoding", "gzip")).mount(&server).await;
    let mut reader = open("rss", &format!("url = '{}/f'", server.uri())).unwrap();
    let error = reader.next_batch(None).await.unwrap_err().to_string();
    assert!(error.contains("net.max_body_bytes"), "{error}");
}

#[test]
fn a_secret_link_is_never_told() {
    let error = open("rss", "url = 'env:CAIU_TEST_NO_SUCH_VARIABLE'").unwrap_err();
    assert!(error.contains("CAIU_TEST_NO_SUCH_VARIABLE is not set"), "{error}");
}
