//! Websocket connections: public addresses only, capped messages, a silence that ends them.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::error::CapacityError;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error as WsError, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, client_async_tls_with_config};

use super::http::{NetOptions, USER_AGENT, Url};
use super::{FeedError, address, pace};

/// What a server said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// A text message.
    Text(String),
    /// A binary message.
    Binary(Vec<u8>),
    /// A message above `net.max_body_bytes`: nothing can be read behind it on this connection.
    TooLong,
}

/// An open connection.
#[derive(Debug)]
pub struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// Silence after which the server is asked whether it is there, and again how long it may take to say so:
    /// a line may be dead without a word.
    silence: Duration,
    heard_at: Instant,
    asked_at: Option<Instant>,
}

impl Socket {
    /// Connects to a `ws` or `wss` link.
    ///
    /// # Errors
    /// `Throttled` for 429, `Fatal` for a refusal that will not pass (with the body, which names the reason),
    /// otherwise `Transient`.
    pub async fn connect(url: &Url, headers: &[(&str, &str)], options: &NetOptions) -> Result<Self, FeedError> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        if !matches!(url.scheme(), "ws" | "wss") {
            return Err(FeedError::Fatal(format!("{}: a websocket is at ws:// or wss://", url.scheme())));
        }
        let mut request = url.as_str().into_client_request().map_err(|error| FeedError::Fatal(error.to_string()))?;
        for (name, value) in headers.iter().copied().chain([("user-agent", USER_AGENT)]) {
            let name = HeaderName::try_from(name).map_err(|_| FeedError::Fatal(format!("bad header {name}")))?;
            let value = HeaderValue::from_str(value)
                .map_err(|_| FeedError::Fatal(format!("the value for header {name} has forbidden characters")))?;
            request.headers_mut().insert(name, value);
        }
        let config = WebSocketConfig::default()
            .max_message_size(Some(options.max_body_bytes))
            .max_frame_size(Some(options.max_body_bytes));
        let connect = async {
            let tcp = open(url, options).await?;
            // Small messages one by one: waiting to fill a packet only adds delay.
            let _ = tcp.set_nodelay(true);
            client_async_tls_with_config(request, tcp, Some(config), None).await.map_err(|error| refused(&error))
        };
        let (stream, _) = timeout(options.connect_timeout, connect)
            .await
            .map_err(|_| FeedError::Transient("the server did not answer in time".to_owned()))??;
        Ok(Self { stream, silence: options.read_timeout, heard_at: Instant::now(), asked_at: None })
    }

    /// Sends a text message.
    ///
    /// # Errors
    /// `Transient` where the connection is gone.
    pub async fn send(&mut self, text: String) -> Result<(), FeedError> {
        self.stream.send(Message::text(text)).await.map_err(|error| broken(&error))
    }

    /// The next message; `None` when the server closed in order. Dropping the future loses nothing, and the silence
    /// is measured over all calls.
    ///
    /// # Errors
    /// `Transient` where the connection broke or fell silent.
    pub async fn next(&mut self) -> Result<Option<Frame>, FeedError> {
        loop {
            let patience = self.asked_at.unwrap_or(self.heard_at) + self.silence;
            let Ok(message) = timeout_at(patience, self.stream.next()).await else {
                if self.asked_at.is_some() {
                    return Err(FeedError::Transient(format!("silent for {} s", self.heard_at.elapsed().as_secs())));
                }
                self.asked_at = Some(Instant::now());
                let ping = self.stream.send(Message::Ping(Default::default()));
                timeout(self.silence, ping)
                    .await
                    .map_err(|_| FeedError::Transient("the server takes nothing".to_owned()))?
                    .map_err(|error| broken(&error))?;
                continue;
            };
            (self.heard_at, self.asked_at) = (Instant::now(), None);
            match message {
                None => return Ok(None),
                Some(Ok(Message::Text(text))) => return Ok(Some(Frame::Text(text.as_str().to_owned()))),
                Some(Ok(Message::Binary(bytes))) => return Ok(Some(Frame::Binary(bytes.to_vec()))),
                Some(Ok(Message::Close(_))) => return Ok(None),
                Some(Ok(_)) => {}
                Some(Err(WsError::ConnectionClosed)) => return Ok(None),
                Some(Err(WsError::Capacity(CapacityError::MessageTooLong { .. }))) => return Ok(Some(Frame::TooLong)),
                Some(Err(error)) => return Err(broken(&error)),
            }
        }
    }

    /// Says goodbye; a connection that is gone already is no error.
    pub async fn close(mut self) {
        let _ = timeout(Duration::from_secs(2), self.stream.close(None)).await;
    }
}

async fn open(url: &Url, options: &NetOptions) -> Result<TcpStream, FeedError> {
    let transient = |error: std::io::Error| FeedError::Transient(error.to_string());
    let host = url.host_str().ok_or_else(|| FeedError::Fatal("the link has no host".to_owned()))?;
    let port = url.port_or_known_default().unwrap_or(443);
    let addresses: Vec<SocketAddr> =
        address::resolve(host, port, options.allow_private).await.map_err(|error| match error.kind() {
            std::io::ErrorKind::PermissionDenied => FeedError::Fatal(error.to_string()),
            _ => FeedError::Transient(format!("cannot find {host}: {error}")),
        })?;
    TcpStream::connect(addresses.as_slice()).await.map_err(transient)
}

/// A refusal before the connection stood: the answer's body names the reason.
fn refused(error: &WsError) -> FeedError {
    let WsError::Http(response) = error else { return broken(error) };
    let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
    let body = response.body().as_deref().map(String::from_utf8_lossy).unwrap_or_default();
    let said = format!("HTTP {} {}", response.status().as_u16(), body.chars().take(300).collect::<String>());
    match response.status().as_u16() {
        429 => FeedError::Throttled { retry_after: pace::wait(header, chrono::Utc::now()) },
        400..=428 => FeedError::Fatal(said),
        _ => FeedError::Transient(said),
    }
}

fn broken(error: &WsError) -> FeedError {
    FeedError::Transient(format!("the connection broke: {error}"))
}
