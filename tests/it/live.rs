//! The live path as a person runs it: the same findings as the batch, stops and goes on, refuses what is wrong.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Watch, caiu};

fn write_config(folder: &Path, feed: &str) {
    let text = format!("[index]\npath = \"{}\"\n{feed}", folder.join("index").display());
    fs::write(folder.join("caiu.toml"), text).unwrap();
}

fn config(folder: &Path) -> String {
    folder.join("caiu.toml").display().to_string()
}

/// The last line of the journal about each incident, by service.
fn incidents(folder: &Path) -> Vec<Value> {
    let out = caiu().args(["incidents", "--json", "--index"]).arg(folder.join("index")).output().unwrap();
    let lines = String::from_utf8(out.stdout).unwrap();
    lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["incident"].clone()).collect()
}

/// Runs `caiu watch` until its feeds have ended; what it printed comes back.
fn watched(folder: &Path) -> Vec<u8> {
    let out = caiu().args(["watch", "--no-view", "--json", "--config", &config(folder)]).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    out.stdout
}

/// Seconds of an estimate of an incident.
fn secs(incident: &Value, key: &str, edge: &str) -> Option<i64> {
    Some(incident[key][edge].as_str()?.parse::<chrono::DateTime<chrono::Utc>>().ok()?.timestamp())
}

/// The same incidents, to the minute: ids keep the onset of the first look, which depends on when it was.
fn assert_same(again: &[Value], found: &[Value]) {
    assert_eq!(again.len(), found.len());
    for (again, found) in again.iter().zip(found) {
        assert_eq!(again["service"], found["service"]);
        for key in ["onset", "end"] {
            let secs = |incident: &Value| secs(incident, key, "at");
            let apart = secs(again).zip(secs(found)).map(|(again, found)| (again - found).abs());
            assert!(apart.is_some_and(|secs| secs < 60), "{key}: {again} {found}");
        }
    }
}

#[test]
fn a_replayed_outage_is_found_as_the_batch_finds_it() {
    let folder = TempDir::new().unwrap();
    let posts = folder.path().join("posts.jsonl");
    let simulated = caiu()
        .args(["simulate", "--scenario", "2017-05-03", "--seed", "3", "--volume", "0.3", "--out"])
        .arg(&posts)
        .output()
        .unwrap();
    assert!(simulated.status.success());
    let report = folder.path().join("report");
    let batch = caiu().arg("analyze").arg(&posts).arg("--json").arg("--out").arg(&report).output().unwrap();
    let batch: Value = serde_json::from_slice(&batch.stdout).unwrap();
    let expected = batch["incidents"].as_array().unwrap().clone();
    assert!(!expected.is_empty(), "the batch finds the outage");

    let feed = format!("[[feed]]\nkind = \"replay\"\npaths = [\"{}\"]\nspeed = 0", posts.display());
    write_config(folder.path(), &feed);
    watched(folder.path());
    let found = incidents(folder.path());
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(&expected) {
        for key in ["service", "verdict"] {
            assert_eq!(found[key], expected[key], "{key}");
        }
        // The journal leaves out what moves by less than a minute.
        for (key, edge) in ["onset", "end"].iter().flat_map(|key| ["low", "at", "high"].map(|edge| (key, edge))) {
            let secs = |incident: &Value| secs(incident, key, edge);
            let apart = secs(found).zip(secs(expected)).map(|(found, expected)| (found - expected).abs());
            assert!(
                secs(found).is_some() == secs(expected).is_some() && apart.is_none_or(|secs| secs < 60),
                "{key} {edge}"
            );
        }
        let count = |incident: &Value| incident["num_complaints"].as_f64().unwrap();
        assert!((count(found) / count(expected) - 1.0).abs() < 0.05, "{} {}", count(found), count(expected));
        let to = |incident: &Value| -> Vec<Value> {
            incident["migrations"].as_array().unwrap().iter().map(|step| step["to"].clone()).collect()
        };
        assert_eq!(to(found), to(expected));
    }
    // The same at a pace, the clock of the replay running: a minute of the dump in ten milliseconds.
    let paced = TempDir::new().unwrap();
    write_config(paced.path(), &feed.replace("speed = 0", "speed = 6000"));
    watched(paced.path());
    assert_same(&incidents(paced.path()), &found);

    // Again: nothing is new, and nothing is told twice.
    let journal = fs::read(folder.path().join("index/incidents.jsonl")).unwrap();
    assert!(watched(folder.path()).is_empty());
    assert_eq!(fs::read(folder.path().join("index/incidents.jsonl")).unwrap(), journal);

    // Killed behind the last commit and before the look at it: the next start looks, though nothing new comes.
    fs::remove_file(folder.path().join("index/incidents.jsonl")).unwrap();
    watched(folder.path());
    assert_same(&incidents(folder.path()), &found);
}

#[test]
fn a_stopped_watch_commits_and_goes_on_where_it_was() {
    let folder = TempDir::new().unwrap();
    let posts = folder.path().join("posts.jsonl");
    let line = |n: u32| format!("{{\"id\":\"{n}\",\"platform\":\"t\",\"text\":\"whatsapp caiu {n}\"}}\n");
    let lines = |range: std::ops::Range<u32>| range.map(line).collect::<String>();
    let append = |text: String| {
        let mut file = fs::OpenOptions::new().append(true).open(&posts).unwrap();
        std::io::Write::write_all(&mut file, text.as_bytes()).unwrap();
    };
    fs::write(&posts, lines(0..500)).unwrap();
    write_config(folder.path(), &format!("[[feed]]\nkind = \"file\"\npath = \"{}\"", posts.display()));
    let first = Watch::start(folder.path());
    wait_for(folder.path(), 500);
    append(lines(480..520));
    wait_for(folder.path(), 520);
    first.stop();
    assert_eq!(num_posts(folder.path()), 520, "what came twice counts once");

    // What comes while nobody reads, some of it for the second time, is there after a start; so is what comes then, and
    // a rotation in the dark costs nothing.
    append(lines(510..700));
    fs::rename(&posts, folder.path().join("posts.jsonl.1")).unwrap();
    fs::write(&posts, lines(690..750)).unwrap();
    let second = Watch::start(folder.path());
    wait_for(folder.path(), 750);
    append(lines(740..800));
    wait_for(folder.path(), 800);
    // Killed without a word this time.
    drop(second);
    append(lines(790..900));
    let third = Watch::start(folder.path());
    wait_for(folder.path(), 900);
    third.stop();
    let mut ids = texts(folder.path());
    ids.sort();
    let mut expected: Vec<String> = (0..900).map(|n| format!("whatsapp caiu {n}")).collect();
    expected.sort();
    assert_eq!(ids, expected, "each of them once");
    let status = status(folder.path());
    assert_eq!(status["feeds"][0]["gaps"].as_array().map(Vec::len), Some(0), "and nothing was lost: {status}");
}

/// A replayed dump that lost all that its first commits said is read again from its beginning.
#[test]
fn a_dump_whose_first_part_is_damaged_begins_anew() {
    let folder = TempDir::new().unwrap();
    let posts = folder.path().join("posts.jsonl");
    fs::write(&posts, crate::support::corpus()).unwrap();
    write_config(folder.path(), &format!("[[feed]]\nkind = \"replay\"\npaths = [\"{}\"]\nspeed = 0", posts.display()));
    watched(folder.path());
    let found = incidents(folder.path());
    let tally = || caiu::index::IndexReader::open(&folder.path().join("index")).unwrap().tally(None, None, 60).unwrap();
    let (whole, before) = (tally(), status(folder.path()));
    for entry in fs::read_dir(folder.path().join("index")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "idx") {
            fs::write(&path, b"").unwrap();
        }
    }
    watched(folder.path());
    assert_eq!(tally(), whole);
    let after = status(folder.path());
    for key in ["num_posts", "num_counted", "from", "to", "feeds"] {
        assert_eq!(after[key], before[key], "{key}");
    }
    assert_same(&incidents(folder.path()), &found);
}

/// A file that vanished while the program did not run takes with it what nobody read: that is told as a gap.
#[test]
fn what_was_lost_while_the_watch_was_stopped_is_a_gap() {
    let folder = TempDir::new().unwrap();
    let posts = folder.path().join("posts.jsonl");
    let line = |n: u32| format!("{{\"id\":\"{n}\",\"platform\":\"t\",\"text\":\"whatsapp caiu {n}\"}}\n");
    fs::write(&posts, line(1)).unwrap();
    write_config(folder.path(), &format!("[[feed]]\nkind = \"file\"\npath = \"{}\"", posts.display()));
    let first = Watch::start(folder.path());
    wait_for(folder.path(), 1);
    first.stop();
    fs::remove_file(&posts).unwrap();
    fs::write(&posts, line(2)).unwrap();
    let second = Watch::start(folder.path());
    wait_for(folder.path(), 2);
    second.stop();
    let gaps = status(folder.path())["feeds"][0]["gaps"].clone();
    assert_eq!((gaps.as_array().map(Vec::len), gaps[0]["cause"].as_str()), (Some(1), Some("stopped")), "{gaps}");
}

/// The texts of all posts in the index.
fn texts(folder: &Path) -> Vec<String> {
    let args = ["search", "caiu", "--limit", "10000", "--json", "--index"];
    let out = caiu().args(args).arg(folder.join("index")).output().unwrap();
    let lines = String::from_utf8(out.stdout).unwrap();
    lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["text"].as_str().unwrap().to_owned())
        .collect()
}

fn status(folder: &Path) -> Value {
    let out = caiu().args(["status", "--json", "--index"]).arg(folder.join("index")).output().unwrap();
    serde_json::from_slice(&out.stdout).unwrap_or_default()
}

/// Posts that the index holds, by what `caiu status` says of it.
fn num_posts(folder: &Path) -> u64 {
    status(folder)["feeds"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|feed| feed["num_posts"].as_u64().unwrap_or_default())
        .sum()
}

fn wait_for(folder: &Path, num: u64) {
    let began = Instant::now();
    while num_posts(folder) < num {
        assert!(began.elapsed() < Duration::from_secs(60), "{} of {num} posts", num_posts(folder));
        std::thread::sleep(Duration::from_millis(300));
    }
}

#[test]
fn mistakes_are_told_before_anything_is_written() {
    let folder = TempDir::new().unwrap();
    for (feed, told) in [
        ("", "has no [[feed]]"),
        ("[[feed]]\nkind = \"fille\"\npath = \"x\"", "did you mean \"file\"?"),
        ("[[feed]]\nkind = \"file\"\npahth = \"x\"", "did you mean `path`?"),
        ("[[feed]]\nkind = \"replay\"\npaths = []", "paths"),
    ] {
        write_config(folder.path(), feed);
        let out = caiu().args(["watch", "--no-view", "--config", &config(folder.path())]).output().unwrap();
        let said = String::from_utf8(out.stderr).unwrap();
        assert_eq!(out.status.code(), Some(2), "{feed}: {said}");
        assert!(said.contains(told), "{feed}: {said}");
        assert!(!folder.path().join("index").exists(), "{feed}");
    }
    let out = caiu().args(["watch", "--config", "/nowhere/caiu.toml"]).output().unwrap();
    assert!(String::from_utf8(out.stderr).unwrap().contains("caiu init"));
}

#[test]
fn init_writes_a_configuration_that_works_once() {
    let folder = TempDir::new().unwrap();
    let file = config(folder.path());
    assert!(caiu().args(["init", "--config", &file]).output().unwrap().status.success());
    assert!(caiu().args(["watch", "--check", "--config", &file]).output().unwrap().status.success());
    assert_eq!(
        caiu().args(["init", "--config", &file]).output().unwrap().status.code(),
        Some(2),
        "nothing is overwritten"
    );
    assert!(caiu().args(["init", "--all", "--force", "--config", &file]).output().unwrap().status.success());
}
