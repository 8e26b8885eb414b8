//! `cargo xtask e2e`: the feeds against real servers, put under `target/e2e` without root and run on loopback.

mod atproto;
mod nginx;
mod nostr;
mod page;
mod process;
mod snac;

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use process::Server;

/// A server that runs, and what the tests need to know of it.
struct Running {
    servers: Vec<Server>,
    env: Vec<(String, String)>,
}

/// Puts a server in its place (once; it is kept there) and starts it. The folder is its own.
type Start = fn(&Path) -> Result<Running, String>;

/// What is tested against, and the part of the tests that rests on it.
const PARTS: [(&str, Start); 5] = [
    ("nginx (rss)", nginx::start),
    ("snac (mastodon)", snac::start),
    ("nostr-relay (nostr)", nostr::start),
    ("PDS and a Jetstream stand-in (atproto, bluesky)", atproto::start),
    ("chromium (page)", page::start),
];

/// Starts what can be had, runs the tests against it, and stops it again. Parts that cannot be had are told at the end;
/// under CI they are a failure.
///
/// # Errors
/// What failed, in words.
pub(crate) fn run() -> Result<(), String> {
    let home = home();
    let (mut servers, mut known, mut missing) = (Vec::new(), Vec::new(), Vec::new());
    // `cargo xtask e2e nostr` starts only that.
    let chosen =
        env::args().nth(2).filter(|_| env::args().nth(1).is_some_and(|task| task == "e2e")).unwrap_or_default();
    for (name, start) in PARTS.into_iter().filter(|(name, _)| name.contains(&chosen)) {
        eprintln!("\n== e2e: {name}");
        let started = Instant::now();
        match start(&home) {
            Ok(running) => {
                eprintln!("== e2e: {name} is up, {} s", started.elapsed().as_secs());
                servers.extend(running.servers);
                known.extend(running.env);
            }
            Err(why) => {
                eprintln!("== e2e: {name} cannot be had: {why}");
                missing.push((name, why));
            }
        }
    }
    // One after another: the servers are shared.
    let status =
        Command::new("cargo").args(["test", "--test", "e2e", "--", "--test-threads", "1"]).envs(known).status();
    drop(servers);
    for (name, why) in &missing {
        eprintln!("\nxtask e2e: NOT TESTED against {name}: {why}");
    }
    if !status.is_ok_and(|status| status.success()) {
        return Err("cargo test --test e2e".to_owned());
    }
    if !missing.is_empty() && env::var("CI").is_ok_and(|ci| ci == "true") {
        return Err(format!("e2e: {} of {} servers cannot be had", missing.len(), PARTS.len()));
    }
    Ok(())
}

/// The folder of all servers.
fn home() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from).join("e2e")
}
