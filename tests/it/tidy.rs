//! The rules of the house that a compiler does not hold: who imports whom, who owns which crate, how files begin.

use std::fs;
use std::path::{Path, PathBuf};

/// Which rooms a room may import. Nobody imports `cli`.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("normalize", &["model"]),
    ("tag", &["model", "normalize"]),
    ("corpus", &["model", "normalize", "tag"]),
    ("feed", &["model", "normalize", "corpus"]),
    ("alert", &["model", "feed", "report"]),
    ("config", &["model", "detect", "feed", "alert"]),
    ("index", &["model", "normalize", "tag"]),
    ("detect", &["model"]),
    ("report", &["model"]),
    ("simulate", &["model"]),
    ("batch", &["model", "normalize", "tag", "corpus", "index", "detect", "report"]),
    ("pipeline", &["model", "feed", "alert", "config", "normalize", "tag", "index", "detect"]),
    ("serve", &["model", "normalize", "feed", "config", "index", "detect", "report", "alert", "export", "pipeline"]),
    ("export", &["model", "normalize", "index", "detect", "report", "pipeline"]),
    (
        "cli",
        &[
            "model",
            "normalize",
            "tag",
            "corpus",
            "feed",
            "config",
            "index",
            "detect",
            "report",
            "simulate",
            "batch",
            "pipeline",
            "serve",
            "alert",
            "export",
        ],
    ),
];

/// Which files an outside crate may be used in: a change of crate is then a change of one room.
const OWNERS: &[(&str, &[&str])] = &[
    ("reqwest", &["feed/http/"]),
    ("governor", &["feed/http/", "serve/door.rs"]),
    ("axum", &["serve/"]),
    ("tower_http", &["serve/mod.rs"]),
    ("tower_service", &["serve/listen.rs"]),
    ("hyper", &["serve/listen.rs"]),
    ("hyper_util", &["serve/listen.rs"]),
    ("utoipa", &["serve/"]),
    ("utoipa_axum", &["serve/mod.rs"]),
    ("subtle", &["serve/door.rs"]),
    ("tokio_tungstenite", &["feed/socket.rs", "feed/socket_server.rs"]),
    ("rustls_native_certs", &["feed/roots.rs"]),
    ("feed_rs", &["feed/rss/"]),
    ("sse_stream", &["feed/mastodon/"]),
    ("k256", &["feed/nostr"]),
    ("bech32", &["feed/nostr"]),
    ("serde_ipld_dagcbor", &["feed/atproto"]),
    ("cid", &["feed/atproto"]),
    ("whatlang", &["tag/lang.rs"]),
    ("clap", &["cli/"]),
    ("clap_complete", &["cli/"]),
    ("indicatif", &["cli/"]),
    ("anyhow", &["cli/"]),
    ("comfy_table", &["cli/", "report/table.rs"]),
    ("kuva", &["report/"]),
    ("resvg", &["report/"]),
    ("dejavu", &["report/"]),
    ("askama", &["report/", "export/html.rs"]),
    ("rust_xlsxwriter", &["export/xlsx.rs"]),
    ("zip", &["export/"]),
    ("arrow", &["report/"]),
    ("parquet", &["report/"]),
    ("scraper", &["corpus/", "feed/telegram/"]),
    ("flate2", &["corpus/", "serve/cache.rs"]),
    ("zstd", &["corpus/", "feed/bluesky"]),
    ("bzip2", &["corpus/"]),
    ("glob", &["corpus/"]),
    ("tantivy", &["index/"]),
    ("base64", &["index/", "feed/reddit/", "alert/webhook.rs"]),
    ("hmac", &["alert/webhook.rs"]),
    ("lettre", &["alert/email.rs"]),
    ("quick_xml", &["alert/atom.rs", "export/gexf.rs"]),
    ("unicode_normalization", &["normalize/"]),
    ("rand_chacha", &["simulate/", "detect/", "corpus/evaluation/", "tag/opinion/network/"]),
    ("statrs", &["detect/"]),
];

/// Functions that stamp a type, and the only room that may call them.
const STAMPS: [(&str, &str); 2] = [("TaggedPost::stamp", "tag/"), (" Post::stamp", "normalize/")];

/// Files that only tests are built with (`#[cfg(test)] mod` in their room's `mod.rs`): they make what they need.
const ONLY_TESTS: [&str; 1] = ["report/example.rs"];

/// Longest file; a longer one is two rooms in one.
const MOST_LINES: usize = 400;

struct Source {
    path: String,
    text: String,
}

impl Source {
    fn room(&self) -> &str {
        self.path.split('/').next().unwrap_or_default()
    }

    /// The text before the tests of the file.
    fn code(&self) -> &str {
        self.text.split("#[cfg(test)]").next().unwrap_or_default()
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name: PathBuf = path.strip_prefix(&root).unwrap().to_owned();
                sources.push(Source {
                    path: name.to_str().unwrap().replace('\\', "/"),
                    text: fs::read_to_string(&path).unwrap(),
                });
            }
        }
    }
    assert!(sources.len() > 30, "the sources were found");
    sources
}

fn assert_none(what: &str, offenders: &[String]) {
    assert!(offenders.is_empty(), "{what}:\n  {}", offenders.join("\n  "));
}

#[test]
fn rooms_import_only_what_they_may() {
    let mut offenders = Vec::new();
    for source in sources() {
        let Some((_, allowed)) = MAY_IMPORT.iter().find(|(room, _)| *room == source.room()) else { continue };
        for part in source.code().split("crate::").skip(1) {
            let target: String = part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if target != source.room()
                && MAY_IMPORT.iter().any(|(room, _)| *room == target)
                && !allowed.contains(&target.as_str())
            {
                offenders.push(format!("{} imports {target}", source.path));
            }
        }
    }
    assert_none("imports against the table", &offenders);
}

#[test]
fn outside_crates_have_one_owner() {
    let mut offenders = Vec::new();
    for source in sources() {
        for (name, owners) in OWNERS {
            let is_used = source.code().lines().any(|line| {
                let line = line.trim_start();
                !line.starts_with("//")
                    && (line.starts_with(&format!("use {name}::")) || line.contains(&format!(" {name}::")))
            });
            if is_used && !owners.iter().any(|owner| source.path.starts_with(owner)) {
                offenders.push(format!("{} uses {name}", source.path));
            }
        }
    }
    assert_none("crates outside their room", &offenders);
}

#[test]
fn stages_are_stamped_by_their_room() {
    let mut offenders = Vec::new();
    for source in sources().iter().filter(|source| !ONLY_TESTS.contains(&source.path.as_str())) {
        for (stamp, room) in STAMPS {
            if source.code().contains(stamp) && !source.path.starts_with(room) && !source.path.starts_with("model/") {
                offenders.push(format!("{} calls{stamp}", source.path));
            }
        }
    }
    assert_none("stamps outside their room", &offenders);
}

#[test]
fn files_say_what_they_are_for_and_stay_short() {
    let mut offenders = Vec::new();
    for source in sources() {
        if !source.text.starts_with("//! ") {
            offenders.push(format!("{} has no module doc on its first line", source.path));
        }
        let count = source.text.lines().count();
        if count > MOST_LINES {
            offenders.push(format!("{} has {count} lines", source.path));
        }
    }
    assert_none("files", &offenders);
}
