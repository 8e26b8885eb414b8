//! The one HTTP client: public addresses only, capped bodies, a pace for each host, errors sorted by what to do.

mod answer;
mod error;
mod host;
mod open;
mod options;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::StreamExt;
use reqwest::{Client, ClientBuilder, Method, Request, Response, redirect};

pub use answer::Answer;
pub(crate) use error::with_causes;
pub use options::NetOptions;
pub use reqwest::Url;

use super::{FeedError, address, pace};
use error::{transient, whole};
use host::{Host, PublicOnly};
use open::header;

/// Who asks, for those who run the servers.
pub const USER_AGENT: &str = concat!("caiu/", env!("CARGO_PKG_VERSION"), " (outage monitor; reads public posts)");

/// The client; clones share connections and paces.
#[derive(Debug, Clone)]
pub struct Net {
    client: Client,
    options: Arc<NetOptions>,
    hosts: Arc<Mutex<HashMap<String, Arc<Host>>>>,
}

/// How a body is handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// To be dealt with.
    Post,
    /// To be there, once, however often it is said.
    Put,
}

impl Net {
    /// A client.
    ///
    /// # Errors
    /// Where a certificate of the options cannot be read.
    pub fn new(options: NetOptions) -> Result<Self, FeedError> {
        let client = builder(&options)?.build().map_err(|error| FeedError::Fatal(whole(&error)))?;
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

    fn host(&self, url: &Url) -> Arc<Host> {
        let name = format!("{}:{}", url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or(0));
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(hosts.entry(name).or_insert_with(|| Arc::new(Host::new(self.options.requests_per_min))))
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

/// What makes the client.
fn builder(options: &NetOptions) -> Result<ClientBuilder, FeedError> {
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
    Ok(builder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wiremock::matchers::any;
    use wiremock::{Mock, MockServer, ResponseTemplate};

    /// A public server must not send us to what only this machine or its neighbors can reach.
    #[tokio::test]
    async fn a_redirect_to_a_private_address_is_refused() {
        let (public, home) = (MockServer::start().await, MockServer::start().await);
        Mock::given(any()).respond_with(ResponseTemplate::new(200)).mount(&home).await;
        let options = NetOptions::default();
        // A name that stands for a public server, although it runs here too.
        let client = builder(&options).unwrap().resolve("public.example", *public.address()).build().unwrap();
        let net = Net { client, options: Arc::new(options), hosts: Arc::default() };
        let from = Url::parse(&format!("http://public.example:{}/", public.address().port())).unwrap();
        let port = home.address().port();
        for to in [
            format!("http://127.0.0.1:{port}/"),
            format!("http://localhost:{port}/"),
            format!("//[::ffff:127.0.0.1]:{port}/"),
            format!("http://2130706433:{port}/"),
            "http://169.254.169.254/latest/meta-data/".to_owned(),
        ] {
            public.reset().await;
            let away = ResponseTemplate::new(302).insert_header("location", to.as_str());
            Mock::given(any()).respond_with(away).mount(&public).await;
            let error = net.get(&from, &[]).await.unwrap_err().to_string();
            assert!(error.contains("net.allow_private"), "{to}: {error}");
            assert_eq!(public.received_requests().await.unwrap().len(), 1, "{to}: the first hop was taken");
        }
        assert!(home.received_requests().await.unwrap().is_empty(), "nobody there was asked");
    }
}
