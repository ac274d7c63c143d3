//! How many connections there are, and how many there may be (`kafka.network.ConnectionQuotas`, KIP-402, KIP-612).
//!
//! | limit | what happens to the connection that is one too many |
//! |---|---|
//! | `max.connections`, also for one listener | it is accepted and waits, and the listener accepts nobody else meanwhile |
//! | `max.connection.creation.rate`, also for one listener | likewise, until the rate is kept, at most a second at a time |
//! | `max.connections.per.ip` and its overrides | it is closed |
//!
//! The inter-broker listener, when there are others, does not count for the node's limits: a connection there is always
//! let in, and if there are too many then, the one of the other listeners that has been quiet for longest is closed. Limits
//! are read when they are needed, so one that changes holds for the next connection.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use headwater_base::config::node::NodeConfig;
use headwater_runtime::Tick;
use headwater_runtime::sync::Notify;

use super::rate::Rate;
use crate::broker::Broker;
use crate::line_limit::LineLimit;

/// How long a listener that waits for a place goes without a look at limits that may have changed.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// What is known of a connection that somebody else might close.
#[derive(Debug)]
pub struct Place {
    /// When bytes moved last, in milliseconds of the runtime's clock.
    pub active: Arc<AtomicU64>,
    closing: Notify,
}

impl Place {
    /// Ends when the connection has to make room.
    pub async fn displaced(&self) {
        self.closing.notified().await;
    }
}

#[derive(Debug, Default)]
struct Counts {
    per_address: BTreeMap<IpAddr, usize>,
    per_listener: BTreeMap<Arc<str>, usize>,
    /// Of all but the inter-broker listener, in the order of their arrival.
    displaceable: BTreeMap<u64, Arc<Place>>,
    next: u64,
    rate: Rate,
    listener_rates: BTreeMap<Arc<str>, Rate>,
}

/// See the module.
#[derive(Debug)]
pub struct Census {
    total: AtomicUsize,
    counts: Mutex<Counts>,
    per_core: Vec<AtomicUsize>,
    left: Notify,
    /// Lines about peers that are refused, or kept waiting.
    lines: LineLimit,
}

impl Census {
    /// Nobody, on so many cores.
    #[must_use]
    pub fn new(cores: usize) -> Arc<Self> {
        Arc::new(Self {
            total: AtomicUsize::new(0),
            counts: Mutex::default(),
            per_core: (0..cores.max(1)).map(|_| AtomicUsize::new(0)).collect(),
            left: Notify::new(),
            lines: LineLimit::new(),
        })
    }

    /// How many connections there are.
    #[must_use]
    pub fn total(&self) -> usize {
        self.total.load(Ordering::Relaxed)
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until a listener may let one more in. Counts for the rates.
    pub async fn wait_for_slot(&self, broker: &Broker, listener: &Arc<str>) {
        let runtime = &broker.runtime;
        let begun = runtime.now();
        let config = broker.config.current();
        let until = begun + self.counts().throttle(&config, listener, begun.as_millis());
        let mut told = false;
        loop {
            let left = self.left.notified();
            let now = runtime.now();
            let has_slot = self.has_slot(&broker.config.current(), listener);
            if now >= until && has_slot {
                return;
            }
            if !std::mem::replace(&mut told, true) {
                let why = if has_slot { "max.connection.creation.rate" } else { "max.connections" };
                if let Some(unlogged) = self.lines.admit(now) {
                    tracing::warn!(listener = &**listener, limit = why, unlogged, "new connections wait");
                }
            }
            let wait = if now < until { until.since(now).min(LOOK_EVERY) } else { LOOK_EVERY };
            // Whether somebody left or the time is up, everything is looked at anew.
            let _ = runtime.timeout(wait, left).await;
        }
    }

    fn has_slot(&self, config: &NodeConfig, listener: &Arc<str>) -> bool {
        let of_listener = self.counts().per_listener.get(listener).copied().unwrap_or(0);
        let most = config.listener_limits(listener).max_connections;
        of_listener < most
            && (is_protected(config, listener) || self.total() < config.network.max_connections)
    }

    /// Lets a peer in on the core with the fewest connections, unless its address has too many.
    pub fn admit(
        self: &Arc<Self>,
        broker: &Broker,
        listener: &Arc<str>,
        address: IpAddr,
    ) -> Result<Admission, String> {
        let config = broker.config.current();
        let protected = is_protected(&config, listener);
        let active = Arc::new(AtomicU64::new(broker.runtime.now().as_millis()));
        let place = Arc::new(Place { active, closing: Notify::new() });
        let mut counts = self.counts();
        let most = broker.limits.connections_from(address, &config);
        let of_address = counts.per_address.entry(address).or_default();
        if *of_address >= most {
            return Err(format!("max.connections.per.ip ({most}) is reached"));
        }
        *of_address += 1;
        *counts.per_listener.entry(Arc::clone(listener)).or_default() += 1;
        let total = self.total.fetch_add(1, Ordering::Relaxed) + 1;
        counts.next += 1;
        let number = counts.next;
        if protected {
            if total > config.network.max_connections {
                counts.make_room();
            }
        } else {
            counts.displaceable.insert(number, Arc::clone(&place));
        }
        drop(counts);
        let load = |core: &usize| self.per_core[*core].load(Ordering::Relaxed);
        let core = (0..self.per_core.len()).min_by_key(load).unwrap_or(0);
        self.per_core[core].fetch_add(1, Ordering::Relaxed);
        let listener = Arc::clone(listener);
        Ok(Admission { census: Arc::clone(self), place, number, listener, address, core })
    }

    /// Logs that a peer was refused, or counts it for the next line.
    pub fn refused(&self, now: Tick, peer: SocketAddr, listener: &str, why: &str) {
        if let Some(unlogged) = self.lines.admit(now) {
            tracing::warn!(%peer, listener, why, unlogged, "connection refused");
        }
    }
}

/// Whether a listener's connections are let in whatever the node's limits say.
fn is_protected(config: &NodeConfig, listener: &str) -> bool {
    let brokers = config.listeners.bound.iter().filter(|it| !config.listeners.is_controller(&it.name));
    config.listeners.is_controller(listener)
        || (config.listeners.inter_broker == *listener && brokers.count() > 1)
}

impl Counts {
    /// Counts a connection, and says how long it has to wait for the rates' sake.
    fn throttle(&mut self, config: &NodeConfig, listener: &Arc<str>, now_ms: u64) -> Duration {
        let mut wait = Duration::ZERO;
        if !is_protected(config, listener) {
            wait = self.rate.record(config.network.max_connection_creation_rate, now_ms);
        }
        let most = config.listener_limits(listener).max_connection_creation_rate;
        let rate = self.listener_rates.entry(Arc::clone(listener)).or_default();
        wait.max(rate.record(most, now_ms))
    }

    /// Has the connection closed that has been quiet for longest.
    fn make_room(&mut self) {
        let quietest = self.displaceable.iter().min_by_key(|(_, place)| place.active.load(Ordering::Relaxed));
        if let Some(number) = quietest.map(|(number, _)| *number)
            && let Some(place) = self.displaceable.remove(&number)
        {
            place.closing.notify_one();
        }
    }
}

/// A connection's place in the census.
#[derive(Debug)]
pub struct Admission {
    census: Arc<Census>,
    /// What others may know and do.
    pub place: Arc<Place>,
    number: u64,
    listener: Arc<str>,
    address: IpAddr,
    /// Where it is served.
    pub core: usize,
}

impl Admission {
    /// Logs that the peer was refused after all.
    pub fn refused(&self, now: Tick, peer: SocketAddr, why: &str) {
        self.census.refused(now, peer, &self.listener, why);
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        let census = &self.census;
        census.per_core[self.core].fetch_sub(1, Ordering::Relaxed);
        {
            let mut counts = census.counts();
            counts.displaceable.remove(&self.number);
            if let Some(count) = counts.per_listener.get_mut(&self.listener) {
                *count -= 1;
            }
            if let Some(count) = counts.per_address.get_mut(&self.address) {
                *count -= 1;
                if *count == 0 {
                    counts.per_address.remove(&self.address);
                }
            }
        }
        census.total.fetch_sub(1, Ordering::Relaxed);
        census.left.notify_waiters();
    }
}
