//! snac, a real server of the Mastodon API: its timelines, page by page, and what it does not show.

use std::process::Command;

use super::support::{Reader, server};

struct Snac {
    link: String,
    program: String,
    data: String,
}

impl Snac {
    fn find() -> Self {
        let [link, program, data] = ["", "_PROGRAM", "_DATA"].map(|end| server(&format!("CAIU_E2E_SNAC{end}")));
        Self { link, program, data }
    }

    fn post(&self, text: &str) {
        let status = Command::new(&self.program).args(["note", &self.data, "alice", text]).output().unwrap().status;
        assert!(status.success());
    }

    fn reader(&self, more: &str) -> Reader {
        let settings = format!("server = '{}'\nevery_secs = 1\nrecheck_secs = 1\n{more}", self.link);
        Reader::open("mastodon", &settings)
    }
}

#[tokio::test]
#[ignore = "needs a real server: cargo xtask e2e"]
async fn a_burst_is_told_whole_and_over_a_restart() {
    let snac = Snac::find();
    snac.post("before");
    let mut reader = snac.reader("");
    reader.ask().await.unwrap();
    // More than a page holds: a client that asks for the newest only would lose the middle.
    for n in 0..90 {
        snac.post(&format!("whatsapp caiu {n}"));
    }
    reader
        .until("the burst", |reader| (0..90).all(|n| reader.texts().contains(&format!("whatsapp caiu {n}").as_str())))
        .await;
    let num_before = reader.posts.len();
    snac.post("meanwhile");
    reader.restart();
    reader.until_text("meanwhile").await;
    let new: Vec<&str> = reader.texts()[num_before..].to_vec();
    assert_eq!(new, ["meanwhile"]);
    let post = &reader.posts.last().unwrap().post;
    assert!(post.author.is_some() && post.created_at.is_some() && post.url.is_some(), "{post:?}");
}

/// With a token the stream is tried first, which snac does not have although it says so.
#[tokio::test]
#[ignore = "needs a real server: cargo xtask e2e"]
async fn a_server_without_a_stream_is_polled() {
    let snac = Snac::find();
    // Whatever stands in this variable is no token there.
    let mut reader = snac.reader("token = 'env:CAIU_E2E_SNAC_PROGRAM'");
    reader.ask().await.unwrap();
    for text in ["by polling", "by polling again"] {
        snac.post(text);
        reader.until_text(text).await;
    }
}

#[tokio::test]
#[ignore = "needs a real server: cargo xtask e2e"]
async fn a_hashtag_is_read_alone() {
    let snac = Snac::find();
    let mut reader = snac.reader("tags = ['whatsappdown']");
    reader.ask().await.unwrap();
    snac.post("nothing to see");
    snac.post("gone again #whatsappdown");
    reader.until("tag", |reader| reader.texts().iter().any(|text| text.contains("gone again"))).await;
    assert!(!reader.texts().contains(&"nothing to see"), "{:?}", reader.texts());
}

#[tokio::test]
#[ignore = "needs a real server: cargo xtask e2e"]
async fn a_server_that_shows_no_single_posts_is_not_taken_to_have_lost_them() {
    let snac = Snac::find();
    let mut reader = snac.reader("");
    reader.ask().await.unwrap();
    snac.post("still here");
    reader.until_text("still here").await;
    // snac wants a token for a look at one post: three checks later nothing has been concluded from that.
    for _ in 0..3 {
        tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
        reader.ask().await.unwrap();
    }
    assert!(reader.deletions.is_empty(), "{:?}", reader.deletions);
}
