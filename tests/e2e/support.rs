//! Programs that run beside a test, and a feed that reads them.

use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use caiu::feed::http::{Net, NetOptions};
use caiu::feed::{Feed, FeedContext, FeedError, KINDS, Next};
use caiu::model::{Cursor, FeedId};

/// The program that a variable names; without it the test cannot run.
pub(crate) fn program(variable: &str) -> PathBuf {
    let path = std::env::var(variable).unwrap_or_else(|_| panic!("set {variable} to the path of the program"));
    PathBuf::from(path)
}

/// A port that nobody uses now.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A program that ends with the test.
pub(crate) struct Running(Child);

impl Running {
    /// Starts it and waits until it listens.
    pub(crate) fn start(command: &mut Command, port: u16) -> Self {
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut running = Self(child);
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if began.elapsed() > Duration::from_secs(10) || running.0.try_wait().unwrap().is_some() {
                let _ = running.0.kill();
                let mut said = String::new();
                running.0.stderr.take().unwrap().read_to_string(&mut said).unwrap();
                panic!("{command:?} does not listen: {said}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        running
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Opens a feed that may talk to this machine.
pub(crate) fn open(kind: &str, settings: &str, timeout: Duration) -> Box<dyn Feed> {
    let net = Net::new(NetOptions { allow_private: true, timeout, ..NetOptions::default() }).unwrap();
    let context = FeedContext { id: FeedId::new("f"), net };
    let kind = KINDS.iter().find(|known| known.name == kind).unwrap();
    (kind.open)(&context, settings.parse().unwrap()).unwrap()
}

/// What a feed told until it had no more.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    pub(crate) ids: Vec<String>,
    pub(crate) texts: Vec<String>,
    pub(crate) num_gaps: usize,
    pub(crate) cursor: Option<Cursor>,
}

/// Asks until the feed wants to rest.
pub(crate) async fn hear(feed: &mut dyn Feed, after: Option<Cursor>) -> Result<Heard, FeedError> {
    let mut heard = Heard { cursor: after, ..Heard::default() };
    for _ in 0..40 {
        let batch = feed.next_batch(heard.cursor.as_ref()).await?;
        heard.ids.extend(batch.posts.iter().map(|incoming| incoming.post.id.clone()));
        heard.texts.extend(batch.posts.iter().map(|incoming| incoming.post.text.clone()));
        heard.num_gaps += batch.gaps.len();
        heard.cursor = batch.cursor.or(heard.cursor);
        if batch.next != Next::Now {
            return Ok(heard);
        }
    }
    panic!("the feed never rests");
}
