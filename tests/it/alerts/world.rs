//! A stand-in receiver that remembers what it got, and lines of a journal to tell it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use caiu::alert::{Desk, Receiver, ReceiverConfig};
use caiu::feed::http::NetOptions;
use caiu::model::Entry;
use serde_json::{Value, json};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

/// Longest time that something may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

/// A receiver of HTTP.
pub(super) struct World {
    pub(super) server: MockServer,
    answers: Arc<Mutex<VecDeque<ResponseTemplate>>>,
}

struct Answerer(Arc<Mutex<VecDeque<ResponseTemplate>>>);

impl Respond for Answerer {
    fn respond(&self, _request: &Request) -> ResponseTemplate {
        self.0.lock().unwrap().pop_front().unwrap_or_else(|| ResponseTemplate::new(200))
    }
}

impl World {
    pub(super) async fn new() -> Self {
        let (server, answers) = (MockServer::start().await, Arc::<Mutex<VecDeque<ResponseTemplate>>>::default());
        Mock::given(any()).respond_with(Answerer(Arc::clone(&answers))).mount(&server).await;
        Self { server, answers }
    }

    /// Answers the next requests with these, and everything after them with 200.
    pub(super) fn answer(&self, answers: impl IntoIterator<Item = ResponseTemplate>) {
        self.answers.lock().unwrap().extend(answers);
    }

    /// The requests so far, when there are at least `num`.
    pub(super) async fn got(&self, num: usize) -> Vec<Request> {
        let began = Instant::now();
        loop {
            let got = self.server.received_requests().await.unwrap();
            if got.len() >= num {
                return got;
            }
            let bodies: Vec<String> = got.iter().map(|request| text(&request.body)).collect();
            assert!(began.elapsed() < PATIENCE, "{} of {num}: {bodies:?}", got.len());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A header of a request.
pub(super) fn header<'r>(request: &'r Request, name: &str) -> &'r str {
    request.headers.get(name).map_or("", |value| value.to_str().unwrap())
}

/// `type` and incident of what a webhook got.
pub(super) fn told(request: &Request) -> (String, String) {
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    let field = |value: &Value| value.as_str().unwrap().to_owned();
    (field(&body["type"]), field(&body["data"]["incident"]["id"]))
}

/// A receiver of the configuration, with short pauses.
pub(super) fn receiver(kind: &str, settings: &str) -> (ReceiverConfig, Box<dyn Receiver>) {
    let table = format!("first_pause_secs = 0.02\nlongest_pause_secs = 0.1\n{settings}").parse().unwrap();
    let config = ReceiverConfig::read(kind, table).unwrap();
    let receiver = config.open(&NetOptions::default()).unwrap();
    (config, receiver)
}

/// A line of the journal: `seq`, what happened, and to which service.
pub(super) fn entry(seq: u64, change: &str, service: &str) -> Entry {
    let now = chrono::Utc::now();
    let mins = |mins: i64| now - chrono::TimeDelta::minutes(mins);
    let is_over = change == "ended";
    let entry = json!({
        "seq": seq,
        "at": now,
        "change": change,
        "incident": {
            "id": format!("{service}-1"),
            "service": service,
            "verdict": "outage",
            "onset": { "low": mins(12), "at": mins(11), "high": mins(9) },
            "alarm_at": mins(8),
            "end": is_over.then(|| json!({ "low": mins(3), "at": mins(2), "high": mins(1) })),
            "phase": if is_over { "ended" } else { "ongoing" },
            "peak": { "at": mins(7), "per_min": 9.0 },
            "score": 50.0,
            "num_complaints": 70,
            "num_authors": 66,
            "langs": { "pt": 0.75, "ar": 0.25 },
            "countries": { "BR": 0.5, "??": 0.5 },
            "migrations": [],
            "quotes": [],
        },
    });
    serde_json::from_value(entry).unwrap()
}

/// Waits until a desk has nothing left to do, and ends it.
pub(super) async fn close(desk: Desk) {
    desk.close(Duration::from_secs(10)).await;
}
