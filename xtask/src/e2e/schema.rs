//! What holds the HTTP API against its own document: Schemathesis of PyPI.

use std::path::Path;
use std::process::Command;

use super::process::{folder, run};
use super::{Part, Running};

const PACKAGE: &str = "schemathesis==4.32.5";

pub(super) const PART: Part = Part {
    name: "api",
    about: "Schemathesis of PyPI, which asks the HTTP API what its document allows and forbids",
    tests: &["api"],
    start,
};

fn start(home: &Path) -> Result<Running, String> {
    let place = home.join("api");
    let packages = place.join("packages");
    if !packages.join("schemathesis").exists() {
        folder(&place, true)?;
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", "packages", PACKAGE];
        run(Command::new("python3").args(pip), &place, "install.log")?;
    }
    let env = vec![("CAIU_E2E_SCHEMATHESIS".to_owned(), packages.to_string_lossy().into_owned())];
    Ok(Running { servers: Vec::new(), env })
}
