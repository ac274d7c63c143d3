//! BrokerRegistration, key 62 (`ClusterControlManager.registerBroker`, `ReplicationControlManager.handleBrokerShutdown`).
//!
//! A new incarnation is registered fenced, under a new epoch: the offset at which its records begin. Before that, in
//! the same decision, the old incarnation leaves every ISR that has another member, and every leadership. So each start
//! of a process leads to a new leader epoch wherever the broker led, whether it had been fenced or not.
//!
//! Differs from Kafka: the broker of this very process need not wait for the session of its dead incarnation (see
//! [`Controller::begin_sessions`]); nor must one that was allowed to shut down.

use std::collections::BTreeSet;

use headwater_base::{ErrorCode, NodeId, Uuid};
use headwater_metadata::{MetadataVersion, directory};
use headwater_protocol::messages::broker_registration_request::{BrokerRegistrationRequest, Feature};
use headwater_protocol::messages::broker_registration_response::BrokerRegistrationResponse;
use headwater_protocol::metadata::MetadataRecord;
use headwater_protocol::metadata::register_broker_record::{
    BrokerEndpoint, BrokerFeature, RegisterBrokerRecord,
};

use crate::decide::{Context, Decision};
use crate::election::Movement;
use crate::error::ApiError;
use crate::features;
use crate::state::Controller;

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new(ErrorCode::InvalidRegistration, message)
}

impl Controller {
    pub(crate) fn register_broker(
        &self,
        context: &Context,
        request: &BrokerRegistrationRequest,
    ) -> Decision<BrokerRegistrationResponse> {
        match self.registration(context, request) {
            Ok((records, epoch)) => {
                let response = BrokerRegistrationResponse {
                    broker_epoch: epoch,
                    ..BrokerRegistrationResponse::default()
                };
                Decision::records(records, response)
            }
            Err(error) => Decision::answer(BrokerRegistrationResponse {
                error_code: error.code.code(),
                ..BrokerRegistrationResponse::default()
            }),
        }
    }

    /// Why a registration is refused, in words, for the log: the response has no room for them.
    #[must_use]
    pub fn registration_refusal(
        &self,
        context: &Context,
        request: &BrokerRegistrationRequest,
    ) -> Option<ApiError> {
        self.registration(context, request).err()
    }

    fn registration(
        &self,
        context: &Context,
        request: &BrokerRegistrationRequest,
    ) -> Result<(Vec<MetadataRecord>, i64), ApiError> {
        let broker = NodeId(request.broker_id);
        if request.cluster_id != self.config.cluster_id {
            let message = format!(
                "Expected cluster ID {}, but got cluster ID {}",
                self.config.cluster_id, request.cluster_id
            );
            return Err(ApiError::new(ErrorCode::InconsistentClusterId, message));
        }
        let existing = self.state.image.cluster.broker(broker);
        let same_incarnation = existing.filter(|existing| existing.incarnation_id == request.incarnation_id);
        if let (Some(existing), None) = (existing, same_incarnation)
            && self.sessions.is_valid(
                broker,
                existing.epoch,
                context.now_ms,
                self.config.session_timeout_ms(),
            )
        {
            let message = "Another broker is registered with that broker id. If the broker was recently restarted \
                           this should self-resolve once the heartbeat manager expires the broker's session.";
            return Err(ApiError::new(ErrorCode::DuplicateBrokerRegistration, message));
        }
        if request.is_migrating_zk_broker {
            let message = "Controller does not support registering ZK brokers.";
            return Err(ApiError::new(ErrorCode::BrokerIdNotRegistered, message));
        }
        self.check_directories(request)?;
        let features = self.check_features(request)?;
        let mut record = RegisterBrokerRecord {
            broker_id: request.broker_id,
            incarnation_id: request.incarnation_id,
            end_points: end_points(request),
            features,
            rack: request.rack.clone(),
            log_dirs: request.log_dirs.clone(),
            ..RegisterBrokerRecord::default()
        };
        let mut records = Vec::new();
        if let Some(existing) = same_incarnation {
            record.fenced = existing.fenced;
            record.in_controlled_shutdown = existing.in_controlled_shutdown;
            record.broker_epoch = existing.epoch;
        } else {
            record.broker_epoch = context.next_offset.0;
            // With eligible leader replicas at level 0 a clean stop and a crash are treated alike.
            let movement = Movement { goes: Some(broker), comes: None };
            self.leader_and_isr_updates(&self.in_sync_on(broker), movement, &mut records);
        }
        let epoch = record.broker_epoch;
        records.push(record.into());
        Ok((records, epoch))
    }

    fn check_directories(&self, request: &BrokerRegistrationRequest) -> Result<(), ApiError> {
        if request.log_dirs.is_empty() {
            return Err(invalid("No directories specified in request"));
        }
        if request.log_dirs.iter().any(|directory| directory::is_reserved(*directory)) {
            return Err(invalid("Reserved directory ID in request"));
        }
        let distinct: BTreeSet<Uuid> = request.log_dirs.iter().copied().collect();
        if distinct.len() != request.log_dirs.len() {
            return Err(invalid("Duplicate directory ID in request"));
        }
        for broker in self.state.image.cluster.brokers().filter(|broker| broker.id.0 != request.broker_id) {
            if let Some(directory) = broker.directories.iter().find(|directory| distinct.contains(directory))
            {
                let id = broker.id;
                return Err(invalid(format!("Broker {id} is already registered with directory {directory}")));
            }
        }
        Ok(())
    }

    /// Every finalized level must lie in the broker's ranges; a feature that it does not mention is one of level 0.
    fn check_features(&self, request: &BrokerRegistrationRequest) -> Result<Vec<BrokerFeature>, ApiError> {
        let finalized = features::finalized(&self.state.image, self.config.kraft_version);
        let level = |name: &str| finalized.get(name).copied().unwrap_or(0);
        for feature in &request.features {
            check_range(feature, level(&feature.name))?;
        }
        let mentions = |name: &str| request.features.iter().any(|feature| feature.name == name);
        if !mentions(MetadataVersion::FEATURE) {
            return Err(invalid("Request features do not contain 'metadata.version'"));
        }
        for (name, level) in finalized.iter().filter(|(name, level)| **level != 0 && !mentions(name)) {
            let none = Feature { name: name.clone(), min_supported_version: 0, max_supported_version: 0 };
            check_range(&none, *level)?;
        }
        let feature = |feature: &Feature| BrokerFeature {
            name: feature.name.clone(),
            min_supported_version: feature.min_supported_version,
            max_supported_version: feature.max_supported_version,
        };
        Ok(request.features.iter().map(feature).collect())
    }
}

fn end_points(request: &BrokerRegistrationRequest) -> Vec<BrokerEndpoint> {
    let end_point =
        |listener: &headwater_protocol::messages::broker_registration_request::Listener| BrokerEndpoint {
            name: listener.name.clone(),
            host: listener.host.clone(),
            port: listener.port,
            security_protocol: listener.security_protocol,
        };
    request.listeners.iter().map(end_point).collect()
}

fn check_range(feature: &Feature, finalized: i16) -> Result<(), ApiError> {
    let Feature { name, min_supported_version: min, max_supported_version: max } = feature;
    if (*min..=*max).contains(&finalized) {
        return Ok(());
    }
    let message = format!(
        "Unable to register because the broker does not support finalized version {finalized} of {name}. The broker \
         wants a version between {min} and {max}, inclusive."
    );
    Err(ApiError::new(ErrorCode::UnsupportedVersion, message))
}
