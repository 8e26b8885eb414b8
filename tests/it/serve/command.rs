//! `caiu serve` as a person starts it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::world::{HOSTILE, fill_index};
use crate::support::{caiu, client, folder, run};

fn start(args: &[&str]) -> (Child, String) {
    start_as(args, "", "")
}

fn start_as(args: &[&str], token: &str, admin_token: &str) -> (Child, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_caiu"))
        .args(args)
        .env("CAIU_TOKEN", token)
        .env("CAIU_ADMIN_TOKEN", admin_token)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let address = loop {
        let line = lines.next().expect("the address is told").unwrap();
        if let Some(address) = line.strip_prefix("caiu: http://") {
            break address.trim_end_matches('/').to_owned();
        }
    };
    std::thread::spawn(move || lines.for_each(drop));
    (child, address)
}

fn stop(mut child: Child) {
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    let began = Instant::now();
    assert!(child.wait().unwrap().success(), "SIGTERM is a request, not a failure");
    assert!(began.elapsed() < Duration::from_secs(20));
}

async fn json(address: &str, path: &str) -> Value {
    let response = client().get(format!("http://{address}{path}")).send().await.unwrap();
    assert_eq!(response.status(), 200, "{path}");
    response.json().await.unwrap()
}

#[test]
fn what_would_let_everybody_in_is_refused() {
    let folder = folder();
    let index = folder.path().join("index");
    fill_index(&index, folder.path(), &format!("{HOSTILE}\n"));
    let index = index.to_str().unwrap();
    for (listen, token, admin, told) in [
        ("0.0.0.0:0", "", "", "set CAIU_TOKEN"),
        ("[::]:0", "", "", "set CAIU_TOKEN"),
        ("0.0.0.0:0", "short", "", "at least 16 characters"),
        ("127.0.0.1:0", "0123456789abcdef", "0123456789abcdef", "the admin token is another one"),
    ] {
        let mut command = caiu();
        command
            .args(["serve", "--index", index, "--listen", listen])
            .env("CAIU_TOKEN", token)
            .env("CAIU_ADMIN_TOKEN", admin);
        let out = command.timeout(Duration::from_secs(60)).output().unwrap();
        let said = String::from_utf8(out.stderr).unwrap();
        assert_eq!(out.status.code(), Some(2), "{listen}: {said}");
        assert!(said.contains(told), "{listen}: {said}");
    }
    let ran = run(&["serve", "--index", "/nowhere/index", "--listen", "127.0.0.1:0"], "");
    assert!(ran.code == Some(2) && ran.err.contains("there is no index in /nowhere/index"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn beyond_loopback_a_token_is_asked_for() {
    let folder = folder();
    let index = folder.path().join("index");
    fill_index(&index, folder.path(), &format!("{HOSTILE}\n"));
    let token = "0123456789abcdef";
    let (child, address) = start_as(&["serve", "--index", index.to_str().unwrap(), "--listen", "0.0.0.0:0"], token, "");
    let client = client();
    let port = address.rsplit(':').next().unwrap();
    let ask = |token: &str| client.get(format!("http://127.0.0.1:{port}/api/v1/posts")).bearer_auth(token).send();
    assert_eq!(ask("").await.unwrap().status(), 401);
    assert_eq!(ask(token).await.unwrap().status(), 200);
    stop(child);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_command_shows_the_incident_of_the_demo_on_a_page() {
    let folder = folder();
    let out = folder.path().join("demo");
    let (child, address) =
        start(&["demo", "--serve", "--listen", "127.0.0.1:0", "--json", "--out", out.to_str().unwrap()]);
    let incidents = json(&address, "/api/v1/incidents?service=whatsapp").await;
    let id = incidents["incidents"][0]["incident"]["id"].as_str().unwrap();
    let page = client().get(format!("http://{address}/incidents/{id}")).send().await.unwrap();
    assert_eq!(
        (page.status().as_u16(), &page.headers()["content-type"]),
        (200, &"text/html; charset=utf-8".parse().unwrap())
    );
    assert!(page.text().await.unwrap().contains("/assets/"), "the page with its script");
    assert_eq!(json(&address, "/api/v1/about").await["simulated"], true);
    stop(child);
}

#[test]
fn the_document_is_printed() {
    let ran = run(&["serve", "--openapi"], "");
    assert_eq!(ran.json(), caiu::serve::openapi());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_is_served_until_it_is_stopped() {
    let folder = folder();
    let index = folder.path().join("index");
    fill_index(&index, folder.path(), &format!("{HOSTILE}\n"));
    let (child, address) = start(&["serve", "--index", index.to_str().unwrap(), "--listen", "127.0.0.1:0"]);
    let about = json(&address, "/api/v1/about").await;
    assert_eq!(about["index"]["posts"], 1, "{about}");
    assert_eq!(about["lexicon"].as_str().unwrap().len(), 16);
    stop(child);
}

#[tokio::test(flavor = "multi_thread")]
async fn live_feeds_are_served_by_the_process_that_listens_to_them() {
    let folder = folder();
    let posts = folder.path().join("posts.jsonl");
    std::fs::write(&posts, format!("{HOSTILE}\n")).unwrap();
    let config = folder.path().join("caiu.toml");
    let text = format!(
        "[index]\npath = \"{}\"\n[serve]\nlisten = \"127.0.0.1:0\"\n[[feed]]\nkind = \"file\"\npath = \"{}\"\n",
        folder.path().join("index").display(),
        posts.display()
    );
    std::fs::write(&config, text).unwrap();
    let admin = "a token that forgets";
    let (child, address) = start_as(&["serve", "--watch", "--config", config.to_str().unwrap()], "", admin);
    let began = Instant::now();
    while json(&address, "/api/v1/posts").await["total"] != 1 {
        assert!(began.elapsed() < Duration::from_secs(30), "the feed's post never comes");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let feeds = json(&address, "/api/v1/feeds").await;
    assert_eq!(feeds["feeds"][0]["state"], "listening", "{feeds}");
    let metrics = client().get(format!("http://{address}/metrics")).send().await.unwrap().text().await.unwrap();
    assert!(metrics.contains("caiu_posts_total{feed=\"file\",outcome=\"kept\"} 1"), "{metrics}");
    let forget = client().post(format!("http://{address}/api/v1/admin/forget")).bearer_auth(admin);
    let forget = forget.json(&serde_json::json!({ "post": "evil-1", "platform": "t" })).send().await.unwrap();
    assert_eq!(
        forget.json::<Value>().await.unwrap(),
        serde_json::json!({ "num_posts": 1 }),
        "by the thread that writes"
    );
    let began = Instant::now();
    while json(&address, "/api/v1/posts").await["total"] != 0 {
        assert!(began.elapsed() < Duration::from_secs(30), "it is still found");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    stop(child);
}
