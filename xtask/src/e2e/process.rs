//! Programs: those that do something and end, and servers that run until they are dropped.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Longest time that an installation may take: one without a network must not hang.
const INSTALL: Duration = Duration::from_secs(20 * 60);
/// Longest time until a server answers.
const START: Duration = Duration::from_secs(120);
/// Time that a server has to end by itself.
const STOP: Duration = Duration::from_secs(8);
const GLANCE: Duration = Duration::from_millis(50);

/// A server; it is stopped when this is dropped.
pub(super) struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // Some end with their input, others want to be asked.
        drop(self.0.stdin.take());
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let asked = Instant::now();
        while asked.elapsed() < STOP {
            if !matches!(self.0.try_wait(), Ok(None)) {
                return;
            }
            sleep(GLANCE);
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs a program to its end; what it says goes to a file `log` in `folder`, whose last lines come with a failure.
pub(super) fn run(command: &mut Command, folder: &Path, log: &str) -> Result<(), String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let out = create(folder, log)?;
    let err = out.try_clone().map_err(|error| error.to_string())?;
    let command = command.current_dir(folder).stdin(Stdio::null()).stdout(out).stderr(err);
    // Installers would keep copies in the home of whoever runs them.
    command.env("npm_config_cache", folder.join("npm-cache")).env("PIP_NO_CACHE_DIR", "1");
    let mut child = command.spawn().map_err(|error| format!("{program}: {error}"))?;
    let started = Instant::now();
    loop {
        match child.try_wait().map_err(|error| error.to_string())? {
            Some(status) if status.success() => return Ok(()),
            Some(_) => return Err(format!("{program} failed: {}", tail(&folder.join(log)))),
            None if started.elapsed() > INSTALL => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("{program} took more than {} s", INSTALL.as_secs()));
            }
            None => sleep(GLANCE),
        }
    }
}

/// What a program says, if it succeeds.
pub(super) fn said(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Starts a server and waits until it listens at a port.
pub(super) fn serve(command: &mut Command, folder: &Path, log: &str, port: u16) -> Result<Server, String> {
    let mut server = spawn(command, folder, log, Stdio::null())?;
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let started = Instant::now();
    while TcpStream::connect_timeout(&address, GLANCE).is_err() {
        if started.elapsed() > START || !matches!(server.0.try_wait(), Ok(None)) {
            return Err(format!("it does not listen: {}", tail(&folder.join(log))));
        }
        sleep(GLANCE);
    }
    Ok(server)
}

/// Starts a server that says `NAME=VALUE` lines and then `READY`.
pub(super) fn serve_named(
    command: &mut Command,
    folder: &Path,
    log: &str,
) -> Result<(Server, Vec<(String, String)>), String> {
    let mut server = spawn(command, folder, log, Stdio::piped())?;
    let Some(out) = server.0.stdout.take() else { return Err("no output".to_owned()) };
    let (sender, lines) = std::sync::mpsc::channel();
    // Goes on to read to the end, so that the server never waits for a reader.
    std::thread::spawn(move || {
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    let mut named = Vec::new();
    loop {
        match lines.recv_timeout(START) {
            Ok(line) if line == "READY" => return Ok((server, named)),
            Ok(line) => named.extend(line.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()))),
            Err(_) => return Err(format!("it does not start: {}", tail(&folder.join(log)))),
        }
    }
}

fn spawn(command: &mut Command, folder: &Path, log: &str, stdout: Stdio) -> Result<Server, String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let err = create(folder, log)?;
    let command = command.current_dir(folder).stdin(Stdio::piped()).stdout(stdout).stderr(err);
    command.spawn().map(Server).map_err(|error| format!("{program}: {error}"))
}

/// A port that is free now.
pub(super) fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
    listener.map(|address| address.port()).map_err(|error| error.to_string())
}

/// Makes a folder; with `anew`, an empty one.
pub(super) fn folder(path: &Path, anew: bool) -> Result<(), String> {
    if anew && path.exists() {
        fs::remove_dir_all(path).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    fs::create_dir_all(path).map_err(|error| format!("{}: {error}", path.display()))
}

pub(super) fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

fn create(folder: &Path, log: &str) -> Result<File, String> {
    self::folder(folder, false)?;
    File::create(folder.join(log)).map_err(|error| format!("{log}: {error}"))
}

fn tail(path: &Path) -> String {
    let text = fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let lines: Vec<&str> = text.lines().rev().take(6).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join(" | ")
}
