//! A program of the operator's, without a shell: the message as JSON on its standard input, a time limit, no remains.

use std::process::Stdio;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde::Deserialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};

use super::payload::payload;
use super::{AlertContext, AlertKind, Message, Receiver, SendError};
use crate::report::text::excerpt;

pub(super) const KIND: AlertKind = AlertKind {
    name: "command",
    tells: "a program of yours: JSON on its standard input; 0 is taken, 65 refused, anything else tried again",
    needs: "program",
    tested_with: "programs of the machine",
    takes_digests: false,
    keeps_all: false,
    open: |context, table| Ok(Box::new(Program::open(context, table)?)),
};

/// The exit code by which a program refuses a message for good (EX_DATAERR of sysexits.h).
const REFUSED: i32 = 65;
/// Bytes of what it says that are read for the log.
const MAX_SAID_BYTES: u64 = 4096;
/// Characters of them that are told.
const MAX_SAID_CHARS: usize = 200;

/// The keys of `[[alert]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// The program, by its path or as it is found in PATH.
    program: String,
    /// Its arguments, as they are.
    #[serde(default)]
    args: Vec<String>,
}

struct Program {
    program: String,
    args: Vec<String>,
    limit: Duration,
}

impl Program {
    fn open(context: &AlertContext, table: toml::Table) -> Result<Self, String> {
        let Settings { program, args } = context.settings(table)?;
        if program.is_empty() {
            return Err("program is empty; write the path of a program".to_owned());
        }
        Ok(Self { program, args, limit: context.net.options().timeout })
    }

    async fn run(&self, message: &Message) -> Result<(), SendError> {
        let mut command = Command::new(&self.program);
        command.args(&self.args).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        // A group of its own, so that what the program has started ends with it.
        #[cfg(unix)]
        command.process_group(0);
        let child = command.kill_on_drop(true).spawn();
        let mut child = Running(child.map_err(|error| SendError::Failed(format!("{}: {error}", self.program)))?);
        let work = child.talk(payload(message).to_string());
        match tokio::time::timeout(self.limit, work).await {
            Err(_) => Err(SendError::Failed(format!("{} took more than {:?} and was ended", self.program, self.limit))),
            Ok(Err(error)) => Err(SendError::Failed(format!("{}: {error}", self.program))),
            Ok(Ok((Some(0), _))) => Ok(()),
            Ok(Ok((code, said))) => {
                let code = code.map_or_else(|| "a signal".to_owned(), |code| code.to_string());
                let words = format!("{} ended with {code}: {}", self.program, excerpt(&said, MAX_SAID_CHARS));
                Err(if code == REFUSED.to_string() { SendError::Refused(words) } else { SendError::Failed(words) })
            }
        }
    }
}

/// A program that runs; its whole group is ended when this is dropped before it has ended by itself.
struct Running(Child);

impl Running {
    /// Gives it its input and waits; its exit code comes back, and the beginning of what it said on stderr.
    async fn talk(&mut self, input: String) -> std::io::Result<(Option<i32>, String)> {
        let (stdin, stderr) = (self.0.stdin.take(), self.0.stderr.take());
        let write = async {
            if let Some(mut stdin) = stdin {
                // A program that does not read its input may still be content.
                let _ = stdin.write_all(input.as_bytes()).await;
            }
        };
        let read = async {
            let mut said = Vec::new();
            if let Some(mut stderr) = stderr {
                let _ = (&mut stderr).take(MAX_SAID_BYTES).read_to_end(&mut said).await;
                // Read on to the end: a full pipe would hold the program up.
                let _ = tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await;
            }
            said
        };
        // What it left in the background may hold stderr open: its own end is what counts.
        let mut said = Vec::new();
        let ((), read) = tokio::join!(write, read);
        said.extend(read);
        let status = self.0.wait().await?;
        Ok((status.code(), String::from_utf8_lossy(&said).into_owned()))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // None once it has ended and was waited for.
        let Some(id) = self.0.id() else { return };
        let group = format!("-{id}");
        let killed = std::process::Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
        if killed.is_err() {
            let _ = self.0.start_kill();
        }
    }
}

impl Receiver for Program {
    fn send<'a>(&'a mut self, message: &'a Message) -> BoxFuture<'a, Result<(), SendError>> {
        self.run(message).boxed()
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::alert::Event;
    use crate::alert::example;
    use crate::model::Change;
    use std::time::Instant;
    use tempfile::TempDir;

    async fn run(script: &str, limit: Duration) -> Result<(), SendError> {
        let args = vec!["-c".to_owned(), script.to_owned(), "x".to_owned(), "$(id); `id`".to_owned()];
        let program = Program { program: "sh".to_owned(), args, limit };
        program.run(&example::message(Event::Change(Change::Opened))).await
    }

    #[tokio::test]
    async fn a_program_gets_the_message_and_its_arguments_as_they_are() {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("got");
        let script = format!("cat > '{0}'; printf '%s' \"$1\" >> '{0}'", file.display());
        run(&script, Duration::from_secs(10)).await.unwrap();
        let got = std::fs::read_to_string(file).unwrap();
        assert!(got.starts_with("{\"type\":\"incident.opened\"") && got.ends_with("}$(id); `id`"), "{got}");
    }

    #[tokio::test]
    async fn exit_codes_and_hangs() {
        let limit = Duration::from_secs(10);
        assert_eq!(run("exit 0", limit).await, Ok(()));
        let error = run("echo no >&2; exit 65", limit).await.unwrap_err();
        assert_eq!(error, SendError::Refused("sh ended with 65: no".to_owned()));
        assert_eq!(run("exit 3", limit).await, Err(SendError::Failed("sh ended with 3: ".to_owned())));
        // More on stderr than a pipe holds.
        assert_eq!(run("head -c 300000 /dev/zero >&2; exit 0", limit).await, Ok(()));
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("alive");
        let began = Instant::now();
        let script = format!("(sleep 2; touch '{}') & sleep 600", file.display());
        assert!(matches!(run(&script, Duration::from_millis(300)).await, Err(SendError::Failed(_))));
        assert!(began.elapsed() < Duration::from_secs(2), "it is not waited for");
        tokio::time::sleep(Duration::from_secs(3)).await;
        assert!(!file.exists(), "what it started ended with it");
    }
}
