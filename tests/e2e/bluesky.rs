//! Jetstream, v1 and v2, plain and packed, by a stand-in over the stream of a real PDS.

use super::atproto::Account;
use super::support::{Reader, net, post, server, url};

const V2: &str = "/xrpc/network.bsky.jetstream.subscribeEvents";

async fn tell(jetstream: &str, path: &str) {
    post(&net(), &format!("{}{path}", jetstream.replace("ws", "http")), &[], &serde_json::json!({})).await.unwrap();
}

fn settings(jetstream: &str, path: &str) -> String {
    format!("instances = ['{jetstream}{path}']")
}

#[tokio::test]
#[ignore = "needs a real server: cargo xtask e2e"]
async fn both_versions_tell_what_people_do() {
    let (pds, jetstream) = (server("CAIU_E2E_PDS"), server("CAIU_E2E_JETSTREAM"));
    let admin = server("CAIU_E2E_PDS_ADMIN");
    for path in ["/subscribe", V2] {
        let mut reader = Reader::open("bluesky", &settings(&jetstream, path));
        reader.ask().await.unwrap();
        let (alice, bruno) = (Account::new(&pds, "jet").await, Account::new(&pds, "jet-down").await);
        let first = alice.post("a meo foi abaixo", "pt").await;
        bruno.post("واتساب واقف", "ar").await;
        reader.until_text("واتساب واقف").await;
        let told = reader.posts.iter().find(|incoming| incoming.post.id == first).unwrap();
        assert_eq!((told.post.lang.as_deref(), told.post.author.as_deref()), (Some("pt"), Some(alice.did.as_str())));
        assert!(told.witnessed_at.is_some() && told.post.created_at.is_some());
        alice.edit(&first, "já voltou").await;
        reader.until_text("já voltou").await;
        alice.delete(&first).await;
        reader.until("deletion", |reader| reader.is_gone(&first)).await;
        // The connection breaks, and posts come meanwhile.
        tell(&jetstream, "/drop").await;
        alice.post("meanwhile", "en").await;
        reader.until_text("meanwhile").await;
        reader.restart();
        alice.post("after a restart", "en").await;
        reader.until_text("after a restart").await;
        bruno.take_down(&admin).await;
        reader.until("takedown", |reader| reader.is_author_gone(&bruno.did)).await;
        assert!(reader.gaps.is_empty(), "{path}: {:?}", reader.gaps);
    }
}

#[tokio::test]
#[ignore = "needs a real server: cargo xtask e2e"]
async fn a_server_that_forgot_is_told_as_a_gap() {
    let (pds, jetstream) = (server("CAIU_E2E_PDS"), server("CAIU_E2E_JETSTREAM"));
    let mut reader = Reader::open("bluesky", &settings(&jetstream, V2));
    reader.ask().await.unwrap();
    let alice = Account::new(&pds, "forget").await;
    alice.post("kept", "en").await;
    reader.until_text("kept").await;
    alice.post("forgotten", "en").await;
    // The stand-in hears of a post a little after its author.
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    tell(&jetstream, "/forget").await;
    tell(&jetstream, "/drop").await;
    alice.post("new", "en").await;
    let mut other = Reader::open("bluesky", &settings(&jetstream, V2));
    other.after = reader.after.clone();
    other.until_text("new").await;
    assert_eq!((other.gaps.len(), other.texts().contains(&"forgotten")), (1, false), "{:?}", other.gaps);
}

#[tokio::test]
#[ignore = "needs a real server: cargo xtask e2e"]
async fn packed_messages_are_the_same() {
    let (pds, jetstream) = (server("CAIU_E2E_PDS"), server("CAIU_E2E_JETSTREAM"));
    let samples: Vec<String> = (0..1000)
        .map(|n| {
            format!(
                r#"{{"did":"did:plc:{n}","kind":"commit","commit":{{"collection":"app.bsky.feed.post","text":"{n}"}}}}"#
            )
        })
        .collect();
    let dictionary = zstd::dict::from_samples(&samples, 4096).unwrap();
    let mut file = tempfile::NamedTempFile::new().unwrap();
    std::io::Write::write_all(&mut file, &dictionary).unwrap();
    // Bytes that are no text cannot be sent by the program's own client, which only ever posts words.
    let link = url(&format!("{}/dictionary", jetstream.replace("ws", "http")));
    let mut socket = tokio::net::TcpStream::connect((link.host_str().unwrap(), link.port().unwrap())).await.unwrap();
    let head = format!(
        "POST /dictionary HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        dictionary.len()
    );
    tokio::io::AsyncWriteExt::write_all(&mut socket, &[head.as_bytes(), &dictionary].concat()).await.unwrap();
    let mut answer = Vec::new();
    tokio::io::AsyncReadExt::read_to_end(&mut socket, &mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200"));
    let alice = Account::new(&pds, "packed").await;
    for path in ["/subscribe", V2] {
        let more = format!("\ncompress = true\ndictionary = '{}'", file.path().display());
        let mut reader = Reader::open("bluesky", &(settings(&jetstream, path) + &more));
        reader.ask().await.unwrap();
        let text = format!("packed by {path}");
        alice.post(&text, "en").await;
        reader.until_text(&text).await;
        assert_eq!(reader.rejected.get("cannot be unpacked"), None);
    }
}
