//! Opens a link: redirects within limits, no private address, no secret of one server shown to another.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue, LOCATION};
use reqwest::{Method, Request, Response, Url};

use super::answer::sort;
use super::error::transient;
use super::{FeedError, Net, address};

/// Most redirects that are followed.
const MAX_REDIRECTS: u8 = 5;

/// A response whose body was not read yet.
pub(super) struct Opened {
    pub(super) response: Response,
    pub(super) url: Url,
    pub(super) moved: bool,
}

impl Net {
    /// Asks, and follows redirects to an answer.
    pub(super) async fn open(
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
    pub(super) fn allow(&self, url: &Url) -> Result<(), FeedError> {
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
}

/// A header for a request; its value may be a secret.
pub(super) fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), FeedError> {
    let name = HeaderName::try_from(name).map_err(|_| FeedError::Fatal(format!("bad header {name}")))?;
    // The value may be a secret, so it is not said.
    let value = HeaderValue::from_str(value)
        .map_err(|_| FeedError::Fatal(format!("the value for header {name} has forbidden characters")))?;
    Ok((name, value))
}
