//! A server of a test's own, and what asks it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use caiu::batch::{FillPlan, fill};
use caiu::corpus::{ReadOptions, expand};
use caiu::feed::Secret;
use caiu::index::{IndexWriter, Keep, WriterOptions};
use caiu::normalize::AuthorSecret;
use caiu::serve::{App, Limits, Options, router, serve};
use reqwest::header::HeaderMap;
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::support::{corpus, file, folder, tagger};

/// A post that would do harm wherever it is taken for something else than text.
pub(super) const HOSTILE: &str = r#"{"id":"evil-1","platform":"t","created_at":"2021-10-04T16:30:00Z","author":"x","text":"<script>alert(1)</script> =cmd() whatsapp is down since noon, nothing sends \u202e \"><img src=x onerror=alert(1)>","url":"javascript:alert(1)"}"#;

/// What a server answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A server that ends with the test.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    pub(super) index: PathBuf,
    client: reqwest::Client,
    stop: watch::Sender<bool>,
    _folder: Option<TempDir>,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
    }
}

impl Server {
    /// One over the index that all tests share, which nobody writes to.
    pub(super) async fn shared() -> Self {
        Self::with(shared_index(), None, |_| (), Limits::default()).await
    }

    /// The same with other rules.
    pub(super) async fn shared_with(change: impl FnOnce(&mut Options)) -> Self {
        Self::with(shared_index(), None, change, Limits::default()).await
    }

    /// One over an index of its own with these posts, one JSON object a line.
    pub(super) async fn own(posts: &str, change: impl FnOnce(&mut Options)) -> Self {
        let folder = folder();
        let index = folder.path().join("index");
        fill_index(&index, folder.path(), posts);
        Self::with(&index, Some(folder), change, Limits::default()).await
    }

    pub(super) async fn with(
        index: &Path,
        folder: Option<TempDir>,
        change: impl FnOnce(&mut Options),
        limits: Limits,
    ) -> Self {
        let mut options = Options::new(index);
        options.lexicon = tagger().lexicon().hash().to_owned();
        options.services = tagger().lexicon().services.iter().map(|service| service.id.clone()).collect();
        options.metrics = Some(Box::new(|| "# HELP caiu_up up\ncaiu_up 1\n".to_owned()));
        change(&mut options);
        let app: Arc<App> = tokio::task::spawn_blocking(move || App::open(options)).await.unwrap().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(serve(listener, router(app), limits, stopped));
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().no_gzip().timeout(Duration::from_secs(60)).build().unwrap();
        Self { address, index: index.to_owned(), client, stop, _folder: folder }
    }

    pub(super) fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method.parse().unwrap(), format!("http://{}{path}", self.address))
    }

    pub(super) async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Answer { status, headers, body: response.bytes().await.unwrap().to_vec() }
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.send(self.request("GET", path)).await
    }

    /// What must be there.
    pub(super) async fn json(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }
}

/// A token.
pub(super) fn secret(text: &str) -> Option<Secret> {
    Some(Secret::new(text.to_owned()))
}

/// The simulated outage of whatsapp, and one hostile post.
fn shared_index() -> &'static Path {
    static INDEX: OnceLock<TempDir> = OnceLock::new();
    let folder = INDEX.get_or_init(|| {
        let folder = folder();
        fill_index(&folder.path().join("index"), folder.path(), &format!("{}{HOSTILE}\n", corpus()));
        folder
    });
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| folder.path().join("index"))
}

/// Puts posts into an index.
pub(super) fn fill_index(index: &Path, folder: &Path, posts: &str) {
    let posts = file(folder, "posts.jsonl", posts);
    let mut writer = IndexWriter::open(index, WriterOptions::default()).unwrap();
    let plan = FillPlan {
        inputs: expand(&[posts.display().to_string()]).unwrap(),
        read: ReadOptions::default(),
        assume_tz: None,
        keep: Keep::All,
        again: false,
        commit_every: 100_000,
        secret: AuthorSecret::new(""),
        now: chrono::Utc::now(),
    };
    fill(&plan, tagger(), &mut writer, &mut |_| ()).unwrap();
    writer.close().unwrap();
}
