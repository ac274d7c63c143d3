//! A member of a consumer group (`ConsumerGroupMember`).

use std::collections::BTreeSet;
use std::sync::Arc;

use headwater_protocol::group::consumer_group_current_member_assignment_value::ConsumerGroupCurrentMemberAssignmentValue;
use headwater_protocol::group::consumer_group_member_metadata_value::{
    ClassicMemberMetadata, ConsumerGroupMemberMetadataValue,
};

use super::assignment::{PartitionEpochs, of_current, to_current};

/// A member epoch that says: gone for good.
pub const LEAVE_EPOCH: i32 = -1;
/// A member epoch that says: a static member is away and comes back.
pub const AWAY_EPOCH: i32 = -2;

/// How far a member is on its way to its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberState {
    /// It has all that can be given to it in its epoch.
    Stable,
    /// It has to give up partitions first; until it has, it stays in its epoch.
    UnrevokedPartitions,
    /// It waits for partitions that others have not given up yet.
    UnreleasedPartitions,
    /// A state of a later time.
    Unknown,
}

impl MemberState {
    /// The state's number in records.
    #[must_use]
    pub fn code(self) -> i8 {
        match self {
            MemberState::Stable => 0,
            MemberState::UnrevokedPartitions => 1,
            MemberState::UnreleasedPartitions => 2,
            MemberState::Unknown => i8::MAX,
        }
    }

    /// The state of a number.
    #[must_use]
    pub fn from_code(code: i8) -> Self {
        match code {
            0 => MemberState::Stable,
            1 => MemberState::UnrevokedPartitions,
            2 => MemberState::UnreleasedPartitions,
            _ => MemberState::Unknown,
        }
    }
}

/// See the module. Shared, and copied when it changes.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerMember {
    /// `member.id`.
    pub id: Arc<str>,
    /// The epoch that it has reached.
    pub epoch: i32,
    /// The one before, in which it may ask again if it missed an answer.
    pub previous_epoch: i32,
    /// How far it is.
    pub state: MemberState,
    /// `group.instance.id` of a static member.
    pub instance_id: Option<Arc<str>>,
    /// `client.rack`.
    pub rack_id: Option<String>,
    /// How long it may take to give partitions up; −1 if it never said.
    pub rebalance_timeout_ms: i32,
    /// `client.id`.
    pub client_id: String,
    /// Where it comes from.
    pub client_host: String,
    /// Topics that it wants by name.
    pub subscribed: Arc<BTreeSet<String>>,
    /// Topics that it wants by a regular expression; empty if it does not.
    pub regex: Option<String>,
    /// The server's assignor that it prefers.
    pub assignor: Option<String>,
    /// What it has.
    pub assigned: PartitionEpochs,
    /// What it has and must give up.
    pub revoking: PartitionEpochs,
    /// Set for a member that speaks the classic protocol.
    pub classic: Option<Arc<ClassicMemberMetadata>>,
}

impl ConsumerMember {
    /// A member of which nothing is known yet.
    pub(crate) fn new(id: Arc<str>) -> Self {
        Self {
            id,
            epoch: 0,
            previous_epoch: -1,
            state: MemberState::Stable,
            instance_id: None,
            rack_id: None,
            rebalance_timeout_ms: -1,
            client_id: String::new(),
            client_host: String::new(),
            subscribed: Arc::default(),
            regex: Some(String::new()),
            assignor: None,
            assigned: PartitionEpochs::new(),
            revoking: PartitionEpochs::new(),
            classic: None,
        }
    }

    /// The same member in another epoch.
    pub(crate) fn in_epoch(&self, epoch: i32) -> Self {
        Self { epoch, previous_epoch: self.epoch, ..self.clone() }
    }

    /// The regular expression, if it has one.
    #[must_use]
    pub fn regex(&self) -> Option<&str> {
        self.regex.as_deref().filter(|regex| !regex.is_empty())
    }

    /// Whether it has all that its epoch gives it, and this is the epoch of the target.
    pub(crate) fn is_reconciled_to(&self, assignment_epoch: i32) -> bool {
        self.state == MemberState::Stable && self.epoch == assignment_epoch
    }

    /// The name of the protocol that a classic member was told.
    pub(crate) fn classic_protocol(&self) -> Option<&str> {
        self.classic.as_ref()?.supported_protocols.first().map(|protocol| protocol.name.as_str())
    }

    pub(super) fn subscription_value(&self) -> ConsumerGroupMemberMetadataValue {
        ConsumerGroupMemberMetadataValue {
            instance_id: self.instance_id.as_deref().map(str::to_owned),
            rack_id: self.rack_id.clone(),
            client_id: self.client_id.clone(),
            client_host: self.client_host.clone(),
            subscribed_topic_names: self.subscribed.iter().cloned().collect(),
            subscribed_topic_regex: self.regex.clone(),
            rebalance_timeout_ms: self.rebalance_timeout_ms,
            server_assignor: self.assignor.clone(),
            classic_member_metadata: self.classic.as_deref().cloned(),
        }
    }

    pub(super) fn with_subscription(&self, value: &ConsumerGroupMemberMetadataValue) -> Self {
        Self {
            instance_id: value.instance_id.as_deref().map(Arc::from),
            rack_id: value.rack_id.clone(),
            client_id: value.client_id.clone(),
            client_host: value.client_host.clone(),
            subscribed: Arc::new(value.subscribed_topic_names.iter().cloned().collect()),
            regex: value.subscribed_topic_regex.clone(),
            rebalance_timeout_ms: value.rebalance_timeout_ms,
            assignor: value.server_assignor.clone(),
            classic: value.classic_member_metadata.clone().map(Arc::new),
            ..self.clone()
        }
    }

    pub(super) fn assignment_value(&self) -> ConsumerGroupCurrentMemberAssignmentValue {
        ConsumerGroupCurrentMemberAssignmentValue {
            member_epoch: self.epoch,
            previous_member_epoch: self.previous_epoch,
            state: self.state.code(),
            assigned_partitions: to_current(&self.assigned),
            partitions_pending_revocation: to_current(&self.revoking),
        }
    }

    pub(super) fn with_assignment(&self, value: &ConsumerGroupCurrentMemberAssignmentValue) -> Self {
        Self {
            epoch: value.member_epoch,
            previous_epoch: value.previous_member_epoch,
            state: MemberState::from_code(value.state),
            assigned: of_current(&value.assigned_partitions, value.member_epoch),
            revoking: of_current(&value.partitions_pending_revocation, value.member_epoch),
            ..self.clone()
        }
    }

    /// As it is once its current assignment is gone.
    pub(super) fn without_assignment(&self) -> Self {
        Self {
            epoch: LEAVE_EPOCH,
            previous_epoch: LEAVE_EPOCH,
            assigned: PartitionEpochs::new(),
            revoking: PartitionEpochs::new(),
            ..self.clone()
        }
    }
}
