//! Inputs, answers and decisions.

use std::sync::Arc;

use headwater_base::error_code::ErrorCode;
use headwater_metadata::{ConfigResource, Image, ResourceType};
use headwater_protocol::messages::consumer_group_describe_response::DescribedGroup as DescribedConsumerGroup;
use headwater_protocol::messages::consumer_group_heartbeat_request::ConsumerGroupHeartbeatRequest;
use headwater_protocol::messages::consumer_group_heartbeat_response::ConsumerGroupHeartbeatResponse;
use headwater_protocol::messages::delete_groups_response::DeleteGroupsResponse;
use headwater_protocol::messages::describe_groups_response::DescribedGroup;
use headwater_protocol::messages::heartbeat_request::HeartbeatRequest;
use headwater_protocol::messages::join_group_request::JoinGroupRequest;
use headwater_protocol::messages::join_group_response::JoinGroupResponse;
use headwater_protocol::messages::leave_group_request::LeaveGroupRequest;
use headwater_protocol::messages::leave_group_response::LeaveGroupResponse;
use headwater_protocol::messages::list_groups_request::ListGroupsRequest;
use headwater_protocol::messages::list_groups_response::ListedGroup;
use headwater_protocol::messages::offset_commit_request::OffsetCommitRequest;
use headwater_protocol::messages::offset_commit_response::OffsetCommitResponse;
use headwater_protocol::messages::offset_delete_request::OffsetDeleteRequest;
use headwater_protocol::messages::offset_delete_response::OffsetDeleteResponse;
use headwater_protocol::messages::offset_fetch_request::OffsetFetchRequestGroup;
use headwater_protocol::messages::offset_fetch_response::OffsetFetchResponseGroup;
use headwater_protocol::messages::sync_group_request::SyncGroupRequest;
use headwater_protocol::messages::sync_group_response::SyncGroupResponse;

use crate::classic::ClassicGroup;
use crate::config::{Bounded, GroupConfig};
use crate::consumer::{RegexJob, RegexResult};
use crate::event::Event;
use crate::record::GroupRecord;
use crate::state::{Refresh, Shard};
use crate::timers::TimerKey;

/// Stands for a request that waits for its answer. The driver gives them out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(pub u64);

/// What a decision depends on beside state and input.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// Monotonic time in milliseconds.
    pub now_ms: i64,
    /// Wall clock in milliseconds.
    pub wall_ms: i64,
    /// A fresh random number, for a member's id.
    pub random: u128,
    /// Limits and times.
    pub config: &'a GroupConfig,
    /// The metadata: topics, and what is set on single groups.
    pub image: &'a Image,
}

impl Context<'_> {
    /// Milliseconds since something that the log dates by the wall clock. What is dated later than now counts as long
    /// ago, as `i64::MAX`: the clock was set back, or another node's was ahead, and to wait for it would take as long as
    /// it was wrong.
    pub(crate) fn since_ms(&self, then_wall_ms: i64) -> i64 {
        let since_ms = self.wall_ms.saturating_sub(then_wall_ms);
        if since_ms < 0 { i64::MAX } else { since_ms }
    }

    fn of_group(&self, group: &str, key: &str, broker: &Bounded) -> i32 {
        let resource = ConfigResource { kind: ResourceType::GROUP, name: Arc::from(group) };
        let own = self.image.configs.value(&resource, key);
        broker.of_group(own.and_then(|own| own.trim().parse().ok()))
    }

    /// How long a member of a consumer group may be silent.
    pub(crate) fn session_timeout_ms(&self, group: &str) -> i32 {
        self.of_group(group, "consumer.session.timeout.ms", &self.config.consumer.session_timeout_ms)
    }

    /// How often it shall be heard of.
    pub(crate) fn heartbeat_interval_ms(&self, group: &str) -> i32 {
        self.of_group(group, "consumer.heartbeat.interval.ms", &self.config.consumer.heartbeat_interval_ms)
    }

    /// How long targets hold at least.
    pub(crate) fn assignment_interval_ms(&self, group: &str) -> i32 {
        self.of_group(group, "consumer.assignment.interval.ms", &self.config.consumer.assignment_interval_ms)
    }
}

/// Who asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caller {
    /// `client.id`; empty if there is none.
    pub client_id: String,
    /// The other end's address, as Kafka writes it: `/127.0.0.1`.
    pub client_host: String,
}

/// What can be asked. Requests come decoded and authorized; topics have names.
#[derive(Clone, Debug)]
pub enum Input {
    /// JoinGroup and its version.
    Join(JoinGroupRequest, Caller, i16),
    /// SyncGroup.
    Sync(SyncGroupRequest),
    /// Heartbeat.
    Heartbeat(HeartbeatRequest),
    /// LeaveGroup, with the members listed as since version 3.
    Leave(LeaveGroupRequest),
    /// OffsetCommit and its version.
    CommitOffsets(OffsetCommitRequest, i16),
    /// OffsetFetch of one group; whether only offsets are wanted that no open transaction can change.
    FetchOffsets(OffsetFetchRequestGroup, bool),
    /// OffsetDelete.
    DeleteOffsets(OffsetDeleteRequest),
    /// DescribeGroups, with its version.
    Describe(Vec<String>, i16),
    /// ListGroups.
    List(ListGroupsRequest),
    /// DeleteGroups.
    Delete(Vec<String>),
    /// The time of [`Shard::next_deadline_ms`] has come.
    Expire,
    /// Look for offsets that are too old, and for groups without a reason to be.
    ExpireOffsets,
    /// These topics exist no more.
    TopicsDeleted(Vec<Arc<str>>),
    /// ConsumerGroupHeartbeat, after [`crate::consumer::check_heartbeat`].
    ConsumerHeartbeat(ConsumerGroupHeartbeatRequest, Caller),
    /// ConsumerGroupDescribe.
    ConsumerDescribe(Vec<String>),
    /// The metadata in [`Context::image`] has changed.
    TopicsChanged {
        /// Topics that are new, other than they were, or gone.
        names: Vec<Arc<str>>,
        /// Whether there are new ones.
        created: bool,
    },
    /// The result of a [`RegexJob`].
    RegexResolved(RegexResult),
}

/// The answer to an [`Input`] with a ticket.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// To Join.
    Join(JoinGroupResponse),
    /// To Sync.
    Sync(SyncGroupResponse),
    /// To Heartbeat.
    Heartbeat(ErrorCode),
    /// To Leave.
    Leave(LeaveGroupResponse),
    /// To CommitOffsets.
    CommitOffsets(OffsetCommitResponse),
    /// To FetchOffsets.
    FetchOffsets(OffsetFetchResponseGroup),
    /// To DeleteOffsets.
    DeleteOffsets(OffsetDeleteResponse),
    /// To Describe.
    Describe(Vec<DescribedGroup>),
    /// To List.
    List(Vec<ListedGroup>),
    /// To Delete.
    Delete(DeleteGroupsResponse),
    /// To ConsumerHeartbeat.
    ConsumerHeartbeat(ConsumerGroupHeartbeatResponse),
    /// To ConsumerDescribe.
    ConsumerDescribe(Vec<DescribedConsumerGroup>),
    /// To anything: this error, in the words of the request's own response.
    Failed(ErrorCode),
}

/// A change to what is not in the log.
#[derive(Clone, Debug)]
pub enum Soft {
    /// A group is like this from now on.
    Group(Arc<ClassicGroup>),
    /// A deadline is set, or taken away.
    Timer(TimerKey, Option<i64>),
    /// A consumer group's picture of its topics is new, or out of date.
    MetadataRefresh(Arc<str>, Option<Refresh>),
    /// A consumer group's regular expressions are being resolved, at most until then; or no more.
    Resolving(Arc<str>, Option<i64>),
    /// The metadata of this offset has new topics.
    NewTopics(i64),
}

/// What was decided.
#[derive(Clone, Debug, Default)]
pub struct Decision {
    /// Records to append as one batch.
    pub records: Vec<GroupRecord>,
    /// Who hears what, once all is committed. It may be others than who asked, or nobody yet.
    pub answers: Vec<(Ticket, Answer)>,
    /// What to apply with [`Shard::apply_soft`] after the records.
    pub soft: Vec<Soft>,
    /// What happened, for the log.
    pub events: Vec<Event>,
    /// What to run beside the coordinator; the result is an input.
    pub jobs: Vec<RegexJob>,
}

impl Decision {
    /// An answer alone.
    pub(crate) fn answer(ticket: Ticket, answer: Answer) -> Self {
        Self { answers: vec![(ticket, answer)], ..Self::default() }
    }
}

impl Shard {
    /// Decides. Nothing changes until the driver applies what was decided. Inputs that nobody waits for take any ticket.
    #[must_use]
    pub fn decide(&self, context: &Context<'_>, ticket: Ticket, input: Input) -> Decision {
        match input {
            Input::Join(request, caller, version) => self.join(context, ticket, request, &caller, version),
            Input::Sync(request) => self.sync(context, ticket, request),
            Input::Heartbeat(request) => self.heartbeat(context, ticket, &request),
            Input::Leave(request) => self.leave(context, ticket, &request),
            Input::CommitOffsets(request, version) => self.commit_offsets(context, ticket, &request, version),
            Input::FetchOffsets(request, stable) => {
                Decision::answer(ticket, Answer::FetchOffsets(self.fetch_offsets(&request, stable)))
            }
            Input::DeleteOffsets(request) => self.delete_offsets(ticket, &request),
            Input::Describe(groups, version) => {
                let described = groups.iter().map(|group| self.describe_group(group, version)).collect();
                Decision::answer(ticket, Answer::Describe(described))
            }
            Input::List(request) => Decision::answer(ticket, Answer::List(self.list_groups(&request))),
            Input::Delete(groups) => self.delete_groups(ticket, &groups),
            Input::Expire => self.expire(context),
            Input::ExpireOffsets => self.expire_offsets(context),
            Input::TopicsDeleted(topics) => self.forget_topics(&topics),
            Input::ConsumerHeartbeat(request, caller) => {
                self.consumer_heartbeat(context, ticket, &request, &caller)
            }
            Input::ConsumerDescribe(groups) => {
                let described =
                    groups.iter().map(|group| self.describe_consumer_group(context, group)).collect();
                Decision::answer(ticket, Answer::ConsumerDescribe(described))
            }
            Input::RegexResolved(result) => self.regex_resolved(context, result),
            Input::TopicsChanged { names, created } => self.topics_changed(context, &names, created),
        }
    }
}

/// What a request hears when its records could not be appended (`CoordinatorOperationExceptionHelper`).
#[must_use]
pub fn append_error(error: ErrorCode) -> ErrorCode {
    match error {
        ErrorCode::UnknownTopicOrPartition
        | ErrorCode::NotEnoughReplicas
        | ErrorCode::NotEnoughReplicasAfterAppend
        | ErrorCode::RequestTimedOut => ErrorCode::CoordinatorNotAvailable,
        ErrorCode::NotLeaderOrFollower | ErrorCode::KafkaStorageError => ErrorCode::NotCoordinator,
        ErrorCode::MessageTooLarge | ErrorCode::RecordListTooLarge | ErrorCode::InvalidFetchSize => {
            ErrorCode::UnknownServerError
        }
        other => other,
    }
}
