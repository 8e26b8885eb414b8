//! Numbers about the program for Prometheus: counted once for a process, told at an address of their own where one is set.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use crate::{pipeline, serve};

/// Counts that nobody reads are tidied so often.
const TIDY_EVERY: Duration = Duration::from_secs(5);

/// Begins to count, and to tell at `listen`; the handle writes them out for whoever else is asked. Within a runtime only.
///
/// # Errors
/// Where the address cannot be listened at, or the process counts already.
pub(super) fn start(listen: Option<SocketAddr>) -> anyhow::Result<PrometheusHandle> {
    let builder = PrometheusBuilder::new();
    let handle = match listen {
        None => {
            let handle = builder.install_recorder().context("metrics")?;
            let tidied = handle.clone();
            tokio::spawn(async move {
                loop {
                    tokio::time::sleep(TIDY_EVERY).await;
                    tidied.run_upkeep();
                }
            });
            handle
        }
        Some(address) => {
            let failed = || format!("metrics.listen: cannot listen at {address}");
            let (recorder, exporter) = builder.with_http_listener(address).build().with_context(failed)?;
            let handle = recorder.handle();
            metrics::set_global_recorder(recorder).map_err(|error| anyhow::anyhow!("metrics: {error}"))?;
            tokio::spawn(async move {
                if exporter.await.is_err() {
                    tracing::error!("metrics.listen: nothing is told at {address} any more");
                }
            });
            handle
        }
    };
    pipeline::state::describe_metrics();
    serve::describe_metrics();
    Ok(handle)
}
