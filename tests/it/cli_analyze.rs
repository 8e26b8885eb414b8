//! `caiu analyze`, `report` and `demo`: every file, the same bytes, the same estimates, plain errors.

use std::fs;
use std::path::Path;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::{analyze, arg, corpus, file, folder, json_of, names, run};

const FILES: [&str; 9] = [
    "counts.csv",
    "counts.parquet",
    "incidents.csv",
    "manifest.json",
    "migrations.csv",
    "readings.parquet",
    "report.html",
    "report.json",
    "report.md",
];

/// A report without what may differ where the same posts come another way.
fn estimates(path: &Path, without: &[&str]) -> Value {
    let mut report = json_of(path);
    for key in ["inputs", "generated_by", "simulated"] {
        report.as_object_mut().unwrap().remove(key);
    }
    for incident in report["incidents"].as_array_mut().unwrap() {
        without.iter().for_each(|key| drop(incident.as_object_mut().unwrap().remove(*key)));
    }
    report
}

#[test]
fn one_run_writes_everything_and_says_so() {
    let folder = folder();
    let posts = file(folder.path(), "posts.jsonl", corpus());
    let out = folder.path().join("new/report");
    let ran = analyze(&[&posts], &out, &[]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.out.contains("SIMULATED") && ran.out.contains("whatsapp"), "{}", ran.out);
    assert_eq!(names(&out), FILES);

    let report = json_of(&out.join("report.json"));
    let schema: Value = serde_json::from_str(include_str!("../../docs/report.schema.json")).unwrap();
    let errors: Vec<String> =
        jsonschema::validator_for(&schema).unwrap().iter_errors(&report).map(|error| error.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new());
    assert_eq!(report["incidents"][0]["service"], "whatsapp");
    assert_eq!(report["simulated"], true);
    assert!(!report["incidents"][0]["quotes"].as_array().unwrap().is_empty());

    let manifest = json_of(&out.join("manifest.json"));
    let listed: Vec<&str> =
        manifest["outputs"].as_array().unwrap().iter().map(|output| output["name"].as_str().unwrap()).collect();
    assert_eq!(listed, FILES.into_iter().filter(|name| *name != "manifest.json").collect::<Vec<_>>());
    let paths = listed.iter().map(|name| out.join(name)).chain([posts]);
    let entries = manifest["outputs"].as_array().unwrap().iter().chain(manifest["inputs"].as_array().unwrap());
    for (path, entry) in paths.zip(entries) {
        let bytes = fs::read(&path).unwrap();
        let sha256: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!((&entry["sha256"], &entry["num_bytes"]), (&json!(sha256), &json!(bytes.len())), "{path:?}");
    }
    let outcomes = manifest["outcomes"].as_object().unwrap();
    let total: u64 = outcomes.values().map(|count| count.as_u64().unwrap()).sum();
    assert_eq!(total, corpus().lines().count() as u64, "{outcomes:?}");
}

#[test]
fn the_same_posts_give_the_same_bytes() {
    let folder = folder();
    let posts = file(folder.path(), "posts.jsonl", corpus());
    // The same posts in three parts, each in disorder and one packed otherwise.
    let mut lines: Vec<&str> = corpus().lines().collect();
    lines.sort_by_key(|line| Sha256::digest(line));
    let (a, rest) = lines.split_at(lines.len() / 3);
    let (b, c) = rest.split_at(rest.len() / 2);
    let array = format!("[{}]", b.join(","));
    let parts = [("a.jsonl", a.join("\n")), ("b.json", array), ("c.jsonl", c.join("\n"))]
        .map(|(name, text)| file(folder.path(), name, text));
    let parts: Vec<&Path> = parts.iter().map(std::path::PathBuf::as_path).collect();
    let out = |name: &str| folder.path().join(name);
    for (name, inputs, threads) in
        [("one", &[posts.as_path()][..], "1"), ("four", &[&posts], "4"), ("split", &parts, "4")]
    {
        let ran = analyze(inputs, &out(name), &["--threads", threads, "--with-text"]);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
    }
    let same = |other: &str, names: &[&str]| {
        for name in names {
            let [a, b] = ["one", other].map(|folder| fs::read(out(folder).join(name)).unwrap());
            assert!(a == b, "{name} differs in '{other}'");
        }
    };
    same("four", &FILES.into_iter().filter(|name| *name != "manifest.json").collect::<Vec<_>>());
    let [mut one, mut four] = ["one", "four"].map(|folder| json_of(&out(folder).join("manifest.json")));
    assert_ne!(one.as_object_mut().unwrap().remove("run"), None);
    four.as_object_mut().unwrap().remove("run");
    assert_eq!(one, four);
    // Only the order of the readings and the names of the inputs may tell how the posts came.
    same("split", &["counts.csv", "counts.parquet", "incidents.csv", "migrations.csv"]);
    assert_eq!(estimates(&out("one/report.json"), &[]), estimates(&out("split/report.json"), &[]));
}

#[test]
fn counts_alone_give_the_same_estimates() {
    let folder = folder();
    let posts = file(folder.path(), "posts.jsonl", corpus());
    let (out, again) = (folder.path().join("out"), folder.path().join("again"));
    analyze(&[&posts], &out, &["--bin", "2m"]);
    let counts = out.join("counts.parquet");
    let ran = run(&["report", "--from-counts", arg(&counts), "--out", arg(&again)], "");
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let [first, second] = [&out, &again].map(|folder| estimates(&folder.join("report.json"), &["quotes"]));
    assert_eq!(first, second);
    let other_width = run(&["report", "--from-counts", arg(&counts), "--bin", "5m"], "");
    assert_eq!(other_width.code, Some(2));
    assert!(other_width.err.contains("bins of 120 s"), "{}", other_width.err);
    let same_width = run(&["report", "--from-counts", arg(&counts), "--bin", "2m", "--json"], "");
    let told = same_width.json();
    assert_eq!(told["incidents"][0]["onset"], first["incidents"][0]["onset"]);
    assert_eq!(told["incidents"][0]["quotes"], json!([]));
}

#[test]
fn the_demo_finds_the_day_that_it_is_modeled_on() {
    let folder = folder();
    let out = folder.path().join("demo");
    let ran = run(&["demo", "--json", "--out", arg(&out)], "");
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert_eq!(
        names(&out),
        [
            &["counts.csv", "counts.parquet", "incidents.csv", "manifest.json", "migrations.csv", "posts.jsonl"][..],
            &FILES[5..]
        ]
        .concat()
    );
    let report = ran.json();
    assert_eq!(report, json_of(&out.join("report.json")));
    let incidents = report["incidents"].as_array().unwrap();
    let mut services: Vec<&str> = incidents.iter().map(|incident| incident["service"].as_str().unwrap()).collect();
    services.sort_unstable();
    assert_eq!(services, ["facebook", "instagram", "messenger", "whatsapp"]);
    let minutes_off = |time: &Value, truth: &str| {
        let [time, truth] = [time.as_str().unwrap(), truth].map(|text| text.parse::<DateTime<Utc>>().unwrap());
        (time - truth).num_minutes().abs()
    };
    for incident in incidents {
        let onset = minutes_off(&incident["onset"]["at"], "2021-10-04T15:39:00Z");
        let end = minutes_off(&incident["end"]["at"], "2021-10-04T21:50:00Z");
        assert!(onset <= 10, "{incident:#}");
        assert!(end <= 40, "{incident:#}");
        assert_eq!((&incident["verdict"], &incident["phase"]), (&json!("outage"), &json!("ended")));
    }
}
