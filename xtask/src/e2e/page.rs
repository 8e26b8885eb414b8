//! Chromium, playwright-core and axe-core: a reader's browser for the web page. The server itself is this project's own.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::apt::{With, unpack};
use super::process::{folder, run, said, write};
use super::{Part, Running};

const PACKAGE: &str = include_str!("servers/page.json");
/// Starts the unpacked one with the libraries and fonts that came with it.
const SCRIPT: &str = include_str!("servers/chromium.sh");
const FONTS: &str = include_str!("servers/fonts.conf");
/// Names of the machine's own.
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

pub(super) const PART: Part = Part {
    name: "page",
    about: "a browser (chromium, playwright-core, axe-core): the web page",
    tests: &["page"],
    start,
};

fn start(home: &Path) -> Result<Running, String> {
    let place = home.join("page");
    folder(&place, false)?;
    let browser = browser(home, &place)?;
    if said(Command::new("node").arg("--version")).is_none() {
        return Err("node is not here (Debian package nodejs)".to_owned());
    }
    let installed = place.join("installed");
    if !fs::read_to_string(&installed).is_ok_and(|text| text == PACKAGE) {
        write(&place.join("package.json"), PACKAGE)?;
        let install = ["install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"];
        run(Command::new("npm").args(install), &place, "install.log")?;
        write(&installed, PACKAGE)?;
    }
    let shots = home.join("shots");
    for own in [&shots, &place.join("home")] {
        folder(own, true)?;
    }
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let env = vec![
        ("CAIU_E2E_CHROMIUM".to_owned(), text(&browser)),
        ("CAIU_E2E_PAGE".to_owned(), text(&place)),
        ("CAIU_E2E_SHOTS".to_owned(), text(&shots)),
    ];
    Ok(Running { servers: Vec::new(), env })
}

/// The machine's own, or one that is unpacked with the libraries that this machine has not.
fn browser(home: &Path, place: &Path) -> Result<PathBuf, String> {
    let find = |name: &&str| said(Command::new("sh").args(["-c", &format!("command -v {name}")]));
    if let Some(found) = BROWSERS.iter().find_map(find) {
        return Ok(PathBuf::from(found));
    }
    let place = place.join("chromium");
    let (script, unpacked) = (place.join("chromium.sh"), place.join("unpacked"));
    if !unpacked.exists() {
        eprintln!("== e2e: fetching chromium (once)");
        folder(&place, true)?;
        unpack(home, &place, &["chromium", "fonts-dejavu-core"], With::Needs)?;
        write(&unpacked, "")?;
    }
    let root = place.join("root").display().to_string();
    write(&place.join("fonts.conf"), &FONTS.replace("@ROOT@", &root).replace("@PLACE@", &place.display().to_string()))?;
    write(&script, &SCRIPT.replace("@PLACE@", &place.display().to_string()))?;
    fs::set_permissions(&script, Permissions::from_mode(0o755)).map_err(|error| error.to_string())?;
    // Whether it starts at all is told here, and not by a test that waits for it.
    run(Command::new(&script).args(["--version"]), &place, "version.log")?;
    Ok(script)
}
