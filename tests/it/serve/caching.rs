//! What was answered before is not sent again; what is sent can be packed.

use std::io::Read;

use super::world::{HOSTILE, Server};

#[tokio::test(flavor = "multi_thread")]
async fn what_the_client_has_is_not_sent_again() {
    let server = Server::shared().await;
    for path in [
        "/api/v1/overview",
        "/api/v1/posts?q=whatsapp",
        "/api/v1/series?q=whatsapp&bin=1h",
        "/api/v1/bursts?q=whatsapp&bin=1h",
        "/api/v1/incidents",
        "/api/v1/services",
        "/api/v1/about",
        "/api/v1/series.csv?q=whatsapp&bin=1h",
    ] {
        let first = server.get(path).await;
        let tag = first.header("etag").to_owned();
        assert!(tag.starts_with("W/\""), "{path}: {tag}");
        assert_eq!(first.header("cache-control"), "private, no-cache", "{path}");
        let vary: Vec<_> = first.headers.get_all("vary").iter().filter_map(|value| value.to_str().ok()).collect();
        assert!(vary.join(",").contains("authorization"), "{path}: {vary:?}");
        for sent in [tag.clone(), format!("\"other\", {tag}")] {
            let again = server.send(server.request("GET", path).header("if-none-match", sent)).await;
            assert_eq!((again.status, again.body.len(), again.header("etag")), (304, 0, tag.as_str()), "{path}");
        }
        let other = server.send(server.request("GET", path).header("if-none-match", "W/\"0-0-0-0\"")).await;
        assert_eq!((other.status, &other.body), (200, &first.body), "{path}");
        let head = server.send(server.request("HEAD", path)).await;
        assert_eq!((head.status, head.body.len(), head.header("etag")), (200, 0, tag.as_str()), "{path}");
        assert_eq!(head.header("content-type"), first.header("content-type"), "{path}");
    }
    let one = server.get("/api/v1/posts?q=whatsapp").await.header("etag").to_owned();
    let other = server.send(server.request("GET", "/api/v1/posts?q=telegram").header("if-none-match", one)).await;
    assert_eq!(other.status, 200, "the tag of one link says nothing of another");
    assert_eq!(server.get("/api/v1/feeds").await.header("cache-control"), "no-store", "lags change with the clock");
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_packed_for_those_who_take_it() {
    let server = Server::shared().await;
    for path in
        ["/api/v1/bursts?q=kind:complaint&bin=1m", "/api/v1/overview?hours=24&all=1", "/api/v1/openapi.json", "/"]
    {
        let plain = server.get(path).await;
        assert_eq!(plain.header("content-encoding"), "", "{path}");
        let packed = server.send(server.request("GET", path).header("accept-encoding", "gzip")).await;
        assert_eq!(packed.header("content-encoding"), "gzip", "{path}");
        assert!(packed.body.len() < plain.body.len(), "{path}");
        let mut text = Vec::new();
        flate2::read::GzDecoder::new(packed.body.as_slice()).read_to_end(&mut text).unwrap();
        assert_eq!(text, plain.body, "{path}");
        assert_eq!(packed.header("etag"), plain.header("etag"), "{path}");
        let again = server.send(server.request("GET", path).header("accept-encoding", "br, gzip;q=0.5")).await;
        assert_eq!(again.body, packed.body, "{path}: packed alike for everybody");
        for refused in ["gzip;q=0", "identity"] {
            let plainly = server.send(server.request("GET", path).header("accept-encoding", refused)).await;
            assert_eq!((plainly.header("content-encoding"), &plainly.body), ("", &plain.body), "{path} {refused}");
        }
        let head = server.send(server.request("HEAD", path).header("accept-encoding", "gzip")).await;
        assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_commit_is_a_new_answer() {
    let server = Server::own(&format!("{HOSTILE}\n"), |_| ()).await;
    let path = "/api/v1/posts?q=whatsapp";
    let before = server.get(path).await;
    assert_eq!(before.json()["total"], 1);
    let more = r#"{"id":"2","platform":"t","created_at":"2021-10-04T16:31:00Z","text":"whatsapp caiu"}"#;
    let folder = tempfile::tempdir().unwrap();
    let index = server.index.clone();
    tokio::task::spawn_blocking(move || super::world::fill_index(&index, folder.path(), &format!("{more}\n")))
        .await
        .unwrap();
    let began = std::time::Instant::now();
    let after = loop {
        let tag = before.header("etag");
        let answer = server.send(server.request("GET", path).header("if-none-match", tag)).await;
        if answer.status == 200 {
            break answer;
        }
        assert!(began.elapsed().as_secs() < 20, "the commit is never seen");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    };
    assert_eq!(after.json()["total"], 2);
    assert_ne!(after.header("etag"), before.header("etag"));
    let overview = server.json("/api/v1/overview").await;
    assert_eq!(overview["services"][0]["num_complaints"], 2, "{overview:#}");
}
