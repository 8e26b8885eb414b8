//! What holds for every connection of the client.

use std::num::NonZeroU32;
use std::time::Duration;

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
