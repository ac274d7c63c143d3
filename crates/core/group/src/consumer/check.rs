//! What makes a ConsumerGroupHeartbeat wrong by itself, whatever the group (`GroupCoordinatorService`).

use headwater_base::error_code::ErrorCode;
use headwater_protocol::messages::consumer_group_heartbeat_request::ConsumerGroupHeartbeatRequest;

use super::member::{AWAY_EPOCH, LEAVE_EPOCH};
use crate::config::GroupConfig;

/// From here on clients make their own member ids.
const CLIENTS_OWN_ID_FROM: i16 = 1;

fn is_blank(text: &str) -> bool {
    // As Java's `String.trim`: everything up to the blank is one.
    text.trim_matches(|char: char| char <= ' ').is_empty()
}

/// Checks a request before it goes to its coordinator.
///
/// # Errors
/// INVALID_REQUEST or UNSUPPORTED_ASSIGNOR, in Kafka's words.
pub fn check_heartbeat(
    request: &ConsumerGroupHeartbeatRequest,
    version: i16,
    config: &GroupConfig,
) -> Result<(), (ErrorCode, String)> {
    let invalid = |message: &str| Err((ErrorCode::InvalidRequest, message.to_owned()));
    let epoch = request.member_epoch;
    if (version >= CLIENTS_OWN_ID_FROM || epoch > 0 || epoch == LEAVE_EPOCH) && is_blank(&request.member_id) {
        return invalid("MemberId can't be empty.");
    }
    if is_blank(&request.group_id) {
        return invalid("GroupId can't be empty.");
    }
    if request.instance_id.as_deref().is_some_and(is_blank) {
        return invalid("InstanceId can't be empty.");
    }
    if request.rack_id.as_deref().is_some_and(is_blank) {
        return invalid("RackId can't be empty.");
    }
    if epoch == 0 {
        if request.rebalance_timeout_ms == -1 {
            return invalid("RebalanceTimeoutMs must be provided in first request.");
        }
        if request.topic_partitions.as_ref().is_none_or(|owned| !owned.is_empty()) {
            return invalid("TopicPartitions must be empty when (re-)joining.");
        }
        if request.subscribed_topic_names.is_none() && request.subscribed_topic_regex.is_none() {
            return invalid(
                "Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.",
            );
        }
    } else if epoch == AWAY_EPOCH {
        if request.instance_id.is_none() {
            return invalid("InstanceId can't be null.");
        }
    } else if epoch < AWAY_EPOCH {
        return invalid("MemberEpoch is invalid.");
    }
    let assignors = &config.consumer.assignors;
    if let Some(wanted) = request.server_assignor.as_ref().filter(|wanted| !assignors.contains(wanted)) {
        let supported = assignors.join(", ");
        let message = format!("ServerAssignor {wanted} is not supported. Supported assignors: {supported}.");
        return Err((ErrorCode::UnsupportedAssignor, message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joins() -> ConsumerGroupHeartbeatRequest {
        ConsumerGroupHeartbeatRequest {
            group_id: "g".to_owned(),
            member_id: "m".to_owned(),
            rebalance_timeout_ms: 1,
            subscribed_topic_names: Some(Vec::new()),
            topic_partitions: Some(Vec::new()),
            ..ConsumerGroupHeartbeatRequest::default()
        }
    }

    fn words(request: &ConsumerGroupHeartbeatRequest, version: i16) -> String {
        match check_heartbeat(request, version, &GroupConfig::default()) {
            Ok(()) => String::new(),
            Err((error, message)) => format!("{} {message}", error.name()),
        }
    }

    #[test]
    fn each_mistake_has_its_words() {
        assert_eq!(words(&joins(), 1), "");
        let without_id = ConsumerGroupHeartbeatRequest { member_id: String::new(), ..joins() };
        assert_eq!(words(&without_id, 0), "", "the coordinator gives one");
        assert_eq!(words(&without_id, 1), "INVALID_REQUEST MemberId can't be empty.");
        let owns = ConsumerGroupHeartbeatRequest { topic_partitions: None, ..joins() };
        assert_eq!(words(&owns, 1), "INVALID_REQUEST TopicPartitions must be empty when (re-)joining.");
        let away = ConsumerGroupHeartbeatRequest { member_epoch: AWAY_EPOCH, ..joins() };
        assert_eq!(words(&away, 1), "INVALID_REQUEST InstanceId can't be null.");
        let lower = ConsumerGroupHeartbeatRequest { member_epoch: -3, ..joins() };
        assert_eq!(words(&lower, 1), "INVALID_REQUEST MemberEpoch is invalid.");
        let other = ConsumerGroupHeartbeatRequest { server_assignor: Some("x".to_owned()), ..joins() };
        assert_eq!(
            words(&other, 1),
            "UNSUPPORTED_ASSIGNOR ServerAssignor x is not supported. Supported assignors: uniform, range."
        );
    }
}
