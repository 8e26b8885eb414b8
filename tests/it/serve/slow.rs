//! Clients that send slowly, or without end: they are cut, and hold nobody up.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use caiu::serve::Limits;

use super::world::{HOSTILE, Server, fill_index, secret};

const ADMIN: &str = "an admin's token";
/// Longest time for headers and bodies, of these servers.
const TIMEOUT: Duration = Duration::from_secs(1);
/// Many times that: so long a client goes on that nobody cuts.
const PATIENCE: Duration = Duration::from_secs(40);
/// So much may be on its way in buffers before a client sees that nobody reads.
const MOST_SENT: usize = 32 << 20;

/// A server with short patience and few places, over one post.
async fn server() -> Server {
    let folder = tempfile::tempdir().unwrap();
    let index = folder.path().join("index");
    fill_index(&index, folder.path(), &format!("{HOSTILE}\n"));
    let limits = Limits { header_timeout: TIMEOUT, most_connections: 40, ..Limits::default() };
    let change = |options: &mut caiu::serve::Options| {
        options.timeout = TIMEOUT;
        options.access.admin_token = secret(ADMIN);
    };
    Server::with(&index, Some(folder), change, limits).await
}

/// The beginning of a request, up to where it goes on slowly.
fn head(server: &Server, line: &str, more: &str) -> String {
    let port = server.address.port();
    format!("{line} HTTP/1.1\r\nHost: localhost:{port}\r\nAuthorization: Bearer {ADMIN}\r\n{more}")
}

/// The end of the headers, before a body.
fn body(size: &str) -> String {
    format!("Content-Type: application/json\r\n{size}\r\n\r\n")
}

/// A client that sends `begin` and then a byte now and then; what it was answered, and when the server cut it.
fn drip(server: &Server, begin: String) -> JoinHandle<(String, Duration)> {
    let mut stream = TcpStream::connect(server.address).unwrap();
    thread::spawn(move || {
        let began = Instant::now();
        stream.write_all(begin.as_bytes()).unwrap();
        let mut sender = stream.try_clone().unwrap();
        let dripping = thread::spawn(move || {
            while began.elapsed() < PATIENCE && sender.write_all(b"x").is_ok() {
                thread::sleep(TIMEOUT / 10);
            }
        });
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let cut = began.elapsed();
        dripping.join().unwrap();
        (String::from_utf8_lossy(&answer).into_owned(), cut)
    })
}

/// Closed behind each answer: one that is kept is cut like the slow ones, perhaps while it is used again.
async fn health(server: &Server) -> u16 {
    server.send(server.request("GET", "/health").header("connection", "close")).await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_headers_and_slow_bodies_are_cut_and_hold_nobody_up() {
    let server = server().await;
    let line = "POST /api/v1/admin/forget";
    let begins = [
        ("headers", "GET /health HTTP/1.1\r\nHost: local".to_owned(), ""),
        ("a header without end", head(&server, "GET /health", "X-Slow: "), ""),
        ("a body", head(&server, line, &body("Content-Length: 60000")), "HTTP/1.1 503"),
        ("a body in parts", head(&server, line, &body("Transfer-Encoding: chunked")), "HTTP/1.1 "),
        ("a body that nobody reads", head(&server, "GET /health", &body("Content-Length: 60000")), "HTTP/1.1 200"),
    ];
    let slow: Vec<_> = begins
        .iter()
        .flat_map(|begin| (0..6).map(move |_| begin))
        .map(|(what, begin, wanted)| (what, wanted, drip(&server, begin.clone())))
        .collect();
    assert_eq!(health(&server).await, 200, "others are answered meanwhile");
    for (what, wanted, client) in slow {
        let (answer, cut) = tokio::task::spawn_blocking(|| client.join().unwrap()).await.unwrap();
        assert!(cut < PATIENCE, "{what}: nobody cut it");
        assert!(answer.starts_with(wanted) && (wanted.is_empty() || !answer.is_empty()), "{what}: {answer}");
    }
    // As many again as there are places: they were given back.
    for _ in 0..3 {
        let idle: Vec<TcpStream> = (0..39).map(|_| TcpStream::connect(server.address).unwrap()).collect();
        drop(idle);
        assert_eq!(health(&server).await, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_without_end_are_refused() {
    let server = server().await;
    let line = "POST /api/v1/admin/forget";
    let huge = body("Content-Length: 1000000000000");
    let parts = body("Transfer-Encoding: chunked");
    for (what, begin) in [
        ("a length", head(&server, line, &huge)),
        ("parts", head(&server, line, &parts)),
        ("a body that nobody reads", head(&server, "GET /api/v1/posts", &huge)),
        ("parts that nobody reads", head(&server, "GET /health", &parts)),
        ("a page that is not there", head(&server, "POST /nothing", &huge)),
    ] {
        let mut stream = TcpStream::connect(server.address).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        let num_sent = tokio::task::spawn_blocking(move || {
            stream.write_all(begin.as_bytes()).unwrap();
            // Right as a chunk, and as any other bytes.
            let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x1_0000));
            (0..)
                .map(|_| chunk.len())
                .take_while(|_| stream.write_all(chunk.as_bytes()).is_ok())
                .take(MOST_SENT / chunk.len())
                .sum::<usize>()
        });
        let num_sent = num_sent.await.unwrap();
        assert!(num_sent < MOST_SENT - 0x2_0000, "{what}: {num_sent} bytes were taken");
        assert_eq!(health(&server).await, 200, "{what}");
    }
}
