//! The width of bins that a configuration sets (`[detect] bin_secs`) holds in every answer about services and incidents.

use serde_json::{Value, json};

use super::world::Server;
use crate::support::{arg, file, folder, run};

/// Ten minutes, and a width that fits into no round one.
const WIDTHS: [u32; 2] = [600, 420];

fn moment(value: &Value) -> i64 {
    value.as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp()
}

#[tokio::test(flavor = "multi_thread")]
async fn incidents_are_found_and_shown_in_the_bins_that_are_set() {
    let usual = Server::shared().await.json("/api/v1/incidents").await;
    for width in WIDTHS {
        let server = Server::shared_with(|options| options.bin_secs = width).await;
        let list = server.json("/api/v1/incidents").await;
        let incident = &list["incidents"][0]["incident"];
        assert_eq!((&incident["service"], &list["total"]), (&json!("whatsapp"), &json!(1)), "{list:#}");
        assert_ne!(incident["onset"], usual["incidents"][0]["incident"]["onset"], "{width}");
        // The command finds the same in such bins.
        let index = server.index.display().to_string();
        let bin = format!("{width}s");
        let told = run(&["export", "--index", &index, "--format", "json", "--bin", &bin, "--out", "-"], "").json();
        for key in ["onset", "end", "alarm_at", "peak", "num_complaints"] {
            assert_eq!(told["incidents"][0]["incident"][key], incident[key], "{width} {key}");
        }
        let id = incident["id"].as_str().unwrap();
        let exported = server.json(&format!("/api/v1/incidents/{id}/export?format=json")).await;
        assert_eq!(exported["incidents"], told["incidents"], "{width}");

        // One that is narrower than the server's is as wide as these, and a wider one is made of them.
        for (asked, wanted) in [("1m", width), ("15m", 900_u32.div_ceil(width) * width)] {
            let series = server.json(&format!("/api/v1/incidents/{id}/series?bin={asked}")).await;
            assert_eq!(series["bin_secs"], wanted, "{asked}");
            let points = series["points"].as_array().unwrap();
            assert!(points.iter().all(|point| moment(&point[0]) % i64::from(width) == 0), "{width} {asked}");
            assert_eq!(points.len(), series["expected"].as_array().unwrap().len());
            // Found again with less of the time before: near, not the same.
            let apart = moment(&series["bursts"][0]["onset"]["at"]) - moment(&incident["onset"]["at"]);
            assert!(apart.abs() <= i64::from(width), "{width} {asked}: {apart} s");
        }
        let fine = server.json(&format!("/api/v1/incidents/{id}/series?bin=1m")).await;
        let values = fine["points"].as_array().unwrap().iter().filter_map(|point| point[1].as_f64());
        let peak = values.fold(0.0, f64::max) * 60.0 / f64::from(width);
        assert!((peak - incident["peak"]["per_min"].as_f64().unwrap()).abs() < 0.01, "{peak} {incident}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_overview_counts_in_them() {
    let usual = Server::shared().await.json("/api/v1/overview?hours=24&bin=1h").await;
    for (width, asked, bin_secs, hours) in
        [(600, "hours=24&bin=5m", 600, 24), (600, "hours=24&bin=1h", 3_600, 24), (86_400, "hours=6&bin=5m", 86_400, 24)]
    {
        let server = Server::shared_with(|options| options.bin_secs = width).await;
        let overview = server.json(&format!("/api/v1/overview?{asked}")).await;
        assert_eq!((&overview["bin_secs"], &overview["hours"]), (&json!(bin_secs), &json!(hours)), "{width} {asked}");
        let whatsapp = overview["services"].as_array().unwrap().iter().find(|row| row["id"] == "whatsapp").unwrap();
        if bin_secs == 3_600 {
            let before = usual["services"].as_array().unwrap().iter().find(|row| row["id"] == "whatsapp").unwrap();
            // The same posts; a rate is one of a minute, whatever the bins.
            assert_eq!(whatsapp["num_complaints"], before["num_complaints"]);
            let rate = |row: &Value| row["complaints_per_min"]["last"].as_f64().unwrap();
            assert!(rate(whatsapp) <= rate(before) && rate(whatsapp) >= rate(before) / 2.0, "{whatsapp} {before}");
        }
        let table = server.get("/api/v1/services/whatsapp/series.csv?hours=24&bin=5m").await.text();
        let secs = 300_u32.div_ceil(width) * width;
        assert!(table.lines().skip(1).all(|line| line.split(',').nth(3) == Some(&secs.to_string())), "{table}");
        assert_eq!(server.get("/api/v1/services/whatsapp/chart.svg?hours=24&bin=5m").await.status, 200);
    }
}

#[test]
fn commands_take_them_from_a_configuration() {
    let folder = folder();
    let index = folder.path().join("index");
    super::world::fill_index(&index, folder.path(), crate::support::corpus());
    let text = format!("[index]\npath = \"{}\"\n[detect]\nbin_secs = 600\n", index.display());
    let config = file(folder.path(), "caiu.toml", text);
    let export = |more: &[&str]| {
        let args = ["export", "--config", arg(&config), "--format", "json", "--out", "-"];
        run(&[&args[..], more].concat(), "").json()["incidents"].clone()
    };
    assert_eq!(export(&[]), export(&["--bin", "10m"]));
    assert_ne!(export(&[]), export(&["--bin", "1m"]), "a flag says otherwise");
}
