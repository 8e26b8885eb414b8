//! nginx with feeds: validators (weak ones of packed answers too), moves, a feed that is gone, limits, slowness.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use caiu::feed::FeedError;
use caiu::feed::http::NetOptions;

use super::support::{Reader, net_with, server};

struct Nginx {
    link: String,
    root: PathBuf,
}

impl Nginx {
    fn find() -> Self {
        Self { link: server("CAIU_E2E_NGINX"), root: server("CAIU_E2E_NGINX_ROOT").into() }
    }

    fn publish(&self, texts: &[&str]) {
        let item = |text: &&str| {
            let id = text.replace(' ', "-");
            format!(
                "<item><guid>{id}</guid><title>{text}</title><pubDate>{}</pubDate></item>",
                chrono::Utc::now().to_rfc2822()
            )
        };
        let items: String = texts.iter().map(item).collect();
        let text =
            format!("<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>t</title>{items}</channel></rss>");
        fs::write(self.root.join("html/feed.xml"), text).unwrap();
    }

    /// What was asked since the last time: status, request, validator, packing.
    fn asked(&self) -> Vec<String> {
        let log = self.root.join("access.log");
        let lines = fs::read_to_string(&log).unwrap_or_default().lines().map(str::to_owned).collect();
        // Emptied, not removed: the server has it open.
        fs::write(log, "").unwrap();
        lines
    }

    fn reader(&self, path: &str) -> Reader {
        Reader::open("rss", &format!("url = '{}{path}'\nevery_secs = 1", self.link))
    }
}

#[tokio::test]
#[ignore = "needs a real server: cargo xtask e2e"]
async fn an_unchanged_feed_is_not_sent_again() {
    let nginx = Nginx::find();
    nginx.publish(&["whatsapp is down"]);
    nginx.asked();
    let mut reader = nginx.reader("/feed.xml");
    reader.ask().await.unwrap();
    assert_eq!(reader.texts(), ["whatsapp is down"]);
    reader.ask().await.unwrap();
    reader.restart();
    reader.ask().await.unwrap();
    let asked = nginx.asked();
    assert!(asked[0].starts_with("200 ") && asked[0].contains("gzip"), "{asked:?}");
    // The answer was packed, so its validator is a weak one, and goes back as it came.
    assert!(asked[1..].iter().all(|line| line.starts_with("304 ") && line.contains("\"W/")), "{asked:?}");
    assert_eq!(reader.posts.len(), 1);
    tokio::time::sleep(Duration::from_millis(1100)).await;
    nginx.publish(&["whatsapp is down", "whatsapp is back"]);
    reader.until_text("whatsapp is back").await;
    assert_eq!(reader.posts.len(), 2);
}

#[tokio::test]
#[ignore = "needs a real server: cargo xtask e2e"]
async fn a_feed_that_moved_for_good_is_read_at_its_new_place() {
    let nginx = Nginx::find();
    nginx.publish(&["moved"]);
    for path in ["/moved", "/moved-too"] {
        nginx.asked();
        let mut reader = nginx.reader(path);
        reader.until_text("moved").await;
        reader.ask().await.unwrap();
        let asked = nginx.asked();
        assert_eq!(asked.iter().filter(|line| line.contains(path)).count(), 1, "{asked:?}");
    }
}

#[tokio::test]
#[ignore = "needs a real server: cargo xtask e2e"]
async fn gone_limited_and_slow_servers() {
    let nginx = Nginx::find();
    let text = "x".repeat(600);
    nginx.publish(&[&text]);
    let error = nginx.reader("/gone").ask().await.unwrap_err();
    assert!(matches!(&error, FeedError::Fatal(words) if words.contains("410")), "{error}");

    let mut limited = nginx.reader("/limited/feed.xml");
    limited.ask().await.unwrap();
    let error = limited.ask().await.unwrap_err();
    let FeedError::Throttled { retry_after } = error else { panic!("{error}") };
    assert_eq!(retry_after, Some(Duration::from_secs(7)));

    // Some hundred bytes a second: slow, but alive.
    let settings = format!("url = '{}/slow/feed.xml'", nginx.link);
    let patient = NetOptions { read_timeout: Duration::from_secs(3), ..NetOptions::default() };
    let mut reader = Reader::open_with("rss", &settings, net_with(patient.clone()));
    reader.until_text(&text).await;
    let hurried = NetOptions { timeout: Duration::from_secs(1), ..patient };
    let error = Reader::open_with("rss", &settings, net_with(hurried)).ask().await.unwrap_err();
    assert!(matches!(error, FeedError::Transient(_)), "{error}");
}
