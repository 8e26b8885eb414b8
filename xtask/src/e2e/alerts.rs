//! What alerts go to: Alertmanager and promtool of Debian, and from PyPI a mail server, a feed reader and a checker of
//! signatures.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::apt::{With, unpack};
use super::process::{folder, free_port, run, serve, serve_named, write};
use super::{Part, Running};

const CONFIG: &str = include_str!("servers/alertmanager.yml");
/// Where the package of Debian has its templates.
const TEMPLATES: &str = "/usr/share/prometheus/alertmanager";
/// The program that is run, see [`move_templates`].
const ALERTMANAGER: &str = "alertmanager";
const MAIL: &str = include_str!("servers/mail.py");
const PACKAGES: [&str; 3] = ["aiosmtpd==1.4.6", "feedparser==6.0.14", "standardwebhooks==1.1.0"];
/// A certificate of its own making, of which no certificate authority may be made.
const CERTIFICATE: &str = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 \
    -keyout key.pem -out cert.pem -subj /CN=localhost -addext subjectAltName=DNS:localhost \
    -addext basicConstraints=critical,CA:FALSE";

pub(super) const PART: Part = Part {
    name: "alerts",
    about: "Alertmanager and promtool of Debian; mail server, feed reader and checker of signatures of PyPI",
    tests: &["alerts"],
    start,
};

fn start(home: &Path) -> Result<Running, String> {
    let (mut all, more) = (prometheus(home)?, python(home)?);
    all.servers.extend(more.servers);
    all.env.extend(more.env);
    Ok(all)
}

/// Alertmanager, which forwards to a port at which the test listens; promtool.
fn prometheus(home: &Path) -> Result<Running, String> {
    let place = home.join("alerts/prometheus");
    let programs = programs(home, &place)?;
    let (root, port, cluster, hook) = (place.join("run"), free_port()?, free_port()?, free_port()?);
    folder(&root, true)?;
    for name in ["default.tmpl", "email.tmpl"] {
        let template = place.join("root").join(TEMPLATES.trim_start_matches('/')).join(name);
        fs::copy(&template, root.join(name)).map_err(|error| format!("{}: {error}", template.display()))?;
    }
    write(&root.join("alertmanager.yml"), &CONFIG.replace("@HOOK@", &hook.to_string()))?;
    let mut command = Command::new(programs.join(ALERTMANAGER));
    command.args(["--config.file=alertmanager.yml", "--storage.path=data", "--log.level=debug"]);
    command.arg(format!("--web.listen-address=127.0.0.1:{port}"));
    command.arg(format!("--cluster.listen-address=127.0.0.1:{cluster}"));
    let server = serve(command.current_dir(&root), &root, "alertmanager.log", port)?;
    let env = [
        ("CAIU_E2E_ALERTMANAGER", format!("http://127.0.0.1:{port}")),
        ("CAIU_E2E_ALERTMANAGER_HOOK", format!("127.0.0.1:{hook}")),
        ("CAIU_E2E_PROMTOOL", programs.join("promtool").to_string_lossy().into_owned()),
    ];
    Ok(Running { servers: vec![server], env: env.map(|(name, value)| (name.to_owned(), value)).to_vec() })
}

fn programs(home: &Path, place: &Path) -> Result<PathBuf, String> {
    let programs = place.join("root/usr/bin");
    if !programs.join(ALERTMANAGER).exists() {
        folder(place, true)?;
        unpack(home, place, &["prometheus-alertmanager", "prometheus"], With::Nothing)?;
        move_templates(&programs)?;
    }
    Ok(programs)
}

/// Has Alertmanager read its templates where it runs: the package knows them only under the root of the machine, where we
/// put nothing. The path is written over with one of the same length.
fn move_templates(programs: &Path) -> Result<(), String> {
    let read = fs::read(programs.join("prometheus-alertmanager"));
    let mut program = read.map_err(|error| format!("prometheus-alertmanager: {error}"))?;
    let here = format!(".{}", "/".repeat(TEMPLATES.len() - 1));
    let mut num_places = 0;
    for place in 0..program.len().saturating_sub(TEMPLATES.len()) {
        if program[place..].starts_with(TEMPLATES.as_bytes()) {
            program[place..place + TEMPLATES.len()].copy_from_slice(here.as_bytes());
            num_places += 1;
        }
    }
    if num_places == 0 {
        return Err(format!("this Alertmanager has no templates under {TEMPLATES}"));
    }
    let moved = programs.join(ALERTMANAGER);
    let written = fs::write(&moved, program);
    written.and_then(|()| fs::set_permissions(&moved, Permissions::from_mode(0o755))).map_err(|error| error.to_string())
}

/// A mail server, and the packages that the tests ask.
fn python(home: &Path) -> Result<Running, String> {
    let place = home.join("alerts/python");
    let packages = place.join("packages");
    if !packages.join("standardwebhooks").exists() {
        folder(&place, true)?;
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", "packages"];
        run(Command::new("python3").args(pip).args(PACKAGES), &place, "install.log")?;
    }
    let (root, plain, tls) = (place.join("run"), free_port()?, free_port()?);
    folder(&root, true)?;
    run(Command::new("sh").args(["-c", CERTIFICATE]), &root, "certificate.log")?;
    write(&root.join("mail.py"), MAIL)?;
    let mut command = Command::new("python3");
    command.arg(root.join("mail.py")).arg(&root).args([plain.to_string(), tls.to_string()]);
    let (server, mut env) = serve_named(command.env("PYTHONPATH", &packages), &root, "mail.log")?;
    env.push(("CAIU_E2E_PYTHON".to_owned(), packages.to_string_lossy().into_owned()));
    Ok(Running { servers: vec![server], env })
}
