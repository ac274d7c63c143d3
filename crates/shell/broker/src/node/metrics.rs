//! The endpoint for metrics: there from the first moment on, so that a start that takes long can be told from a hung one.

use std::net::SocketAddr;
use std::sync::Arc;

use headwater_base::config::host_port::HostPort;
use headwater_base::config::node::NodeConfig;
use headwater_runtime::{ListenOptions, Listener, Runtime, TaskHandle};

use super::NodeError;
use crate::metrics::Endpoint;

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 64;

/// An endpoint that is served, or none.
pub(super) struct Serving {
    /// Is told how the node goes on.
    pub(super) endpoint: Arc<Endpoint>,
    /// Where it listens.
    pub(super) address: Option<SocketAddr>,
    task: Option<TaskHandle<()>>,
}

impl Drop for Serving {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

/// Opens the endpoint. Whoever asked for an address gets that one or an error; the address by default is passed over
/// where it cannot be had: nobody's second node shall fail for a port that he does not know of.
pub(super) async fn serve(runtime: &Runtime, config: &NodeConfig) -> Result<Serving, NodeError> {
    const KEY: &str = "headwater.metrics.listener";
    let endpoint = Endpoint::new();
    let Some(wanted) = &config.metrics_listener else {
        return Ok(Serving { endpoint, address: None, task: None });
    };
    let listener = match listen(runtime, wanted).await {
        Ok(listener) => listener,
        Err(error) if !config.is_set(KEY) => {
            tracing::warn!(address = %wanted, %error, "no endpoint for metrics");
            return Ok(Serving { endpoint, address: None, task: None });
        }
        Err(error) => return Err(NodeError::Listen(format!("{KEY}={wanted}"), error)),
    };
    let address = listener.local_addr();
    let task =
        runtime.spawn_local("metrics endpoint", Arc::clone(&endpoint).serve(runtime.clone(), listener));
    Ok(Serving { endpoint, address: Some(address), task: Some(task) })
}

async fn listen(runtime: &Runtime, wanted: &HostPort) -> std::io::Result<Listener> {
    let host = if wanted.host.is_empty() { "0.0.0.0" } else { &wanted.host };
    let addresses = runtime.resolve(host, wanted.port).await?;
    let address = addresses.first().copied().ok_or(std::io::ErrorKind::NotFound)?;
    runtime.listen(address, ListenOptions { backlog: BACKLOG, ..ListenOptions::default() }).await
}
