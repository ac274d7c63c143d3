//! FindCoordinator (key 10), versions 0–6.
//!
//! v1 key types · v4 many keys in one request.
//!
//! Groups are coordinated by the leader of their partition of `__consumer_offsets`, which is made when somebody looks for
//! it. Kafka sends him away until the topic is there; here he waits for it. Transactions and share groups have no
//! coordinators yet: COORDINATOR_NOT_AVAILABLE, which clients take as "try again later".

use std::sync::Arc;
use std::time::Duration;

use headwater_base::error_code::ErrorCode;
use headwater_base::{PartitionIndex, Uuid};
use headwater_protocol::api::ApiKey;
use headwater_protocol::messages::find_coordinator_request::FindCoordinatorRequest;
use headwater_protocol::messages::find_coordinator_response::{Coordinator, FindCoordinatorResponse};

use super::{Close, Reply, Request, Row};
use crate::broker::Broker;
use crate::coordinator::OFFSETS_TOPIC;

/// Registers this file.
pub const ROW: Row = Row { key: ApiKey::FindCoordinator, handle };

/// How long an answer waits for a coordinator that is being made.
const PATIENCE: Duration = Duration::from_secs(2);

const GROUP: i8 = 0;
const TRANSACTION: i8 = 1;
const SHARE: i8 = 2;

/// Said to whoever looks for a coordinator that there is none of yet.
const WHY: &str = "This broker has no transaction or share coordinators.";

fn handle(request: &Request<'_>, body: &mut [u8]) -> Result<Reply, Close> {
    let message: FindCoordinatorRequest = request.decode(body)?;
    let (version, broker, listener) =
        (request.version, Arc::clone(request.broker), Arc::clone(&request.peer.listener));
    Ok(request.answerer.later(async move {
        let key_type = message.key_type;
        if version < 4 {
            let found = find(&broker, &listener, version, key_type, &message.key).await;
            return FindCoordinatorResponse {
                error_code: found.error_code,
                error_message: found.error_message.or(Some(ErrorCode::None.name().to_owned())),
                node_id: found.node_id,
                host: found.host,
                port: found.port,
                ..FindCoordinatorResponse::default()
            };
        }
        let mut coordinators = Vec::new();
        for key in &message.coordinator_keys {
            let found = find(&broker, &listener, version, key_type, key).await;
            coordinators
                .push(Coordinator { error_message: found.error_message.or(Some(String::new())), ..found });
        }
        FindCoordinatorResponse { coordinators, ..FindCoordinatorResponse::default() }
    }))
}

/// The coordinator of one key, without a message if it was found.
async fn find(broker: &Arc<Broker>, listener: &str, version: i16, key_type: i8, key: &str) -> Coordinator {
    let refused = |(error, why): (ErrorCode, &str)| Coordinator {
        key: key.to_owned(),
        node_id: -1,
        host: String::new(),
        port: -1,
        error_code: error.code(),
        error_message: Some(why.to_owned()),
    };
    if key_type != GROUP {
        return refused(refusal(version, key_type, key));
    }
    let unavailable = (ErrorCode::CoordinatorNotAvailable, ErrorCode::CoordinatorNotAvailable.message());
    if broker.ensure_offsets_topic().await.is_err() {
        return refused(unavailable);
    }
    broker.groups.settled(key, PATIENCE).await;
    match leader(broker, listener, key) {
        Some((node_id, host, port)) => Coordinator {
            key: key.to_owned(),
            node_id,
            host,
            port,
            error_code: ErrorCode::None.code(),
            error_message: None,
        },
        None => refused(unavailable),
    }
}

/// Node, host and port of the leader of a group's partition, as a listener shows them.
fn leader(broker: &Broker, listener: &str, group: &str) -> Option<(i32, String, i32)> {
    let image = broker.image();
    let index = broker.groups.partition_for(group)?;
    let topic = image.topics.by_name(OFFSETS_TOPIC)?;
    let partition = image.topics.partition(topic.id, PartitionIndex(index))?;
    let leader = image.cluster.brokers().find(|known| known.id == partition.leader && !known.fenced)?;
    let endpoint = leader.listeners.get(listener)?;
    Some((leader.id.0, endpoint.host.clone(), i32::from(endpoint.port)))
}

/// Error and words for a key that has no coordinator. Kafka knows three types: groups, transactions and, since version 6,
/// share groups' partitions.
fn refusal(version: i16, key_type: i8, key: &str) -> (ErrorCode, &'static str) {
    match key_type {
        TRANSACTION => (ErrorCode::CoordinatorNotAvailable, WHY),
        SHARE if version >= 6 && is_share_key(key) => (ErrorCode::CoordinatorNotAvailable, WHY),
        // Since version 4 Kafka has no words for a share key that is none.
        SHARE if version >= 4 => (ErrorCode::InvalidRequest, ""),
        _ => (ErrorCode::InvalidRequest, ErrorCode::InvalidRequest.message()),
    }
}

/// `groupId:topicId:partition`, where the group's id may hold colons itself.
fn is_share_key(key: &str) -> bool {
    let mut parts = key.rsplitn(3, ':');
    let partition = parts.next().is_some_and(|text| text.parse::<i32>().is_ok());
    let topic = parts.next().is_some_and(|text| text.parse::<Uuid>().is_ok());
    partition && topic && parts.next().is_some_and(|group| !group.is_empty())
}
