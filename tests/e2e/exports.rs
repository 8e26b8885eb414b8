//! Exports are read back by what reads them: TimelineJS, Vega-Lite, an iCalendar parser, openpyxl, pyarrow, networkx, rocrate
//! and its validator.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::{caiu, server};

/// A post that says that whatsapp is down and begins as a formula does.
const HOSTILE: &str = "=HYPERLINK(\"http://evil.example\",\"x\") whatsapp is down again, my messages are not sending <script>alert(1)</script>";
/// Formats, with the endings by which the readers know them.
const FORMATS: [(&str, &str); 10] = [
    ("timelinejs", "timelinejs.json"),
    ("timelinejs-csv", "timelinejs.csv"),
    ("vega-lite", "vl.json"),
    ("ics", "ics"),
    ("xlsx", "xlsx"),
    ("csv", "csv"),
    ("parquet", "parquet"),
    ("gexf", "gexf"),
    ("ro-crate", "zip"),
    ("html", "html"),
];

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Writes every format into a folder: of the demo's posts and some hostile ones, in Arabic and the time of Baghdad.
fn export(folder: &Path) {
    let posts = folder.join("posts.jsonl");
    let mut lines = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/data/demo/posts.jsonl")).unwrap();
    for number in 0..40 {
        let post = serde_json::json!({
            "id": format!("hostile-{number}"),
            "created_at": format!("2021-10-04T16:{number:02}:30Z"),
            "author": format!("author-{number}"),
            "platform": "simulated",
            "text": format!("{HOSTILE} @person_{number} {number}"),
            "url": format!("https://example.org/{number}"),
        });
        lines.push_str(&format!("{post}\n"));
    }
    std::fs::write(&posts, lines).unwrap();
    let index = folder.join("index");
    caiu(&["index", text(&posts), "--index", text(&index)]);
    let out = folder.join("out");
    std::fs::create_dir(&out).unwrap();
    for (format, ending) in FORMATS {
        let file = out.join(format!("story.{ending}"));
        let args =
            ["export", "--index", text(&index), "--service", "whatsapp", "--format", format, "--out", text(&file)];
        caiu(&[&args[..], &["--tz", "Asia/Baghdad", "--locale", "ar", "--quotes", "300"]].concat());
    }
}

fn read(command: &mut Command) -> Value {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
#[ignore = "needs a real server: cargo xtask e2e"]
fn what_reads_exports_reads_ours() {
    let place = server("CAIU_E2E_EXPORTS");
    let folder = tempfile::tempdir().unwrap();
    export(folder.path());
    let out = folder.path().join("out");
    // Far from Baghdad and from UTC: what is shown must not depend on where the reader is.
    let zone = ("TZ", "America/Los_Angeles");
    let scripts = read(Command::new("node").arg("read.mjs").arg(&out).current_dir(&place).env(zone.0, zone.1));
    let python = Path::new(&place).join("python");
    let read = read(
        Command::new("python3")
            .arg("read.py")
            .arg(&out)
            .current_dir(&place)
            .env("PYTHONPATH", python)
            .env(zone.0, zone.1),
    );
    timelinejs(&scripts["story.timelinejs.json"]);
    timelinejs_table(&scripts["story.timelinejs.csv"], &scripts["story.timelinejs.json"]);
    vega(&scripts["story.vl.json"]);
    calendar(&read["story.ics"]);
    workbook(&read["story.xlsx"]);
    table(&read["story.csv"]);
    series(&read["story.parquet"]);
    graph(&read["story.gexf"]);
    packed(&read["story.zip"]);
}

fn timelinejs(read: &Value) {
    assert_eq!(read["valid"], true, "{read}");
    let slides = read["slides"].as_array().unwrap();
    assert!(slides.len() > 10, "{read}");
    let onset = slides.iter().find(|slide| slide["headline"].as_str().unwrap().contains("بداية العطل")).unwrap();
    // 15:38 UTC is 18:38 in Baghdad.
    assert_eq!((onset["hour"].as_i64(), onset["group"].as_str()), (Some(18), Some("واتساب")), "{onset}");
    assert!(onset["shown"].as_str().unwrap().contains("Asia/Baghdad (UTC+3)"), "{onset}");
    let html = read.to_string();
    assert!(!html.contains("<script") && html.contains("&lt;script"), "{html}");
    assert!(html.contains("<blockquote lang=\\\"ar\\\" dir=\\\"auto\\\">"), "{html}");
}

/// The table tells what the JSON tells.
fn timelinejs_table(read: &Value, of_json: &Value) {
    assert_eq!((&read["valid"], &read["errors"]), (&Value::Bool(true), &of_json["errors"]), "{read}");
    let slides = |read: &Value, key: &str| -> Vec<Value> {
        read["slides"].as_array().unwrap().iter().map(|slide| slide[key].clone()).collect()
    };
    for key in ["headline", "text", "group", "hour", "minute"] {
        assert!(slides(read, key) == slides(of_json, key), "{key}: {:?}", &slides(read, key)[..3]);
    }
    assert_eq!(read["title"]["headline"], of_json["title"]["headline"], "{read}");
    let html = read.to_string();
    assert!(!html.contains("<script") && html.contains("&lt;script"), "{html}");
}

fn vega(read: &Value) {
    assert_eq!(read["warnings"], serde_json::json!([]), "{read}");
    let texts: Vec<&str> = read["texts"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(texts.iter().any(|text| text.contains("Asia/Baghdad")) && texts.contains(&"18:00"), "{texts:?}");
    assert!(read["paths"].as_i64().unwrap() > 10, "{read}");
}

fn calendar(read: &Value) {
    let entry = &read[0];
    assert_eq!(entry["errors"], serde_json::json!([]));
    assert_eq!(entry["uid"], "whatsapp-20211004T1538Z@caiu");
    assert!(entry["start"].as_str().unwrap().starts_with("2021-10-04T15:3"), "{entry}");
    assert!(entry["start"].as_str().unwrap().ends_with("+00:00"), "{entry}");
    assert_eq!(entry["status"], "CONFIRMED");
    assert!(entry["summary"].as_str().unwrap().contains("عطل في واتساب"), "{entry}");
    assert!(entry["description"].as_str().unwrap().contains('\n'), "lines are lines again");
}

fn workbook(read: &Value) {
    for (name, sheet) in read.as_object().unwrap() {
        assert_eq!(sheet["right_to_left"], true, "{name}");
        assert!(!sheet["types"].as_array().unwrap().contains(&Value::from("f")), "{name} holds a formula");
    }
    let quotes = read["بكلماتهم"]["rows"].as_array().unwrap();
    let hostile = quotes.iter().find(|row| row[4].as_str().is_some_and(|text| text.starts_with("=HYPERLINK"))).unwrap();
    assert!(hostile[4].as_str().unwrap().contains("@…") && !hostile.to_string().contains("person_"), "{hostile}");
    let timeline = read["التسلسل الزمني"]["rows"].as_array().unwrap();
    assert!(timeline[1][0].as_str().unwrap().starts_with("2021-10-04T18:3"), "{}", timeline[1]);
    assert_eq!(timeline[1][1], "Asia/Baghdad");
    assert!(read["السلسلة"]["rows"][1][3].is_number(), "numbers are numbers");
}

fn table(read: &Value) {
    let rows = read.as_array().unwrap();
    assert_eq!(rows[0][0], "الوقت");
    let onset = rows.iter().find(|row| row[3] == "البداية").unwrap();
    assert!(
        onset[0].as_str().unwrap().starts_with("2021-10-04 18:3") && onset[2].as_str().unwrap().ends_with('Z'),
        "{onset}"
    );
    assert!(rows.iter().any(|row| row[6].as_str().unwrap().starts_with("'=HYPERLINK")), "a formula is disarmed");
}

fn series(read: &Value) {
    assert!(read["rows"].as_i64().unwrap() > 300 && read["complaints"].as_i64().unwrap() > 300, "{read}");
    assert_eq!(read["columns"]["at"], "timestamp[us, tz=UTC]");
    assert_eq!(read["simulated"], "true");
}

fn graph(read: &Value) {
    assert_eq!(read["labels"]["telegram"], "تلغرام", "{read}");
    let edges = read["edges"].as_array().unwrap();
    let edge = edges.iter().find(|edge| edge[1] == "telegram").unwrap();
    assert_eq!(edge[0], "whatsapp");
    assert!(edge[2]["share"].as_f64().unwrap() > 0.1 && edge[2]["weight"].as_f64().unwrap() > 1.0, "{edge}");
    assert_eq!(edge[2]["simulated"], true, "{edge}");
}

fn packed(read: &Value) {
    assert_eq!((&read["absent"], &read["wrong"]), (&serde_json::json!([]), &serde_json::json!([])), "{read}");
    assert!(read["hashed"].as_i64().unwrap() >= 12 && read["name"].as_str().unwrap().contains("واتساب"), "{read}");
    assert_eq!(read["actions"], serde_json::json!(["caiu export"]));
    assert_eq!(read["faults"], serde_json::json!([]), "{read}");
    assert!(!read["faults_of_broken"].as_array().unwrap().is_empty(), "the validator sees a fault where there is one");
}
