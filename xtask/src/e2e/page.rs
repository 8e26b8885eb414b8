//! Chromium, playwright-core and axe-core: a reader's browser for the web page. The server itself is this project's own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::process::{apt_get, folder, run, said, write};
use super::{Part, Running};

const PACKAGE: &str = include_str!("servers/page.json");
/// Where distributions put it.
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
    let browser = browser(&place)?;
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
    folder(&shots, true)?;
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let env = vec![
        ("CAIU_E2E_CHROMIUM".to_owned(), text(&browser)),
        ("CAIU_E2E_PAGE".to_owned(), text(&place)),
        ("CAIU_E2E_SHOTS".to_owned(), text(&shots)),
    ];
    Ok(Running { servers: Vec::new(), env })
}

/// The machine's own; where there is none, root has it installed. It needs too many libraries to be unpacked beside.
fn browser(place: &Path) -> Result<PathBuf, String> {
    let find = || {
        let found =
            BROWSERS.iter().find_map(|name| said(Command::new("sh").args(["-c", &format!("command -v {name}")])));
        found.map(PathBuf::from)
    };
    if let Some(found) = find() {
        return Ok(found);
    }
    if said(Command::new("id").arg("-u")).as_deref() != Some("0") {
        return Err("chromium is not here, and installing it takes root (apt-get install chromium)".to_owned());
    }
    eprintln!("== e2e: installing chromium (once)");
    apt_get(&["install", "-y", "--no-install-recommends", "chromium"], place, "chromium.log")?;
    find().ok_or_else(|| "chromium was installed and is not found".to_owned())
}
