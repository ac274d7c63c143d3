//! DescribeQuorum (key 55), versions 0–2 (KIP-595).
//!
//! v1 when replicas fetched and caught up (KIP-836) · v2 directory ids, error messages, and where the voters listen
//! (KIP-853).
//!
//! Exactly the one partition of the metadata log can be asked for. There are no observers: whoever does not vote would
//! have to fetch the log, and this quorum has one member.

use std::sync::Arc;

use headwater_base::error_code::ErrorCode;
use headwater_protocol::api::ApiKey;
use headwater_protocol::messages::describe_quorum_request::DescribeQuorumRequest;
use headwater_protocol::messages::describe_quorum_response::{
    DescribeQuorumResponse, Listener, Node, PartitionData, ReplicaState, TopicData,
};
use headwater_raft::{METADATA_TOPIC, VoterNode};

use super::{Close, Reply, Request, Row};
use crate::quorum::QuorumState;

/// Registers this file.
pub const ROW: Row = Row { key: ApiKey::DescribeQuorum, handle };

const PARTITION: i32 = 0;
/// From here on the answer tells directories and listeners.
const FIRST_VERSION_WITH_NODES: i16 = 2;

fn handle(request: &Request<'_>, body: &mut [u8]) -> Result<Reply, Close> {
    let message: DescribeQuorumRequest = request.decode(body)?;
    if !is_metadata_partition(&message) {
        return Ok(request.answerer.now(&unknown(&message)));
    }
    let (broker, version) = (Arc::clone(request.broker), request.version);
    Ok(request.answerer.later(async move {
        match broker.quorum.describe().await {
            Ok(state) => describe(&state, version, broker.runtime.wall_clock_ms()),
            Err(error) => {
                let code = error.told_to_clients().code;
                DescribeQuorumResponse {
                    error_code: code.code(),
                    error_message: Some(code.message().to_owned()),
                    ..DescribeQuorumResponse::default()
                }
            }
        }
    }))
}

fn is_metadata_partition(message: &DescribeQuorumRequest) -> bool {
    match message.topics.as_slice() {
        [topic] if topic.topic_name == METADATA_TOPIC => {
            matches!(topic.partitions.as_slice(), [partition] if partition.partition_index == PARTITION)
        }
        _ => false,
    }
}

fn failed(partition_index: i32, code: ErrorCode) -> PartitionData {
    PartitionData {
        partition_index,
        error_code: code.code(),
        error_message: Some(code.message().to_owned()),
        ..PartitionData::default()
    }
}

fn unknown(message: &DescribeQuorumRequest) -> DescribeQuorumResponse {
    let topics = message.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter();
        let unknown = |index: i32| failed(index, ErrorCode::UnknownTopicOrPartition);
        TopicData {
            topic_name: topic.topic_name.clone(),
            partitions: partitions.map(|partition| unknown(partition.partition_index)).collect(),
        }
    });
    DescribeQuorumResponse { topics: topics.collect(), ..DescribeQuorumResponse::default() }
}

fn describe(state: &QuorumState, version: i16, now_ms: i64) -> DescribeQuorumResponse {
    let with_nodes = version >= FIRST_VERSION_WITH_NODES;
    let partition = match state.leader_id {
        None => failed(PARTITION, ErrorCode::NotLeaderOrFollower),
        Some(leader_id) => PartitionData {
            partition_index: PARTITION,
            leader_id: leader_id.0,
            leader_epoch: state.epoch.0,
            high_watermark: state.high_watermark.map_or(-1, |offset| offset.0),
            current_voters: state
                .voters
                .iter()
                .map(|voter| ReplicaState {
                    replica_id: voter.key.node_id.0,
                    replica_directory_id: if with_nodes {
                        voter.key.directory_id
                    } else {
                        Default::default()
                    },
                    log_end_offset: state.log_end_offset.0,
                    // A leader is always caught up with itself.
                    last_fetch_timestamp: now_ms,
                    last_caught_up_timestamp: now_ms,
                })
                .collect(),
            ..PartitionData::default()
        },
    };
    let nodes = state.voters.iter().filter(|_| with_nodes && state.leader_id.is_some()).map(node);
    DescribeQuorumResponse {
        topics: vec![TopicData { topic_name: METADATA_TOPIC.to_owned(), partitions: vec![partition] }],
        nodes: nodes.collect(),
        ..DescribeQuorumResponse::default()
    }
}

fn node(voter: &VoterNode) -> Node {
    let listeners = voter.endpoints.iter().map(|endpoint| Listener {
        name: endpoint.name.clone(),
        host: endpoint.host.clone(),
        port: endpoint.port,
    });
    Node { node_id: voter.key.node_id.0, listeners: listeners.collect() }
}
