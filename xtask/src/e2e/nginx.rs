//! nginx, the machine's own or unpacked from its Debian package.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::apt::{With, unpack};
use super::process::{folder, free_port, said, serve, write};
use super::{Part, Running};

const CONFIG: &str = include_str!("servers/nginx.conf");

pub(super) const PART: Part =
    Part { name: "nginx", about: "a web server with feeds: kind rss", tests: &["rss"], start };

fn start(home: &Path) -> Result<Running, String> {
    let place = home.join("nginx");
    let program = program(home, &place)?;
    let (root, port) = (place.join("run"), free_port()?);
    folder(&root, true)?;
    folder(&root.join("html"), false)?;
    let config = CONFIG.replace("@ROOT@", &root.to_string_lossy()).replace("@PORT@", &port.to_string());
    write(&root.join("nginx.conf"), &config)?;
    let mut command = Command::new(program);
    command.arg("-p").arg(&root).arg("-c").arg(root.join("nginx.conf")).arg("-e").arg(root.join("error.log"));
    let server = serve(&mut command, &root, "out.log", port)?;
    let env = vec![
        ("CAIU_E2E_NGINX".to_owned(), format!("http://127.0.0.1:{port}")),
        ("CAIU_E2E_NGINX_ROOT".to_owned(), root.to_string_lossy().into_owned()),
    ];
    Ok(Running { servers: vec![server], env })
}

fn program(home: &Path, place: &Path) -> Result<PathBuf, String> {
    for known in ["nginx", "/usr/sbin/nginx"] {
        if said(Command::new(known).arg("-v")).is_some() {
            return Ok(PathBuf::from(known));
        }
    }
    let unpacked = place.join("root/usr/sbin/nginx");
    if !unpacked.exists() {
        folder(place, true)?;
        unpack(home, place, &["nginx"], With::Nothing)?;
    }
    Ok(unpacked)
}
