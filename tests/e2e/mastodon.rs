//! A real server of Mastodon's API: snac, with opaque ids, no `Link` header, no stream and no single posts for strangers.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use caiu::feed::FeedError;

use crate::support::{Running, free_port, hear, open, program};

struct Snac {
    program: PathBuf,
    data: PathBuf,
    port: u16,
}

impl Snac {
    fn new(folder: &Path) -> Self {
        let (program, data, port) = (program("CAIU_E2E_SNAC"), folder.join("data"), free_port());
        let mut init =
            Command::new(&program).arg("init").arg(&data).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        write!(init.stdin.take().unwrap(), "127.0.0.1\n{port}\n127.0.0.1:{port}\n\nadmin@x.test\n").unwrap();
        assert!(init.wait().unwrap().success());
        let settings = data.join("server.json");
        let text = std::fs::read_to_string(&settings).unwrap();
        std::fs::write(&settings, text.replace("\"https\"", "\"http\"")).unwrap();
        let snac = Self { program, data, port };
        snac.run(&["adduser"], &["alice"]);
        snac
    }

    fn run(&self, command: &[&str], rest: &[&str]) {
        let mut run = Command::new(&self.program);
        let status = run.args(command).arg(&self.data).args(rest).stdout(Stdio::null()).stderr(Stdio::null()).status();
        assert!(status.unwrap().success(), "snac {command:?}");
    }

    fn serve(&self) -> Running {
        Running::start(Command::new(&self.program).arg("httpd").arg(&self.data), self.port)
    }

    fn write(&self, text: &str) {
        self.run(&["note"], &["alice", text]);
    }

    fn settings(&self) -> String {
        format!("server = 'http://127.0.0.1:{}'", self.port)
    }
}

const TIMEOUT: Duration = Duration::from_secs(20);

#[tokio::test]
#[ignore = "needs snac 2.75; cargo xtask e2e provides it"]
async fn posts_are_read_once_through_bursts_restarts_and_a_server_that_goes_away() {
    let folder = tempfile::tempdir().unwrap();
    let snac = Snac::new(folder.path());
    let running = snac.serve();
    for number in 0..3 {
        snac.write(&format!("zap caiu {number}"));
    }
    let first = hear(&mut *open("mastodon", &snac.settings(), TIMEOUT), None).await.unwrap();
    assert_eq!(first.texts, ["zap caiu 0", "zap caiu 1", "zap caiu 2"]);
    assert!(first.ids[0].starts_with(&format!("http://127.0.0.1:{}/alice/p/", snac.port)), "{:?}", first.ids);

    // More than two pages, read after a restart.
    for number in 3..103 {
        snac.write(&format!("zap caiu {number}"));
    }
    let burst = hear(&mut *open("mastodon", &snac.settings(), TIMEOUT), first.cursor).await.unwrap();
    let texts: BTreeSet<&String> = burst.texts.iter().collect();
    assert_eq!((burst.texts.len(), texts.len(), burst.num_gaps), (100, 100, 0));

    let mut feed = open("mastodon", &snac.settings(), TIMEOUT);
    let quiet = hear(&mut *feed, burst.cursor).await.unwrap();
    assert!(quiet.texts.is_empty(), "{:?}", quiet.texts);

    drop(running);
    let error = hear(&mut *feed, quiet.cursor.clone()).await.unwrap_err();
    assert!(matches!(error, FeedError::Transient(_)), "{error:?}");
    snac.write("voltou");
    let _running = snac.serve();
    assert_eq!(hear(&mut *feed, quiet.cursor).await.unwrap().texts, ["voltou"]);
}

#[tokio::test]
#[ignore = "needs snac 2.75; cargo xtask e2e provides it"]
async fn hashtags_are_read_and_a_missing_stream_is_polled() {
    let folder = tempfile::tempdir().unwrap();
    let snac = Snac::new(folder.path());
    let _running = snac.serve();
    snac.write("nothing to see");
    snac.write("is it down? #whatsappdown");
    // PATH is a variable that is always set: the server looks at no token for what is public.
    let settings = format!("{}\ntags = ['whatsappdown']\ntoken = 'env:PATH'", snac.settings());
    let mut feed = open("mastodon", &settings, TIMEOUT);
    let first = hear(&mut *feed, None).await.unwrap();
    assert_eq!(first.texts, ["is it down? #whatsappdown"]);
    snac.write("still #whatsappdown");
    assert_eq!(hear(&mut *feed, first.cursor).await.unwrap().texts, ["still #whatsappdown"]);
}

/// From a post that it no longer has, the server answers nothing, for ever.
#[tokio::test]
#[ignore = "needs snac 2.75; cargo xtask e2e provides it"]
async fn a_place_that_is_gone_is_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let snac = Snac::new(folder.path());
    let _running = snac.serve();
    snac.write("one");
    let mut feed = open("mastodon", &snac.settings(), TIMEOUT);
    let first = hear(&mut *feed, None).await.unwrap();
    let cursor = first.cursor.unwrap();
    let place: serde_json::Value = serde_json::from_str(cursor.as_str()).unwrap();
    let key = place["recent"][0]["k"].as_str().unwrap();
    let gone = caiu::model::Cursor::new(cursor.as_str().replace(key, &key.chars().rev().collect::<String>()));
    for number in 0..50 {
        snac.write(&format!("new {number}"));
    }
    let heard = hear(&mut *feed, Some(gone)).await.unwrap();
    let new: BTreeSet<&String> = heard.texts.iter().filter(|text| text.starts_with("new")).collect();
    assert_eq!(new.len(), 50);
}
