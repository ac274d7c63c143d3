//! Accepting connections and dealing them out to the cores.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use headwater_runtime::sync::{Either3, select3};
use headwater_runtime::{Incoming, Listener, Runtime};

use super::census::{Census, Place};
use super::{Connection, Ended, Peer};
use crate::api::Scope;
use crate::broker::Broker;

/// How long accepting rests after it failed, as it does while the process has no file descriptors left.
const ACCEPT_REST: Duration = Duration::from_millis(100);

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
            Ok(incoming) => {
                // As in Kafka the one that is one too many is not refused: it waits, and with it all behind it.
                census.wait_for_slot(&broker, &name).await;
                deal(&broker, incoming, &name, scope, &census);
            }
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
    let admission = match census.admit(broker, name, address.ip()) {
        Ok(admission) => admission,
        Err(why) => {
            broker.metrics.listeners[number].refused.add_shared(1);
            census.refused(broker.runtime.now(), address, name, &why);
            return;
        }
    };
    broker.metrics.listeners[number].accepted.add_shared(1);
    let (broker, name) = (Arc::clone(broker), Arc::clone(name));
    let runtime = broker.runtime.clone();
    runtime.spawn_on(admission.core, "connection", move |runtime| async move {
        let peer = Peer { address, listener: name, scope };
        let ended = serve(&runtime, Arc::clone(&broker), incoming, peer, &admission.place).await;
        let metrics = &broker.metrics.listeners[number];
        metrics.closed.add_shared(1);
        metrics.broken.add_shared(u64::from(matches!(ended, Ended::Refused(_))));
        match ended {
            Ended::Refused(why) => admission.refused(runtime.now(), address, &why),
            other => tracing::debug!(peer = %address, ended = ?other, "connection closed"),
        }
    });
}

async fn serve(
    runtime: &Runtime,
    broker: Arc<Broker>,
    incoming: Incoming,
    peer: Peer,
    place: &Place,
) -> Ended {
    let stream = match incoming.open(runtime) {
        Ok(stream) => stream,
        Err(error) => return Ended::Socket(error),
    };
    let idle_ms = broker.limits.idle_ms;
    let connection = Connection::new(stream, broker, peer, Arc::clone(&place.active));
    match select3(connection.run(), idle(runtime, idle_ms, &place.active), place.displaced()).await {
        Either3::First(ended) => ended,
        Either3::Second(()) => Ended::Idle,
        Either3::Third(()) => Ended::Displaced,
    }
}

/// Ends when the connection was quiet for the idle time.
async fn idle(runtime: &Runtime, idle_ms: i64, active: &AtomicU64) {
    let Some(idle_ms) = u64::try_from(idle_ms).ok().filter(|ms| *ms > 0) else {
        return std::future::pending().await;
    };
    loop {
        let quiet = runtime.now().as_millis().saturating_sub(active.load(Ordering::Relaxed));
        if quiet >= idle_ms {
            return;
        }
        runtime.sleep(Duration::from_millis(idle_ms - quiet)).await;
    }
}
