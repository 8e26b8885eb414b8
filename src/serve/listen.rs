//! Connections: so many at once, each with limits for how long its headers and its reading may take.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, Sleep, sleep};
use tower_service::Service;
use tracing::{debug, warn};

use super::held::Held;

/// Bytes of a request's headers.
const HEADER_BYTES: usize = 16 << 10;
/// Bytes that are read ahead, and that wait to be sent.
const BUFFER_BYTES: usize = 32 << 10;
/// Headers of a request.
const MOST_HEADERS: usize = 64;
/// Time that requests under way have when the server is to end.
const GRACE: Duration = Duration::from_secs(3);

/// What a connection may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Longest time for the headers of a request, the wait for the next one on an open connection included.
    pub header_timeout: Duration,
    /// Longest time in which a client takes nothing of what is sent to it.
    pub write_timeout: Duration,
    /// Connections at once.
    pub most_connections: usize,
    /// Connections at once of one network beyond loopback; more are closed as they come.
    pub most_of_network: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header_timeout: Duration::from_secs(15),
            write_timeout: Duration::from_secs(30),
            most_connections: 4_096,
            most_of_network: 1_024,
        }
    }
}

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) IpAddr);

/// Serves a router on a listener until `stop` turns true.
///
/// # Errors
/// Never while it runs: what fails is a connection.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    mut stop: watch::Receiver<bool>,
) -> io::Result<()> {
    let places = Arc::new(Semaphore::new(limits.most_connections));
    let (held, mut connections) = (Held::default(), JoinSet::new());
    loop {
        while connections.try_join_next().is_some() {}
        let accepted = tokio::select! {
            accepted = async {
                let place = Arc::clone(&places).acquire_owned().await;
                (listener.accept().await, place)
            } => accepted,
            () = stopped(&mut stop) => break,
        };
        let (stream, address, place) = match accepted {
            (Ok((stream, address)), Ok(place)) => (stream, address, place),
            (Err(error), _) => {
                // Out of file descriptors, most of the time: others are about to be freed.
                warn!("cannot take a connection: {error}");
                sleep(Duration::from_millis(50)).await;
                continue;
            }
            (_, Err(_)) => break,
        };
        let Some(hold) = held.take(address.ip(), limits.most_of_network) else {
            debug!("too many connections from one network");
            continue;
        };
        let (router, stop) = (router.clone(), stop.clone());
        connections.spawn(async move {
            let _held = (place, hold);
            connection(stream, address, router, limits, stop).await;
        });
    }
    drop(listener);
    let _ = tokio::time::timeout(GRACE, async { while connections.join_next().await.is_some() {} }).await;
    connections.shutdown().await;
    Ok(())
}

/// Waits until the server is to end.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|is_stopped| *is_stopped).await;
}

async fn connection(
    stream: TcpStream,
    address: SocketAddr,
    router: Router,
    limits: Limits,
    mut stop: watch::Receiver<bool>,
) {
    // Answers are small and wanted at once.
    let _ = stream.set_nodelay(true);
    let peer = Peer(address.ip());
    let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(peer);
        router.clone().call(request)
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(limits.header_timeout);
    builder.max_buf_size(BUFFER_BYTES).max_header_size(HEADER_BYTES).max_headers(MOST_HEADERS);
    let stream = TokioIo::new(Patient::new(stream, limits.write_timeout));
    let mut connection = std::pin::pin!(builder.serve_connection(stream, service));
    let result = tokio::select! {
        result = connection.as_mut() => result,
        () = stopped(&mut stop) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = result {
        debug!("a connection ended: {error}");
    }
}

/// A connection whose writes fail when nobody takes them for too long.
struct Patient<T> {
    inner: T,
    timeout: Duration,
    is_waiting: bool,
    deadline: Pin<Box<Sleep>>,
}

impl<T> Patient<T> {
    fn new(inner: T, timeout: Duration) -> Self {
        Self { inner, timeout, is_waiting: false, deadline: Box::pin(sleep(timeout)) }
    }

    /// What a write came to, with the time it may wait.
    fn timed<R>(&mut self, context: &mut Context<'_>, poll: Poll<io::Result<R>>) -> Poll<io::Result<R>> {
        if poll.is_ready() {
            self.is_waiting = false;
            return poll;
        }
        if !self.is_waiting {
            self.is_waiting = true;
            self.deadline.as_mut().reset(Instant::now() + self.timeout);
        }
        match self.deadline.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Patient<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(context, buffer)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Patient<T> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.inner).poll_write(context, bytes);
        self.timed(context, poll)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.inner).poll_write_vectored(context, bytes);
        self.timed(context, poll)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let poll = Pin::new(&mut self.inner).poll_flush(context);
        self.timed(context, poll)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let poll = Pin::new(&mut self.inner).poll_shutdown(context);
        self.timed(context, poll)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncWriteExt;

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_nothing_is_left() {
        let (here, _there) = tokio::io::duplex(16);
        let mut patient = Patient::new(here, Duration::from_secs(30));
        let began = Instant::now();
        let error = patient.write_all(&[0; 64]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!((30..60).contains(&began.elapsed().as_secs()));
    }
}
