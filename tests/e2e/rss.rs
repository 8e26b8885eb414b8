//! A real web server: nginx, with its validators, packed answers, moves, limits and a line that is too slow.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use caiu::feed::FeedError;

use crate::support::{Running, free_port, hear, open, program};

const TIMEOUT: Duration = Duration::from_secs(20);

const CONFIG: &str = r#"daemon off; pid @/nginx.pid; error_log @/errors.log; worker_processes 1;
events { worker_connections 64; }
http {
  types { application/rss+xml xml; application/feed+json json; }
  access_log @/access.log;
  gzip on; gzip_types application/rss+xml; gzip_min_length 10;
  client_body_temp_path @/b; proxy_temp_path @/p; fastcgi_temp_path @/f; uwsgi_temp_path @/u; scgi_temp_path @/s;
  limit_req_zone $binary_remote_addr zone=z:1m rate=1r/s; limit_req_status 429;
  server {
    listen 127.0.0.1:PORT; root @/html;
    location /limited/ { limit_req zone=z; alias @/html/; error_page 429 = @limited; }
    location @limited { add_header Retry-After 2 always; return 429; }
    location /gone { return 410; }
    location /moved { return 301 /feed.xml; }
    location /lent { return 302 /feed.xml; }
    location /slow/ { gzip off; limit_rate 100; alias @/html/; }
    location /loop { return 302 /loop; }
  }
}
"#;

fn serve(folder: &Path) -> (Running, u16) {
    let port = free_port();
    std::fs::create_dir(folder.join("html")).unwrap();
    let config = CONFIG.replace('@', folder.to_str().unwrap()).replace("PORT", &port.to_string());
    // The name of a location begins with the sign that stands for the folder.
    let config = config.replace(&format!("= {}limited", folder.display()), "= @limited");
    let config = config.replace(&format!("location {}limited", folder.display()), "location @limited");
    std::fs::write(folder.join("nginx.conf"), config).unwrap();
    let mut command = Command::new(program("CAIU_E2E_NGINX"));
    command.arg("-p").arg(folder).arg("-e").arg(folder.join("errors.log")).arg("-c").arg(folder.join("nginx.conf"));
    (Running::start(&mut command, port), port)
}

/// Writes the feed with items 1 to `count`.
fn write(folder: &Path, count: u32) {
    let item = |number: u32| {
        format!(
            "<item><guid>https://news.example/{number}</guid><title>zap caiu {number}</title>\
             <pubDate>Sun, 22 Nov 2026 14:{number:02}:00 GMT</pubDate></item>"
        )
    };
    let items: String = (1..=count).rev().map(item).collect();
    let feed = format!("<rss version=\"2.0\"><channel><title>news</title>{items}</channel></rss>");
    std::fs::write(folder.join("html/feed.xml"), feed).unwrap();
}

fn statuses(folder: &Path) -> Vec<String> {
    let log = std::fs::read_to_string(folder.join("access.log")).unwrap();
    log.lines().map(|line| line.split("\" ").nth(1).unwrap().split(' ').next().unwrap().to_owned()).collect()
}

#[tokio::test]
#[ignore = "needs nginx; cargo xtask e2e provides it"]
async fn an_unchanged_feed_is_not_sent_again() {
    let folder = tempfile::tempdir().unwrap();
    let (_running, port) = serve(folder.path());
    write(folder.path(), 2);
    let settings = format!("url = 'http://127.0.0.1:{port}/feed.xml'");
    let first = hear(&mut *open("rss", &settings, TIMEOUT), None).await.unwrap();
    assert_eq!(first.texts, ["zap caiu 1", "zap caiu 2"]);
    // The answer was packed, so that its validator is a weak one; a restart sends it back as it came.
    assert!(first.cursor.as_ref().unwrap().as_str().contains("W/"), "{:?}", first.cursor);
    let mut feed = open("rss", &settings, TIMEOUT);
    for _ in 0..2 {
        assert!(hear(&mut *feed, first.cursor.clone()).await.unwrap().texts.is_empty());
    }
    write(folder.path(), 3);
    let changed = hear(&mut *feed, first.cursor).await.unwrap();
    assert_eq!((changed.texts.len(), changed.texts[0].as_str()), (1, "zap caiu 3"));
    assert_eq!(statuses(folder.path()), ["200", "304", "304", "200"]);
}

#[tokio::test]
#[ignore = "needs nginx; cargo xtask e2e provides it"]
async fn moves_ends_limits_and_slow_lines_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let (_running, port) = serve(folder.path());
    write(folder.path(), 20);
    let reader = |path: &str, timeout| open("rss", &format!("url = 'http://127.0.0.1:{port}{path}'"), timeout);

    let mut moved = reader("/moved", TIMEOUT);
    for _ in 0..2 {
        assert_eq!(hear(&mut *moved, None).await.unwrap().texts.len(), 20);
    }
    let mut lent = reader("/lent", TIMEOUT);
    for _ in 0..2 {
        assert_eq!(hear(&mut *lent, None).await.unwrap().texts.len(), 20);
    }
    assert_eq!(statuses(folder.path()), ["301", "200", "200", "302", "200", "302", "200"]);

    let gone = reader("/gone", TIMEOUT).next_batch(None).await.unwrap_err();
    assert!(matches!(&gone, FeedError::Fatal(said) if said.contains("gone for good")), "{gone:?}");
    let away = reader("/nowhere.xml", TIMEOUT).next_batch(None).await.unwrap_err();
    assert!(matches!(away, FeedError::Transient(_)), "{away:?}");
    let circle = reader("/loop", TIMEOUT).next_batch(None).await.unwrap_err();
    assert!(matches!(&circle, FeedError::Transient(said) if said.contains("redirects")), "{circle:?}");

    let mut limited = reader("/limited/feed.xml", TIMEOUT);
    assert_eq!(hear(&mut *limited, None).await.unwrap().texts.len(), 20);
    let asked = limited.next_batch(None).await.unwrap_err();
    assert!(matches!(asked, FeedError::Throttled { retry_after: Some(wait) } if wait.as_secs() == 2), "{asked:?}");

    let slow = reader("/slow/feed.xml", Duration::from_secs(2)).next_batch(None).await.unwrap_err();
    assert!(matches!(&slow, FeedError::Transient(said) if said.contains("in time")), "{slow:?}");
}
