//! The web page as a reader uses it: Chromium against `caiu serve` over an archive, over posts that come as the reader looks on,
//! and with a token. What the reader does is in `page/*.mjs`.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::support::server;

const CAIU: &str = env!("CARGO_BIN_EXE_caiu");
const TOKEN: &str = "e2e-token-that-is-long-enough";
/// Posts that want to be more than text. The first one is the only one with an address of the web.
const HOSTILE: &str = include_str!("page/hostile.jsonl");

/// `caiu serve`; it is stopped when this is dropped.
struct Serving {
    child: Child,
    base: String,
}

impl Serving {
    fn start(arguments: &[&str], token: Option<&str>, log: &Path) -> Self {
        let mut command = Command::new(CAIU);
        command.arg("serve").args(["--listen", "127.0.0.1:0"]).args(arguments).env_remove("CAIU_TOKEN");
        if let Some(token) = token {
            command.env("CAIU_TOKEN", token);
        }
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let base = lines.by_ref().find_map(|line| {
            let at = line.find("http://127.0.0.1:")?;
            Some(line[at..].split_whitespace().next()?.trim_end_matches('/').to_owned())
        });
        let mut log = fs::File::create(log).unwrap();
        // Goes on to read, so that the server never waits for a reader.
        std::thread::spawn(move || lines.for_each(|line| drop(writeln!(log, "{line}"))));
        Self { child, base: base.expect("the server says where it listens") }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn caiu(arguments: &[&str]) {
    let output = Command::new(CAIU).args(arguments).output().unwrap();
    assert!(output.status.success(), "caiu {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr));
}

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
    fs::write(folder.path().join("hostile.jsonl"), HOSTILE).unwrap();
    caiu(&["index", &demo, "--index", &path("archive")]);
    caiu(&["index", &path("hostile.jsonl"), "--index", &path("archive"), "--keep", "all"]);
    let archive = Serving::start(&["--index", &path("archive")], None, &log("archive.log"));
    let closed = Serving::start(&["--index", &path("archive")], Some(TOKEN), &log("closed.log"));

    caiu(&["simulate", "--scenario", "2017-05-03", "--seed", "3", "--volume", "0.3", "--out", &path("replay.jsonl")]);
    let config = format!(
        "[index]\npath = {:?}\n[detect]\nevery_secs = 0.2\n[[feed]]\nkind = \"file\"\npath = {:?}\n",
        path("live"),
        path("posts.jsonl"),
    );
    fs::write(path("posts.jsonl"), "").unwrap();
    fs::write(folder.path().join("caiu.toml"), config).unwrap();
    let live = Serving::start(&["--watch", "--config", &path("caiu.toml")], None, &log("live.log"));

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
        .envs([("HOME", "home"), ("TMPDIR", "tmp")].map(|(name, own)| (name, Path::new(&page).join(own))))
        .status()
        .unwrap();
    assert!(status.success(), "the page failed; pictures and logs are in {shots}");
}
