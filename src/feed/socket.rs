//! Websocket connections: public addresses only, capped messages, a silence that ends them.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::error::CapacityError;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error as WsError, Message};
use tokio_tungstenite::{Connector, MaybeTlsStream, WebSocketStream, client_async_tls_with_config};

use super::http::{NetOptions, USER_AGENT, Url};
use super::{FeedError, address, pace, roots};

/// Silence after which a server is asked whether it is there: up to its answer everything was told.
const ASK_AFTER: Duration = Duration::from_secs(10);
/// Addresses of a name that are tried, each for the whole time that a connection may take.
const MOST_ADDRESSES: usize = 3;

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
    /// How long the server may take to say that it is there once it was asked: a line may be dead without a word.
    silence: Duration,
    heard_at: Instant,
    asked_at: Option<Instant>,
}

impl Socket {
    /// Connects to a `ws` or `wss` link.
    ///
    /// # Errors
    /// `Throttled` for 429 and for 503 with a wait, `Fatal` for a refusal that will not pass (with the body, which names the reason),
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
        let trusted = roots::trusting(&options.extra_roots)?.map(Connector::Rustls);
        let tcp = open(url, options).await?;
        // Small messages one by one: waiting to fill a packet only adds delay.
        let _ = tcp.set_nodelay(true);
        let shaking = client_async_tls_with_config(request, tcp, Some(config), trusted);
        let (stream, _) = timeout(options.connect_timeout, shaking)
            .await
            .map_err(|_| FeedError::Transient("the server did not answer in time".to_owned()))?
            .map_err(|error| refused(&error))?;
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
            let patience = match self.asked_at {
                Some(asked_at) => asked_at + self.silence,
                None => self.heard_at + self.silence.min(ASK_AFTER),
            };
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

    /// When the server was last heard, be it by an answer to a ping.
    pub fn heard_at(&self) -> Instant {
        self.heard_at
    }

    /// Says goodbye; a connection that is gone already is no error.
    pub async fn close(mut self) {
        let _ = timeout(Duration::from_secs(2), self.stream.close(None)).await;
    }
}

async fn open(url: &Url, options: &NetOptions) -> Result<TcpStream, FeedError> {
    let host = url.host_str().ok_or_else(|| FeedError::Fatal("the link has no host".to_owned()))?;
    let port = url.port_or_known_default().unwrap_or(443);
    let is_number = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok();
    let found = timeout(options.connect_timeout, address::resolve(host, port, options.allow_private))
        .await
        .map_err(|_| FeedError::Transient(format!("cannot find {host}: no answer in time")))?;
    let addresses = found.map_err(|error| match error.kind() {
        // A name may lead home for a minute, where the router of a train or a hotel wants to be seen first.
        std::io::ErrorKind::PermissionDenied if is_number => FeedError::Fatal(error.to_string()),
        std::io::ErrorKind::PermissionDenied => FeedError::Transient(error.to_string()),
        _ => FeedError::Transient(format!("cannot find {host}: {error}")),
    })?;
    first_that_answers(&addresses, options.connect_timeout).await
}

/// Tries addresses one by one, each with a time of its own: one that is dead must not use up that of the others.
async fn first_that_answers(addresses: &[SocketAddr], each: Duration) -> Result<TcpStream, FeedError> {
    let mut failure = FeedError::Transient("the name has no address".to_owned());
    for address in addresses.iter().take(MOST_ADDRESSES) {
        failure = match timeout(each, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => FeedError::Transient(error.to_string()),
            Err(_) => FeedError::Transient("the server did not answer in time".to_owned()),
        };
    }
    Err(failure)
}

/// A refusal before the connection stood: the answer's body names the reason.
fn refused(error: &WsError) -> FeedError {
    let WsError::Http(response) = error else { return broken(error) };
    let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
    let body = response.body().as_deref().map(String::from_utf8_lossy).unwrap_or_default();
    let said = format!("HTTP {} {}", response.status().as_u16(), body.chars().take(300).collect::<String>());
    let wait = pace::wait(header, chrono::Utc::now());
    match response.status().as_u16() {
        429 => FeedError::Throttled { retry_after: wait },
        503 if wait.is_some() => FeedError::Throttled { retry_after: wait },
        // The server gave up waiting, or was not ready yet (RFC 9110, 15.5.9; RFC 8470, 5.2).
        408 | 425 => FeedError::Transient(said),
        400..=428 => FeedError::Fatal(said),
        _ => FeedError::Transient(said),
    }
}

fn broken(error: &WsError) -> FeedError {
    FeedError::Transient(format!("the connection broke: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use tokio::net::TcpSocket;

    #[tokio::test]
    async fn an_address_that_is_dead_does_not_use_up_the_time_of_the_next() {
        // A listener whose queue is full answers nobody.
        let full = TcpSocket::new_v4().unwrap();
        full.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let full = full.listen(1).unwrap();
        let dead = full.local_addr().unwrap();
        let each = Duration::from_millis(300);
        let mut held = Vec::new();
        while let Ok(Ok(stream)) = timeout(each, TcpStream::connect(dead)).await {
            held.push(stream);
            assert!(held.len() < 100, "the queue never fills");
        }
        let live = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let live = live.local_addr().unwrap();
        let stream = first_that_answers(&[dead, live], each).await.unwrap();
        assert_eq!(stream.peer_addr().unwrap(), live);
    }

    #[tokio::test]
    async fn a_name_that_leads_home_may_be_mended_and_a_number_may_not() {
        for (link, is_final) in [("ws://localhost:9/", false), ("ws://127.0.0.1:9/", true), ("ws://[::1]:9/", true)] {
            let error = Socket::connect(&Url::parse(link).unwrap(), &[], &NetOptions::default()).await.unwrap_err();
            assert!(error.to_string().contains("net.allow_private"), "{link}: {error}");
            assert_eq!(matches!(error, FeedError::Fatal(_)), is_final, "{link}: {error:?}");
        }
    }

    /// A redirect is no connection: wherever it leads, nobody there is asked.
    #[tokio::test]
    async fn a_redirect_leads_nowhere() {
        let server = super::super::socket_server::Server::start().await;
        let home = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let to = home.local_addr().unwrap();
        let options = NetOptions { allow_private: true, ..NetOptions::default() };
        for (status, scheme) in [(301, "ws"), (302, "http"), (307, "ws"), (308, "ws")] {
            server.answer_with("", status, &format!("location: {scheme}://{to}/\r\n"), "");
            let url = Url::parse(&format!("ws://{}/", server.host)).unwrap();
            let error = Socket::connect(&url, &[], &options).await.unwrap_err();
            assert!(matches!(&error, FeedError::Transient(said) if said.contains(&status.to_string())), "{error:?}");
        }
        assert!(home.accept().now_or_never().is_none(), "nobody came");
    }

    #[test]
    fn refusals_are_sorted_by_what_to_do() {
        use tokio_tungstenite::tungstenite::http::Response;
        for (status, want) in
            [(400, "fatal"), (401, "fatal"), (404, "fatal"), (408, "later"), (425, "later"), (503, "later")]
        {
            let response = Response::builder().status(status).body(None).unwrap();
            let got = match refused(&WsError::Http(Box::new(response))) {
                FeedError::Fatal(_) => "fatal",
                FeedError::Transient(_) => "later",
                FeedError::Throttled { .. } => "wait",
            };
            assert_eq!(got, want, "{status}");
        }
    }
}
