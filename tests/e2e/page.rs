//! The web page as a reader uses it: Chromium against `caiu serve` over an archive, over posts that come as the reader looks on,
//! and with a token. What the reader does is in `page/*.mjs`.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::support::{Serving, caiu, server};

const TOKEN: &str = "e2e-token-that-is-long-enough";
/// Posts that want to be more than text. The first one is the only one with an address of the web.
const HOSTILE: &str = include_str!("page/hostile.jsonl");
/// The file that they are in, after which the page calls their feed.
const HOSTILE_FILE: &str = "<img src=x onerror=alert(1)> \u{202e}]]>&amp;\u{7}.jsonl";

#[test]
#[ignore = "needs a real server: cargo xtask e2e"]
fn a_reader_in_chromium() {
    let (chromium, page) = (server("CAIU_E2E_CHROMIUM"), server("CAIU_E2E_PAGE"));
    let shots = server("CAIU_E2E_SHOTS");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let log = |name: &str| Path::new(&shots).join(name);

    let demo = root.join("data/demo/posts.jsonl").display().to_string();
    fs::write(path(HOSTILE_FILE), HOSTILE).unwrap();
    caiu(&["index", &demo, "--index", &path("archive")]);
    caiu(&["index", &path(HOSTILE_FILE), "--index", &path("archive"), "--keep", "all"]);
    let archive = Serving::start(&["--index", &path("archive")], &[], Some(&log("archive.log")));
    let closed = Serving::start(&["--index", &path("archive")], &[("CAIU_TOKEN", TOKEN)], Some(&log("closed.log")));

    caiu(&["simulate", "--scenario", "2017-05-03", "--seed", "3", "--volume", "0.3", "--out", &path("replay.jsonl")]);
    let config = format!(
        "[index]\npath = {:?}\n[detect]\nevery_secs = 0.2\n[[feed]]\nkind = \"file\"\npath = {:?}\n",
        path("live"),
        path("posts.jsonl"),
    );
    fs::write(path("posts.jsonl"), "").unwrap();
    fs::write(folder.path().join("caiu.toml"), config).unwrap();
    let live = Serving::start(&["--watch", "--config", &path("caiu.toml")], &[], Some(&log("live.log")));

    let status = Command::new("node")
        .arg(root.join("tests/e2e/page/run.mjs"))
        .args(std::env::var("CAIU_E2E_ONLY").iter().flat_map(|parts| parts.split(',')))
        .env("CAIU_E2E_CHROMIUM", chromium)
        .env("CAIU_E2E_PAGE", &page)
        .env("CAIU_E2E_SHOTS", &shots)
        .env("CAIU_E2E_ARCHIVE", &archive.base)
        .env("CAIU_E2E_CLOSED", &closed.base)
        .env("CAIU_E2E_LIVE", &live.base)
        .env("CAIU_E2E_TOKEN", TOKEN)
        .env("CAIU_E2E_POSTS", path("posts.jsonl"))
        .env("CAIU_E2E_REPLAY", path("replay.jsonl"))
        // What a browser keeps is kept here, not in the home of whoever runs it.
        .env("HOME", Path::new(&page).join("home"))
        .status()
        .unwrap();
    assert!(status.success(), "the page failed; pictures and logs are in {shots}");
}
