//! `caiu watch` killed (SIGKILL) around its messages to a webhook: each incident arrives all the same, and what arrives
//! twice is the same message under the same id.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use caiu::alert::Outbox;
use caiu::model::{Entry, Phase};
use caiu::pipeline::journal::{Change, Journal};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tempfile::TempDir;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use super::world::{header, told};
use crate::support::Watch;

/// Longest time that something may take to happen.
const PATIENCE: Duration = Duration::from_secs(120);
/// Minutes without a complaint before the first incident, for a baseline.
const QUIET_MINS: i64 = 200;
/// Minutes for which a service fails, and after which the next one does.
const FAILING_MINS: i64 = 15;
const STAGE_MINS: i64 = 45;

/// What the webhook does with what comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    Takes,
    Refuses,
    /// Takes it, and is slow to say so.
    Hangs,
}

/// When the program is killed.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// The incident stands in the journal, and nobody was told.
    Found,
    /// A message was begun and refused: it may arrive from now on, and none was taken.
    Begun,
    /// The message arrived, and the program has heard nothing of it.
    Arrived,
    /// So many milliseconds after the message arrived and was taken.
    Taken(u64),
}

/// One service fails after another; the program dies of each.
const STORY: [(&str, Moment); 7] = [
    ("whatsapp", Moment::Arrived),
    ("instagram", Moment::Found),
    ("facebook", Moment::Taken(0)),
    ("telegram", Moment::Begun),
    ("youtube", Moment::Taken(2)),
    ("tiktok", Moment::Arrived),
    ("netflix", Moment::Taken(10)),
];

/// A request, and what the webhook did with it.
#[derive(Clone)]
struct Got {
    id: String,
    body: Vec<u8>,
    event: String,
    seq: u64,
    incident: Value,
    mood: Mood,
}

/// A server that remembers what it did with each request.
#[derive(Clone)]
struct Hook(Arc<Mutex<(Mood, Vec<Got>)>>);

impl Respond for Hook {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        let mut state = self.0.lock().unwrap();
        let mood = state.0;
        state.1.push(Got {
            id: header(request, "webhook-id").to_owned(),
            body: request.body.clone(),
            event: told(request).0,
            seq: body["data"]["seq"].as_u64().unwrap(),
            incident: body["data"]["incident"].clone(),
            mood,
        });
        match mood {
            Mood::Takes => ResponseTemplate::new(200),
            Mood::Refuses => ResponseTemplate::new(503),
            Mood::Hangs => ResponseTemplate::new(200).set_delay(PATIENCE),
        }
    }
}

impl Hook {
    fn turn(&self, mood: Mood) {
        self.0.lock().unwrap().0 = mood;
    }

    fn got(&self) -> Vec<Got> {
        self.0.lock().unwrap().1.clone()
    }
}

/// The folder of a run: configuration, posts, index.
struct Place {
    folder: TempDir,
    began: DateTime<Utc>,
}

impl Place {
    fn new(hook: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().display();
        let config = format!(
            "[index]\npath = '{path}/index'\n[detect]\nevery_secs = 0.1\n\
            [[feed]]\nkind = 'file'\npath = '{path}/posts.jsonl'\n\
            [[alert]]\nkind = 'webhook'\nid = 'ops'\nurl = '{hook}'\nfirst_pause_secs = 0.02\nlongest_pause_secs = 0.1\n"
        );
        fs::write(folder.path().join("caiu.toml"), config).unwrap();
        let place = Self { folder, began: Utc::now() - TimeDelta::hours(12) };
        place.tell(0..QUIET_MINS, None);
        place
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn index(&self) -> PathBuf {
        self.path().join("index")
    }

    /// Appends the posts of some minutes: one about something else in each, and six complaints while a service fails.
    fn tell(&self, mins: std::ops::Range<i64>, failing: Option<&str>) {
        let mut lines = String::new();
        for min in mins {
            let texts = std::iter::once("bom dia".to_owned())
                .chain((0..6).filter_map(|_| failing.map(|service| format!("o {service} caiu"))));
            for (number, text) in texts.enumerate() {
                let id = format!("{min}-{number}");
                let at = self.began + TimeDelta::minutes(min) + TimeDelta::seconds(number as i64);
                let post = json!({ "id": id, "platform": "t", "author": id, "created_at": at, "text": text });
                lines.push_str(&format!("{post}\n"));
            }
        }
        let mut file = fs::OpenOptions::new().create(true).append(true).open(self.path().join("posts.jsonl")).unwrap();
        file.write_all(lines.as_bytes()).unwrap();
    }

    fn journal(&self) -> Vec<Entry> {
        Journal::read(&self.index()).unwrap()
    }

    /// The whole lines of the outbox; the one that a kill cut short is left out.
    fn outbox(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.index().join(Outbox::FILE)).unwrap_or_default();
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        whole.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
    }
}

async fn until(what: &str, watch: &mut Watch, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(watch.is_running(), "{what}: the program ended by itself");
        assert!(began.elapsed() < PATIENCE, "{what}");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// The incidents of which the receiver knows less than the journal, by what it took last.
fn behind(place: &Place, hook: &Hook) -> BTreeSet<String> {
    let mut known: BTreeMap<String, (Change, Phase)> = BTreeMap::new();
    for entry in place.journal() {
        known.insert(entry.incident.id.clone(), (entry.change, entry.incident.phase));
    }
    let mut last: BTreeMap<String, Got> = BTreeMap::new();
    for got in hook.got().into_iter().filter(|got| got.mood != Mood::Refuses) {
        last.insert(got.incident["id"].as_str().unwrap().to_owned(), got);
    }
    let is_behind = |id: &str, change: Change, phase: Phase| match last.get(id) {
        None => change != Change::Withdrawn,
        Some(got) if change == Change::Withdrawn => got.event != "incident.withdrawn",
        Some(got) => got.incident["phase"] != serde_json::to_value(phase).unwrap(),
    };
    known.into_iter().filter(|(id, (change, phase))| is_behind(id, *change, *phase)).map(|(id, _)| id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_is_killed_around_its_messages_loses_none() {
    let hook = Hook(Arc::new(Mutex::new((Mood::Takes, Vec::new()))));
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(hook.clone()).mount(&server).await;
    let place = Place::new(&server.uri());
    let mut watch = Watch::start(place.path());
    let mut in_doubt = Vec::new();
    let mut min = QUIET_MINS;
    for (service, moment) in STORY {
        let mood = match moment {
            Moment::Found | Moment::Begun => Mood::Refuses,
            Moment::Arrived => Mood::Hangs,
            Moment::Taken(_) => Mood::Takes,
        };
        let num_got = hook.got().len();
        hook.turn(mood);
        place.tell(min..min + FAILING_MINS, Some(service));
        let is_about = |entry: &Entry| entry.incident.service.as_str() == service;
        match moment {
            Moment::Found => until("an incident", &mut watch, || place.journal().iter().any(is_about)).await,
            // Of whichever incident: a message of the last one may stand in the way of this one's.
            _ => until("a message", &mut watch, || hook.got()[num_got..].iter().any(|got| got.mood == mood)).await,
        }
        if let Moment::Taken(ms) = moment {
            tokio::time::sleep(Duration::from_millis(ms)).await;
        }
        watch.kill();
        in_doubt.extend(hook.got()[num_got..].iter().filter(|got| got.mood == Mood::Hangs).map(|got| got.id.clone()));
        // What a kill leaves is whole lines, and at most the beginning of one.
        place.outbox();
        hook.turn(Mood::Takes);
        watch = Watch::start(place.path());
        let is_told = |got: &Got| got.mood == Mood::Takes && got.incident["service"] == service;
        until(service, &mut watch, || hook.got().iter().any(is_told)).await;
        place.tell(min + FAILING_MINS..min + STAGE_MINS, None);
        min += STAGE_MINS;
    }
    // In this order: a line may come between the two looks.
    until("the end of all", &mut watch, || has_ended(&place) && behind(&place, &hook).is_empty()).await;
    watch.stop();
    assert_eq!(behind(&place, &hook), BTreeSet::new());
    hold(&place, &hook, &in_doubt);
}

/// Whether the last service has failed and is over.
fn has_ended(place: &Place) -> bool {
    let journal = place.journal();
    let last = journal.iter().rfind(|entry| entry.incident.service.as_str() == STORY[STORY.len() - 1].0);
    last.is_some_and(|entry| entry.incident.phase == Phase::Ended)
}

/// What must hold of all that arrived, and of the outbox.
fn hold(place: &Place, hook: &Hook, in_doubt: &[String]) {
    let got = hook.got();
    let taken: Vec<&Got> = got.iter().filter(|got| got.mood != Mood::Refuses).collect();
    for (service, _) in STORY {
        assert!(taken.iter().any(|got| got.incident["service"] == service), "{service} is lost");
    }
    // One message, one id, and one id, one message: else a receiver could not drop what it has seen.
    let (mut by_id, mut by_content) = (BTreeMap::new(), BTreeMap::new());
    for got in &got {
        assert_eq!(*by_id.entry(&got.id).or_insert(&got.body), &got.body, "{}", got.id);
        let content = (&got.event, got.incident["id"].as_str(), got.seq);
        assert_eq!(*by_content.entry(content).or_insert(&got.id), &got.id, "{content:?}");
    }
    assert!(!in_doubt.is_empty());
    for id in in_doubt {
        assert!(taken.iter().filter(|got| got.id == *id).count() >= 2, "what may have been lost comes again: {id}");
    }
    // The outbox: each message is begun once and finished once, and finished means that the receiver has taken it.
    let file = fs::read(place.index().join(Outbox::FILE)).unwrap();
    assert_eq!(file.last(), Some(&b'\n'), "no line is cut short");
    let mut begun: Option<Value> = None;
    for line in place.outbox() {
        let message = &line["message"];
        match line["outcome"].as_str().unwrap() {
            "sending" => assert_eq!(begun.replace(message.clone()), None, "begun before the last one was finished"),
            "told" => {
                assert_eq!(begun.take().as_ref(), Some(message), "finished, and was not begun");
                assert!(taken.iter().any(|got| *message == got.id), "told, and never taken: {message}");
            }
            other => assert!(matches!(other, "known" | "passed"), "{line}"),
        }
    }
    assert_eq!(begun, None, "everything is finished");
}
