//! Which brokers are alive (`BrokerHeartbeatManager`, `BrokerHeartbeatTracker`). Not replicated: a new controller gives
//! every unfenced broker a full session.

use std::collections::BTreeMap;

use headwater_base::{NodeId, Offset};

/// A change to what is not replicated. Applied by the driver after the decision's records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Soft {
    /// A broker was heard.
    Contact {
        /// The broker.
        broker: NodeId,
        /// Its epoch.
        epoch: i64,
        /// The end of what it has replayed.
        metadata_offset: i64,
        /// When, monotonic.
        now_ms: i64,
    },
    /// A broker is in controlled shutdown; the others must get past the last applied offset before it may go.
    ControlledShutdown {
        /// The broker.
        broker: NodeId,
    },
    /// A broker's session is over.
    Gone {
        /// The broker.
        broker: NodeId,
        /// Its epoch.
        epoch: i64,
    },
}

/// What is known about a broker beside its registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Liveness {
    metadata_offset: i64,
    controlled_shutdown_offset: Option<Offset>,
}

const UNHEARD: Liveness = Liveness { metadata_offset: -1, controlled_shutdown_offset: None };

/// Contacts by broker and epoch, and progress by broker.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sessions {
    contacts: BTreeMap<(NodeId, i64), i64>,
    brokers: BTreeMap<NodeId, Liveness>,
}

impl Sessions {
    pub(crate) fn registered(&mut self, broker: NodeId) {
        self.brokers.insert(broker, UNHEARD);
    }

    pub(crate) fn heard(&mut self, broker: NodeId, epoch: i64, now_ms: i64) {
        self.contacts.insert((broker, epoch), now_ms);
    }

    pub(crate) fn apply(&mut self, soft: &Soft, last_applied: Offset) {
        match soft {
            Soft::Contact { broker, epoch, metadata_offset, now_ms } => {
                self.heard(*broker, *epoch, *now_ms);
                self.brokers.entry(*broker).or_insert(UNHEARD).metadata_offset = *metadata_offset;
            }
            Soft::ControlledShutdown { broker } => {
                let liveness = self.brokers.entry(*broker).or_insert(UNHEARD);
                liveness.controlled_shutdown_offset.get_or_insert(last_applied);
            }
            Soft::Gone { broker, epoch } => {
                self.contacts.remove(&(*broker, *epoch));
                self.brokers.insert(*broker, UNHEARD);
            }
        }
    }

    pub(crate) fn is_valid(&self, broker: NodeId, epoch: i64, now_ms: i64, timeout_ms: i64) -> bool {
        self.contacts.get(&(broker, epoch)).is_some_and(|heard| heard.saturating_add(timeout_ms) >= now_ms)
    }

    pub(crate) fn first_expired(&self, now_ms: i64, timeout_ms: i64) -> Option<(NodeId, i64)> {
        let expired = |heard: i64| heard.saturating_add(timeout_ms) < now_ms;
        self.contacts.iter().find(|(_, heard)| expired(**heard)).map(|(key, _)| *key)
    }

    pub(crate) fn next_expiry_ms(&self, timeout_ms: i64) -> Option<i64> {
        // The first moment at which `first_expired` finds it.
        self.contacts.values().min().map(|heard| heard.saturating_add(timeout_ms).saturating_add(1))
    }

    pub(crate) fn metadata_offset(&self, broker: NodeId) -> i64 {
        self.brokers.get(&broker).unwrap_or(&UNHEARD).metadata_offset
    }

    pub(crate) fn controlled_shutdown_offset(&self, broker: NodeId) -> Option<Offset> {
        self.brokers.get(&broker).unwrap_or(&UNHEARD).controlled_shutdown_offset
    }
}

impl crate::Controller {
    /// This controller is the active one from now on: sessions begin. A broker in this very process has none, because
    /// its last incarnation cannot be alive.
    pub fn begin_sessions(&mut self, now_ms: i64) {
        self.sessions = Sessions::default();
        let own = self.config.is_broker.then_some(self.config.node_id);
        for broker in self.state.image.cluster.brokers() {
            self.sessions.registered(broker.id);
            if !broker.fenced && Some(broker.id) != own {
                self.sessions.heard(broker.id, broker.epoch, now_ms);
            }
        }
    }

    /// Applies one of a decision's soft changes, after its records.
    pub fn apply_soft(&mut self, soft: &Soft) {
        self.sessions.apply(soft, self.state.image.provenance.offset);
    }

    /// When [`crate::Input::FenceStaleBroker`] should be asked next; `None` while no broker has a session.
    #[must_use]
    pub fn next_expiry_ms(&self) -> Option<i64> {
        self.sessions.next_expiry_ms(self.config.session_timeout_ms())
    }
}
