//! Recorded frames of the public relay, and what the public Jetstream said of the same events: told anew by servers here.

use std::fs;
use std::path::PathBuf;

use caiu::corpus::posts_of_json;
use caiu::model::RawPost;
use futures_util::SinkExt;
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::Message;

use super::support::{Reader, server};

/// Posts with words among the events; one more has none.
const NUM_POSTS: usize = 16;

fn file(name: &str) -> PathBuf {
    PathBuf::from(server("CAIU_E2E_RECORDED")).join(name)
}

/// A server that says all of this to whoever connects and then listens; its host and port come back.
async fn teller(messages: Vec<Message>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
            for message in &messages {
                socket.send(message.clone()).await.unwrap();
            }
            open.push(socket);
        }
    });
    host
}

/// Each frame stands behind its length in four bytes.
fn frames() -> Vec<Message> {
    let bytes = zstd::decode_all(fs::File::open(file("frames.bin.zst")).unwrap()).unwrap();
    let (mut rest, mut frames) = (bytes.as_slice(), Vec::new());
    while let Some((length, behind)) = rest.split_first_chunk::<4>() {
        let (frame, behind) = behind.split_at(u32::from_le_bytes(*length) as usize);
        frames.push(Message::binary(frame.to_vec()));
        rest = behind;
    }
    frames
}

fn lines(name: &str) -> Vec<String> {
    fs::read_to_string(file(name)).unwrap().lines().map(str::to_owned).collect()
}

fn posts_in(lines: &[String]) -> Vec<RawPost> {
    sorted(lines.iter().flat_map(|line| posts_of_json(line)).filter_map(Result::ok).collect())
}

fn sorted(mut posts: Vec<RawPost>) -> Vec<RawPost> {
    posts.sort_by(|a, b| a.id.cmp(&b.id));
    posts
}

/// Listens until `num` posts were told and nothing more comes.
async fn heard(kind: &'static str, settings: &str, num: usize) -> Reader {
    let mut reader = Reader::open(kind, settings);
    reader.until("the posts", |reader| reader.posts.len() >= num).await;
    for _ in 0..3 {
        reader.ask().await.unwrap();
    }
    reader
}

#[tokio::test]
#[ignore = "needs recorded events: cargo xtask e2e"]
async fn the_relays_frames_are_read_as_jetstream_read_them() {
    let frames = frames();
    assert_eq!(frames.len(), 150);
    let host = teller(frames).await;
    let reader = heard("atproto", &format!("server = 'ws://{host}'"), NUM_POSTS).await;
    let posts = sorted(reader.posts.into_iter().map(|incoming| incoming.post).collect());
    assert_eq!((posts.len(), reader.deletions.len()), (NUM_POSTS, 1), "{:?}", reader.rejected);
    assert_eq!(posts, posts_in(&lines("expected_v1.jsonl")), "post by post");
    assert_eq!(reader.rejected.get("broken frame"), None);
}

#[tokio::test]
#[ignore = "needs recorded events: cargo xtask e2e"]
async fn jetstreams_lines_are_all_understood() {
    for (name, num_lines) in [("expected_v1.jsonl", 152), ("golden_v1.jsonl", 10)] {
        let lines = lines(name);
        assert_eq!(lines.len(), num_lines);
        let expected = posts_in(&lines);
        let host = teller(lines.iter().map(Message::text).collect()).await;
        let reader = heard("bluesky", &format!("instances = ['ws://{host}/subscribe']"), expected.len()).await;
        let num_rejected: u64 = reader.rejected.values().sum();
        assert_eq!(reader.posts.len() + reader.deletions.len() + num_rejected as usize, num_lines, "{name}");
        assert_eq!(sorted(reader.posts.into_iter().map(|incoming| incoming.post).collect()), expected, "{name}");
        for reason in ["unknown form", "broken event", "cannot be unpacked"] {
            assert_eq!(reader.rejected.get(reason), None, "{name}: {:?}", reader.rejected);
        }
    }
}
