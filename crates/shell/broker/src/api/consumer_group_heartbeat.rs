//! ConsumerGroupHeartbeat (key 68), versions 0–1: a member of a consumer group joins, is alive, reconciles or leaves
//! (KIP-848).
//!
//! v1 members make their own ids, and may subscribe by regular expression.
//!
//! UNSUPPORTED_VERSION while `group.version` is 0 or `group.coordinator.rebalance.protocols` leaves the protocol out.

use headwater_base::error_code::ErrorCode;
use headwater_group::consumer::check_heartbeat;
use headwater_group::{Answer, Caller, Input};
use headwater_protocol::api::ApiKey;
use headwater_protocol::messages::consumer_group_heartbeat_request::ConsumerGroupHeartbeatRequest;
use headwater_protocol::messages::consumer_group_heartbeat_response::ConsumerGroupHeartbeatResponse;

use super::{Close, Reply, Request, Row};
use crate::broker::Broker;
use crate::coordinator::group_config;

/// Registers this file.
pub const ROW: Row = Row { key: ApiKey::ConsumerGroupHeartbeat, handle };

/// The feature that must be finalized.
const GROUP_VERSION: &str = "group.version";

/// Whether groups of the consumer protocol are served (`KafkaApis.isConsumerGroupProtocolEnabled`).
pub(super) fn is_enabled(broker: &Broker) -> bool {
    broker.config.current().serves_group_protocol("consumer")
        && broker.image().features.level(GROUP_VERSION) >= 1
}

fn handle(request: &Request<'_>, body: &mut [u8]) -> Result<Reply, Close> {
    let message: ConsumerGroupHeartbeatRequest = request.decode(body)?;
    if !is_enabled(request.broker) {
        return Ok(request.answerer.now(&refused(ErrorCode::UnsupportedVersion, None)));
    }
    let config = group_config(&request.broker.config);
    if let Err((error, why)) = check_heartbeat(&message, request.version, &config) {
        return Ok(request.answerer.now(&refused(error, Some(why))));
    }
    let caller = Caller {
        client_id: request.client_id.clone().unwrap_or_default(),
        client_host: format!("/{}", request.peer.address.ip().to_canonical()),
    };
    let group = message.group_id.clone();
    let asked = request.broker.groups.ask(&group, Input::ConsumerHeartbeat(message, caller));
    Ok(request.answerer.later(async move {
        match asked.await {
            Ok(Answer::ConsumerHeartbeat(answer)) => answer,
            Ok(other) => unreachable!("ConsumerGroupHeartbeat was answered with {other:?}"),
            Err(error) => refused(error, None),
        }
    }))
}

fn refused(error: ErrorCode, error_message: Option<String>) -> ConsumerGroupHeartbeatResponse {
    ConsumerGroupHeartbeatResponse {
        error_code: error.code(),
        error_message,
        ..ConsumerGroupHeartbeatResponse::default()
    }
}
