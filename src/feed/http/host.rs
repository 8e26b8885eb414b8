//! A host: which addresses its name may lead to, and how often it may be asked.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use reqwest::Response;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::time::Instant;

use super::answer::wait_of;
use super::{FeedError, address};

/// Longest wait for a host's reset inside a request; a longer one is the runner's.
const LONGEST_WAIT: Duration = Duration::from_secs(20);

/// The pace of one host.
#[derive(Debug)]
pub(super) struct Host {
    limiter: DefaultDirectRateLimiter,
    /// Before this the host wants no request.
    closed_until: Mutex<Option<Instant>>,
}

impl Host {
    pub(super) fn new(requests_per_min: NonZeroU32) -> Self {
        Self { limiter: RateLimiter::direct(Quota::per_minute(requests_per_min)), closed_until: Mutex::new(None) }
    }

    /// Waits until it may be asked.
    pub(super) async fn wait(&self) -> Result<(), FeedError> {
        self.limiter.until_ready().await;
        let closed_until = *self.closed_until.lock().unwrap_or_else(PoisonError::into_inner);
        let left = closed_until.map(|moment| moment.saturating_duration_since(Instant::now())).unwrap_or_default();
        if left > LONGEST_WAIT {
            return Err(FeedError::Throttled { retry_after: Some(left) });
        }
        tokio::time::sleep(left).await;
        Ok(())
    }

    /// Remembers that nothing remains until a reset, for all feeds of the host. A refusal is the runner's to wait out.
    pub(super) fn note(&self, response: &Response) {
        if response.status().is_success()
            && let Some(wait) = wait_of(response)
        {
            let mut closed_until = self.closed_until.lock().unwrap_or_else(PoisonError::into_inner);
            *closed_until = Some(Instant::now() + wait);
        }
    }
}

/// Which addresses a name may lead to.
pub(super) struct PublicOnly {
    pub(super) allow_private: bool,
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
