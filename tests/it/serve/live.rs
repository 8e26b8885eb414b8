//! The live stream: what comes, what changes, and what was missed.

use std::time::Duration;

use caiu::index::IndexReader;
use caiu::model::Incident;
use caiu::pipeline::journal::{Change, Journal};
use serde_json::{Value, json};

use super::world::{Server, fill_index};

const POST: &str = r#"{"id":"1","platform":"t","created_at":"2021-10-04T16:30:00Z","text":"whatsapp is down"}"#;

pub(super) fn incident(id: &str) -> Incident {
    serde_json::from_value(json!({
        "id": id, "service": "whatsapp", "verdict": "outage", "phase": "ongoing", "score": 12.0,
        "onset": {"low": null, "at": "2021-10-04T15:40:00Z", "high": "2021-10-04T15:45:00Z"},
        "alarm_at": "2021-10-04T15:46:00Z", "end": null, "peak": {"at": "2021-10-04T15:50:00Z", "per_min": 7.0},
        "num_complaints": 40, "num_authors": 38, "langs": {"en": 1.0}, "countries": {"??": 1.0},
        "migrations": [], "quotes": []
    }))
    .unwrap()
}

/// An event of the stream.
#[derive(Debug)]
struct Event {
    name: String,
    id: Option<u64>,
    data: Value,
}

/// A client that listens.
struct Client {
    response: reqwest::Response,
    text: String,
}

impl Client {
    async fn open(server: &Server, last: Option<u64>) -> Self {
        let request = server.request("GET", "/api/v1/live");
        let request = last.into_iter().fold(request, |request, last| request.header("last-event-id", last));
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, text: String::new() }
    }

    async fn next(&mut self) -> Event {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
                let parsed = field("event:").map(|name| Event {
                    name: name.to_owned(),
                    id: field("id:").map(|id| id.parse().unwrap()),
                    data: serde_json::from_str(field("data:").unwrap()).unwrap(),
                });
                self.text = rest.to_owned();
                match parsed {
                    Some(event) => return event,
                    None => continue,
                }
            }
            let chunk = tokio::time::timeout(Duration::from_secs(20), self.response.chunk()).await;
            let chunk = chunk.expect("an event comes in time").unwrap().expect("the stream goes on");
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn incidents_are_told_and_told_again_to_those_who_come_back() {
    let server = Server::own(&format!("{POST}\n"), |_| ()).await;
    // Another process writes: the server only reads.
    let mut journal = Journal::open(&server.index).unwrap();
    let now = chrono::Utc::now();
    let mut client = Client::open(&server, None).await;
    let hello = client.next().await;
    assert_eq!((hello.name.as_str(), &hello.data["seq"]), ("hello", &json!(1)));
    for (line, change) in [(1, Change::Opened), (2, Change::Revised)] {
        journal.write(now, change, incident("whatsapp-20211004T1540Z")).unwrap();
        let event = client.next().await;
        assert_eq!((event.name.as_str(), event.id), ("incident", Some(line)));
        assert_eq!((&event.data["change"], &event.data["seq"]), (&json!(change.name()), &json!(line)));
        assert_eq!(event.data["incident"]["id"], "whatsapp-20211004T1540Z");
    }
    drop(client);
    journal.write(now, Change::Revised, incident("whatsapp-20211004T1540Z")).unwrap();
    journal.write(now, Change::Opened, incident("telegram-20211004T1600Z")).unwrap();
    let mut late = Client::open(&server, None).await;
    assert_eq!(late.next().await.name, "hello");
    let mut back = Client::open(&server, Some(2)).await;
    assert_eq!(back.next().await.name, "hello");
    for line in [3, 4] {
        let event = back.next().await;
        assert_eq!((event.name.as_str(), event.id), ("incident", Some(line)), "each once, in order");
    }
    journal.write(now, Change::Ended, incident("telegram-20211004T1600Z")).unwrap();
    assert_eq!(back.next().await.id, Some(5));
    let list = server.json("/api/v1/incidents?state=all").await;
    assert_eq!(list["incidents"].as_array().unwrap().len(), 2);
    let revisions = server.json("/api/v1/incidents/whatsapp-20211004T1540Z/revisions").await;
    assert_eq!(revisions["revisions"].as_array().unwrap().len(), 3);
    let overview = server.json("/api/v1/overview").await;
    assert_eq!(overview["services"][0]["state"], "ongoing", "{overview:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_with_a_commit_is_told() {
    let server = Server::own(&format!("{POST}\n"), |_| ()).await;
    let mut client = Client::open(&server, None).await;
    assert_eq!(client.next().await.name, "hello");
    let more = [("2", "whatsapp caiu"), ("3", "is whatsapp down for you too"), ("4", "whatsapp stickers are fun")].map(
        |(id, text)| {
            format!(
                "{{\"id\":\"{id}\",\"platform\":\"t\",\"created_at\":\"2021-10-04T16:31:00Z\",\"text\":\"{text}\"}}\n"
            )
        },
    );
    let (index, folder) = (server.index.clone(), tempfile::tempdir().unwrap());
    tokio::task::spawn_blocking(move || fill_index(&index, folder.path(), &more.concat())).await.unwrap();
    let event = loop {
        let event = client.next().await;
        // An index that nobody watches is searched anew after a commit.
        if event.name != "incident" {
            break event;
        }
    };
    assert_eq!((event.name.as_str(), event.id), ("counts", None));
    assert_eq!(event.data["services"], json!({ "whatsapp": { "complaints": 2, "posts": 3 } }));
    assert_eq!(event.data["seq"], IndexReader::open(&server.index).unwrap().seq());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_that_is_too_slow_is_told_what_it_missed_and_holds_nobody_up() {
    const NUM: u64 = 400;
    /// Lines that wait for whoever reads, fewer than are kept for him.
    const EACH: usize = 40;
    let server = Server::own(&format!("{POST}\n"), |_| ()).await;
    let mut journal = Journal::open(&server.index).unwrap();
    let (mut slow, mut quick) = (Client::open(&server, None).await, Client::open(&server, None).await);
    assert_eq!((slow.next().await.name.as_str(), quick.next().await.name.as_str()), ("hello", "hello"));
    // More than all buffers of the connection hold.
    let mut large = incident("whatsapp-20211004T1540Z");
    large.quotes = serde_json::from_value(json!([
        { "id": "1", "text": "x".repeat(100_000), "lang": "en", "at": "2021-10-04T16:00:00Z", "url": null }
    ]))
    .unwrap();
    for first in (1..=NUM).step_by(EACH) {
        let lines = first..first + EACH as u64;
        for _ in lines.clone() {
            journal.write(chrono::Utc::now(), Change::Revised, large.clone()).unwrap();
        }
        for line in lines {
            let event = quick.next().await;
            assert_eq!((event.name.as_str(), event.id), ("incident", Some(line)), "who keeps up gets every line");
        }
    }
    let (mut got, mut missed) = (0, 0);
    while got + missed < NUM {
        let event = slow.next().await;
        match event.name.as_str() {
            "incident" => got += 1,
            "lagged" => missed += event.data["missed"].as_u64().unwrap(),
            other => panic!("{other}"),
        }
    }
    assert!(missed > 0 && got > 0, "{got} came, {missed} were missed");
}

#[tokio::test(flavor = "multi_thread")]
async fn places_for_listeners_are_counted_and_given_back() {
    let server = Server::shared_with(|options| options.access.most_listeners = 2).await;
    let first = Client::open(&server, None).await;
    let second = Client::open(&server, None).await;
    let refused = server.get("/api/v1/live").await;
    assert_eq!((refused.status, refused.header("content-type")), (503, "application/problem+json"));
    drop((first, second));
    let began = std::time::Instant::now();
    loop {
        let response = server.request("GET", "/api/v1/live").send().await.unwrap();
        if response.status() == 200 {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(40), "places are never given back");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
