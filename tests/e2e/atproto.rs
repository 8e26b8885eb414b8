//! A real PDS: accounts, posts, edits, deletions, takedowns, cursors too old and too new, limits of requests.

use std::time::Duration;

use caiu::feed::FeedError;
use caiu::feed::http::Net;
use caiu::model::GapCause;
use serde_json::{Value, json};

use super::support::{Reader, net, post, server};

const POSTS: &str = "app.bsky.feed.post";

/// An account on a PDS.
pub(crate) struct Account {
    net: Net,
    pds: String,
    pub(crate) did: String,
    token: String,
}

impl Account {
    pub(crate) async fn new(pds: &str, name: &str) -> Self {
        let net = net();
        // Handles are unique, and the server outlives a run of one test.
        let handle = format!("{name}-{}.test", chrono::Utc::now().timestamp_micros() % 1_000_000_000);
        let body = json!({"handle": handle, "email": format!("{handle}@x.test"), "password": "a long one"});
        let account = post(&net, &format!("{pds}/xrpc/com.atproto.server.createAccount"), &[], &body).await.unwrap();
        let text = |key: &str| account[key].as_str().unwrap().to_owned();
        Self { net, pds: pds.to_owned(), did: text("did"), token: format!("Bearer {}", text("accessJwt")) }
    }

    async fn call(&self, method: &str, body: &Value) -> Value {
        let link = format!("{}/xrpc/{method}", self.pds);
        post(&self.net, &link, &[("authorization", &self.token)], body).await.unwrap()
    }

    fn record(text: &str, lang: &str) -> Value {
        json!({"$type": POSTS, "text": text, "langs": [lang], "createdAt": chrono::Utc::now().to_rfc3339()})
    }

    /// Writes a post; its address comes back.
    pub(crate) async fn post(&self, text: &str, lang: &str) -> String {
        let body = json!({"repo": self.did, "collection": POSTS, "record": Self::record(text, lang)});
        self.call("com.atproto.repo.createRecord", &body).await["uri"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn edit(&self, uri: &str, text: &str) {
        let rkey = uri.rsplit('/').next();
        let body = json!({"repo": self.did, "collection": POSTS, "rkey": rkey, "record": Self::record(text, "en")});
        self.call("com.atproto.repo.putRecord", &body).await;
    }

    pub(crate) async fn delete(&self, uri: &str) {
        let body = json!({"repo": self.did, "collection": POSTS, "rkey": uri.rsplit('/').next()});
        self.call("com.atproto.repo.deleteRecord", &body).await;
    }

    /// Takes the whole account down, as its server's moderators do.
    pub(crate) async fn take_down(&self, admin: &str) {
        let subject = json!({"$type": "com.atproto.admin.defs#repoRef", "did": self.did});
        let body = json!({"subject": subject, "takedown": {"applied": true, "ref": "1"}});
        let link = format!("{}/xrpc/com.atproto.admin.updateSubjectStatus", self.pds);
        post(&self.net, &link, &[("authorization", admin)], &body).await.unwrap();
    }
}

fn settings(pds: &str) -> String {
    format!("server = '{}'", pds.replace("http", "ws"))
}

#[tokio::test]
#[ignore = "needs a real server: cargo xtask e2e"]
async fn what_people_do_is_told_once_and_over_a_restart() {
    let (pds, admin) = (server("CAIU_E2E_PDS"), server("CAIU_E2E_PDS_ADMIN"));
    let mut reader = Reader::open("atproto", &settings(&pds));
    reader.ask().await.unwrap();
    let (alice, bruno) = (Account::new(&pds, "alice").await, Account::new(&pds, "bruno").await);
    let first = alice.post("واتساب معطل", "ar").await;
    bruno.post("o whatsapp caiu de novo", "pt").await;
    reader.until_text("o whatsapp caiu de novo").await;
    let told = reader.posts.iter().find(|incoming| incoming.post.id == first).unwrap();
    assert_eq!((told.post.text.as_str(), told.post.lang.as_deref()), ("واتساب معطل", Some("ar")));
    assert_eq!(told.post.author.as_deref(), Some(alice.did.as_str()));
    assert!(told.witnessed_at.is_some());

    alice.edit(&first, "it was only my router").await;
    reader.until_text("it was only my router").await;
    assert_eq!(reader.posts.last().unwrap().post.id, first, "an edit replaces the post");
    alice.delete(&first).await;
    reader.until("deletion", |reader| reader.is_gone(&first)).await;

    // While nobody listens; then everything since the place, nothing twice.
    let num_before = reader.posts.len();
    alice.post("meanwhile 1", "en").await;
    alice.post("meanwhile 2", "en").await;
    reader.restart();
    reader.until_text("meanwhile 2").await;
    assert_eq!(reader.texts()[num_before..], ["meanwhile 1", "meanwhile 2"]);

    bruno.take_down(&admin).await;
    reader.until("takedown", |reader| reader.is_author_gone(&bruno.did)).await;
    assert!(reader.gaps.is_empty(), "{:?}", reader.gaps);
    assert!(reader.until.is_some());
}

#[tokio::test]
#[ignore = "needs a real server: cargo xtask e2e"]
async fn a_cursor_of_a_former_life_is_refused_and_told_as_a_gap() {
    let pds = server("CAIU_E2E_PDS");
    let alice = Account::new(&pds, "future").await;
    let mut reader = Reader::open("atproto", &settings(&pds));
    reader.ask().await.unwrap();
    alice.post("before", "en").await;
    reader.until_text("before").await;
    // The server was set up anew, so that it has not come to this number yet.
    let mut place: Value = serde_json::from_str(reader.after.as_ref().unwrap().as_str()).unwrap();
    place["seq"] = json!(99_999_999);
    reader.after = Some(caiu::model::Cursor::new(place.to_string()));
    reader.until("gap", |reader| !reader.gaps.is_empty()).await;
    assert_eq!(reader.gaps[0].cause, GapCause::CursorLost);
    // The connection that follows listens from the present on.
    reader.ask().await.unwrap();
    alice.post("after", "en").await;
    reader.until_text("after").await;
}

#[tokio::test]
#[ignore = "needs a real server: cargo xtask e2e"]
async fn a_cursor_older_than_what_the_server_holds_is_a_gap() {
    let pds = server("CAIU_E2E_PDS_SHORT");
    let alice = Account::new(&pds, "outdated").await;
    let mut reader = Reader::open("atproto", &settings(&pds));
    reader.ask().await.unwrap();
    alice.post("0", "en").await;
    reader.until_text("0").await;
    alice.post("lost", "en").await;
    tokio::time::sleep(Duration::from_millis(1500)).await;
    reader.restart();
    let text = "new";
    alice.post(text, "en").await;
    reader.until_text(text).await;
    assert_eq!((reader.gaps.len(), reader.gaps.first().map(|gap| gap.cause)), (1, Some(GapCause::CursorLost)));
    assert!(reader.gaps[0].gap.from < reader.gaps[0].gap.to);
}

#[tokio::test]
#[ignore = "needs a real server: cargo xtask e2e"]
async fn limits_of_requests_are_kept() {
    let pds = server("CAIU_E2E_PDS_LIMITED");
    let link = format!("{pds}/xrpc/com.atproto.server.createSession");
    let body = json!({"identifier": "nobody.test", "password": "x"});
    // A client that does not know the server asks until it is refused; each has its own memory.
    for _ in 0..60 {
        match post(&net(), &link, &[], &body).await {
            Err(FeedError::Throttled { retry_after }) => {
                let wait = retry_after.expect("the server says how long");
                assert!(wait > Duration::from_secs(1) && wait <= Duration::from_secs(300), "{wait:?}");
                return;
            }
            Err(FeedError::Fatal(words)) => assert!(words.contains("401"), "{words}"),
            other => panic!("{other:?}"),
        }
    }
    panic!("the server has no limit");
}
