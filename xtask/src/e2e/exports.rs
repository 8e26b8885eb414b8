//! What reads our exports: TimelineJS, Vega and the Vega-Lite compiler (npm), and Python's readers (PyPI).

use std::fs;
use std::path::Path;
use std::process::Command;

use super::process::{folder, run, write};
use super::{Part, Running};

pub(super) const PART: Part = Part {
    name: "exports",
    about: "TimelineJS, Vega-Lite and Python's readers: what caiu export writes",
    tests: &["exports"],
    start,
};

const PACKAGE: &str = include_str!("readers/package.json");
const SCRIPTS: [(&str, &str); 2] =
    [("read.mjs", include_str!("readers/read.mjs")), ("read.py", include_str!("readers/read.py"))];
/// PyPI packages.
const PYTHON: [&str; 6] =
    ["icalendar==7.*", "openpyxl==3.*", "pyarrow", "networkx==3.*", "rocrate==0.*", "roc-validator==0.13.*"];

fn start(home: &Path) -> Result<Running, String> {
    let place = home.join("exports");
    let (wanted, installed) = (format!("{PACKAGE}\n{}", PYTHON.join(" ")), place.join("installed"));
    if !fs::read_to_string(&installed).is_ok_and(|text| text == wanted) {
        eprintln!("== e2e: installing the readers of exports (some minutes, once)");
        folder(&place, true)?;
        write(&place.join("package.json"), PACKAGE)?;
        run(Command::new("npm").args(["install", "--no-audit", "--no-fund", "--no-package-lock"]), &place, "npm.log")?;
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", "python"];
        run(Command::new("python3").args(pip).args(PYTHON), &place, "pip.log")?;
        write(&installed, &wanted)?;
    }
    for (name, text) in SCRIPTS {
        write(&place.join(name), text)?;
    }
    let env = vec![("CAIU_E2E_EXPORTS".to_owned(), place.to_string_lossy().into_owned())];
    Ok(Running { servers: Vec::new(), env })
}
