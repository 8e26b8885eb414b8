//! `cargo xtask e2e`: the program against real servers, put under `target/e2e` without root and run on loopback.
//!
//! A part is a file here with a `PART`, a line in [`PARTS`], and its tests in `tests/e2e/`.

mod alerts;
mod apt;
mod atproto;
mod exports;
mod nginx;
mod nostr;
mod page;
mod process;
mod recorded;
mod schema;
mod snac;

use std::env;
use std::path::{Path, PathBuf, absolute};
use std::time::Instant;

use process::Server;

/// Something real that is tested against.
struct Part {
    /// Its name in `cargo xtask e2e NAME`.
    name: &'static str,
    /// What it is and what is tested with it, in a few words.
    about: &'static str,
    /// Modules of `tests/e2e/` that rest on it.
    tests: &'static [&'static str],
    /// Puts it in its place (once; it is kept there) and starts it. The folder is that of all parts: a part takes one of
    /// its own name in it.
    start: fn(&Path) -> Result<Running, String>,
}

/// What runs, and what the tests need to know of it.
struct Running {
    /// Stopped when they are dropped.
    servers: Vec<Server>,
    /// Variables for the tests.
    env: Vec<(String, String)>,
}

/// All of them. The slowest to put in its place comes last.
const PARTS: &[Part] = &[
    recorded::PART,
    nginx::PART,
    snac::PART,
    nostr::PART,
    alerts::PART,
    schema::PART,
    exports::PART,
    page::PART,
    atproto::PART,
];

/// What is not to be had everywhere, so that nobody is failed for it unless it was named.
const OPTIONAL: &[&str] = &[recorded::PART.name];

/// What `cargo xtask e2e` does, for its help.
pub(crate) fn help() -> String {
    let lines = PARTS.iter().map(|part| format!("            {:<8} {}\n", part.name, part.about));
    lines.collect()
}

/// Starts the named parts, or all of them, runs the tests that rest on them, and stops them again. The tests of parts that
/// cannot be had are not run, and the parts are told at the end; under `CI=true`, and where they were named, they are a
/// failure.
///
/// # Errors
/// What failed, in words.
pub(crate) fn run(names: &[String]) -> Result<(), String> {
    if let Some(name) = names.iter().find(|name| !PARTS.iter().any(|part| part.name == name.as_str())) {
        return Err(format!("e2e {name}: there is no such part; the parts are\n{}", help()));
    }
    let chosen: Vec<&Part> =
        PARTS.iter().filter(|part| names.is_empty() || names.iter().any(|name| name == part.name)).collect();
    let home = home();
    let (mut servers, mut known, mut tests, mut missing) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for part in &chosen {
        eprintln!("\n== e2e: {} ({})", part.name, part.about);
        let started = Instant::now();
        match (part.start)(&home) {
            Ok(running) => {
                eprintln!("== e2e: {} is up, {} s", part.name, started.elapsed().as_secs());
                servers.extend(running.servers);
                known.extend(running.env);
                tests.extend(part.tests);
            }
            Err(why) => {
                eprintln!("== e2e: {} cannot be had: {why}", part.name);
                missing.push((part, why));
            }
        }
    }
    // Without a name all of them would run, those without a server too.
    let is_passed = tests.is_empty() || test(&home, &tests, known)?;
    drop(servers);
    for (part, why) in &missing {
        eprintln!("\nxtask e2e: NOT TESTED against {} ({}): {why}", part.name, part.about);
    }
    if !is_passed {
        return Err("cargo test --test e2e".to_owned());
    }
    // Who names a part wants it tested, and CI wants all that can be had.
    missing.retain(|(part, _)| !names.is_empty() || !OPTIONAL.contains(&part.name));
    if !missing.is_empty() && (!names.is_empty() || env::var("CI").is_ok_and(|ci| ci == "true")) {
        return Err(format!("e2e: {} of {} parts cannot be had", missing.len(), chosen.len()));
    }
    Ok(())
}

/// Runs the tests of the modules, which need servers and are ignored for that; whether they passed.
fn test(home: &Path, modules: &[&str], env: Vec<(String, String)>) -> Result<bool, String> {
    let (started, temporary) = (Instant::now(), home.join("tmp"));
    process::folder(&temporary, true)?;
    let mut command = crate::child::command("cargo");
    // One after another: the servers are shared.
    command.args(["test", "--test", "e2e", "--", "--ignored", "--test-threads", "1"]);
    command.args(modules.iter().map(|module| format!("{module}::")));
    let status = command.envs(env).env("TMPDIR", &temporary).status();
    eprintln!("== e2e: tests took {} s", started.elapsed().as_secs());
    Ok(status.is_ok_and(|status| status.success()))
}

/// The root of the project.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// The folder of all servers, from the root: programs run in folders of their own.
fn home() -> PathBuf {
    let root = root();
    let home = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from).join("e2e");
    absolute(&home).unwrap_or(home)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::PARTS;

    /// A module that no part names would be ignored forever, one that is not there would pass without a test.
    #[test]
    fn every_module_of_tests_is_named_by_one_part() {
        let main = include_str!("../../../tests/e2e/main.rs");
        let names = main.lines().filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'));
        let there: BTreeSet<&str> = names.filter(|name| *name != "support").collect();
        let named: Vec<&str> = PARTS.iter().flat_map(|part| part.tests).copied().collect();
        assert_eq!(named.iter().copied().collect::<BTreeSet<_>>(), there);
        assert_eq!(named.len(), there.len(), "each by one part");
    }
}
