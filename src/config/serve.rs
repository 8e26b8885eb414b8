//! `[serve]`: where the HTTP API listens, and who may ask.

use std::net::{Ipv4Addr, SocketAddr};

use serde::Deserialize;

use crate::feed::Secret;

/// `[serve]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServeSettings {
    /// Address; beyond loopback only with a token.
    pub listen: SocketAddr,
    /// Token that may read; without one, the variable `CAIU_TOKEN`, if it is set.
    pub token: Option<Secret>,
    /// Token that may also forget and test; without one, the variable `CAIU_ADMIN_TOKEN`, if it is set.
    pub admin_token: Option<Secret>,
    /// Names under which the server is known beside localhost.
    pub hosts: Vec<String>,
    /// Sites whose pages may ask, such as `https://example.org`.
    pub cors_origins: Vec<String>,
    /// Requests a minute of one address beyond loopback; 0 sets no limit.
    pub requests_per_min: u32,
    /// Whether the limit holds for loopback too.
    pub limit_loopback: bool,
    /// Most clients of the live stream at once.
    pub most_listeners: usize,
}

impl Default for ServeSettings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            token: None,
            admin_token: None,
            hosts: Vec::new(),
            cors_origins: Vec::new(),
            requests_per_min: 600,
            limit_loopback: false,
            most_listeners: 2_000,
        }
    }
}
