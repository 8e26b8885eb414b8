//! The commands over an index, as a person runs them; and a program that is killed in the middle.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use caiu::index::IndexReader;
use caiu::model::Tally;
use serde_json::Value;

use crate::support::{Ran, SMALL_LEXICONS, arg, caiu, corpus, file, folder, run, run_small};

fn index(folder: &Path, inputs: &[&str], args: &[&str]) -> Ran {
    run_small(&[&["index", "--json", "--index", arg(folder)], inputs, args].concat(), "")
}

fn posts(ran: &Ran, name: &str) -> u64 {
    ran.json()["posts"][name].as_u64().unwrap_or(0)
}

fn search(folder: &Path, query: &str) -> Vec<Value> {
    run(&["search", query, "--limit", "10000", "--json", "--index", arg(folder)], "").rows()
}

fn tally(folder: &Path) -> Tally {
    IndexReader::open(folder).unwrap().tally(None, None, 60).unwrap()
}

#[test]
fn dumps_go_in_once() {
    let folder = folder();
    let dir = folder.path().join("index");
    let dump = file(folder.path(), "posts.jsonl", corpus());
    let first = index(&dir, &[arg(&dump)], &[]);
    assert_eq!(first.code, Some(0), "{first:?}");
    let (kept, counted) = (posts(&first, "kept"), posts(&first, "counted"));
    assert!(kept > 100 && counted > 100 && kept + counted == corpus().lines().count() as u64, "{first:?}");
    let whole = tally(&dir);
    // Again, and under another name, and with a folder around it.
    let other = file(folder.path(), "more/renamed.jsonl", corpus());
    for inputs in [vec![arg(&dump)], vec![arg(&other)], vec![arg(other.parent().unwrap())]] {
        let again = index(&dir, &inputs, &[]);
        assert_eq!((again.code, again.json()["files_known"].as_u64()), (Some(0), Some(1)), "{again:?}");
        assert_eq!(tally(&dir), whole);
    }
    // From its beginning: nothing doubles.
    let again = index(&dir, &[arg(&dump)], &["--again"]);
    assert_eq!((posts(&again, "known"), posts(&again, "counted")), (kept, counted), "{again:?}");
    assert_eq!(tally(&dir), whole);
    // A dump that grew goes on where it ended, even where its last line was cut.
    let half = &corpus().as_bytes()[..corpus().len() / 2];
    let growing = folder.path().join("growing");
    let dump = file(folder.path(), "growing.jsonl", half);
    index(&growing, &[arg(&dump)], &[]);
    fs::write(&dump, corpus()).unwrap();
    let grown = index(&growing, &[arg(&dump)], &[]);
    assert!(posts(&grown, "read before") > 100, "{grown:?}");
    assert_eq!(tally(&growing), whole);
}

#[test]
fn a_run_that_is_killed_goes_on_where_it_was() {
    let folder = folder();
    let lines: Vec<&str> = corpus().lines().take(1_000).collect();
    let dump = file(folder.path(), "posts.jsonl", lines.join("\n"));
    let whole = {
        let dir = folder.path().join("whole");
        index(&dir, &[arg(&dump)], &[]);
        tally(&dir)
    };
    let dir = folder.path().join("killed");
    let mut num_killed = 0;
    for life in 0..200 {
        let mut child = caiu_process()
            .args(["index", arg(&dump), "--index", arg(&dir), "--lexicons", SMALL_LEXICONS, "--commit-every", "20"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        thread::sleep(Duration::from_millis(40 + 61 * (life * 37 % 11)));
        if child.try_wait().unwrap().is_none() {
            child.kill().unwrap();
            num_killed += 1;
        }
        child.wait().unwrap();
        let Ok(reader) = IndexReader::open(&dir) else { continue };
        let cursor = reader.checkpoint().feeds.values().find_map(|progress| progress.cursor.clone());
        let line = cursor
            .map_or(0, |cursor| serde_json::from_str::<Value>(cursor.as_str()).unwrap()["line"].as_u64().unwrap());
        let status = reader.status().unwrap();
        assert_eq!(status.num_posts + status.num_counted, line, "what is saved is what the cursor says");
        if num_killed >= 10 {
            break;
        }
        if line as usize == lines.len() {
            fs::remove_dir_all(&dir).unwrap();
        }
    }
    assert!(num_killed >= 10, "{num_killed} kills");
    let last = index(&dir, &[arg(&dump)], &[]);
    assert_eq!(last.code, Some(0), "{last:?}");
    assert_eq!(tally(&dir), whole);
}

fn caiu_process() -> std::process::Command {
    let mut command = std::process::Command::new(caiu().get_program());
    command.env_remove("CAIU_AUTHOR_KEY");
    command
}

#[test]
fn posts_are_searched_counted_and_forgotten() {
    let folder = folder();
    let dir = folder.path().join("index");
    let dump = file(folder.path(), "posts.jsonl", corpus());
    index(&dir, &[arg(&dump)], &[]);
    let at = |args: &[&str]| run(&[args, &["--index", arg(&dir)]].concat(), "");

    let hits = search(&dir, "down:whatsapp kind:complaint");
    assert!(hits.len() > 50);
    assert!(hits.is_sorted_by_key(|hit| std::cmp::Reverse(hit["at"].as_str().unwrap().to_owned())));
    let some =
        at(&["search", "kind:complaint", "--from", "2021-10-04T16:00", "--to", "2021-10-04T17:00", "--json"]).rows();
    assert!(!some.is_empty() && some.iter().all(|hit| hit["at"].as_str().unwrap().starts_with("2021-10-04T16")));
    let line = at(&["search", "kind:complaint", "--limit", "1"]);
    assert!(line.out.lines().count() == 1 && line.err.contains("--after"), "{line:?}");
    let page = line.err.trim().rsplit(' ').next().unwrap();
    let next = at(&["search", "kind:complaint", "--limit", "1", "--after", page]);
    assert!(next.code == Some(0) && next.out != line.out, "{next:?}");
    assert_eq!(at(&["search", "nobodysaysthis"]).code, Some(1));
    let wrong = at(&["search", "kind:nonsense"]);
    assert!(
        wrong.code == Some(2) && wrong.err.contains("character 1") && wrong.err.contains("complaint, restored"),
        "{wrong:?}"
    );

    let found = at(&["bursts", "down:whatsapp kind:complaint", "--complaints", "--bin", "5m", "--json"]);
    assert_eq!(found.code, Some(0), "{found:?}");
    let onset = found.json()["bursts"][0]["onset"]["at"].as_str().unwrap().to_owned();
    assert!(onset.starts_with("2021-10-04T15"), "{onset}");
    let chart = at(&["bursts", "down:whatsapp kind:complaint", "--complaints", "--tz", "America/Sao_Paulo"]);
    assert!(chart.out.contains('█') && chart.out.contains('~') && chart.out.contains("2021-10-04 12:"), "{chart:?}");
    assert_eq!(at(&["bursts", "nobodysaysthis"]).code, Some(1));
    assert_eq!(at(&["bursts", "--from", "2031-01-01"]).code, Some(1));

    let status = at(&["status", "--json"]).json();
    assert_eq!(status["feeds"][0]["feed"], "posts.jsonl");
    let shown = at(&["status"]);
    assert!(shown.code == Some(0) && shown.out.contains("posts.jsonl") && shown.out.contains("nobody"), "{shown:?}");

    let id = hits[0]["id"].as_str().unwrap();
    let gone = at(&["forget", "--post", id, "--platform", "simulated"]);
    assert_eq!(gone.code, Some(0), "{gone:?}");
    assert_eq!(at(&["forget", "--post", id, "--platform", "simulated"]).code, Some(1));
    let author: Value = corpus()
        .lines()
        .find_map(|line| {
            let post: Value = serde_json::from_str(line).unwrap();
            (post["id"] == hits[1]["id"]).then_some(post)
        })
        .unwrap();
    let author = author["author"].as_str().unwrap();
    let before = tally(&dir);
    assert_eq!(at(&["forget", "--author", author, "--platform", "simulated", "--keep-counts"]).code, Some(0));
    assert_eq!(tally(&dir), before, "the counts stay");
    assert_eq!(search(&dir, "down:whatsapp kind:complaint").len(), hits.len() - 2);
    let old = at(&["index", "--max-age", "1"]);
    assert!(old.code == Some(0) && old.err.contains("2021-10-04"), "{old:?}");
    assert_eq!(at(&["status"]).code, Some(1));
    for command in ["search", "status", "bursts"] {
        let missing = run(&[command, "--index", "/nonexistent/index"], "");
        assert!(missing.code == Some(2) && missing.err.contains("caiu index INPUT"), "{missing:?}");
    }
}

#[test]
fn hostile_text_is_shown_harmless() {
    let folder = folder();
    let dir = folder.path().join("index");
    let text = "whatsapp caiu \\u001b[31m\\u202Eevil\\n\\u2028next \\uE000x\\uE001";
    let dump = file(
        folder.path(),
        "p.jsonl",
        format!(r#"{{"id":"1","created_at":"2021-10-04T15:40:00Z","text":"{text}","author":"a"}}"#),
    );
    assert_eq!(index(&dir, &[arg(&dump)], &["--keep", "all"]).code, Some(0));
    let shown = run(&["search", "whatsapp", "--index", arg(&dir)], "");
    assert_eq!(shown.out.lines().count(), 1);
    assert!(!shown.out.contains(['\u{1b}', '\u{202E}', '\u{2028}', '\u{E000}']), "{shown:?}");
    assert!(shown.out.contains("whatsapp caiu"), "{shown:?}");
}
