//! Packages of Debian, unpacked under the folder of the parts: nothing is installed, and nobody has to be root.

use std::path::Path;
use std::process::Command;

use super::process::{folder, run};

/// What else a package brings with it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum With {
    /// Nothing: what it needs is on every machine.
    Nothing,
    /// All that it needs and this machine has not.
    Needs,
}

/// Downloads packages into `place` and unpacks them into `place/root`.
///
/// # Errors
/// What failed, in words.
pub(super) fn unpack(home: &Path, place: &Path, packages: &[&str], with: With) -> Result<(), String> {
    folder(&place.join("partial"), false)?;
    let mut arguments = match with {
        With::Nothing => vec!["download"],
        With::Needs => vec!["install", "--download-only", "--no-install-recommends", "--yes"],
    };
    arguments.extend(packages);
    let fetch = |log| run(apt_get(home, place).args(&arguments), place, log);
    // Lists that are missing or old make it fail once.
    fetch("download.log").or_else(|_| {
        run(apt_get(home, place).arg("update"), place, "update.log")?;
        fetch("download.log")
    })?;
    let unpack = "for package in *.deb; do dpkg -x \"$package\" root && rm \"$package\" || exit 1; done";
    run(Command::new("sh").args(["-c", unpack]), place, "unpack.log")
}

/// `apt-get` with lists of its own, which take the machine's sources; packages go to `place`.
fn apt_get(home: &Path, place: &Path) -> Command {
    let state = home.join("apt");
    // What cannot be made here is told by apt-get itself.
    let _ = folder(&state.join("lists/partial"), false);
    let mut command = Command::new("apt-get");
    for (name, path) in
        [("Dir::State::Lists", state.join("lists")), ("Dir::Cache", state), ("Dir::Cache::Archives", place.to_owned())]
    {
        command.arg(format!("-o{name}={}/", path.display()));
    }
    command.args([
        "-oDebug::NoLocking=1",
        "-oAPT::Sandbox::User=",
        "-oAcquire::Languages=none",
        "-oAPT::Update::Post-Invoke-Success::=",
    ]);
    command
}
