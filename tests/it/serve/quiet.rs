//! Services of which nobody complains, and an index in which nobody has said anything.

use caiu::index::{IndexWriter, WriterOptions};
use caiu::serve::Limits;
use serde_json::{Value, json};

use super::world::Server;

#[tokio::test(flavor = "multi_thread")]
async fn every_service_has_a_row_for_those_who_ask() {
    let server = Server::shared().await;
    let known = server.json("/api/v1/services").await["services"].as_array().unwrap().len();
    let (usual, all) =
        (server.json("/api/v1/overview?hours=24").await, server.json("/api/v1/overview?hours=24&all=1").await);
    let rows = |overview: &Value| overview["services"].as_array().unwrap().clone();
    let (told, every) = (rows(&usual), rows(&all));
    assert_eq!((every.len(), &all["num_quiet"]), (known, &json!(0)));
    assert!(told.len() > 1 && told.len() < known);
    assert_eq!(usual["num_quiet"].as_u64(), Some((known - told.len()) as u64), "what is left out is counted");
    assert_eq!(every[..told.len()], told, "those that fail or are complained of come first, as without the others");
    for quiet in &every[told.len()..] {
        assert_eq!((&quiet["state"], &quiet["num_complaints"]), (&json!("quiet"), &json!(0)), "{quiet}");
        assert!(quiet["complaints_per_min"]["expected"].as_f64().is_some(), "{quiet}");
    }
    let quiet = every[known - 1]["id"].as_str().unwrap();
    for path in [format!("{quiet}/chart.svg?hours=24&size=spark"), format!("{quiet}/series.csv?hours=24")] {
        assert_eq!(server.get(&format!("/api/v1/services/{path}")).await.status, 200, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_first_post_nothing_was_heard_of_any_service() {
    let folder = tempfile::tempdir().unwrap();
    let index = folder.path().join("index");
    IndexWriter::open(&index, WriterOptions::default()).unwrap().close().unwrap();
    let server = Server::with(&index, Some(folder), |_| (), Limits::default()).await;
    let known = server.json("/api/v1/services").await["services"].as_array().unwrap().len();
    let usual = server.json("/api/v1/overview").await;
    assert_eq!((&usual["at"], &usual["services"]), (&Value::Null, &json!([])));
    assert_eq!(usual["num_quiet"], known, "all of them are left out");
    let all = server.json("/api/v1/overview?all=1&hours=24").await;
    assert_eq!((all["services"].as_array().unwrap().len(), &all["num_quiet"]), (known, &json!(0)));
    for row in all["services"].as_array().unwrap() {
        assert_eq!((&row["state"], &row["num_complaints"]), (&json!("quiet"), &json!(0)), "{row}");
        assert_eq!(row["complaints_per_min"]["last"], Value::Null, "nobody listened: {row}");
    }
    for path in ["series", "bursts", "incidents", "posts", "feeds", "about"] {
        server.json(&format!("/api/v1/{path}")).await;
    }
}
