//! nostr-relay of PyPI: a second implementation of a Nostr relay, beside the one of this project's own tests.

use std::path::Path;
use std::process::Command;

use super::process::{folder, free_port, run, serve, write};
use super::{Part, Running};

const CONFIG: &str = include_str!("servers/relay.yaml");
const WANTED: &str = "nostr-relay==1.14";

pub(super) const PART: Part = Part {
    name: "nostr",
    about: "a second implementation of a relay, nostr-relay of PyPI: kind nostr",
    tests: &["nostr"],
    start,
};

fn start(home: &Path) -> Result<Running, String> {
    let place = home.join("nostr");
    let packages = place.join("packages");
    if !packages.join("nostr_relay").exists() {
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", "packages", WANTED];
        run(Command::new("python3").args(pip), &place, "install.log")?;
    }
    let (root, port) = (place.join("run"), free_port()?);
    folder(&root, true)?;
    write(&root.join("relay.yaml"), &CONFIG.replace("@PORT@", &port.to_string()))?;
    let mut command = Command::new("python3");
    command.arg(packages.join("bin/nostr-relay")).args(["-c", "relay.yaml", "serve"]).env("PYTHONPATH", &packages);
    let server = serve(&mut command, &root, "relay.log", port)?;
    Ok(Running { servers: vec![server], env: vec![("CAIU_E2E_NOSTR".to_owned(), format!("ws://127.0.0.1:{port}"))] })
}
