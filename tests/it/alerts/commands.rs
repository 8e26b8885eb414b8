//! `caiu alert` and `caiu watch` as a person runs them.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use wiremock::ResponseTemplate;

use super::world::{World, header, told};
use crate::support::caiu;

fn config(folder: &Path, text: &str) -> String {
    let file = folder.join("caiu.toml");
    fs::write(&file, format!("[index]\npath = \"{}\"\n{text}", folder.join("index").display())).unwrap();
    file.display().to_string()
}

/// Runs beside the stand-in receiver, which must be able to answer.
async fn run(mut command: Command) -> (i32, String, String) {
    let out = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (out.status.code().unwrap(), text(out.stdout), text(out.stderr))
}

/// HMAC-SHA256 by its definition (RFC 2104), so that the program's own is checked by another.
fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let pad = |byte: u8| (0..64).map(|index| key.get(index).unwrap_or(&0) ^ byte).collect::<Vec<u8>>();
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(text).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_is_signed_and_says_what_was_answered() {
    let (world, folder) = (World::new().await, TempDir::new().unwrap());
    let key = [7_u8; 32];
    let url = world.server.uri();
    let file = config(
        folder.path(),
        &format!(
            "[[alert]]\nkind = 'webhook'\nid = 'ops'\nurl = '{url}/secret-path'\nsecret = 'env:HOOK_SECRET'\n[[alert]]\nkind = 'slack'\nurl = 'env:SLACK_URL'\n"
        ),
    );
    let command = |receivers: &[&str]| {
        let mut command = caiu();
        command
            .env("HOOK_SECRET", format!("whsec_{}", STANDARD.encode(key)))
            .env("SLACK_URL", format!("{url}/T0/B0/x"));
        command.args(["alert", "test", "--json", "--config", &file]).args(receivers);
        command
    };
    let (code, out, err) = run(command(&["ops"])).await;
    assert_eq!(code, 0, "{out}{err}");
    let request = world.got(1).await.remove(0);
    assert_eq!(told(&request).0, "incident.opened");
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(body["data"]["test"], true);
    assert!(body["data"]["text"].as_str().is_some());
    let (id, timestamp) = (header(&request, "webhook-id"), header(&request, "webhook-timestamp"));
    let signed = [format!("{id}.{timestamp}.").as_bytes(), &request.body].concat();
    assert_eq!(header(&request, "webhook-signature"), format!("v1,{}", STANDARD.encode(hmac(&key, &signed))));
    let age = chrono::Utc::now().timestamp() - timestamp.parse::<i64>().unwrap();
    assert!((0..60).contains(&age), "{age}");

    // A server that repeats what it was asked: nothing secret comes back.
    for (receiver, status, said) in [("ops", 403, "Cannot POST /secret-path"), ("slack", 404, "no_service at /T0/B0/x")]
    {
        world.answer([ResponseTemplate::new(status).set_body_string(said)]);
        let (code, out, err) = run(command(&[receiver])).await;
        assert_eq!(code, 1, "{out}{err}");
        let tried: Value = serde_json::from_str(&out).unwrap();
        assert!(tried[0]["receiver"] == receiver && tried[0]["is_told"] == false, "{out}");
        assert!(out.contains("***"), "{out}");
        for secret in ["secret-path", "/T0/B0", "whsec"] {
            assert!(!out.contains(secret) && !err.contains(secret), "{secret}: {out}{err}");
        }
    }
    let (code, _, err) = run(command(&["opps"])).await;
    assert!(code == 2 && err.contains("no alert \"opps\""), "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn receivers_are_listed_and_mistakes_are_told() {
    let folder = TempDir::new().unwrap();
    let file = config(folder.path(), "[[alert]]\nkind = 'atom'\npath = 'x.atom'\nservices = ['whatsapp']\n");
    let with = |args: &[&str]| {
        let mut command = caiu();
        command.args(args);
        command
    };
    let (code, out, _) = run(with(&["alert"])).await;
    assert!(code == 0 && out.contains("alertmanager\n  tells"), "{out}");
    let (code, out, _) = run(with(&["alert", "list", "--config", &file])).await;
    assert!(code == 0 && out.contains("atom") && out.contains("whatsapp"), "{out}");
    let (code, _, err) = run(with(&["watch", "--check", "--config", &file])).await;
    assert!(code == 0 && err.contains("1 receivers of alerts"), "{err}");
    for (text, told) in [
        ("[[alert]]\nkind = 'webhook'\nurl = 'env:NO_SUCH_VARIABLE'", "NO_SUCH_VARIABLE is not set"),
        ("[[alert]]\nkind = 'slack'\nurl = 'https://x'\nservices = ['watsapp']", "did you mean \"whatsapp\"?"),
        ("[[alert]]\nkind = 'email'\nserver = 'x'\nfrom = 'a@b.c'\nto = ['d@e.f']\nquiet = 1", "unknown field `quiet`"),
    ] {
        let file = config(folder.path(), text);
        let (code, _, err) = run(with(&["watch", "--check", "--config", &file])).await;
        assert!(code == 2 && err.contains(told), "{text}: {err}");
    }
    let file = config(folder.path(), "");
    let (code, _, err) = run(with(&["alert", "test", "--config", &file])).await;
    assert!(code == 2 && err.contains("has no [[alert]]"), "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replayed_outage_is_told_once() {
    let (world, folder) = (World::new().await, TempDir::new().unwrap());
    let posts = folder.path().join("posts.jsonl");
    let mut simulate = caiu();
    simulate.args(["simulate", "--scenario", "2017-05-03", "--seed", "3", "--volume", "0.3", "--out"]).arg(&posts);
    assert_eq!(run(simulate).await.0, 0);
    let feed = format!("[[feed]]\nkind = \"replay\"\npaths = [\"{}\"]\nspeed = 0\n", posts.display());
    let hook = format!("[[alert]]\nkind = \"webhook\"\nurl = \"{}\"\nmax_age_hours = 0\n", world.server.uri());
    let atom = format!("[[alert]]\nkind = \"atom\"\npath = \"{}\"\n", folder.path().join("x.atom").display());
    let file = config(folder.path(), &format!("{feed}{hook}{atom}"));
    let watch = || {
        let mut command = caiu();
        command.args(["watch", "--no-view", "--config", &file]);
        command
    };
    let (code, out, err) = run(watch()).await;
    assert!(code == 0 && !out.is_empty(), "{err}");
    let got = world.got(1).await;
    let (event, id) = told(got.last().unwrap());
    assert!(event == "incident.ended" && id.starts_with("whatsapp-20170503T"), "{event} {id}");
    let feed = feed_rs::parser::parse(fs::read(folder.path().join("x.atom")).unwrap().as_slice()).unwrap();
    assert!(feed.entries.iter().any(|entry| entry.id.ends_with(&id)), "{:?}", feed.entries);
    // The second run has nothing new, and tells nothing.
    assert_eq!(run(watch()).await.0, 0);
    assert_eq!(world.got(1).await.len(), got.len());
}
