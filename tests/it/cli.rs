//! The program as a person runs it: help, completions, exit codes, errors, what `--json` prints.

use serde_json::{Value, json};

use crate::support::{Ran, arg, caiu, file, folder, run, run_small};

const COMMANDS: [&str; 9] =
    ["tag", "analyze", "report", "detect", "evaluate", "simulate", "lexicon", "demo", "completions"];

#[test]
fn every_command_has_help_with_examples() {
    for command in COMMANDS {
        let ran = run(&[command, "--help"], "");
        assert_eq!(ran.code, Some(0), "{command}: {}", ran.err);
        let examples = ran.out.split("Examples:").nth(1).unwrap_or_else(|| panic!("{command}:\n{}", ran.out));
        assert!(examples.contains(&format!("caiu {command}")), "{command}:\n{examples}");
        assert!(!ran.out.contains('\x1b'), "{command} colors a pipe");
    }
    let ran = run(&["--help"], "");
    assert!(COMMANDS.iter().all(|command| ran.out.contains(&format!("  {command}"))), "{}", ran.out);
    assert!(ran.out.contains("Exit codes"), "{}", ran.out);
}

#[test]
fn shells_get_completions() {
    for shell in ["bash", "zsh", "fish"] {
        let ran = run(&["completions", shell], "");
        assert_eq!(ran.code, Some(0), "{shell}");
        for word in ["caiu", "analyze", "assume-tz", "false-alarms-per-week"] {
            assert!(ran.out.contains(word), "{shell} knows {word}");
        }
    }
}

/// Counts of a quiet day with an hour that is not.
fn counts() -> String {
    let mut text = "timestamp,value\n".to_owned();
    for minute in (0..7 * 1440).step_by(5) {
        let value = 4 + (minute / 5) % 3 + if (8000..8060).contains(&minute) { 60 } else { 0 };
        let (day, hour, minute) = (1 + minute / 1440, minute / 60 % 24, minute % 60);
        text.push_str(&format!("2021-10-{day:02}T{hour:02}:{minute:02}:00Z,{value}\n"));
    }
    text
}

#[test]
fn exit_codes_tell_found_from_nothing_from_errors() {
    let flat = "timestamp,value\n2021-10-01T00:00:00Z,1\n2021-10-01T00:05:00Z,1\n2021-10-01T00:10:00Z,1\n";
    let label = r#"{"id":"1","text":"zap caiu","lang":"pt","kind":"complaint","down":["whatsapp"],"moves":[]}"#;
    for (args, input, code) in [
        (&["--version"][..], "", 0),
        (&[], "", 2),
        (&["tagg"], "", 2),
        (&["tag", "--no-such-flag"], "", 2),
        (&["tag", "--column", "text"], "", 2),
        (&["tag", "--max-line", "0"], "", 2),
        (&["analyze", "-"], "", 2),
        (&["analyze", "-", "--out", "x", "--assume-tz", "Brasilia"], "", 2),
        (&["analyze", "-", "--out", "x", "--bin", "5"], "", 2),
        (&["analyze", "-", "--out", "x", "--gap", "now/then"], "", 2),
        (&["detect", "-"], flat, 1),
        (&["detect", "-"], "timestamp,value\n", 2),
        (&["detect", "-"], "a,b\n1,2\n", 2),
        (&["detect", "-", "--bin", "5y"], flat, 2),
        (&["detect", "-", "--false-alarms-per-week", "0"], flat, 2),
        (&["evaluate", "-", "--lexicons", crate::support::SMALL_LEXICONS], label, 0),
        (&["evaluate", "-", "--lexicons", crate::support::SMALL_LEXICONS], "", 1),
        (&["evaluate", "-", "--lexicons", crate::support::SMALL_LEXICONS], "{\"text\":\"x\"}", 2),
        (&["simulate", "--list"], "", 0),
        (&["simulate", "--scenario", "none"], "", 2),
        (&["simulate", "--scenario", "quiet", "--days", "0.01"], "", 0),
        (&["simulate", "--scenario", "quiet", "--days", "0.01", "--volume", "0"], "", 1),
        (&["completions", "tcl"], "", 2),
    ] {
        let ran = run(args, input);
        assert_eq!(ran.code, Some(code), "{args:?}: {}", ran.err);
        assert!(code < 2 || !ran.err.is_empty(), "{args:?} says what is wrong");
    }
}

#[test]
fn a_file_that_is_not_there_is_named_with_a_remedy() {
    for (args, remedy) in [
        (&["tag", "nowhere.jsonl"][..], "check the path"),
        (&["tag", "nowhere/*.jsonl"], "check the pattern"),
        (&["analyze", "nowhere.jsonl", "--out", "x"], "check the path"),
        (&["evaluate", "nowhere.jsonl"], "No such file"),
    ] {
        let ran = run_small(args, "");
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{args:?}");
        assert!(ran.err.contains("nowhere") && ran.err.contains(remedy), "{args:?}: {}", ran.err);
    }
    for args in [
        &["detect", "nowhere.csv"][..],
        &["report", "--from-counts", "nowhere.csv"],
        &["simulate", "--scenario", "nowhere.toml"],
    ] {
        let ran = run(args, "");
        assert_eq!((ran.code, ran.err.matches("No such file").count()), (Some(2), 1), "{args:?}: {}", ran.err);
        assert!(ran.err.contains("nowhere."), "{args:?}: {}", ran.err);
    }
}

#[test]
fn a_file_of_another_kind_is_named_with_a_remedy() {
    let folder = folder();
    for (name, bytes, words) in [
        ("a.zip", &b"PK\x03\x04 and so on"[..], "unzip"),
        ("a.xz", b"\xfd7zXZ\0 and so on", "xz -dc"),
        ("a.csv", b"colour,size\nred,1\n", "--column"),
    ] {
        let ran = run_small(&["tag", arg(&file(folder.path(), name, bytes))], "");
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{name}");
        assert!(ran.err.contains(name) && ran.err.contains(words), "{name}: {}", ran.err);
    }
}

#[test]
fn pipes_and_logs_get_no_escape_codes() {
    let input = counts();
    for (variable, value) in [("NO_COLOR", "1"), ("TERM", "xterm-256color"), ("COLORTERM", "truecolor")] {
        for args in [&["detect", "-"][..], &["tag", "--no-such-flag"], &["lexicon", "--help"]] {
            let output = caiu().env(variable, value).args(args).write_stdin(input.as_str()).output().unwrap();
            let told = [output.stdout, output.stderr].concat();
            assert!(
                !told.is_empty() && !told.contains(&0x1b),
                "{variable} {args:?}: {}",
                String::from_utf8_lossy(&told)
            );
        }
    }
}

/// Keys of an object, in order.
fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

fn detect(args: &[&str]) -> Ran {
    run(&[&["detect", "-"], args].concat(), counts())
}

#[test]
fn bursts_have_the_fields_that_readers_count_on() {
    let ran = detect(&["--json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let found = ran.json();
    let [burst] = &found.as_array().unwrap()[..] else { panic!("{found:#}") };
    assert_eq!(keys(burst), ["onset", "alarm_at", "peak", "end", "score"]);
    assert_eq!(keys(&burst["onset"]), ["low", "at", "high"]);
    assert_eq!(keys(&burst["end"]), ["low", "at", "high"]);
    assert_eq!(keys(&burst["peak"]), ["at", "value", "expected"]);
    // 8000 minutes after the first of the month, for an hour.
    let at = |value: &Value| value.as_str().unwrap().to_owned();
    assert!(
        ("2021-10-06T13:10:00Z"..="2021-10-06T13:30:00Z").contains(&at(&burst["onset"]["at"]).as_str()),
        "{burst:#}"
    );
    assert!(("2021-10-06T14:10:00Z"..="2021-10-06T14:40:00Z").contains(&at(&burst["end"]["at"]).as_str()), "{burst:#}");
    assert!(detect(&[]).out.contains("2021-10-06"), "the table shows it too");
}

#[test]
fn scores_have_the_fields_that_readers_count_on() {
    let label = |id: u32, text: &str, kind: &str, down: Value| {
        format!(
            "{}\n",
            json!({"id": id.to_string(), "text": text, "lang": "pt", "kind": kind, "down": down, "moves": []})
        )
    };
    let labels = label(1, "zap caiu", "complaint", json!(["whatsapp"]))
        + &label(2, "caiu o insta", "complaint", json!(["instagram"]))
        + &label(3, "o zap não abre", "complaint", json!(["whatsapp"]))
        + &label(4, "bom dia", "other", json!([]))
        + &label(5, "zap caiu na prova", "other", json!([]));
    let ran = run_small(&["evaluate", "-", "--json"], labels.as_str());
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let document = ran.json();
    assert_eq!(keys(&document), ["lexicon", "by", "resamples", "seed", "groups", "rows"]);
    let group = &document["groups"]["pt"];
    assert_eq!(keys(&group["kinds"]), ["complaint", "restored", "news", "other"]);
    let complaint = &group["kinds"]["complaint"];
    assert_eq!(keys(complaint), ["hits", "false_alarms", "misses", "precision", "recall", "f1"]);
    assert_eq!([&complaint["hits"], &complaint["false_alarms"], &complaint["misses"]], [2, 1, 1]);
    assert!((complaint["f1"].as_f64().unwrap() - 2.0 / 3.0).abs() < 1e-3, "{complaint}");
    assert_eq!(group["num_labels"], 5);
    for key in ["accuracy", "lang", "down", "moves", "confusion"] {
        assert!(group.get(key).is_some(), "{key} in {group:#}");
    }
    let table = run_small(&["evaluate", "-", "--errors"], labels.as_str());
    assert!(table.out.contains("o zap não abre") && table.out.contains("zap caiu na prova"), "{}", table.out);
    assert!(!table.out.contains("caiu o insta"), "{}", table.out);
}
