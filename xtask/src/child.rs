//! Programs that this one starts: without the variables that cargo set for this one alone.

use std::env;
use std::ffi::OsStr;
use std::process::Command;

/// What `cargo run` tells the program that it runs about its package. A cargo that finds them takes them for changes of
/// build scripts' surroundings, and builds half of everything again.
const OF_CARGO_RUN: [&str; 6] = [
    "CARGO",
    "CARGO_MANIFEST_DIR",
    "CARGO_MANIFEST_PATH",
    "CARGO_CRATE_NAME",
    "CARGO_BIN_NAME",
    "CARGO_PRIMARY_PACKAGE",
];

/// A command with the surroundings of whoever called us; what a person set for cargo (`CARGO_TARGET_DIR` …) stays.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy();
        let is_ours = OF_CARGO_RUN.contains(&&*name)
            || ["CARGO_PKG_", "CARGO_BIN_EXE_"].iter().any(|start| name.starts_with(start));
        if is_ours {
            command.env_remove(&*name);
        }
    }
    command
}
