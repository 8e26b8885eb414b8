//! Only for tests: a websocket server whose other end a test holds in its hand.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

/// What a test waits at most for the program to do something.
const PATIENCE: Duration = Duration::from_secs(20);

/// A server on a port of its own.
pub(super) struct Server {
    /// `127.0.0.1:PORT`
    pub(super) host: String,
    incoming: mpsc::UnboundedReceiver<Session>,
    answers: Arc<Mutex<Vec<Answer>>>,
}

/// What the server says to a request whose target holds certain words, instead of opening a websocket.
#[derive(Clone)]
struct Answer {
    to: String,
    status: u16,
    headers: String,
    body: Vec<u8>,
}

/// One open websocket.
pub(super) struct Session {
    /// Path and query that were asked for.
    pub(super) target: String,
    ws: WebSocketStream<TcpStream>,
}

impl Server {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let (sender, incoming) = mpsc::unbounded_channel();
        let answers: Arc<Mutex<Vec<Answer>>> = Arc::default();
        let known = Arc::clone(&answers);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&known), sender.clone()));
            }
        });
        Self { host, incoming, answers }
    }

    /// From now on a request whose target holds `to` gets this answer.
    pub(super) fn answer(&self, to: &str, status: u16, body: impl AsRef<[u8]>) {
        self.answer_with(to, status, "", body);
    }

    /// The same with headers, each with the end of its line.
    pub(super) fn answer_with(&self, to: &str, status: u16, headers: &str, body: impl AsRef<[u8]>) {
        let (to, headers) = (to.to_owned(), headers.to_owned());
        self.answers.lock().unwrap().push(Answer { to, status, headers, body: body.as_ref().to_vec() });
    }

    /// From now on everybody gets a websocket.
    pub(super) fn answer_no_more(&self) {
        self.answers.lock().unwrap().clear();
    }

    /// A websocket that was opened, if there is one.
    pub(super) fn session_so_far(&mut self) -> Option<Session> {
        self.incoming.try_recv().ok()
    }

    /// The next websocket that is opened.
    pub(super) async fn session(&mut self) -> Session {
        timeout(PATIENCE, self.incoming.recv()).await.expect("somebody connects").unwrap()
    }
}

impl Session {
    pub(super) async fn send(&mut self, text: impl Into<String>) {
        self.ws.send(Message::text(text.into())).await.unwrap();
    }

    pub(super) async fn send_bytes(&mut self, bytes: Vec<u8>) {
        // A client that refuses a giant may be gone before its end.
        let _ = self.ws.send(Message::binary(bytes)).await;
    }

    /// What the client says next; pings and pongs aside.
    pub(super) async fn hear(&mut self) -> String {
        loop {
            let message = timeout(PATIENCE, self.ws.next()).await.expect("the client speaks").unwrap().unwrap();
            if let Message::Text(text) = message {
                return text.to_string();
            }
        }
    }

    /// Bytes of the wire itself, then the end without a goodbye.
    pub(super) async fn break_off(mut self, bytes: &[u8]) {
        self.ws.get_mut().write_all(bytes).await.unwrap();
        self.ws.get_mut().flush().await.unwrap();
    }

    pub(super) async fn close(mut self) {
        let _ = self.ws.close(None).await;
    }
}

async fn serve(mut stream: TcpStream, answers: Arc<Mutex<Vec<Answer>>>, sender: mpsc::UnboundedSender<Session>) {
    let mut head = [0; 2048];
    let num_read = stream.peek(&mut head).await.unwrap_or(0);
    let target = String::from_utf8_lossy(&head[..num_read]).split(' ').nth(1).unwrap_or_default().to_owned();
    let known = answers.lock().unwrap().iter().rev().find(|answer| target.contains(&answer.to)).cloned();
    if let Some(answer) = known {
        let _ = stream.read(&mut head).await;
        let head = format!(
            "HTTP/1.1 {} X\r\n{}content-length: {}\r\nconnection: close\r\n\r\n",
            answer.status,
            answer.headers,
            answer.body.len()
        );
        let _ = stream.write_all(&[head.as_bytes(), &answer.body].concat()).await;
        let _ = stream.shutdown().await;
        return;
    }

    if let Ok(ws) = tokio_tungstenite::accept_async(stream).await {
        let _ = sender.send(Session { target, ws });
    }
}
