//! `caiu tag` as a filter: one reading out per record in, in order, whatever comes in.

use serde_json::{Value, json};

use crate::support::{Ran, arg, corpus, file, folder, run, run_small};

fn tag(args: &[&str], input: impl Into<Vec<u8>>) -> Ran {
    run_small(&[&["tag"], args].concat(), input)
}

/// What a row says of its record: `id kind down moves`, or `id !reason`.
fn told(row: &Value) -> String {
    let id = row["id"].as_str().unwrap();
    match row["error"].as_str() {
        Some(error) => format!("{id} !{}", error.split(": ").nth(1).unwrap().split(" (").next().unwrap()),
        None => format!("{id} {} {} {}", row["kind"].as_str().unwrap(), row["down"], row["moves"]),
    }
}

/// Tags `input` and compares the rows and the exit code.
fn check(args: &[&str], input: &str, want: &[&str], code: i32) {
    let ran = tag(args, input);
    let rows: Vec<String> = ran.rows().iter().map(told).collect();
    assert_eq!(rows, want, "{input}\n{}", ran.err);
    assert_eq!(ran.code, Some(code), "{input}\n{}", ran.err);
}

#[test]
fn each_record_comes_out_once_in_order() {
    let nothing = r#"1 other [] []"#;
    let down = r#"1 complaint ["whatsapp"] []"#;
    for (input, want, code) in [
        ("", &[][..], 1),
        ("\n\n", &[], 1),
        ("{\"text\":\"olá\"}", &[nothing], 0),
        ("{\"text\":\"zap caiu\"}\r\n", &[down], 0),
        ("{\"id\":\"a\",\"text\":\"zap caiu\"}\n", &[r#"a complaint ["whatsapp"] []"#], 0),
        (
            "{\"id\":123456789012345678901234567890,\"text\":\"olá\"}\n",
            &["123456789012345678901234567890 other [] []"],
            0,
        ),
        ("\n{\"text\":\"x\"}\n\n{\"text\":\"y\"}\n", &["2 other [] []", "4 other [] []"], 0),
        (
            "{\"id\":\"m\",\"text\":\"whatsapp is down, moved to telegram\"}\n",
            &[r#"m complaint ["whatsapp"] [["whatsapp","telegram"]]"#],
            0,
        ),
        ("{\"id\":\"m\",\"text\":\"moved to telegram\"}\n", &[r#"m other [] [[null,"telegram"]]"#], 0),
        (
            "{\"text\":\"zap caiu\"}\nno json\n{\"x\":1}\n{\"text\":5}\n{\"text\":\" \"}\n[1]\n{\"text\":\"olá\"}\n",
            &[
                down,
                "2 !broken json",
                "3 !unknown form",
                "4 !wrong type",
                "5 !no text",
                "6 !unknown form",
                "7 other [] []",
            ],
            0,
        ),
        ("{\"text\":\"zap caiu\"}\n{\"text\":\"zap ca", &[down, "2 !cut short"], 2),
        (
            "{\"text\":\"zap caiu\"}\n{\"text\":\"zap ca\n{\"text\":\"olá\"}",
            &[down, "2 !broken json", "3 other [] []"],
            0,
        ),
        (
            "[{\"text\":\"zap caiu\"},{\"text\":\"x\"},\n{\"text\":\"y\"}]",
            &[down, "1-1 other [] []", "2 other [] []"],
            0,
        ),
        ("[{\"text\":\"zap caiu\"},{\"te", &[down, "1-1 !cut short"], 2),
        ("text,lang\nzap caiu,pt\n\"caiu o\ninsta\",pt\n", &[r#"2 complaint ["whatsapp"] []"#, r#"3 other [] []"#], 0),
    ] {
        check(&["-"], input, want, code);
    }
}

#[test]
fn bytes_that_are_no_text_cost_one_record() {
    let ran = tag(&[], b"{\"text\":\"\xff\xfe\"}\n{\"text\":\"zap caiu\"}\n".to_vec());
    let rows: Vec<String> = ran.rows().iter().map(told).collect();
    assert_eq!(rows, ["1 !invalid utf-8", r#"2 complaint ["whatsapp"] []"#]);
}

#[test]
fn rows_have_the_fields_that_readers_count_on() {
    let input = "{\"id\":\"x\",\"text\":\"😭 الواتساب معطل, moved to telegram\"}\nbad\n";
    let ran = tag(&["--with-version", "--with-post"], input);
    let [row, bad] = &ran.rows()[..] else { panic!("{ran:?}") };
    let keys: Vec<&String> = row.as_object().unwrap().keys().collect();
    let reading = ["id", "lang", "lang_confidence", "kind", "down", "moves", "evidence"];
    assert_eq!(keys, [&reading[..], &["version", "lexicon", "post"]].concat());
    assert!((0.0..=1.0).contains(&row["lang_confidence"].as_f64().unwrap()));
    assert_eq!(row["post"], serde_json::from_str::<Value>(input.lines().next().unwrap()).unwrap());
    assert_eq!(
        row["evidence"],
        json!([
            {"term": "ar.outage.muattal", "span": [5, 30], "text": "الواتساب معطل"},
            {"term": "en.move.moved-to", "span": [32, 49], "text": "moved to telegram"},
        ])
    );
    let keys: Vec<&String> = bad.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["id", "error", "version", "lexicon"]);
    assert_eq!(bad["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(bad["lexicon"], row["lexicon"]);
    let bare = tag(&[], input).rows();
    assert_eq!(bare[0].as_object().unwrap().keys().collect::<Vec<_>>(), reading);
}

#[test]
fn the_post_comes_along_on_one_line() {
    for (input, want) in [
        ("{\"text\":\"zap caiu\",\"lang\":\"pt\"}", json!({"text": "zap caiu", "lang": "pt"})),
        ("[\n {\n  \"text\": \"zap\\ncaiu\"\r\n }\n]", json!({"text": "zap\ncaiu"})),
        (
            "id,text,created_at\n7,\"zap\ncaiu\",2021-10-04T16:00:00Z\n",
            json!({"id": "7", "text": "zap\ncaiu", "created_at": "2021-10-04T16:00:00Z"}),
        ),
    ] {
        let ran = tag(&["--with-post"], input);
        assert_eq!(ran.out.lines().count(), 1, "{input}: {}", ran.out);
        assert_eq!(ran.rows()[0]["post"], want, "{input}");
    }
}

#[test]
fn only_some_kinds_are_written() {
    let input = "{\"text\":\"zap caiu\"}\nbad\n{\"text\":\"whatsapp is back\"}\n{\"text\":\"Reuters reports WhatsApp is down\"}\n{\"text\":\"x\"}\n";
    let down = r#"["whatsapp"] []"#;
    for (only, want, code) in [
        ("complaint", vec![format!("1 complaint {down}")], 0),
        ("restored,news", vec![format!("3 restored {down}"), format!("4 news {down}")], 0),
        ("other", vec!["5 other [] []".to_owned()], 0),
    ] {
        check(&["--only", only], input, &want.iter().map(String::as_str).collect::<Vec<_>>(), code);
    }
    check(&["--only", "restored"], "{\"text\":\"x\"}\n", &[], 1);
    assert_eq!(tag(&["--only", "rant"], "").code, Some(2));
}

#[test]
fn ids_by_place_are_unique_over_inputs() {
    let folder = folder();
    let inputs = ["a.jsonl", "b/a.jsonl"].map(|name| file(folder.path(), name, "{\"text\":\"x\"}\nbad\n"));
    let ran = tag(&[arg(&inputs[0]), arg(&inputs[1])], "");
    let ids: Vec<String> = ran.rows().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids, ["a:1", "a:2", "a-2:1", "a-2:2"]);
}

#[test]
fn threads_do_not_matter() {
    // Long lines make many blocks out of few posts.
    let input: String = corpus().lines().take(300).map(|line| format!("{line}{}\n", " ".repeat(20_000))).collect();
    let one = tag(&["--threads", "1", "--with-post"], input.as_str());
    assert_eq!(one.rows().len(), 300);
    for threads in ["2", "8"] {
        assert!(tag(&["--threads", threads, "--with-post"], input.as_str()).out == one.out, "{threads} threads");
    }
}

#[test]
fn explain_tells_every_step() {
    let ran = run(&["tag", "--explain", "zap caiu, fui pro telegram"], "");
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    for part in ["zap = whatsapp", "pt.outage.caiu", "complaint", "whatsapp -> telegram"] {
        assert!(ran.out.contains(part), "{part}:\n{}", ran.out);
    }
}
