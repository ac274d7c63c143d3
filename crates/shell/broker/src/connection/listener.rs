//! Accepting connections and dealing them out to the cores.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use headwater_runtime::sync::{Either, select2};
use headwater_runtime::{Incoming, Listener, Runtime};

use super::{Connection, Ended, Peer};
use crate::api::Scope;
use crate::broker::Broker;

/// How long accepting rests after it failed, as it does while the process has no file descriptors left.
const ACCEPT_REST: Duration = Duration::from_millis(100);
/// Refusals of peers are logged at most once in this time, so that a flood of them does not become a flood of lines.
const LOG_EVERY: Duration = Duration::from_secs(1);

/// How many connections there are, in all, per address and per core.
#[derive(Debug)]
pub struct Census {
    total: AtomicUsize,
    per_address: Mutex<BTreeMap<IpAddr, usize>>,
    per_core: Vec<AtomicUsize>,
    last_refusal_ms: Mutex<(u64, u64)>,
}

impl Census {
    /// Nobody, on so many cores.
    #[must_use]
    pub fn new(cores: usize) -> Arc<Self> {
        Arc::new(Self {
            total: AtomicUsize::new(0),
            per_address: Mutex::default(),
            per_core: (0..cores.max(1)).map(|_| AtomicUsize::new(0)).collect(),
            last_refusal_ms: Mutex::default(),
        })
    }

    /// How many connections there are.
    #[must_use]
    pub fn total(&self) -> usize {
        self.total.load(Ordering::Relaxed)
    }

    /// Lets a peer in on the core with the fewest connections, unless that broke a limit.
    fn admit(self: &Arc<Self>, broker: &Broker, address: IpAddr) -> Result<Admission, String> {
        let (total, limits) = (self.total(), &broker.limits);
        if total >= limits.max_connections {
            return Err(format!("max.connections ({}) is reached", limits.max_connections));
        }
        {
            let mut counts = self.per_address.lock().unwrap_or_else(PoisonError::into_inner);
            let most = limits.connections_from(address);
            if counts.get(&address).copied().unwrap_or(0) >= most {
                return Err(format!("max.connections.per.ip ({most}) is reached"));
            }
            *counts.entry(address).or_default() += 1;
        }
        let load = |core: &usize| self.per_core[*core].load(Ordering::Relaxed);
        let core = (0..self.per_core.len()).min_by_key(load).unwrap_or(0);
        self.total.fetch_add(1, Ordering::Relaxed);
        self.per_core[core].fetch_add(1, Ordering::Relaxed);
        Ok(Admission { census: Arc::clone(self), address, core })
    }

    /// Logs that a peer was refused, or counts it for the next line.
    fn refused(&self, now_ms: u64, peer: SocketAddr, why: &str) {
        let mut last = self.last_refusal_ms.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, unlogged) = *last;
        if at != 0 && now_ms.saturating_sub(at) < LOG_EVERY.as_millis() as u64 {
            last.1 += 1;
            return;
        }
        *last = (now_ms.max(1), 0);
        tracing::warn!(%peer, %why, others_since_the_last_line = unlogged, "connection refused");
    }
}

/// A connection's place in the census.
struct Admission {
    census: Arc<Census>,
    address: IpAddr,
    core: usize,
}

impl Drop for Admission {
    fn drop(&mut self) {
        self.census.total.fetch_sub(1, Ordering::Relaxed);
        self.census.per_core[self.core].fetch_sub(1, Ordering::Relaxed);
        let mut counts = self.census.per_address.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.address);
            }
        }
    }
}

/// Accepts until the task is dropped.
pub async fn accept(
    broker: Arc<Broker>,
    listener: Listener,
    name: Arc<str>,
    scope: Scope,
    census: Arc<Census>,
) {
    loop {
        match listener.accept().await {
            Ok(incoming) => deal(&broker, incoming, &name, scope, &census),
            Err(error) => {
                tracing::warn!(listener = %name, %error, "cannot accept a connection");
                broker.runtime.sleep(ACCEPT_REST).await;
            }
        }
    }
}

fn deal(broker: &Arc<Broker>, incoming: Incoming, name: &Arc<str>, scope: Scope, census: &Arc<Census>) {
    let address = incoming.peer_addr();
    let number = broker.metrics.listener(name);
    let admission = match census.admit(broker, address.ip()) {
        Ok(admission) => admission,
        Err(why) => {
            broker.metrics.listeners[number].refused.add_shared(1);
            census.refused(broker.runtime.now().as_millis(), address, &why);
            return;
        }
    };
    broker.metrics.listeners[number].accepted.add_shared(1);
    let (broker, name) = (Arc::clone(broker), Arc::clone(name));
    let runtime = broker.runtime.clone();
    runtime.spawn_on(admission.core, "connection", move |runtime| async move {
        let peer = Peer { address, listener: name, scope };
        let ended = serve(&runtime, Arc::clone(&broker), incoming, peer).await;
        let metrics = &broker.metrics.listeners[number];
        metrics.closed.add_shared(1);
        metrics.broken.add_shared(u64::from(matches!(ended, Ended::Refused(_))));
        match ended {
            Ended::Refused(why) => admission.census.refused(runtime.now().as_millis(), address, &why),
            other => tracing::debug!(peer = %address, ended = ?other, "connection closed"),
        }
    });
}

async fn serve(runtime: &Runtime, broker: Arc<Broker>, incoming: Incoming, peer: Peer) -> Ended {
    let stream = match incoming.open(runtime) {
        Ok(stream) => stream,
        Err(error) => return Ended::Socket(error),
    };
    let idle_ms = broker.limits.idle_ms;
    let active = Rc::new(Cell::new(true));
    let connection = Connection::new(stream, broker, peer, Rc::clone(&active));
    match select2(connection.run(), idle(runtime, idle_ms, &active)).await {
        Either::First(ended) => ended,
        Either::Second(()) => Ended::Idle,
    }
}

/// Ends when the connection was quiet for the idle time, up to a tenth of it late.
async fn idle(runtime: &Runtime, idle_ms: i64, active: &Cell<bool>) {
    let Some(idle_ms) = u64::try_from(idle_ms).ok().filter(|ms| *ms > 0) else {
        return std::future::pending().await;
    };
    let step = Duration::from_millis((idle_ms / 10).max(1));
    let mut quiet = 0;
    while quiet <= 10 {
        runtime.sleep(step).await;
        quiet = if active.take() { 0 } else { quiet + 1 };
    }
}
