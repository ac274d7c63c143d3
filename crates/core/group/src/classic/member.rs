//! A member of a classic group.

use std::sync::Arc;

use headwater_protocol::group::group_metadata_value::MemberMetadata;
use headwater_protocol::messages::join_group_request::{JoinGroupRequest, JoinGroupRequestProtocol};

use crate::consumer::ConsumerMember;
use crate::decide::{Caller, Ticket};

/// See the module. Shared, and copied when it changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// `member.id`.
    pub id: Arc<str>,
    /// `group.instance.id` of a static member.
    pub instance_id: Option<Arc<str>>,
    /// `client.id`.
    pub client_id: String,
    /// Where it comes from.
    pub client_host: String,
    /// How long it may take to join again.
    pub rebalance_timeout_ms: i32,
    /// How long it may be silent.
    pub session_timeout_ms: i32,
    /// What it can, best first, with its metadata for each.
    pub protocols: Vec<JoinGroupRequestProtocol>,
    /// What the leader gave it in this generation.
    pub assignment: Vec<u8>,
    /// Its JoinGroup that waits for the others.
    pub joining: Option<Ticket>,
    /// Its SyncGroup that waits for the leader.
    pub syncing: Option<Ticket>,
    /// It has never been in a generation.
    pub is_new: bool,
}

impl Member {
    pub(crate) fn joined(id: Arc<str>, request: &JoinGroupRequest, caller: &Caller, ticket: Ticket) -> Self {
        Self {
            id,
            instance_id: request.group_instance_id.as_deref().map(Arc::from),
            client_id: caller.client_id.clone(),
            client_host: caller.client_host.clone(),
            rebalance_timeout_ms: request.rebalance_timeout_ms,
            session_timeout_ms: request.session_timeout_ms,
            protocols: request.protocols.clone(),
            assignment: Vec::new(),
            joining: Some(ticket),
            syncing: None,
            is_new: true,
        }
    }

    pub(crate) fn loaded(stored: &MemberMetadata, protocol: Option<&str>) -> Self {
        Self {
            id: Arc::from(stored.member_id.as_str()),
            instance_id: stored.group_instance_id.as_deref().map(Arc::from),
            client_id: stored.client_id.clone(),
            client_host: stored.client_host.clone(),
            // Before version 1 there was none.
            rebalance_timeout_ms: if stored.rebalance_timeout == -1 {
                stored.session_timeout
            } else {
                stored.rebalance_timeout
            },
            session_timeout_ms: stored.session_timeout,
            protocols: vec![JoinGroupRequestProtocol {
                name: protocol.unwrap_or_default().to_owned(),
                metadata: stored.subscription.clone(),
            }],
            assignment: stored.assignment.clone(),
            joining: None,
            syncing: None,
            is_new: false,
        }
    }

    /// A classic member of a consumer group that becomes a classic one.
    pub(crate) fn from_consumer(member: &ConsumerMember) -> Self {
        let classic = member.classic.as_deref().cloned().unwrap_or_default();
        let protocols = classic.supported_protocols.into_iter();
        Self {
            id: Arc::clone(&member.id),
            instance_id: member.instance_id.clone(),
            client_id: member.client_id.clone(),
            client_host: member.client_host.clone(),
            rebalance_timeout_ms: member.rebalance_timeout_ms,
            session_timeout_ms: classic.session_timeout_ms,
            protocols: protocols
                .map(|known| JoinGroupRequestProtocol { name: known.name, metadata: known.metadata })
                .collect(),
            assignment: Vec::new(),
            joining: None,
            syncing: None,
            is_new: false,
        }
    }

    /// Its metadata for a protocol.
    #[must_use]
    pub fn metadata(&self, protocol: &str) -> &[u8] {
        self.protocols.iter().find(|known| known.name == protocol).map_or(&[], |known| &known.metadata)
    }

    /// The first of its protocols that is a candidate.
    pub(crate) fn vote(&self, is_candidate: impl Fn(&str) -> bool) -> Option<&str> {
        self.protocols.iter().map(|protocol| protocol.name.as_str()).find(|name| is_candidate(name))
    }

    /// A member that has been answered its first join, and is parked in neither phase, must send heartbeats
    /// (`hasSatisfiedHeartbeat`).
    pub(crate) fn owes_heartbeats(&self) -> bool {
        if self.is_new {
            // It does not know its id yet.
            return false;
        }
        self.joining.is_none() && self.syncing.is_none()
    }
}
