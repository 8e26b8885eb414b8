//! Who may come in: the name by which the server is asked, tokens with their scopes, other sites, and so many requests a
//! minute from one address.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use subtle::ConstantTimeEq;

use super::app::{App, is_loopback};
use super::listen::Peer;
use super::problem::Problem;
use crate::config::ServeSettings;
use crate::feed::Secret;

/// Addresses that were quiet for long are forgotten after so many requests.
const TIDY_EVERY: u32 = 4_096;
/// Names of this machine.
const LOCAL_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];
/// What is open without a token, where there are tokens: the page, which holds no data, and whether the server is well.
/// Everything else is closed, also what is added later.
const OPEN: [&str; 9] =
    ["/", "/incidents", "/query", "/feeds", "/about", "/favicon.ico", "/health", "/ready", "/api/v1/openapi.json"];
/// Everything under these is open too.
const OPEN_UNDER: [&str; 2] = ["/assets/", "/incidents/"];
/// Data, which pages of other sites have no business with.
const DATA: &str = "/api/";
/// Everything under this is for those with the admin token.
const ADMIN: &str = "/api/v1/admin/";

/// What a token allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Scope {
    /// To read.
    Read,
    /// To forget, to test, and to see keys of authors.
    Admin,
}

/// The rules.
pub(super) struct Door {
    token: Option<Secret>,
    admin_token: Option<Secret>,
    hosts: Vec<String>,
    cors_origins: Vec<String>,
    limiter: Option<DefaultKeyedRateLimiter<IpAddr>>,
    limit_loopback: bool,
    num_checked: AtomicU32,
}

impl Door {
    /// The rules of a server.
    pub(super) fn new(access: &ServeSettings) -> Self {
        let quota = NonZeroU32::new(access.requests_per_min).map(Quota::per_minute);
        let lower =
            |names: &[String]| names.iter().map(|name| name.trim_end_matches('/').to_ascii_lowercase()).collect();
        Self {
            token: access.token.clone(),
            admin_token: access.admin_token.clone(),
            hosts: lower(&access.hosts),
            cors_origins: lower(&access.cors_origins),
            limiter: quota.map(RateLimiter::keyed),
            limit_loopback: access.limit_loopback,
            num_checked: AtomicU32::new(0),
        }
    }

    /// Refuses names that are not this server's: a page elsewhere may have led its own name to this address.
    fn check_host(&self, headers: &HeaderMap, peer: IpAddr) -> Result<(), Problem> {
        let host = headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let name = host_name(host).to_ascii_lowercase();
        let is_known = LOCAL_NAMES.contains(&name.as_str()) || self.hosts.contains(&name);
        // Beyond loopback a token is asked for, which no other page has; only names that are set are insisted on.
        if is_known || (!is_loopback(peer) && self.hosts.is_empty()) {
            return Ok(());
        }
        let detail = "the server is not known by this name: ask for localhost, or set serve.hosts";
        Err(Problem::new(StatusCode::MISDIRECTED_REQUEST, detail))
    }

    /// Refuses addresses that ask too often.
    fn check_pace(&self, peer: IpAddr) -> Result<(), Problem> {
        let Some(limiter) = &self.limiter else { return Ok(()) };
        if is_loopback(peer) && !self.limit_loopback {
            return Ok(());
        }
        if self.num_checked.fetch_add(1, Ordering::Relaxed) % TIDY_EVERY == TIDY_EVERY - 1 {
            limiter.retain_recent();
        }
        limiter.check_key(&network(peer)).map_err(|not_until| {
            let wait = not_until.wait_time_from(DefaultClock::default().now());
            Problem::new(StatusCode::TOO_MANY_REQUESTS, "too many requests from this address in a minute")
                .retry_after(wait.as_secs() + 1)
        })
    }

    /// What a request may do; `None` where it has no token and none is needed.
    fn scope(&self, headers: &HeaderMap) -> Result<Option<Scope>, Problem> {
        let Some(sent) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
        let token = sent.to_str().ok().and_then(|value| {
            let (kind, token) = value.split_once(' ')?;
            kind.eq_ignore_ascii_case("bearer").then(|| token.trim().as_bytes())
        });
        // Every comparison takes the same time, and both are made, whatever was sent.
        let is_equal = |ours: &Option<Secret>| {
            ours.as_ref().zip(token).is_some_and(|(ours, token)| bool::from(ours.reveal().as_bytes().ct_eq(token)))
        };
        match (is_equal(&self.admin_token), is_equal(&self.token)) {
            (true, _) => Ok(Some(Scope::Admin)),
            (false, true) => Ok(Some(Scope::Read)),
            _ => Err(Problem::new(StatusCode::UNAUTHORIZED, "this token is not one of the server's")),
        }
    }

    fn check_scope(&self, path: &str, headers: &HeaderMap, peer: IpAddr) -> Result<Option<Scope>, Problem> {
        if OPEN.contains(&path) || OPEN_UNDER.iter().any(|open| path.starts_with(open)) {
            return Ok(None);
        }
        let scope = self.scope(headers)?;
        if path.starts_with(ADMIN) {
            return match (scope, &self.admin_token) {
                (Some(Scope::Admin), _) => Ok(scope),
                (_, None) => Err(Problem::new(
                    StatusCode::FORBIDDEN,
                    "this server has no admin token: start it with one in CAIU_ADMIN_TOKEN",
                )),
                (Some(_), _) => Err(Problem::new(StatusCode::FORBIDDEN, "this takes the admin token")),
                (None, _) => Err(Problem::new(StatusCode::UNAUTHORIZED, "this takes the admin token")),
            };
        }
        let is_needed = self.token.is_some() || !is_loopback(peer);
        match scope {
            None if is_needed => {
                Err(Problem::new(StatusCode::UNAUTHORIZED, "send a token as 'Authorization: Bearer …'"))
            }
            scope => Ok(scope),
        }
    }

    /// Whether pages of an origin may ask.
    fn is_welcome(&self, origin: &HeaderValue) -> bool {
        origin.to_str().is_ok_and(|origin| self.cors_origins.contains(&origin.to_ascii_lowercase()))
    }
}

/// The door itself: checks a request, lets it in, and tells browsers of other sites what they may see.
pub(super) async fn enter(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<Peer>().map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |peer| peer.0);
    let door = &app.door;
    let origin = request.headers().get(header::ORIGIN).cloned();
    let welcome = origin.clone().filter(|origin| door.is_welcome(origin));
    let checked = door.check_host(request.headers(), peer).and_then(|()| door.check_pace(peer));
    if let Err(problem) = checked {
        return problem.into_response();
    }
    let is_question =
        request.method() == Method::OPTIONS && request.headers().contains_key("access-control-request-method");
    let mut response = match (&welcome, is_question) {
        (Some(_), true) => StatusCode::NO_CONTENT.into_response(),
        _ => match door.check_scope(request.uri().path(), request.headers(), peer) {
            // What changes something is not done for pages of other sites, whatever token they have got hold of.
            Ok(_) if is_foreign(&request, origin.as_ref()) && welcome.is_none() => {
                Problem::new(StatusCode::FORBIDDEN, "pages of other sites may not do this").into_response()
            }
            Ok(scope) => {
                if let Some(scope) = scope {
                    request.extensions_mut().insert(scope);
                }
                next.run(request).await
            }
            Err(problem) => problem.into_response(),
        },
    };
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("origin, authorization"));
    if let Some(origin) = welcome {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, HEAD"));
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            HeaderValue::from_static("authorization, if-none-match, last-event-id"),
        );
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("etag, content-disposition"));
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
        headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    }
    response
}

/// Whether a request that changes something was made by a page of another site, or one for data that such a page wants to
/// embed or to keep this server busy with (a person who follows a link there does neither).
fn is_foreign(request: &Request, origin: Option<&HeaderValue>) -> bool {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        let says = |name: &str, value: &str| request.headers().get(name).is_some_and(|sent| sent == value);
        let is_embedded = says("sec-fetch-site", "cross-site") && !says("sec-fetch-mode", "navigate");
        return is_embedded && request.uri().path().starts_with(DATA);
    }
    let host = request.headers().get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_own = |origin: &HeaderValue| {
        origin.to_str().ok().and_then(|origin| origin.split_once("://")).is_some_and(|(_, name)| name == host)
    };
    origin.is_some_and(|origin| !is_own(origin))
}

/// A host without its port.
fn host_name(host: &str) -> &str {
    match host.rfind(']') {
        Some(end) => &host[..=end],
        None => host.split(':').next().unwrap_or_default(),
    }
}

/// Whom an address stands for: everybody with IPv6 has a whole network of them.
pub(super) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn door(change: impl FnOnce(&mut ServeSettings)) -> Door {
        let mut access = ServeSettings::default();
        change(&mut access);
        Door::new(&access)
    }

    fn headers(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    const HERE: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);

    fn there() -> IpAddr {
        "203.0.113.9".parse().unwrap()
    }

    #[test]
    fn only_own_names_are_answered_on_loopback() {
        let door = door(|access| access.hosts = vec!["Outage.example.org".to_owned()]);
        for (host, is_good) in [
            ("localhost:8080", true),
            ("LOCALHOST", true),
            ("127.0.0.1:8080", true),
            ("[::1]:8080", true),
            ("outage.example.org", true),
            ("evil.example.org", false),
            ("localhost.evil.example.org:8080", false),
            ("127.0.0.1.nip.io", false),
            ("", false),
        ] {
            assert_eq!(door.check_host(&headers(header::HOST, host), HERE).is_ok(), is_good, "{host}");
        }
        assert!(door.check_host(&headers(header::HOST, "198.51.100.1"), there()).is_err());
    }

    #[test]
    fn tokens_open_what_they_are_for() {
        let read = |token: &str| headers(header::AUTHORIZATION, &format!("Bearer {token}"));
        let secret = |text: &str| Some(Secret::new(text.to_owned()));
        let both = door(|access| (access.token, access.admin_token) = (secret("read"), secret("admin")));
        let none = door(|_| ());
        let (data, forget) = ("/api/v1/posts", "/api/v1/admin/forget");
        let code = |result: Result<Option<Scope>, Problem>| {
            result.map_err(|problem| problem.into_response().status().as_u16())
        };
        for (door, path, headers, peer, want) in [
            (&both, data, read("read"), there(), Ok(Some(Scope::Read))),
            (&both, data, read("admin"), there(), Ok(Some(Scope::Admin))),
            (&both, data, read("rea"), there(), Err(401)),
            (&both, data, HeaderMap::new(), there(), Err(401)),
            (&both, data, HeaderMap::new(), HERE, Err(401)),
            (&both, data, headers(header::AUTHORIZATION, "Basic cmVhZA=="), there(), Err(401)),
            (&both, forget, read("read"), there(), Err(403)),
            (&both, forget, read("admin"), there(), Ok(Some(Scope::Admin))),
            (&both, "/assets/x/app.js", HeaderMap::new(), there(), Ok(None)),
            (&both, "/api/v1/openapi.json", HeaderMap::new(), there(), Ok(None)),
            (&both, "/metrics", HeaderMap::new(), there(), Err(401)),
            (&both, "/incidents.atom", HeaderMap::new(), there(), Err(401)),
            (&both, "/what-is-added-later", HeaderMap::new(), there(), Err(401)),
            (&both, "//api/v1/posts", HeaderMap::new(), there(), Err(401)),
            (&both, "/%61pi/v1/posts", HeaderMap::new(), there(), Err(401)),
            (&both, "/api/v1/admin/../posts", read("read"), there(), Err(403)),
            (&none, data, HeaderMap::new(), HERE, Ok(None)),
            (&none, data, HeaderMap::new(), there(), Err(401)),
            (&none, data, read("x"), HERE, Err(401)),
            (&none, forget, HeaderMap::new(), HERE, Err(403)),
        ] {
            assert_eq!(code(door.check_scope(path, &headers, peer)), want, "{path} {peer}");
        }
    }

    #[test]
    fn many_addresses_of_one_network_are_one() {
        let door = door(|access| access.requests_per_min = 2);
        let from = |last: u16| IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 7, 0, 0, 0, last));
        assert!(door.check_pace(from(1)).is_ok() && door.check_pace(from(2)).is_ok());
        assert!(door.check_pace(from(3)).is_err());
        assert!(door.check_pace(there()).is_ok());
        assert!((0..9).all(|_| door.check_pace(HERE).is_ok()), "loopback is not held back");
    }
}
