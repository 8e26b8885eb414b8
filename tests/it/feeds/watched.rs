//! A feed from its server to the index, through `caiu watch` itself; and what `caiu feeds` says of feeds.

use std::fs;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use serde_json::Value;
use wiremock::ResponseTemplate;

use super::kinds::row;
use super::world::World;
use crate::support::{Watch, arg, client, folder, run};

/// Waits until something holds.
pub(super) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !holds().await {
        assert!(began.elapsed() < Duration::from_secs(90), "{what}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn numbers(port: u16) -> String {
    match client().get(format!("http://127.0.0.1:{port}/metrics")).send().await {
        Ok(answer) => answer.text().await.unwrap(),
        Err(_) => String::new(),
    }
}

/// The value of a number with these labels.
fn number(text: &str, name: &str) -> Option<f64> {
    text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
}

/// Posts, one taken back, one changed, a server that fails for a while: in the index, in its numbers and in the log.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_server_takes_back_or_changes_reaches_the_index_and_the_numbers_stay() {
    let (folder, world) = (folder(), World::new(row("telegram")).await);
    let index = folder.path().join("index");
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let config = format!(
        "[index]\npath = '{}'\n[net]\nallow_private = true\nrequests_per_min = 6000\n[limits]\nfirst_pause_secs = 0.2\n\
         [metrics]\nlisten = '127.0.0.1:{port}'\n[log]\njson = true\n\
         [[feed]]\nkind = 'telegram'\nid = 'canal'\nchannel = 'canal'\nsite_url = '{}'\nevery_secs = 5\n",
        index.display(),
        world.server.uri()
    );
    fs::write(folder.path().join("caiu.toml"), config).unwrap();
    world.write(3, TimeDelta::minutes(2));
    let found = |query: &str| run(&["search", query, "--json", "--index", arg(&index)], "").out.lines().count();
    let status = || serde_json::from_str::<Value>(&run(&["status", "--json", "--index", arg(&index)], "").out).unwrap();
    let running = Watch::with_log(folder.path(), fs::File::create(folder.path().join("log")).unwrap());
    until("three posts", async || index.exists() && found("caiu") == 3).await;

    world.change(2, |post| post.is_gone = true);
    world.change(3, |post| post.text = "zap voltou 3".to_owned());
    until("a deletion and an edit", async || found("caiu") == 1).await;
    assert_eq!(found("voltou"), 1, "both come with one commit");
    let now = status();
    assert_eq!((&now["num_posts"], &now["num_deleted"]), (&2.into(), &1.into()), "{now}");
    let counted = run(&["bursts", "", "--per", "posts", "--json", "--index", arg(&index)], "").json();
    let sum: u64 = counted["counts"].as_array().unwrap().iter().filter_map(Value::as_u64).sum();
    assert_eq!(sum, 3, "what was taken back counts still: {counted}");

    world.set_fault(Some(ResponseTemplate::new(500)));
    let troubled = |text: &str| number(text, "caiu_feed_troubles_total{feed=\"canal\",kind=\"error\"}");
    until("an error", async || troubled(&numbers(port).await).is_some()).await;
    world.set_fault(None);
    world.write(1, TimeDelta::zero());
    until("the post after it", async || found("caiu") == 2).await;
    let text = numbers(port).await;
    for (name, value) in [
        ("caiu_posts_total{feed=\"canal\",outcome=\"kept\"}", 4.0),
        ("caiu_posts_total{feed=\"canal\",outcome=\"replaced\"}", 1.0),
        ("caiu_deletions_total{feed=\"canal\"}", 1.0),
        ("caiu_reconnects_total{feed=\"canal\"}", 1.0),
        ("caiu_incidents_ongoing", 0.0),
    ] {
        assert_eq!(number(&text, name), Some(value), "{name}:\n{text}");
    }
    for name in ["caiu_feed_lag_seconds{feed=\"canal\"}", "caiu_commit_seconds_count", "caiu_resident_bytes"] {
        assert!(number(&text, name).is_some(), "{name}:\n{text}");
    }
    drop(running);
    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.iter().any(|line| line["level"] == "WARN" && line["fields"]["feed"] == "canal"), "{log}");
}

/// More came while a server did not answer than it hands out: the gap has the outage as its cause.
#[tokio::test(flavor = "multi_thread")]
async fn a_gap_behind_an_outage_says_so() {
    for (status, name) in [(500, "unreachable"), (429, "throttled")] {
        let (folder, world) = (folder(), World::new(row("rss")).await);
        let index = folder.path().join("index");
        let config = format!(
            "[index]\npath = '{}'\n[net]\nallow_private = true\nrequests_per_min = 6000\n[limits]\nfirst_pause_secs = 0.2\n\
             [[feed]]\nkind = 'rss'\nid = 'items'\nurl = '{}/feed.xml'\nevery_secs = 1\n",
            index.display(),
            world.server.uri()
        );
        fs::write(folder.path().join("caiu.toml"), config).unwrap();
        world.write(3, TimeDelta::minutes(30));
        let status_of = || serde_json::from_str::<Value>(&run(&["status", "--json", "--index", arg(&index)], "").out);
        let running = Watch::start(folder.path());
        until("three posts", async || status_of().is_ok_and(|status| status["num_posts"] == 3)).await;
        let fault = ResponseTemplate::new(status).insert_header("retry-after", "1");
        world.set_fault(Some(fault));
        let num_before = world.server.received_requests().await.unwrap().len();
        until("two tries", async || world.server.received_requests().await.unwrap().len() >= num_before + 2).await;
        // The server hands out 180, all of them later than the beginning of the outage.
        world.write(200, TimeDelta::seconds(-190));
        world.set_fault(None);
        let gaps = || status_of().unwrap()["feeds"][0]["gaps"].clone();
        until("a gap", async || gaps().as_array().is_some_and(|gaps| !gaps.is_empty())).await;
        drop(running);
        assert_eq!(gaps()[0]["cause"], name, "{}", gaps());
    }
}

#[test]
fn every_kind_is_listed_with_what_it_covers_needs_and_cannot() {
    let ran = run(&["feeds", "--json"], "");
    let rows = ran.json();
    let rows = rows.as_array().unwrap();
    assert_eq!((ran.code, rows.len()), (Some(0), caiu::feed::KINDS.len()));
    for row in rows {
        for key in ["name", "covers", "needs", "limits", "tested_with"] {
            assert!(row[key].as_str().is_some_and(|words| !words.is_empty()), "{key} of {row}");
        }
    }
    let words = run(&["feeds"], "").out;
    assert!(caiu::feed::KINDS.iter().all(|kind| words.contains(kind.needs) && words.contains(kind.limits)), "{words}");
    let needs = |name: &str| caiu::feed::KINDS.iter().find(|kind| kind.name == name).unwrap().needs;
    assert!(needs("x") != "nothing" && needs("bluesky") == "nothing" && needs("hackernews") == "nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_configured_feeds_are_tried() {
    let (folder, world) = (folder(), World::new(row("telegram")).await);
    world.write(3, TimeDelta::minutes(2));
    let file = folder.path().join("caiu.toml");
    let feed = |id: &str, base: &str| {
        format!("[[feed]]\nkind = 'telegram'\nid = '{id}'\nchannel = 'canal'\nsite_url = '{base}'\n")
    };
    let net = "[net]\nallow_private = true\n";
    let check = || run(&["feeds", "check", "--json", "--secs", "20", "--config", arg(&file)], "");
    fs::write(&file, format!("{net}{}", feed("good", &world.server.uri()))).unwrap();
    let ran = check();
    assert_eq!((ran.code, &ran.json()[0]["posts"]), (Some(0), &3.into()), "{ran:?}");
    fs::write(&file, format!("{net}{}{}", feed("good", &world.server.uri()), feed("bad", "http://127.0.0.1:9")))
        .unwrap();
    let ran = check();
    let rows = ran.json();
    assert_eq!((ran.code, &rows[0]["is_good"], &rows[1]["is_good"]), (Some(1), &true.into(), &false.into()), "{ran:?}");
    assert!(rows[1]["said"].as_str().unwrap().contains("cannot connect"), "{rows}");
    assert!(!folder.path().join("caiu-index").exists(), "and nothing is kept");
}
