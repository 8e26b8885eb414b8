//! What becomes of every post of a run: doubles, dates that say nothing, inputs and folders that are not there.

use std::fs;

use serde_json::json;

use crate::support::{analyze, file, folder, json_of, names};

#[test]
fn a_post_that_comes_twice_counts_once() {
    let folder = folder();
    let line = |id: &str, text: &str| {
        format!(
            "{{\"id\":\"{id}\",\"created_at\":\"2021-10-04T16:00:00Z\",\"author\":\"a{id}\",\"text\":\"{text}\"}}\n"
        )
    };
    let a = file(folder.path(), "a.jsonl", line("1", "zap caiu") + &line("2", "zap caiu") + &line("1", "zap caiu"));
    let b = file(folder.path(), "b.jsonl", line("2", "zap caiu") + &line("3", "whatsapp is back"));
    // Posts without ids on one line of an array are posts of their own.
    let c = file(folder.path(), "c.json", {
        let post = r#"{"text":"caiu o insta","created_at":"2021-10-04T16:00:00Z"}"#;
        format!("[{post},{post},{post}]")
    });
    let out = folder.path().join("out");
    analyze(&[&a, &b, &c], &out, &[]);
    let outcomes = &json_of(&out.join("manifest.json"))["outcomes"];
    assert_eq!(*outcomes, json!({"read as complaint": 5, "read as restored": 1, "repeated": 2}));
}

const DATES: &str = "\
{\"text\":\"zap caiu\",\"created_at\":\"2021-10-04T16:00:00Z\"}
{\"text\":\"zap caiu\"}
{\"text\":\"zap caiu\",\"created_at\":\"1970-01-01T00:00:00Z\"}
{\"text\":\"zap caiu\",\"created_at\":\"2090-01-01T00:00:00Z\"}
{\"text\":\"zap caiu\",\"created_at\":\"2021-10-04 16:00:00\"}
{\"text\":\"zap caiu\",\"created_at\":\"soon\"}
no json
";

#[test]
fn posts_that_cannot_be_placed_in_time_are_counted_by_reason() {
    let folder = folder();
    let posts = file(folder.path(), "dates.jsonl", DATES);
    for (args, want) in [
        (
            &[][..],
            json!({
                "broken json": 1, "date out of range": 2, "date without zone": 1, "no date": 1,
                "read as complaint": 1, "repeated": 0, "unreadable date": 1,
            }),
        ),
        (
            &["--assume-tz", "Asia/Baghdad"],
            json!({
                "broken json": 1, "date out of range": 2, "no date": 1,
                "read as complaint": 2, "repeated": 0, "unreadable date": 1,
            }),
        ),
    ] {
        let out = folder.path().join("out");
        let ran = analyze(&[&posts], &out, args);
        assert_eq!(ran.code, Some(1), "{}", ran.err);
        assert_eq!(json_of(&out.join("manifest.json"))["outcomes"], want);
        assert!(ran.err.contains("1 x no date") && ran.err.contains("dates.jsonl, line 2"), "{}", ran.err);
        assert!(!ran.err.contains("zap caiu"), "{}", ran.err);
    }
}

#[test]
fn strict_stops_and_leaves_no_report() {
    let folder = folder();
    let rest: Vec<&str> = DATES.lines().collect();
    for (line, words) in
        [(2, "no date"), (3, "2005"), (4, "future"), (5, "--assume-tz"), (6, "date"), (7, "broken json")]
    {
        let posts = file(folder.path(), "posts.jsonl", [rest[0], rest[line - 1]].join("\n"));
        let out = folder.path().join(format!("out{line}"));
        let ran = analyze(&[&posts], &out, &["--strict"]);
        assert_eq!(ran.code, Some(2), "{}", ran.err);
        assert!(ran.err.contains("posts.jsonl, line 2") && ran.err.contains(words), "{words}: {}", ran.err);
        assert_eq!(names(&out), Vec::<String>::new(), "{words}");
    }
}

#[test]
fn what_cannot_be_read_or_written_is_named() {
    let folder = folder();
    let posts = file(folder.path(), "posts.jsonl", DATES);
    let below_a_file = posts.join("out");
    let taken = folder.path().join("taken");
    fs::create_dir_all(taken.join("report.json")).unwrap();
    let missing = folder.path().join("missing.jsonl");
    let out = folder.path().join("out");
    for (input, out, words) in [
        (&posts, &below_a_file, "cannot make the folder"),
        (&posts, &taken, "report.json"),
        (&missing, &out, "missing.jsonl"),
    ] {
        let ran = analyze(&[input], out, &[]);
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{}", ran.err);
        assert!(ran.err.lines().last().unwrap().contains(words), "{words}: {}", ran.err);
        let causes = ran.err.matches("(os error").count();
        assert_eq!(causes, 1, "the cause is said once: {}", ran.err);
    }
    assert!(!out.exists(), "nothing is begun for an input that is not there");
    assert_eq!(names(&taken).iter().filter(|name| name.ends_with(".part")).count(), 0);
}
