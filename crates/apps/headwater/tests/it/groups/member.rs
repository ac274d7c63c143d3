//! A group's member by hand: each request and each answer is the test's own.

use headwater_base::ErrorCode;
use headwater_protocol::ApiKey;
use headwater_protocol::messages::describe_groups_request::DescribeGroupsRequest;
use headwater_protocol::messages::describe_groups_response::{DescribeGroupsResponse, DescribedGroup};
use headwater_protocol::messages::find_coordinator_request::FindCoordinatorRequest;
use headwater_protocol::messages::find_coordinator_response::FindCoordinatorResponse;
use headwater_protocol::messages::heartbeat_request::HeartbeatRequest;
use headwater_protocol::messages::heartbeat_response::HeartbeatResponse;
use headwater_protocol::messages::join_group_request::{JoinGroupRequest, JoinGroupRequestProtocol};
use headwater_protocol::messages::join_group_response::JoinGroupResponse;
use headwater_protocol::messages::offset_commit_request::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use headwater_protocol::messages::offset_commit_response::OffsetCommitResponse;
use headwater_protocol::messages::offset_fetch_request::{OffsetFetchRequest, OffsetFetchRequestGroup};
use headwater_protocol::messages::offset_fetch_response::OffsetFetchResponse;
use headwater_protocol::messages::sync_group_request::{SyncGroupRequest, SyncGroupRequestAssignment};
use headwater_protocol::messages::sync_group_response::SyncGroupResponse;

use crate::client::Client;
use crate::node::Node;

/// A consumer's subscription to `t`.
pub const SUBSCRIPTION: &[u8] = b"\0\0\0\0\0\x01\0\x01t\xff\xff\xff\xff";
const PROTOCOL: &str = "range";

pub struct Member {
    pub client: Client,
    pub group: String,
    pub id: String,
    pub instance: Option<String>,
    pub generation: i32,
    pub session_timeout_ms: i32,
    pub metadata: Vec<u8>,
}

pub fn code(code: i16) -> ErrorCode {
    ErrorCode::from_code(code)
}

/// Waits for a group's coordinator to be there.
pub fn find(client: &mut Client, group: &str) {
    let request = FindCoordinatorRequest {
        coordinator_keys: vec![group.to_owned()],
        ..FindCoordinatorRequest::default()
    };
    let answer: FindCoordinatorResponse = client.call(ApiKey::FindCoordinator, 6, &request);
    assert_eq!(code(answer.coordinators[0].error_code), ErrorCode::None);
}

impl Member {
    pub fn new(node: &Node, group: &str) -> Member {
        let mut client = node.client();
        find(&mut client, group);
        Member {
            client,
            group: group.to_owned(),
            id: String::new(),
            instance: None,
            generation: -1,
            session_timeout_ms: 20_000,
            metadata: SUBSCRIPTION.to_vec(),
        }
    }

    pub fn with_instance(node: &Node, group: &str, instance: &str) -> Member {
        Member { instance: Some(instance.to_owned()), ..Member::new(node, group) }
    }

    /// The same member over another node, or another connection.
    pub fn reconnected(self, node: &Node) -> Member {
        let mut client = node.client();
        find(&mut client, &self.group);
        Member { client, ..self }
    }

    pub fn ask_to_join(&mut self) {
        let protocol =
            JoinGroupRequestProtocol { name: PROTOCOL.to_owned(), metadata: self.metadata.clone() };
        let request = JoinGroupRequest {
            group_id: self.group.clone(),
            session_timeout_ms: self.session_timeout_ms,
            rebalance_timeout_ms: 20_000,
            member_id: self.id.clone(),
            group_instance_id: self.instance.clone(),
            protocol_type: "consumer".to_owned(),
            protocols: vec![protocol],
            reason: None,
        };
        self.client.send(ApiKey::JoinGroup, 9, &request);
    }

    /// The answer to its JoinGroup; it takes over id and generation.
    pub fn joined(&mut self) -> JoinGroupResponse {
        let answer: JoinGroupResponse = self.client.receive_as(ApiKey::JoinGroup, 9).1;
        if !answer.member_id.is_empty() {
            self.id.clone_from(&answer.member_id);
        }
        if answer.error_code == 0 {
            self.generation = answer.generation_id;
        }
        answer
    }

    /// Sends JoinGroup under an id that it has, or is given first.
    pub fn come(&mut self) {
        if self.id.is_empty() && self.instance.is_none() {
            self.ask_to_join();
            assert_eq!(code(self.joined().error_code), ErrorCode::MemberIdRequired);
        }
        self.ask_to_join();
    }

    pub fn join(&mut self) -> JoinGroupResponse {
        self.come();
        self.joined()
    }

    pub fn ask_to_sync(&mut self, assignments: &[(&str, &[u8])]) {
        let assignments = assignments.iter().map(|(member, bytes)| SyncGroupRequestAssignment {
            member_id: (*member).to_owned(),
            assignment: bytes.to_vec(),
        });
        let request = SyncGroupRequest {
            group_id: self.group.clone(),
            generation_id: self.generation,
            member_id: self.id.clone(),
            group_instance_id: self.instance.clone(),
            protocol_type: Some("consumer".to_owned()),
            protocol_name: Some(PROTOCOL.to_owned()),
            assignments: assignments.collect(),
        };
        self.client.send(ApiKey::SyncGroup, 5, &request);
    }

    pub fn synced(&mut self) -> (ErrorCode, Vec<u8>) {
        let answer: SyncGroupResponse = self.client.receive_as(ApiKey::SyncGroup, 5).1;
        (code(answer.error_code), answer.assignment)
    }

    pub fn sync(&mut self, assignments: &[(&str, &[u8])]) -> (ErrorCode, Vec<u8>) {
        self.ask_to_sync(assignments);
        self.synced()
    }

    /// Is the only member: joins, and gives itself this.
    pub fn alone(&mut self, assignment: &[u8]) {
        assert_eq!(code(self.join().error_code), ErrorCode::None);
        let id = self.id.clone();
        assert_eq!(self.sync(&[(&id, assignment)]), (ErrorCode::None, assignment.to_vec()));
    }

    pub fn heartbeat(&mut self) -> ErrorCode {
        let request = HeartbeatRequest {
            group_id: self.group.clone(),
            generation_id: self.generation,
            member_id: self.id.clone(),
            group_instance_id: self.instance.clone(),
        };
        let answer: HeartbeatResponse = self.client.call(ApiKey::Heartbeat, 4, &request);
        code(answer.error_code)
    }

    /// The request that commits the same offset for the first partitions of `t`.
    pub fn commit_request(&self, partitions: i32, offset: i64, metadata: &str) -> OffsetCommitRequest {
        let partitions = (0..partitions).map(|index| OffsetCommitRequestPartition {
            partition_index: index,
            committed_offset: offset,
            committed_metadata: Some(metadata.to_owned()),
            ..OffsetCommitRequestPartition::default()
        });
        OffsetCommitRequest {
            group_id: self.group.clone(),
            generation_id_or_member_epoch: self.generation,
            member_id: self.id.clone(),
            group_instance_id: self.instance.clone(),
            topics: vec![OffsetCommitRequestTopic {
                name: "t".to_owned(),
                partitions: partitions.collect(),
                ..OffsetCommitRequestTopic::default()
            }],
            ..OffsetCommitRequest::default()
        }
    }

    /// Commits for all the first partitions of `t`; the error that all of them hear.
    pub fn commit(&mut self, partitions: i32, offset: i64, metadata: &str) -> ErrorCode {
        let request = self.commit_request(partitions, offset, metadata);
        let answer: OffsetCommitResponse = self.client.call(ApiKey::OffsetCommit, 9, &request);
        committed(&answer)
    }

    /// What the group committed for partitions of `t`.
    pub fn offsets(&mut self) -> Vec<(i32, i64)> {
        offsets(&mut self.client, &self.group.clone())
    }

    pub fn describe(&mut self) -> DescribedGroup {
        let request =
            DescribeGroupsRequest { groups: vec![self.group.clone()], ..DescribeGroupsRequest::default() };
        let mut answer: DescribeGroupsResponse = self.client.call(ApiKey::DescribeGroups, 6, &request);
        answer.groups.remove(0)
    }
}

/// The error that all partitions hear.
pub fn committed(answer: &OffsetCommitResponse) -> ErrorCode {
    let mut codes = answer.topics.iter().flat_map(|topic| &topic.partitions).map(|part| part.error_code);
    let first = codes.next().unwrap();
    assert!(codes.all(|code| code == first), "{answer:?}");
    code(first)
}

pub fn offsets(client: &mut Client, group: &str) -> Vec<(i32, i64)> {
    let asked = OffsetFetchRequestGroup {
        group_id: group.to_owned(),
        topics: None,
        ..OffsetFetchRequestGroup::default()
    };
    let request =
        OffsetFetchRequest { groups: vec![asked], require_stable: true, ..OffsetFetchRequest::default() };
    let answer: OffsetFetchResponse = client.call(ApiKey::OffsetFetch, 9, &request);
    assert_eq!(code(answer.groups[0].error_code), ErrorCode::None);
    let parts = answer.groups[0].topics.iter().flat_map(|topic| &topic.partitions);
    let mut found: Vec<(i32, i64)> =
        parts.map(|part| (part.partition_index, part.committed_offset)).collect();
    found.sort_unstable();
    found
}
