//! What attackers send, and what they wrote into posts, stays what it is.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::world::{Server, secret};

/// Sends bytes as they are and reads what comes until the server closes.
fn raw(server: &Server, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(request).unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

fn line(server: &Server, path: &str) -> String {
    let port = server.address.port();
    raw(server, format!("GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n").as_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_text_is_data() {
    let server = Server::shared().await;
    let answer = server.get("/api/v1/posts?q=id:evil-1").await;
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    let post = answer.json()["posts"][0].clone();
    assert!(post["text"].as_str().unwrap().contains("<script>alert(1)</script>"), "{post}");
    assert_eq!(post["url"], serde_json::Value::Null, "a link that runs is none");
    let text: Vec<u16> = post["text"].as_str().unwrap().encode_utf16().collect();
    for evidence in post["evidence"].as_array().unwrap() {
        let [from, to] = [0, 1].map(|end| evidence["span"][end].as_u64().unwrap() as usize);
        assert_eq!(String::from_utf16(&text[from..to]).unwrap(), evidence["text"].as_str().unwrap());
    }
    assert!(!post["evidence"].as_array().unwrap().is_empty() && !post["down"].as_array().unwrap().is_empty(), "{post}");
    assert_eq!(post.get("author"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_that_want_too_much_are_answered_or_refused() {
    let server = Server::shared().await;
    let began = Instant::now();
    for (query, status) in [
        (format!("{}a{}", "(".repeat(900), ")".repeat(900)), 400),
        (format!("{}a", "NOT ".repeat(450)), 200),
        (format!("{}a", "-".repeat(1_900)), 200),
        (format!("a{}", " OR b".repeat(390)), 200),
        (format!("a{}", " -b".repeat(600)), 200),
        (format!("\"{}\"", "a ".repeat(900)), 200),
        ("\u{e9}".repeat(2_000), 200),
        ("\u{202e}\u{0}\u{1f4a9}".to_owned(), 200),
        ("a".repeat(2_001), 400),
    ] {
        let about: String = query.chars().take(20).collect();
        for path in ["posts", "bursts"] {
            let request = server.request("GET", &format!("/api/v1/{path}")).query(&[("q", &query)]);
            let answer = server.send(request).await;
            assert_eq!(answer.status, status, "{path} {about}: {}", answer.text());
        }
    }
    assert_eq!(server.get("/health").await.status, 200);
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_has_its_guards() {
    let server = Server::shared().await;
    for path in ["/", "/query", "/health", "/nothing", "/api/v1/overview", "/api/v1/posts?q=(", "/assets/x"] {
        let answer = server.get(path).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"), "{path}: {policy}");
        assert!(!policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"), "{path}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("access-control-allow-origin", ""),
        ] {
            assert_eq!(answer.header(name), value, "{path} {name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn paths_lead_nowhere_else() {
    let server = Server::shared().await;
    let page = server.get("/").await.text();
    let folder = page.split("/assets/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    let style = server.get(&format!("/assets/{folder}/style.css")).await;
    assert_eq!((style.status, style.header("content-type")), (200, "text/css; charset=utf-8"));
    assert_eq!(style.header("cache-control"), "public, max-age=31536000, immutable");
    for path in [
        "/assets/../Cargo.toml".to_owned(),
        format!("/assets/{folder}/../../Cargo.toml"),
        format!("/assets/{folder}/..%2f..%2fCargo.toml"),
        format!("/assets/{folder}/%2e%2e/%2e%2e/etc/passwd"),
        format!("/assets/{folder}//etc/passwd"),
        format!("/assets/{folder}/style.css%00.js"),
        format!("/assets/{folder}/"),
        "/assets/0000000000000000/style.css".to_owned(),
        "/assets/%ff%fe/style.css".to_owned(),
        "//etc/passwd".to_owned(),
    ] {
        let answer = line(&server, &path);
        assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
    }
    for path in [
        "/api/v1/incidents/..%2f..%2fetc%2fpasswd",
        "/api/v1/incidents/%0d%0aSet-Cookie:%20x=1",
        "/api/v1/incidents/%00",
    ] {
        let answer = line(&server, path);
        assert!(
            answer.starts_with("HTTP/1.1 404") && !answer.to_lowercase().contains("set-cookie"),
            "{path}: {answer}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_requests_end_quietly() {
    let server = Server::shared().await;
    for request in [
        "\r\n\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "GET /api/v1/posts?q=\u{1}\u{2} HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "POST /api/v1/admin/forget HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost : localhost\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ] {
        let answer = raw(&server, request.as_bytes());
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{request:?}: {answer}");
    }
    assert_eq!(server.get("/health").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_other_names_and_sites_see_nothing() {
    let server = Server::shared_with(|options| {
        options.access.cors_origins = vec!["https://friend.example".to_owned()];
        options.access.admin_token = secret("an admin's token");
    })
    .await;
    let answer = server.send(server.request("GET", "/api/v1/posts").header("host", "evil.example:80")).await;
    assert_eq!((answer.status, answer.header("content-type")), (421, "application/problem+json"));
    let ask = |origin: &str| server.request("GET", "/api/v1/overview").header("origin", origin);
    for (origin, allowed) in [
        ("https://friend.example", "https://friend.example"),
        ("https://evil.example", ""),
        ("null", ""),
        ("https://friend.example.evil.example", ""),
    ] {
        assert_eq!(server.send(ask(origin)).await.header("access-control-allow-origin"), allowed, "{origin}");
    }
    let question = |origin: &str| {
        let request = server.request("OPTIONS", "/api/v1/overview").header("origin", origin);
        request.header("access-control-request-method", "GET")
    };
    let answer = server.send(question("https://friend.example")).await;
    assert_eq!((answer.status, answer.header("access-control-allow-methods")), (204, "GET, HEAD"));
    assert_eq!(server.send(question("https://evil.example")).await.status, 405);
    let embed = |mode: &str| {
        let request = server.request("GET", "/api/v1/bursts").header("sec-fetch-site", "cross-site");
        request.header("sec-fetch-mode", mode)
    };
    assert_eq!(server.send(embed("no-cors")).await.status, 403, "an image on a page elsewhere");
    assert_eq!(server.send(embed("navigate")).await.status, 200, "a person who follows a link");
    let forget = server.request("POST", "/api/v1/admin/forget").bearer_auth("an admin's token");
    let forget = forget.header("origin", "https://evil.example").json(&serde_json::json!({ "post": "1" }));
    assert_eq!(server.send(forget).await.status, 403, "a page elsewhere may not change anything");
}
