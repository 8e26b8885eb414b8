//! The one HTTP client: public addresses only, capped bodies, a pace for each host, errors sorted by what to do.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::Utc;
use futures_util::StreamExt;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, LOCATION};
use reqwest::{Client, Method, Request, Response, redirect};
use tokio::time::Instant;

pub use reqwest::Url;

use super::{FeedError, address, pace};

/// Most redirects that are followed.
const MAX_REDIRECTS: u8 = 5;
/// Longest wait for a host's reset inside a request; a longer one is the runner's.
const LONGEST_WAIT: Duration = Duration::from_secs(20);
/// Characters of a refusal that are told.
const MAX_REASON_CHARS: usize = 200;
/// Who asks, for those who run the servers.
pub const USER_AGENT: &str = concat!("caiu/", env!("CARGO_PKG_VERSION"), " (outage monitor; reads public posts)");

/// What holds for every connection.
#[derive(Debug, Clone)]
pub struct NetOptions {
    /// Whether private addresses may be talked to.
    pub allow_private: bool,
    /// Longest time to connect.
    pub connect_timeout: Duration,
    /// Longest silence of a server.
    pub read_timeout: Duration,
    /// Longest time for a whole answer.
    pub timeout: Duration,
    /// Most bytes of a body, after unpacking: a small packed body may hide a huge one.
    pub max_body_bytes: usize,
    /// Requests a minute to one host, at most.
    pub requests_per_min: NonZeroU32,
    /// Certificates that are trusted beside those of the system, in PEM.
    pub extra_roots: Vec<Vec<u8>>,
}

impl Default for NetOptions {
    fn default() -> Self {
        Self {
            allow_private: false,
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(30),
            timeout: Duration::from_secs(120),
            max_body_bytes: 16 << 20,
            requests_per_min: NonZeroU32::new(60).unwrap_or(NonZeroU32::MIN),
            extra_roots: Vec::new(),
        }
    }
}

/// The client; clones share connections and paces.
#[derive(Debug, Clone)]
pub struct Net {
    client: Client,
    options: Arc<NetOptions>,
    hosts: Arc<Mutex<HashMap<String, Arc<Host>>>>,
}

#[derive(Debug)]
struct Host {
    limiter: DefaultDirectRateLimiter,
    /// Before this the host wants no request.
    closed_until: Mutex<Option<Instant>>,
}

/// A whole answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Headers, names in small letters.
    headers: HeaderMap,
    /// The body, unpacked; empty for 304.
    pub body: Vec<u8>,
    /// Where it came from in the end.
    pub url: Url,
    /// Whether there were redirects and all of them were permanent: then the feed has moved there.
    pub moved: bool,
}

impl Answer {
    /// A header by its name in small letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The wait that its headers ask for.
    pub fn wait(&self) -> Option<Duration> {
        pace::wait(|name| self.header(name), Utc::now())
    }

    /// The body as text; bytes that are no UTF-8 become replacement characters.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// `Transient`, because a page of a proxy or half a body may pass; none of the body is told.
    pub fn json<'a, T: serde::Deserialize<'a>>(&'a self) -> Result<T, FeedError> {
        serde_json::from_slice(&self.body).map_err(|error| {
            let start = self.body.trim_ascii_start().first();
            FeedError::Transient(match start {
                None => format!("an empty answer (HTTP {}) instead of JSON", self.status),
                Some(b'<') => format!("a web page (HTTP {}) instead of JSON", self.status),
                _ if error.is_eof() => "the JSON of the answer breaks off".to_owned(),
                _ => format!("the answer is not the JSON that was expected, at column {}", error.column()),
            })
        })
    }
}

/// How a body is handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// To be dealt with.
    Post,
    /// To be there, once, however often it is said.
    Put,
}

/// Which addresses a name may lead to.
struct PublicOnly {
    allow_private: bool,
}

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let allow_private = self.allow_private;
        Box::pin(async move {
            let addresses: Vec<SocketAddr> = address::resolve(name.as_str(), 0, allow_private).await?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

impl Net {
    /// A client.
    ///
    /// # Errors
    /// Where a certificate of the options cannot be read.
    pub fn new(options: NetOptions) -> Result<Self, FeedError> {
        // A second installation fails and changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = Client::builder()
            .user_agent(USER_AGENT)
            .connect_timeout(options.connect_timeout)
            .read_timeout(options.read_timeout)
            .timeout(options.timeout)
            .redirect(redirect::Policy::none())
            .no_proxy()
            .dns_resolver(PublicOnly { allow_private: options.allow_private });
        for pem in &options.extra_roots {
            // A file may hold several; one that holds none is read without an error.
            let roots = reqwest::Certificate::from_pem_bundle(pem).unwrap_or_default();
            if roots.is_empty() {
                return Err(FeedError::Fatal("net.extra_roots: a file without a certificate in PEM form".to_owned()));
            }
            builder = builder.tls_certs_merge(roots);
        }
        let client = builder.build().map_err(|error| FeedError::Fatal(whole(&error)))?;
        Ok(Self { client, options: Arc::new(options), hosts: Arc::default() })
    }

    /// What holds for every connection.
    pub fn options(&self) -> &NetOptions {
        &self.options
    }

    /// Gets a link, following redirects. Statuses 2xx, 304, 404 and 410 are answers; others are errors.
    ///
    /// # Errors
    /// [`FeedError::Throttled`] for 429 and for 503 with a wait, `Transient` for what may pass, `Fatal` for what will not.
    pub async fn get(&self, url: &Url, headers: &[(&str, &str)]) -> Result<Answer, FeedError> {
        self.send(Method::GET, url, headers, None).await
    }

    /// Posts a body; otherwise as [`Net::get`].
    ///
    /// # Errors
    /// As [`Net::get`].
    pub async fn post(&self, url: &Url, headers: &[(&str, &str)], body: String) -> Result<Answer, FeedError> {
        self.send(Method::POST, url, headers, Some(body)).await
    }

    /// Hands a body over, once and only to the address itself; whatever the status is, it is an answer. What is signed
    /// or holds a secret is not carried on to where a redirect leads.
    ///
    /// # Errors
    /// `Transient` where there is no answer, `Fatal` where the address or a header cannot be.
    pub async fn deliver(
        &self,
        verb: Verb,
        url: &Url,
        headers: &[(&str, &str)],
        body: String,
    ) -> Result<Answer, FeedError> {
        self.allow(url)?;
        self.host(url).wait().await?;
        let method = if verb == Verb::Put { Method::PUT } else { Method::POST };
        let mut request = Request::new(method, url.clone());
        for (name, value) in headers {
            let (name, mut value) = header(name, value)?;
            value.set_sensitive(true);
            request.headers_mut().insert(name, value);
        }
        *request.body_mut() = Some(body.into());
        let response = self.client.execute(request).await.map_err(|error| transient(&error))?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = self.body(response).await?;
        Ok(Answer { status, headers, body, url: url.clone(), moved: false })
    }

    async fn send(
        &self,
        method: Method,
        url: &Url,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Result<Answer, FeedError> {
        let response = self.open(method, url, headers, body, false).await?;
        let (status, url, moved) = (response.response.status().as_u16(), response.url, response.moved);
        let headers = response.response.headers().clone();
        let body = self.body(response.response).await?;
        Ok(Answer { status, headers, body, url, moved })
    }

    /// Opens a link whose body goes on without end (server-sent events, a line for each post), chunk by chunk.
    ///
    /// # Errors
    /// As [`Net::get`].
    pub async fn stream(
        &self,
        url: &Url,
        headers: &[(&str, &str)],
    ) -> Result<impl futures_util::Stream<Item = Result<Vec<u8>, FeedError>> + Send + use<>, FeedError> {
        let opened = self.open(Method::GET, url, headers, None, true).await?;
        Ok(opened
            .response
            .bytes_stream()
            .map(|chunk| chunk.map(|bytes| bytes.to_vec()).map_err(|error| transient(&error))))
    }

    async fn open(
        &self,
        method: Method,
        url: &Url,
        headers: &[(&str, &str)],
        body: Option<String>,
        is_endless: bool,
    ) -> Result<Opened, FeedError> {
        let (mut url, mut all_permanent, mut num_redirects) = (url.clone(), true, 0);
        let origin = url.origin();
        loop {
            self.allow(&url)?;
            let host = self.host(&url);
            host.wait().await?;
            let mut request = Request::new(method.clone(), url.clone());
            for (name, value) in headers {
                let (name, mut value) = header(name, value)?;
                // A secret for one server is not shown to another.
                if name == AUTHORIZATION && url.origin() != origin {
                    continue;
                }
                value.set_sensitive(name == AUTHORIZATION);
                request.headers_mut().insert(name, value);
            }
            *request.body_mut() = body.clone().map(Into::into);
            if is_endless {
                *request.timeout_mut() = Some(Duration::from_secs(365 * 24 * 3600));
            }
            let again = request.try_clone().filter(|request| request.method() == Method::GET);
            let response = match (self.client.execute(request).await, again) {
                // Servers close connections that were kept open, often in the moment in which one is used again.
                (Err(error), Some(again)) if error.is_request() && !error.is_timeout() && !error.is_connect() => {
                    self.client.execute(again).await
                }
                (first, _) => first,
            };
            let response = response.map_err(|error| transient(&error))?;
            let status = response.status().as_u16();
            host.note(&response);
            if !matches!(status, 301 | 302 | 303 | 307 | 308) {
                let moved = num_redirects > 0 && all_permanent;
                return sort(response).await.map(|response| Opened { response, url, moved });
            }
            all_permanent &= matches!(status, 301 | 308);
            num_redirects += 1;
            if num_redirects > MAX_REDIRECTS {
                return Err(FeedError::Transient(format!("more than {MAX_REDIRECTS} redirects")));
            }
            let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
            url = url.join(location).map_err(|_| FeedError::Transient("a redirect to no link".to_owned()))?;
        }
    }

    /// Only http(s), and no private address written as a number (names are checked when they are resolved).
    fn allow(&self, url: &Url) -> Result<(), FeedError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(FeedError::Fatal(format!("{}: only http and https are read", url.scheme())));
        }
        let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
        if let Ok(ip) = host.parse()
            && !self.options.allow_private
            && !address::is_public(ip)
        {
            return Err(FeedError::Fatal(format!(
                "{host} is a private address; set net.allow_private = true to allow it"
            )));
        }
        Ok(())
    }

    fn host(&self, url: &Url) -> Arc<Host> {
        let name = format!("{}:{}", url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or(0));
        let mut hosts = self.hosts.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let quota = Quota::per_minute(self.options.requests_per_min);
        let new = || Arc::new(Host { limiter: RateLimiter::direct(quota), closed_until: Mutex::new(None) });
        Arc::clone(hosts.entry(name).or_insert_with(new))
    }

    async fn body(&self, response: Response) -> Result<Vec<u8>, FeedError> {
        let mut body = Vec::new();
        let mut chunks = response.bytes_stream();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|error| transient(&error))?;
            if body.len() + chunk.len() > self.options.max_body_bytes {
                let most = self.options.max_body_bytes;
                return Err(FeedError::Transient(format!(
                    "the answer is longer than {most} bytes (net.max_body_bytes)"
                )));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

struct Opened {
    response: Response,
    url: Url,
    moved: bool,
}

impl Host {
    async fn wait(&self) -> Result<(), FeedError> {
        self.limiter.until_ready().await;
        let closed_until = *self.closed_until.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let left = closed_until.map(|moment| moment.saturating_duration_since(Instant::now())).unwrap_or_default();
        if left > LONGEST_WAIT {
            return Err(FeedError::Throttled { retry_after: Some(left) });
        }
        tokio::time::sleep(left).await;
        Ok(())
    }

    /// Remembers that nothing remains until a reset, for all feeds of the host. A refusal is the runner's to wait out.
    fn note(&self, response: &Response) {
        if response.status().is_success()
            && let Some(wait) = wait_of(response)
        {
            let mut closed_until = self.closed_until.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            *closed_until = Some(Instant::now() + wait);
        }
    }
}

fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), FeedError> {
    let name = HeaderName::try_from(name).map_err(|_| FeedError::Fatal(format!("bad header {name}")))?;
    // The value may be a secret, so it is not said.
    let value = HeaderValue::from_str(value)
        .map_err(|_| FeedError::Fatal(format!("the value for header {name} has forbidden characters")))?;
    Ok((name, value))
}

async fn sort(response: Response) -> Result<Response, FeedError> {
    let status = response.status().as_u16();
    let wait = wait_of(&response);
    match status {
        200..=299 | 304 | 404 | 410 => Ok(response),
        429 => Err(FeedError::Throttled { retry_after: wait }),
        503 if wait.is_some() => Err(FeedError::Throttled { retry_after: wait }),
        400 | 401 | 403 | 405 | 406 | 422 => Err(FeedError::Fatal(format!("HTTP {status}{}", reason(response).await))),
        _ => Err(FeedError::Transient(format!("HTTP {status}"))),
    }
}

/// The beginning of a refusal, which names its reason; a web page names none.
async fn reason(mut response: Response) -> String {
    let chunk = response.chunk().await.ok().flatten().unwrap_or_default();
    let said = String::from_utf8_lossy(&chunk);
    if said.trim_start().starts_with('<') || said.trim().is_empty() {
        return String::new();
    }
    let plain = said.chars().map(|char| if char.is_control() { ' ' } else { char });
    format!(": {}", plain.take(MAX_REASON_CHARS).collect::<String>().trim())
}

fn wait_of(response: &Response) -> Option<Duration> {
    pace::wait(|name| response.headers().get(name).and_then(|value| value.to_str().ok()), Utc::now())
}

fn transient(error: &reqwest::Error) -> FeedError {
    FeedError::Transient(whole(error))
}

/// An error with its causes and without the link, which may hold a secret.
fn whole(error: &reqwest::Error) -> String {
    let words = match error {
        e if e.is_timeout() => "the server did not answer in time".to_owned(),
        e if e.is_connect() => "cannot connect".to_owned(),
        e if e.is_decode() => "the answer cannot be unpacked".to_owned(),
        e if e.is_body() => "the answer broke off".to_owned(),
        _ => "the request failed".to_owned(),
    };
    with_causes(words, error)
}

/// What is said of an error, and what its causes add.
pub(crate) fn with_causes(mut words: String, error: &dyn std::error::Error) -> String {
    let mut cause = error.source();
    while let Some(inner) = cause {
        let said = inner.to_string();
        if !words.contains(&said) {
            words = format!("{words}: {said}");
        }
        cause = inner.source();
    }
    words
}
