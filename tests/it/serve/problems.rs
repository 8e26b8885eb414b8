//! What is wrong with a request is told as a problem, with the parameter and what would be right.

use std::sync::Arc;
use std::time::{Duration, Instant};

use caiu::pipeline::state::State;

use super::world::{Answer, HOSTILE, Server, secret};

fn check_problem(answer: &Answer, status: u16, told: &str, what: &str) {
    assert_eq!(answer.status, status, "{what}: {}", answer.text());
    assert_eq!(answer.header("content-type"), "application/problem+json", "{what}");
    let problem = answer.json();
    assert_eq!(problem["status"], status, "{what}");
    assert!(problem["type"].as_str().unwrap().starts_with("urn:caiu:problem:"), "{what}: {problem}");
    assert!(problem["detail"].as_str().unwrap().contains(told), "{what}: {problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_are_told_with_a_remedy() {
    let server = Server::shared().await;
    let list = server.json("/api/v1/incidents").await;
    let id = list["incidents"][0]["incident"]["id"].as_str().unwrap().to_owned();
    for (path, status, told) in [
        ("/api/v1/posts?q=down:", 400, "what down: should be is missing"),
        ("/api/v1/posts?q=(a", 400, "a ) is missing"),
        ("/api/v1/posts?form=6h", 400, "unknown field `form`"),
        ("/api/v1/posts?limit=0", 400, "between 1 and 200"),
        ("/api/v1/posts?limit=many", 400, "limit"),
        ("/api/v1/posts?limit=5&limit=6", 400, "limit"),
        ("/api/v1/posts?sort=best", 400, "newest, oldest or score"),
        ("/api/v1/posts?cursor=x", 400, "this is no page"),
        ("/api/v1/posts?sort=score&cursor=18446744073709551615", 400, "this is no page"),
        ("/api/v1/posts?sort=score&cursor=4000000000", 400, "this is no page"),
        ("/api/v1/posts?from=yesterday", 400, "write a moment such as"),
        ("/api/v1/posts?from=0001-01-01", 400, "between 1900 and 2100"),
        ("/api/v1/posts?tz=Mars/Olympus", 400, "Asia/Baghdad"),
        ("/api/v1/series?bin=90s", 400, "whole minutes"),
        ("/api/v1/series?bin=1m&from=1999-01-01&to=2021-01-01", 400, "choose a wider bin"),
        ("/api/v1/series?from=2021-10-05&to=2021-10-04", 400, "before to"),
        ("/api/v1/series?per=people", 400, "posts, authors or clusters"),
        ("/api/v1/overview?hours=1000", 400, "between 1 and 72"),
        ("/api/v1/overview?hours=1&bin=2h", 400, "not longer than the hours"),
        ("/api/v1/overview?all=yes", 400, "0 or 1"),
        ("/api/v1/incidents?cursor=x", 400, "this is no page"),
        ("/api/v1/incidents?state=funny", 400, "open, ended"),
        ("/api/v1/incidents/nothing-here", 404, "/api/v1/incidents"),
        ("/api/v1/incidents/nothing-here/series", 404, "/api/v1/incidents"),
        ("/api/v1/incidents/{id}/series?from=1971-01-01&to=2021-10-05&bin=1d", 400, "at most 31 days"),
        ("/api/v1/incidents/{id}/chart.svg?from=2021-10-04&to=2099-10-05&bin=1d", 400, "at most 31 days"),
        ("/api/v1/nothing", 404, "openapi.json"),
        ("/nothing", 404, "openapi.json"),
    ] {
        check_problem(&server.get(&path.replace("{id}", &id)).await, status, told, path);
    }
    let long = format!("/api/v1/posts?q={}", "a+".repeat(1_500));
    check_problem(&server.get(&long).await, 400, "at most 2000 characters", "a long query");
    let bad = server.get("/api/v1/posts?q=whatsapp+kind:funny").await.json();
    assert_eq!((&bad["type"], &bad["errors"][0]["param"]), (&"urn:caiu:problem:bad-query".into(), &"q".into()));
    assert_eq!((&bad["errors"][0]["at"], &bad["errors"][0]["near"]), (&10.into(), &"kind:funny".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn other_methods_are_refused_with_what_is_allowed() {
    let server = Server::shared().await;
    for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"] {
        let answer = server.send(server.request(method, "/api/v1/posts")).await;
        check_problem(&answer, 405, "Allow", method);
        assert_eq!(answer.header("allow"), "GET,HEAD", "{method}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_are_too_large_are_refused() {
    let server = Server::shared_with(|options| options.access.admin_token = secret("an admin's token")).await;
    let forget = || server.request("POST", "/api/v1/admin/forget").bearer_auth("an admin's token");
    let large = format!("{{\"author\":\"{}\"}}", "x".repeat(100_000));
    let answer = server.send(forget().header("content-type", "application/json").body(large)).await;
    check_problem(&answer, 413, "", "a large body");
    let answer = server.send(server.request("GET", "/health").header("x-large", "y".repeat(20_000))).await;
    assert_eq!(answer.status, 431, "large headers");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_does_not_take_everything() {
    let change = |options: &mut caiu::serve::Options| {
        (options.access.requests_per_min, options.access.limit_loopback) = (5, true);
    };
    let server = Server::shared_with(change).await;
    for _ in 0..5 {
        assert_eq!(server.get("/health").await.status, 200);
    }
    let answer = server.get("/health").await;
    check_problem(&answer, 429, "too many requests", "the sixth");
    let wait: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
}

/// Waits until the server says that it is ready, or that it is not.
async fn until_ready(server: &Server, status: u16) -> Answer {
    let began = Instant::now();
    loop {
        let answer = server.get("/ready").await;
        if answer.status == status {
            return answer;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "{}", answer.text());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_index_cannot_be_read_is_not_ready_and_answers_what_it_knows() {
    let server = Server::own(&format!("{HOSTILE}\n"), |_| ()).await;
    until_ready(&server, 200).await;
    let (file, away) = (server.index.join("meta.json"), server.index.join("meta.json.away"));
    std::fs::rename(&file, &away).unwrap();
    let answer = until_ready(&server, 503).await;
    check_problem(&answer, 503, "of an earlier commit", "an index without its list of parts");
    assert!(!answer.text().contains(server.index.to_str().unwrap()), "{}", answer.text());
    assert!(!answer.header("retry-after").is_empty());
    assert_eq!(server.get("/health").await.status, 200, "the process is well");
    assert_eq!(server.json("/api/v1/posts?q=whatsapp").await["total"], 1, "what was read is still there");
    std::fs::rename(&away, &file).unwrap();
    until_ready(&server, 200).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_cannot_save_what_comes_is_not_ready() {
    let live = Arc::new(State::default());
    let state = Arc::clone(&live);
    let server = Server::shared_with(move |options| options.live = Some(state)).await;
    assert_eq!(server.get("/ready").await.status, 200);
    live.commit_failed("no room in /var/lib/caiu");
    let answer = server.get("/ready").await;
    check_problem(&answer, 503, "cannot be saved", "a disk that is full");
    assert!(!answer.text().contains("/var/lib"), "{}", answer.text());
    live.committed(Duration::ZERO, &caiu::model::Checkpoint::default());
    assert_eq!(server.get("/ready").await.status, 200);
}
