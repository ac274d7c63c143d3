//! What the node counts of itself, and how it is read: Prometheus' text over HTTP.
//!
//! Recording costs next to nothing. Requests and bytes are counted per core, by the core's own thread, with plain loads
//! and stores ([`Counter`]); a partition's counts lie beside its log under the lock that the request holds anyway.
//! Everything that can be looked up (offsets, sizes, images, pools, the process) is looked up when somebody asks.
//!
//! Names are those that the JMX exporter's usual rules make of Kafka's MBeans, so that dashboards can be moved; what has
//! no such MBean begins with `headwater_` or, for the process, with `process_`.

mod counter;
mod histogram;
pub mod http;
pub mod report;
pub mod requests;
mod windows;

use std::net::SocketAddr;
use std::sync::Arc;

use headwater_runtime::Tick;

pub use counter::Counter;
pub use histogram::{Distribution, Histogram};
pub use http::{Endpoint, Phase as NodePhase};
pub use report::Observed;
use requests::Requests;
use windows::Windows;

/// What one core counts.
#[derive(Debug, Default)]
// Two cores never write to one cache line, nor to two that are fetched together.
#[repr(align(128))]
pub struct CoreMetrics {
    /// Requests by API.
    pub requests: Requests,
    /// Bytes by listener, in the order of the configuration.
    traffic: Vec<Traffic>,
}

/// Bytes of one listener on one core.
#[derive(Debug, Default)]
pub struct Traffic {
    /// Received.
    pub bytes_in: Counter,
    /// Sent.
    pub bytes_out: Counter,
}

impl CoreMetrics {
    /// The traffic of a listener, by [`Metrics::listener`]'s number.
    #[must_use]
    pub fn traffic(&self, listener: usize) -> &Traffic {
        &self.traffic[listener]
    }
}

/// The connections of one listener.
#[derive(Debug)]
pub struct ListenerMetrics {
    /// The listener's name.
    pub name: String,
    /// Connections that were let in.
    pub accepted: Counter,
    /// Those of them that ended.
    pub closed: Counter,
    /// Connections that were not let in, because a limit was reached.
    pub refused: Counter,
    /// Connections that were closed for what they sent.
    pub broken: Counter,
}

/// What all cores count.
#[derive(Debug)]
pub struct Metrics {
    cores: Vec<Arc<CoreMetrics>>,
    /// In the order of the configuration.
    pub listeners: Vec<ListenerMetrics>,
    windows: Windows,
    /// When the process began to serve, monotonic and by the clock.
    pub started: (Tick, i64),
}

impl Metrics {
    /// Nothing counted yet, on so many data cores, with these listeners.
    #[must_use]
    pub fn new<'a>(cores: usize, listeners: impl Iterator<Item = &'a str>, started: (Tick, i64)) -> Self {
        let listener = |name: &str| ListenerMetrics {
            name: name.to_owned(),
            accepted: Counter::default(),
            closed: Counter::default(),
            refused: Counter::default(),
            broken: Counter::default(),
        };
        let listeners: Vec<ListenerMetrics> = listeners.map(listener).collect();
        let core = |_| {
            let traffic = listeners.iter().map(|_| Traffic::default()).collect();
            Arc::new(CoreMetrics { requests: Requests::default(), traffic })
        };
        Self { cores: (0..cores.max(1)).map(core).collect(), listeners, windows: Windows::default(), started }
    }

    /// The counters of a data core, for its own thread.
    #[must_use]
    pub fn core(&self, core: usize) -> &Arc<CoreMetrics> {
        &self.cores[core.min(self.cores.len() - 1)]
    }

    /// The number of a listener.
    #[must_use]
    pub fn listener(&self, name: &str) -> usize {
        self.listeners.iter().position(|listener| listener.name == name).unwrap_or(0)
    }
}

/// Where an endpoint listens.
#[must_use]
pub fn url(address: SocketAddr) -> String {
    format!("http://{address}/metrics")
}
