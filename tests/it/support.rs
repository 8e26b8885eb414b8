//! What the tests share: the program, small lexicons that load at once, and a simulated corpus.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use assert_cmd::Command;
use caiu::simulate::{Overrides, builtin, simulate, write};
use caiu::tag::Tagger;
use serde_json::Value;
use tempfile::TempDir;

/// Lexicons of a few rows, with a language and a service that the program does not come with.
pub(crate) const SMALL_LEXICONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/lexicons");

/// The program.
pub(crate) fn caiu() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_caiu"));
    command.env_remove("CAIU_AUTHOR_KEY");
    command
}

/// What a run left behind.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// Each line of stdout as JSON.
    pub(crate) fn rows(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
    }

    /// The whole of stdout as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Runs the program with `args` and `input` on stdin.
pub(crate) fn run(args: &[&str], input: impl Into<Vec<u8>>) -> Ran {
    let output = caiu().args(args).write_stdin(input).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

/// As `run`, with the small lexicons behind the arguments.
pub(crate) fn run_small(args: &[&str], input: impl Into<Vec<u8>>) -> Ran {
    run(&[args, &["--lexicons", SMALL_LEXICONS]].concat(), input)
}

/// The lexicons that the program comes with, made ready once for all tests.
pub(crate) fn tagger() -> &'static Tagger {
    static TAGGER: OnceLock<Tagger> = OnceLock::new();
    TAGGER.get_or_init(|| Tagger::builtin().unwrap())
}

/// A folder of a test's own.
pub(crate) fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// Writes a file into a folder and gives its path.
pub(crate) fn file(folder: &Path, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    path
}

/// A path as an argument.
pub(crate) fn arg(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A corpus in which whatsapp fails on 4 October 2021, small enough for a build without optimization; one line per post.
pub(crate) fn corpus() -> &'static str {
    static CORPUS: OnceLock<String> = OnceLock::new();
    CORPUS.get_or_init(|| {
        let overrides = Overrides { service: Some("whatsapp".into()), volume: Some(0.04), ..Overrides::default() };
        let scenario = overrides.apply(builtin::load("2021-10-04").unwrap());
        let mut lines = Vec::new();
        for post in simulate(&scenario, 5).unwrap().posts() {
            write::line(&post, false, &mut lines).unwrap();
        }
        String::from_utf8(lines).unwrap()
    })
}

/// Analyzes inputs into a folder, with the small lexicons.
pub(crate) fn analyze(inputs: &[&Path], out: &Path, args: &[&str]) -> Ran {
    let inputs: Vec<&str> = inputs.iter().map(|path| arg(path)).collect();
    run_small(&[&["analyze", "--out", arg(out)], &inputs[..], args].concat(), "")
}

/// A file as JSON.
pub(crate) fn json_of(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// The names in a folder, sorted.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A client for servers on this machine, whatever proxy is set.
pub(crate) fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// `caiu watch` by the `caiu.toml` of a folder; killed when it is dropped.
pub(crate) struct Watch(Child);

impl Watch {
    pub(crate) fn start(folder: &Path) -> Self {
        Self::with_log(folder, Stdio::null())
    }

    /// The same, with its log written there.
    pub(crate) fn with_log(folder: &Path, log: impl Into<Stdio>) -> Self {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_caiu"));
        command.env_remove("CAIU_AUTHOR_KEY").args(["watch", "--no-view", "--config"]).arg(folder.join("caiu.toml"));
        Self(command.stdout(Stdio::null()).stderr(log).spawn().unwrap())
    }

    /// Asks it to end, and waits until it has.
    pub(crate) fn stop(mut self) {
        let asked = std::process::Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status();
        assert!(asked.unwrap().success());
        let began = Instant::now();
        assert!(self.0.wait().unwrap().success(), "SIGTERM is a request, not a failure");
        assert!(began.elapsed() < Duration::from_secs(20));
    }

    /// Whether it has not ended by itself.
    pub(crate) fn is_running(&mut self) -> bool {
        self.0.try_wait().unwrap().is_none()
    }

    /// Kills it (SIGKILL).
    pub(crate) fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
