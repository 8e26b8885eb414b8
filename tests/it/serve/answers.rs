//! Every endpoint answers what the OpenAPI document says, about the outage that is in the index.

use caiu::pipeline::journal::{Change, Journal};
use serde_json::{Value, json};

use super::world::{HOSTILE, Server};

/// The id of the only incident.
async fn incident(server: &Server) -> Value {
    let list = server.json("/api/v1/incidents").await;
    let incidents = list["incidents"].as_array().unwrap();
    assert_eq!(incidents.len(), 1, "{list:#}");
    incidents[0].clone()
}

/// Holds an answer against the schema that the document has for it.
fn check_schema(document: &Value, path: &str, body: &Value) {
    let pointer = format!("/paths/{}/get/responses/200/content/application~1json/schema", path.replace('/', "~1"));
    let schema = document.pointer(&pointer).unwrap_or_else(|| panic!("{path} is not in the document"));
    let whole = json!({ "$ref": schema["$ref"], "components": document["components"] });
    let validator = jsonschema::options().should_validate_formats(true).build(&whole).unwrap();
    let errors: Vec<String> = validator.iter_errors(body).map(|error| error.to_string()).take(3).collect();
    assert!(errors.is_empty(), "{path}: {errors:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_endpoint_answers_as_documented() {
    let server = Server::shared().await;
    let document = server.json("/api/v1/openapi.json").await;
    assert_eq!(document, caiu::serve::openapi());
    let id = incident(&server).await["incident"]["id"].as_str().unwrap().to_owned();
    let own = |path: &str| path.replace("{id}", &id);
    let mut seen = Vec::new();
    for (path, query) in [
        ("/api/v1/overview", ""),
        ("/api/v1/overview", "?hours=24&bin=1h"),
        ("/api/v1/overview", "?all=1"),
        ("/api/v1/incidents", "?state=all&service=whatsapp&limit=1"),
        ("/api/v1/incidents/{id}", ""),
        ("/api/v1/incidents/{id}/revisions", ""),
        ("/api/v1/incidents/{id}/posts", "?q=kind:complaint&limit=5"),
        ("/api/v1/incidents/{id}/migrations", ""),
        ("/api/v1/incidents/{id}/series", "?bin=5m"),
        ("/api/v1/posts", "?q=whatsapp&sort=score"),
        ("/api/v1/series", "?q=down:whatsapp&bin=5m"),
        ("/api/v1/bursts", "?q=down:whatsapp+kind:complaint&bin=5m"),
        ("/api/v1/services", ""),
        ("/api/v1/feeds", ""),
        ("/api/v1/about", ""),
        ("/health", ""),
        ("/ready", ""),
    ] {
        let answer = server.get(&format!("{}{query}", own(path))).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        assert_eq!(answer.header("content-type"), "application/json", "{path}");
        check_schema(&document, path, &answer.json());
        seen.push(path);
    }
    for (path, kind) in [
        ("/api/v1/series.csv", "text/csv; charset=utf-8"),
        ("/api/v1/bursts.csv", "text/csv; charset=utf-8"),
        ("/api/v1/incidents/{id}/series.csv", "text/csv; charset=utf-8"),
        ("/api/v1/services/{id}/series.csv", "text/csv; charset=utf-8"),
        ("/api/v1/services/{id}/chart.png", "image/png"),
        ("/api/v1/incidents/{id}/migrations.csv", "text/csv; charset=utf-8"),
        ("/api/v1/incidents/{id}/chart.svg", "image/svg+xml"),
        ("/api/v1/incidents/{id}/export", "text/html; charset=utf-8"),
        ("/api/v1/incidents/{id}/chart.png", "image/png"),
        ("/api/v1/services/{id}/chart.svg", "image/svg+xml"),
        ("/api/v1/series.svg", "image/svg+xml"),
        ("/api/v1/series.png", "image/png"),
        ("/api/v1/bursts.svg", "image/svg+xml"),
        ("/api/v1/bursts.png", "image/png"),
        ("/incidents.atom", "application/atom+xml; charset=utf-8"),
        ("/metrics", "text/plain; version=0.0.4; charset=utf-8"),
        ("/", "text/html; charset=utf-8"),
        ("/incidents/anything", "text/html; charset=utf-8"),
        ("/query", "text/html; charset=utf-8"),
    ] {
        let real = if path.contains("services") { path.replace("{id}", "whatsapp") } else { own(path) };
        let answer = server.get(&real).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, kind), "{path}: {}", answer.text());
        seen.push(path);
    }
    for (path, methods) in document["paths"].as_object().unwrap() {
        let is_tried = seen.contains(&path.as_str()) || path.contains("/admin/") || path.ends_with("/live");
        assert!(is_tried, "{path} is not tried here: {methods}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_outage_is_told_alike_everywhere() {
    let server = Server::shared().await;
    let row = incident(&server).await;
    let incident = &row["incident"];
    assert_eq!((&incident["service"], &row["change"]), (&json!("whatsapp"), &json!("ended")));
    let id = incident["id"].as_str().unwrap();
    assert_eq!(server.json(&format!("/api/v1/incidents/{id}")).await, row);
    assert_eq!(server.json(&format!("/api/v1/incidents/{id}/migrations")).await["migrations"], incident["migrations"]);

    let near = |a: &Value, b: &Value| {
        let secs =
            |value: &Value| value.as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp();
        (secs(a) - secs(b)).abs() <= 120
    };
    let series = server.json(&format!("/api/v1/incidents/{id}/series?bin=1m")).await;
    let burst = &series["bursts"][0];
    assert!(near(&burst["onset"]["at"], &incident["onset"]["at"]), "{burst} {incident}");
    assert!(near(&burst["end"]["at"], &incident["end"]["at"]), "{burst} {incident}");
    let peak = series["points"].as_array().unwrap().iter().filter_map(|point| point[1].as_f64()).fold(0.0, f64::max);
    assert_eq!(peak, incident["peak"]["per_min"].as_f64().unwrap(), "the chart shows the peak that is told");
    assert_eq!(series["points"].as_array().unwrap().len(), series["expected"].as_array().unwrap().len());

    for (parts, of_report) in [(&row["langs"], &incident["langs"]), (&row["countries"], &incident["countries"])] {
        let parts = parts.as_array().unwrap();
        let number = |part: &Value, key: &str| part.pointer(key).unwrap().as_f64().unwrap();
        assert_eq!(parts.len(), of_report.as_object().unwrap().len());
        let posts: f64 = parts.iter().map(|part| number(part, "/num_complaints")).sum();
        assert_eq!(posts, incident["num_complaints"].as_f64().unwrap(), "shares are of posts: {parts:?}");
        assert!(parts.is_sorted_by_key(|part| -(number(part, "/num_complaints") as i64)));
        for part in parts {
            let [low, mid, high] = ["/share/low", "/share/mid", "/share/high"].map(|key| number(part, key));
            assert_eq!(mid, of_report[part["code"].as_str().unwrap()].as_f64().unwrap(), "{part}");
            assert!(0.0 <= low && low < mid && mid < high && high <= 1.0 || (mid == 1.0 && high == 1.0), "{part}");
        }
    }
    let minute = |time: &Value| {
        let secs = time.as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp() / 60 * 60;
        chrono::DateTime::from_timestamp(secs, 0).unwrap()
    };
    let (from, to) = (minute(&incident["onset"]["at"]), minute(&incident["end"]["at"]) + chrono::TimeDelta::minutes(1));
    let stamp = |time: chrono::DateTime<chrono::Utc>| time.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let query = format!("q=down:whatsapp+kind:complaint&from={}&to={}", stamp(from), stamp(to));
    let posts = server.json(&format!("/api/v1/posts?{query}")).await;
    assert_eq!(
        posts["total"], incident["num_complaints"],
        "the posts that the page leads to are those that were counted"
    );
    let authors = incident["num_authors"].as_u64().unwrap();
    assert!(authors < 1_024 && row["num_authors_interval"] == json!([authors, authors]), "few are counted: {row}");
    let table = server.get(&format!("/api/v1/incidents/{id}/series.csv?bin=1m&tz=Asia/Baghdad")).await.text();
    let rows: Vec<&str> = table.lines().skip(1).collect();
    assert_eq!(rows.len(), series["points"].as_array().unwrap().len(), "the table holds what the chart shows");
    let sum: f64 = rows.iter().filter_map(|row| row.split(',').nth(4)?.parse::<f64>().ok()).sum();
    let points: f64 = series["points"].as_array().unwrap().iter().filter_map(|point| point[1].as_f64()).sum();
    assert_eq!(sum, points);

    let overview = server.json("/api/v1/overview?hours=24").await;
    for service in overview["services"].as_array().unwrap() {
        let [low, mid, high] = ["expected_low", "expected", "expected_high"]
            .map(|key| service["complaints_per_min"][key].as_f64().unwrap());
        assert!(0.0 <= low && low <= mid && mid <= high, "{service}");
    }
    let whatsapp = &overview["services"][0];
    assert_eq!((&whatsapp["id"], &whatsapp["state"]), (&json!("whatsapp"), &json!("ended")), "{overview:#}");
    assert_eq!((&whatsapp["incident_id"], &whatsapp["since"]), (&incident["id"], &incident["onset"]));
    assert!(whatsapp["num_complaints"].as_u64() >= incident["num_complaints"].as_u64(), "{whatsapp} {incident}");

    let zoomed =
        server.json(&format!("/api/v1/incidents/{id}/series?from=2021-10-04T16:00&to=2021-10-04T17:00&bin=5m")).await;
    assert_eq!((&zoomed["from"], &zoomed["to"]), (&json!("2021-10-04T16:00:00Z"), &json!("2021-10-04T17:00:00Z")));
    assert_eq!(zoomed["points"].as_array().unwrap().len(), 12);
    let wide: f64 = zoomed["points"].as_array().unwrap().iter().map(|point| point[1].as_f64().unwrap()).sum();
    let from = "2021-10-04T16:00&to=2021-10-04T17:00&bin=1m";
    let fine = server.json(&format!("/api/v1/incidents/{id}/series?from={from}")).await;
    let fine: f64 = fine["points"].as_array().unwrap().iter().map(|point| point[1].as_f64().unwrap()).sum();
    assert_eq!(wide, fine);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_hold_everything_once() {
    let server = Server::shared().await;
    for sort in ["newest", "oldest", "score"] {
        let (mut cursor, mut ids) = (String::new(), Vec::new());
        loop {
            let page = server.json(&format!("/api/v1/posts?q=kind:complaint+caiu&sort={sort}&limit=7{cursor}")).await;
            ids.extend(page["posts"].as_array().unwrap().iter().map(|post| post["id"].as_str().unwrap().to_owned()));
            assert!(ids.len() <= page["total"].as_u64().unwrap() as usize);
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => {
                    assert_eq!(ids.len(), page["total"].as_u64().unwrap() as usize, "{sort}");
                    break;
                }
            }
        }
        assert!(ids.len() > 14, "{sort}: more than two pages");
        ids.sort_unstable();
        assert!(ids.windows(2).all(|pair| pair[0] != pair[1]), "{sort}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn incidents_are_paged_too() {
    let server = Server::own(&format!("{HOSTILE}\n"), |_| ()).await;
    let mut journal = Journal::open(&server.index).unwrap();
    for number in 0..7 {
        let id = format!("whatsapp-2021100{number}T1540Z");
        // Some begin at the same moment.
        let mut incident = super::live::incident(&id);
        incident.onset.at += chrono::TimeDelta::hours(number / 2);
        journal.write(chrono::Utc::now(), Change::Opened, incident).unwrap();
    }
    let began = std::time::Instant::now();
    while server.json("/api/v1/incidents").await["incidents"].as_array().unwrap().len() < 7 {
        assert!(began.elapsed().as_secs() < 20, "the journal is never read");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let whole = server.json("/api/v1/incidents?limit=7").await;
    assert_eq!(whole["next"], Value::Null);
    let (mut cursor, mut found) = (String::new(), Vec::new());
    loop {
        let page = server.json(&format!("/api/v1/incidents?limit=2{cursor}")).await;
        found.extend(page["incidents"].as_array().unwrap().clone());
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
        assert!(found.len() < 7);
    }
    assert_eq!(found, *whole["incidents"].as_array().unwrap(), "the same, each once, the latest onset first");
}

#[tokio::test(flavor = "multi_thread")]
async fn series_of_parts_add_up_and_times_are_of_the_zone() {
    let server = Server::shared().await;
    let sum = |answer: &Value| -> u64 {
        answer["points"].as_array().unwrap().iter().filter_map(|point| point[1].as_u64()).sum()
    };
    let query = "q=kind:complaint&from=2021-10-04T15:00&to=2021-10-04T18:00";
    let posts = server.json(&format!("/api/v1/posts?{query}")).await["total"].as_u64().unwrap();
    for bin in ["1m", "5m", "1h"] {
        let series = server.json(&format!("/api/v1/series?{query}&bin={bin}")).await;
        assert_eq!(sum(&series), posts, "{bin}");
    }
    let local = "q=kind:complaint&from=2021-10-04T18:00&to=2021-10-04T21:00&tz=Asia/Baghdad&bin=1h";
    let series = server.json(&format!("/api/v1/series?{local}")).await;
    assert_eq!((sum(&series), &series["from"]), (posts, &json!("2021-10-04T15:00:00Z")));
    let table = server.get(&format!("/api/v1/series.csv?{local}")).await;
    assert!(table.text().contains("2021-10-04T15:00:00Z,2021-10-04 18:00:00,Asia/Baghdad,3600,"), "{}", table.text());
    assert_eq!(table.header("content-disposition"), "attachment; filename=\"caiu-series.csv\"");
}

#[tokio::test(flavor = "multi_thread")]
async fn charts_are_for_pages_and_for_files() {
    let server = Server::shared().await;
    let id = incident(&server).await["incident"]["id"].as_str().unwrap().to_owned();
    let inlined = server.get(&format!("/api/v1/incidents/{id}/chart.svg?locale=ar&tz=Asia/Baghdad")).await;
    assert!(inlined.text().contains("var(--observed") && inlined.text().contains("data-plot="), "{}", inlined.text());
    assert!(!inlined.text().contains(" style="), "a strict policy drops styles in attributes");
    assert_eq!(inlined.header("content-disposition"), "");
    let alone = server.get(&format!("/api/v1/incidents/{id}/chart.svg?standalone=1&theme=dark")).await;
    assert!(!alone.text().contains("var(--"), "{}", alone.text());
    assert_eq!(alone.header("content-disposition"), format!("attachment; filename=\"caiu-{id}.svg\""));
    let zoomed =
        server.get(&format!("/api/v1/incidents/{id}/chart.svg?from=2021-10-04T16:00Z&to=2021-10-04T17:00Z")).await;
    let at = |text: &str| text.parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp();
    let data = format!("data-from=\"{}\" data-to=\"{}\"", at("2021-10-04T16:00:00Z"), at("2021-10-04T17:00:00Z"));
    assert!(zoomed.text().contains(&data), "{}", zoomed.text());
    let spark = server.get("/api/v1/services/whatsapp/chart.svg?hours=24&bin=15m&size=spark").await;
    assert_eq!(spark.status, 200);
    let picture = server.get("/api/v1/bursts.png?q=down:whatsapp&locale=pt").await;
    assert!(picture.body.starts_with(b"\x89PNG"));
    let hostile = server.get("/api/v1/bursts.svg?q=%22%3C/title%3E%3Cscript%3Ealert(1)%3C/script%3E%22").await;
    assert_eq!(hostile.status, 200);
    assert!(!hostile.text().contains("<script"), "{}", hostile.text());
    for (path, told) in [
        ("/api/v1/series.svg?size=huge", "spark, narrow or wide"),
        ("/api/v1/series.svg?locale=xx", "use en, pt or ar"),
        ("/api/v1/series.svg?standalone=yes", "0 or 1"),
        ("/api/v1/series.svg?hours=6", "means nothing"),
        ("/api/v1/services/whatsapp/chart.svg?hours=500", "between 1 and 72"),
    ] {
        let answer = server.get(path).await;
        assert!(answer.status == 400 && answer.text().contains(told), "{path}: {}", answer.text());
    }
    assert_eq!(server.get("/api/v1/services/nothing/chart.svg").await.status, 404);
}
