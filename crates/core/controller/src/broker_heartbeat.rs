//! BrokerHeartbeat, key 63 (`ReplicationControlManager.processBrokerHeartbeat`, `BrokerHeartbeatManager`).
//!
//! | state | the broker wants | next |
//! |---|---|---|
//! | fenced | to shut down | may go |
//! | fenced | to be unfenced, and has replayed its registration | unfenced |
//! | fenced | anything else | fenced |
//! | unfenced | to be fenced and to shut down | may go |
//! | unfenced | to be fenced | fenced |
//! | unfenced | to shut down, and leads partitions | controlled shutdown |
//! | unfenced | to shut down, and leads nothing | may go |
//! | unfenced | nothing | unfenced |
//! | controlled shutdown | (leads partitions, or others have not replayed that it does not) | controlled shutdown |
//! | controlled shutdown | (otherwise) | may go |
//!
//! Who may go is fenced. Heartbeats that change nothing write nothing.
//!
//! Differs from Kafka: whether a broker is in controlled shutdown is read from its registration, not remembered beside
//! it, so that a new controller goes on where the old one was; who may go has no session any more; a broker whose last
//! directory failed leads to no record about its registration (there to one without effect, at each heartbeat).

use headwater_base::{ErrorCode, NodeId, Offset, Uuid};
use headwater_metadata::BrokerRegistration;
use headwater_protocol::messages::broker_heartbeat_request::BrokerHeartbeatRequest;
use headwater_protocol::messages::broker_heartbeat_response::BrokerHeartbeatResponse;
use headwater_protocol::metadata::MetadataRecord;
use headwater_protocol::metadata::broker_registration_change_record::BrokerRegistrationChangeRecord;

use crate::decide::{Context, Decision};
use crate::election::Movement;
use crate::error::ApiError;
use crate::sessions::Soft;
use crate::state::Controller;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ControlState {
    Fenced,
    Unfenced,
    ControlledShutdown,
    ShutdownNow,
}

impl ControlState {
    const fn of(broker: &BrokerRegistration) -> Self {
        if broker.fenced {
            ControlState::Fenced
        } else if broker.in_controlled_shutdown {
            ControlState::ControlledShutdown
        } else {
            ControlState::Unfenced
        }
    }

    const fn is_fenced(self) -> bool {
        matches!(self, ControlState::Fenced | ControlState::ShutdownNow)
    }
}

impl Controller {
    /// The registration of a broker that states its epoch.
    pub(crate) fn broker_of_epoch(&self, broker: i32, epoch: i64) -> Result<&BrokerRegistration, ApiError> {
        let stale = |message| Err(ApiError::new(ErrorCode::StaleBrokerEpoch, message));
        match self.state.image.cluster.broker(NodeId(broker)) {
            None => stale(format!("No broker registration found for broker id {broker}")),
            Some(registration) if registration.epoch != epoch => {
                stale(format!("Expected broker epoch {}, but got broker epoch {epoch}", registration.epoch))
            }
            Some(registration) => Ok(registration),
        }
    }

    pub(crate) fn broker_heartbeat(
        &self,
        context: &Context,
        request: &BrokerHeartbeatRequest,
    ) -> Decision<BrokerHeartbeatResponse> {
        let broker = match self.broker_of_epoch(request.broker_id, request.broker_epoch) {
            Ok(broker) => broker,
            Err(error) => {
                let error_code = error.code.code();
                return Decision::answer(BrokerHeartbeatResponse { error_code, ..Default::default() });
            }
        };
        let registered_at = self.state.registered_at.get(&broker.id).copied().unwrap_or(Offset::ZERO);
        let caught_up = request.current_metadata_offset >= registered_at.0;
        let next = self.next_state(broker, request, caught_up);
        let mut records = Vec::new();
        if ControlState::of(broker) != next {
            self.enter(broker, next, &mut records);
        }
        self.directories_offline(broker, &request.offline_log_dirs, &mut records);
        self.directories_cordoned(broker, request.cordoned_log_dirs.as_deref(), &mut records);
        let mut decision = Decision::records(
            records,
            BrokerHeartbeatResponse {
                throttle_time_ms: 0,
                error_code: ErrorCode::None.code(),
                is_caught_up: caught_up,
                is_fenced: next.is_fenced(),
                should_shut_down: next == ControlState::ShutdownNow,
            },
        );
        if next == ControlState::ShutdownNow {
            decision.soft.push(Soft::Gone { broker: broker.id, epoch: broker.epoch });
        } else {
            decision.soft.push(Soft::Contact {
                broker: broker.id,
                epoch: broker.epoch,
                metadata_offset: request.current_metadata_offset,
                now_ms: context.now_ms,
            });
        }
        if next == ControlState::ControlledShutdown {
            decision.soft.push(Soft::ControlledShutdown { broker: broker.id });
        }
        decision
    }

    fn next_state(
        &self,
        broker: &BrokerRegistration,
        request: &BrokerHeartbeatRequest,
        caught_up: bool,
    ) -> ControlState {
        use ControlState::{ControlledShutdown, Fenced, ShutdownNow, Unfenced};
        match ControlState::of(broker) {
            Fenced if request.want_shut_down => ShutdownNow,
            Fenced if !request.want_fence && caught_up => Unfenced,
            Fenced => Fenced,
            Unfenced if request.want_fence && request.want_shut_down => ShutdownNow,
            Unfenced if request.want_fence => Fenced,
            Unfenced if request.want_shut_down && self.has_leaderships(broker.id) => ControlledShutdown,
            Unfenced if request.want_shut_down => ShutdownNow,
            Unfenced => Unfenced,
            ControlledShutdown if self.has_leaderships(broker.id) => ControlledShutdown,
            ControlledShutdown if self.others_know_shutdown_of(broker.id) => ShutdownNow,
            ControlledShutdown | ShutdownNow => ControlledShutdown,
        }
    }

    /// Whether all active brokers have replayed that this one leads nothing any more.
    fn others_know_shutdown_of(&self, broker: NodeId) -> bool {
        let active = self.state.image.cluster.brokers().filter(|other| other.is_active());
        let lowest = active.map(|other| self.sessions.metadata_offset(other.id)).min();
        match (self.sessions.controlled_shutdown_offset(broker), lowest) {
            (Some(offset), Some(lowest)) => offset.0 <= lowest,
            _ => true,
        }
    }

    fn enter(&self, broker: &BrokerRegistration, next: ControlState, records: &mut Vec<MetadataRecord>) {
        match next {
            ControlState::Fenced | ControlState::ShutdownNow => self.fence(broker, records),
            ControlState::Unfenced => {
                records.push(change(broker, |record| record.fenced = -1));
                let movement = Movement { goes: None, comes: Some(broker.id) };
                self.leader_and_isr_updates(&self.led_by(NodeId::NONE), movement, records);
            }
            ControlState::ControlledShutdown => {
                if !broker.in_controlled_shutdown {
                    records.push(change(broker, |record| record.in_controlled_shutdown = 1));
                }
                let movement = Movement { goes: Some(broker.id), comes: None };
                self.leader_and_isr_updates(&self.in_sync_on(broker.id), movement, records);
            }
        }
    }

    /// Takes a broker out of leaderships and ISRs, and fences it.
    pub(crate) fn fence(&self, broker: &BrokerRegistration, records: &mut Vec<MetadataRecord>) {
        let movement = Movement { goes: Some(broker.id), comes: None };
        self.leader_and_isr_updates(&self.in_sync_on(broker.id), movement, records);
        if !broker.fenced {
            records.push(change(broker, |record| record.fenced = 1));
        }
    }

    fn directories_offline(
        &self,
        broker: &BrokerRegistration,
        offline: &[Uuid],
        records: &mut Vec<MetadataRecord>,
    ) {
        let gone: Vec<Uuid> =
            broker.directories.iter().copied().filter(|directory| offline.contains(directory)).collect();
        if gone.is_empty() {
            return;
        }
        let mut places = self.in_sync_on(broker.id);
        places.retain(|(topic, index)| {
            let partition = self.state.image.topics.partition(*topic, *index);
            let directory = partition.and_then(|partition| partition.directory(broker.id));
            directory.is_some_and(|directory| gone.contains(&directory))
        });
        let movement = Movement { goes: Some(broker.id), comes: None };
        self.leader_and_isr_updates(&places, movement, records);
        let online: Vec<Uuid> =
            broker.directories.iter().copied().filter(|directory| !gone.contains(directory)).collect();
        // A record cannot say that no directory is left: an empty list means no change. Such a broker stops by itself.
        if !online.is_empty() {
            records.push(change(broker, |record| record.log_dirs = online));
        }
    }

    fn directories_cordoned(
        &self,
        broker: &BrokerRegistration,
        cordoned: Option<&[Uuid]>,
        records: &mut Vec<MetadataRecord>,
    ) {
        let Some(cordoned) = cordoned.filter(|_| self.metadata_version().has_cordoned_directories()) else {
            return;
        };
        let sorted = |list: &[Uuid]| {
            let mut list = list.to_vec();
            list.sort_unstable();
            list.dedup();
            list
        };
        let before = broker.cordoned_directories.as_deref().map(sorted);
        if before.as_deref() != Some(&*sorted(cordoned)) {
            records.push(change(broker, |record| record.cordoned_log_dirs = Some(cordoned.to_vec())));
        }
    }
}

/// A record that changes a registration.
fn change(
    broker: &BrokerRegistration,
    set: impl FnOnce(&mut BrokerRegistrationChangeRecord),
) -> MetadataRecord {
    let mut record = BrokerRegistrationChangeRecord {
        broker_id: broker.id.0,
        broker_epoch: broker.epoch,
        ..BrokerRegistrationChangeRecord::default()
    };
    set(&mut record);
    record.into()
}
