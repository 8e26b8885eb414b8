//! Tokens and what they open; what the admin token can change.

use caiu::index::{IndexWriter, WriterOptions};
use serde_json::json;

use super::world::{HOSTILE, Server, secret};

const READ: &str = "a token that reads";
const ADMIN: &str = "a token that forgets";

fn tokens(options: &mut caiu::serve::Options) {
    (options.access.token, options.access.admin_token) = (secret(READ), secret(ADMIN));
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_open_what_they_are_for() {
    let server = Server::own(&format!("{HOSTILE}\n"), tokens).await;
    for (path, without) in [
        ("/", 200),
        ("/incidents", 200),
        ("/health", 200),
        ("/ready", 200),
        ("/favicon.ico", 200),
        ("/api/v1/openapi.json", 200),
        ("/api/v1/overview", 401),
        ("/api/v1/posts", 401),
        ("/api/v1/live", 401),
        ("/api/v1/nothing", 401),
        ("/nothing", 401),
        ("//api/v1/posts", 401),
        ("/%61pi/v1/posts", 401),
        ("/metrics", 401),
    ] {
        let answer = server.get(path).await;
        assert_eq!(answer.status, without, "{path}");
        if without == 401 {
            assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"caiu\"", "{path}");
            assert_eq!(answer.header("content-type"), "application/problem+json", "{path}");
        }
    }
    for (token, status) in
        [(READ, 200), (ADMIN, 200), ("a token that read", 401), ("", 401), ("a token that reads\u{e9}", 401)]
    {
        let answer = server.send(server.request("GET", "/api/v1/posts").bearer_auth(token)).await;
        assert_eq!(answer.status, status, "{token}");
        let has_author = answer.text().contains("\"author\"");
        assert_eq!(has_author, token == ADMIN, "keys of authors are for the admin: {token}");
    }
    let link = server.get(&format!("/api/v1/posts?token={READ}")).await;
    assert_eq!(link.status, 401, "links end up in logs: a token in one opens nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_is_forgotten() {
    let other = HOSTILE.replace("evil-1", "good-2");
    let server = Server::own(&format!("{HOSTILE}\n{other}\n"), tokens).await;
    let forget = |token: &str, body: serde_json::Value| {
        server.send(server.request("POST", "/api/v1/admin/forget").bearer_auth(token).json(&body))
    };
    assert_eq!(forget(READ, json!({ "post": "evil-1", "platform": "t" })).await.status, 403);
    for bad in
        [json!({}), json!({ "post": "1", "author": "x" }), json!({ "pots": "1" }), json!([]), json!({ "post": 1 })]
    {
        let answer = forget(ADMIN, bad.clone()).await;
        assert_eq!((answer.status, answer.header("content-type")), (400, "application/problem+json"), "{bad}");
    }
    let form = server.request("POST", "/api/v1/admin/forget").bearer_auth(ADMIN).form(&[("post", "evil-1")]);
    assert_eq!(server.send(form).await.status, 415, "a form of another page is no JSON");
    let writer = IndexWriter::open(&server.index, WriterOptions::default()).unwrap();
    let answer = forget(ADMIN, json!({ "post": "evil-1", "platform": "t" })).await;
    assert_eq!((answer.status, answer.header("content-type")), (409, "application/problem+json"), "{}", answer.text());
    assert!(!answer.text().contains(server.index.to_str().unwrap()), "folders of the machine are nobody's business");
    writer.close().unwrap();
    let answer = forget(ADMIN, json!({ "post": "evil-1", "platform": "t" })).await;
    assert_eq!((answer.status, answer.json()), (200, json!({ "num_posts": 1 })));
    assert_eq!(forget(ADMIN, json!({ "post": "evil-1", "platform": "t" })).await.json(), json!({ "num_posts": 0 }));
    let began = std::time::Instant::now();
    loop {
        let found = server.send(server.request("GET", "/api/v1/posts").bearer_auth(READ)).await.json();
        let ids: Vec<&str> =
            found["posts"].as_array().unwrap().iter().map(|post| post["id"].as_str().unwrap()).collect();
        if ids == ["good-2"] {
            break;
        }
        assert!(began.elapsed().as_secs() < 10, "{ids:?}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_admin_token_nothing_is_changed() {
    let server = Server::shared().await;
    let answer = server.send(server.request("POST", "/api/v1/admin/forget").json(&json!({ "post": "1" }))).await;
    assert_eq!(answer.status, 403);
    assert!(answer.text().contains("CAIU_ADMIN_TOKEN"), "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn receivers_of_alerts_are_tried() {
    let folder = tempfile::tempdir().unwrap();
    let told = folder.path().join("told.xml");
    let text = format!("[[alert]]\nkind = \"atom\"\nid = \"paper\"\npath = \"{}\"\n", told.display());
    let config = caiu::config::Config::parse(&text, "test.toml").unwrap();
    let server = Server::shared_with(|options| {
        tokens(options);
        options.alerts = config.alerts.clone();
    })
    .await;
    let test = |body: serde_json::Value| {
        server.send(server.request("POST", "/api/v1/admin/alerts/test").bearer_auth(ADMIN).json(&body))
    };
    let answer = test(json!({ "receiver": "paper" })).await.json();
    assert_eq!(
        (&answer["receivers"][0]["receiver"], &answer["receivers"][0]["is_told"]),
        (&json!("paper"), &json!(true))
    );
    assert_eq!(test(json!({ "receiver": "nobody" })).await.status, 404);
    let read = server.request("POST", "/api/v1/admin/alerts/test").bearer_auth(READ).json(&json!({}));
    assert_eq!(server.send(read).await.status, 403);
}
