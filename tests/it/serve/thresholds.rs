//! Thresholds of single services, as `[detect.services.ID]` sets them, hold in every answer and in the commands beside.

use caiu::config::Config;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::world::{Server, fill_index};
use crate::support::{arg, file, folder, run};

/// Nothing is loud enough but for one service.
const CONFIG: &str =
    "[detect]\nfalse_alarms_per_week = 1e-6\n[detect.services.whatsapp]\nfalse_alarms_per_week = 100.0\n";

/// Days of small talk, then the same few complaints about two services.
fn posts() -> String {
    let begin: DateTime<Utc> = "2021-10-01T00:00:00Z".parse().unwrap();
    let mut lines = Vec::new();
    let mut say = |minutes: i64, text: &str| {
        let (id, at) = (lines.len(), begin + TimeDelta::minutes(minutes));
        lines.push(
            json!({ "id": format!("{id}"), "author": format!("a{id}"), "created_at": at, "text": text }).to_string(),
        );
    };
    (0..4 * 24 * 6).for_each(|each| say(each * 10, "good morning everybody"));
    for number in 0..6 {
        say(3 * 24 * 60 + number * 45, "whatsapp is down");
        say(3 * 24 * 60 + number * 45, "telegram is down");
    }
    lines.join("\n") + "\n"
}

fn services(incidents: &Value) -> Vec<&str> {
    let all = incidents.as_array().unwrap().iter();
    all.map(|row| row.pointer("/incident/service").or(row.get("service")).unwrap().as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_with_its_own_threshold_has_it_in_every_answer() {
    let config = Config::parse(CONFIG, "c.toml").unwrap();
    let thresholds = config.detect.thresholds();
    let server = Server::own(&posts(), |options| options.detection = thresholds).await;
    let num_bursts = async |path: &str| server.json(path).await["bursts"].as_array().unwrap().len();
    let list = server.json("/api/v1/incidents").await;
    assert_eq!(
        services(&list["incidents"]),
        ["whatsapp"],
        "an index that nobody watched is searched with them: {list:#}"
    );
    let overview = server.json("/api/v1/overview?hours=72").await;
    let states: Vec<_> = overview["services"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["id"].as_str(), row["state"].as_str()))
        .collect();
    assert_eq!(states, [(Some("whatsapp"), Some("ended")), (Some("telegram"), Some("quiet"))], "{overview:#}");
    for (query, num) in [("down:whatsapp+kind:complaint", 1), ("down:telegram+kind:complaint", 0), ("down:whatsapp", 0)]
    {
        assert_eq!(num_bursts(&format!("/api/v1/bursts?q={query}&bin=1m")).await, num, "{query}");
    }
    let id = list["incidents"][0]["incident"]["id"].as_str().unwrap();
    assert_eq!(num_bursts(&format!("/api/v1/incidents/{id}/series?bin=1m")).await, 1);
    let told = server.json(&format!("/api/v1/incidents/{id}/export?format=json")).await;
    assert_eq!(services(&told["incidents"]), ["whatsapp"], "{told:#}");
    let settings = &told["origin"]["settings"];
    assert_eq!(settings["services"]["whatsapp"]["false_alarms_per_week"], 100.0, "what it was found with: {settings}");

    let usual = Server::with(&server.index, None, |_| (), caiu::serve::Limits::default()).await;
    let list = usual.json("/api/v1/incidents").await;
    assert_eq!(services(&list["incidents"]).len(), 2, "without them both are alike: {list:#}");
}

#[test]
fn commands_take_the_thresholds_of_a_configuration() {
    let folder = folder();
    let index = folder.path().join("index");
    fill_index(&index, folder.path(), &posts());
    let config = file(folder.path(), "caiu.toml", format!("{CONFIG}[index]\npath = \"{}\"\n", index.display()));
    let bursts = |service: &str, more: &[&str]| {
        let query = format!("down:{service} kind:complaint");
        run(&[&["bursts", &query, "--complaints", "--json", "--config", arg(&config)], more].concat(), "")
    };
    assert_eq!((bursts("whatsapp", &[]).code, bursts("telegram", &[]).code), (Some(0), Some(1)));
    assert_eq!(bursts("telegram", &["--false-alarms-per-week", "100"]).code, Some(0), "a flag says otherwise");
    let export = |more: &[&str]| {
        run(&[&["export", "--format", "json", "--out", "-", "--config", arg(&config)], more].concat(), "").json()
    };
    assert_eq!(services(&export(&[])["incidents"]), ["whatsapp"]);
    assert_eq!(services(&export(&["--false-alarms-per-week", "telegram=100"])["incidents"]).len(), 2);
    assert_eq!(services(&export(&["--false-alarms-per-week", "1e-6"])["incidents"]).len(), 0, "for all of them");
}
