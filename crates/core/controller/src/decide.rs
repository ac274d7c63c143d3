//! Inputs and decisions.

use headwater_protocol::messages::allocate_producer_ids_request::AllocateProducerIdsRequest;
use headwater_protocol::messages::allocate_producer_ids_response::AllocateProducerIdsResponse;
use headwater_protocol::messages::alter_partition_reassignments_request::AlterPartitionReassignmentsRequest;
use headwater_protocol::messages::alter_partition_reassignments_response::AlterPartitionReassignmentsResponse;
use headwater_protocol::messages::assign_replicas_to_dirs_request::AssignReplicasToDirsRequest;
use headwater_protocol::messages::assign_replicas_to_dirs_response::AssignReplicasToDirsResponse;
use headwater_protocol::messages::broker_heartbeat_request::BrokerHeartbeatRequest;
use headwater_protocol::messages::broker_heartbeat_response::BrokerHeartbeatResponse;
use headwater_protocol::messages::broker_registration_request::BrokerRegistrationRequest;
use headwater_protocol::messages::broker_registration_response::BrokerRegistrationResponse;
use headwater_protocol::messages::controller_registration_request::ControllerRegistrationRequest;
use headwater_protocol::messages::controller_registration_response::ControllerRegistrationResponse;
use headwater_protocol::messages::create_partitions_request::CreatePartitionsRequest;
use headwater_protocol::messages::create_partitions_response::CreatePartitionsResponse;
use headwater_protocol::messages::create_topics_request::CreateTopicsRequest;
use headwater_protocol::messages::create_topics_response::CreateTopicsResponse;
use headwater_protocol::messages::delete_topics_request::DeleteTopicsRequest;
use headwater_protocol::messages::delete_topics_response::DeleteTopicsResponse;
use headwater_protocol::messages::elect_leaders_request::ElectLeadersRequest;
use headwater_protocol::messages::elect_leaders_response::ElectLeadersResponse;
use headwater_protocol::messages::list_partition_reassignments_request::ListPartitionReassignmentsRequest;
use headwater_protocol::messages::list_partition_reassignments_response::ListPartitionReassignmentsResponse;
use headwater_protocol::messages::unregister_broker_request::UnregisterBrokerRequest;
use headwater_protocol::messages::unregister_broker_response::UnregisterBrokerResponse;
use headwater_protocol::messages::update_features_request::UpdateFeaturesRequest;
use headwater_protocol::messages::update_features_response::UpdateFeaturesResponse;
use headwater_protocol::metadata::MetadataRecord;

use crate::activate::Bootstrap;
use crate::alter_configs::ConfigReplacement;
use crate::features::UnsupportedFeature;
use crate::incremental_alter_configs::{ConfigChange, Results};
use crate::missing::Waivers;
use crate::sessions::Soft;
use crate::state::Controller;
use headwater_base::Offset;

/// The most records that one user's request may lead to (`QuorumController.MAX_RECORDS_PER_USER_OP`).
pub(crate) const MAX_RECORDS_PER_USER_OP: usize = 10_000;

/// What a decision depends on beside state and input.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    /// Monotonic time in milliseconds.
    pub now_ms: i64,
    /// The offset that the first record of the decision will get.
    pub next_offset: Offset,
    /// Fresh random numbers.
    pub random: [u64; 2],
}

/// What can be asked of the controller. Requests come decoded and authorized.
#[derive(Clone, Debug)]
pub enum Input {
    /// This controller has become the active one. The records are those of the cluster's first start.
    Activate(Bootstrap),
    /// Features that the node may go without are to be lowered; comes behind Activate.
    LowerFeatures(Waivers),
    /// CreateTopics.
    CreateTopics(CreateTopicsRequest),
    /// CreatePartitions.
    CreatePartitions(CreatePartitionsRequest),
    /// DeleteTopics and the version of the request.
    DeleteTopics(DeleteTopicsRequest, i16),
    /// BrokerRegistration.
    RegisterBroker(BrokerRegistrationRequest),
    /// BrokerHeartbeat.
    BrokerHeartbeat(BrokerHeartbeatRequest),
    /// UnregisterBroker.
    UnregisterBroker(UnregisterBrokerRequest),
    /// ControllerRegistration.
    RegisterController(ControllerRegistrationRequest),
    /// AllocateProducerIds.
    AllocateProducerIds(AllocateProducerIdsRequest),
    /// AssignReplicasToDirs.
    AssignReplicasToDirs(AssignReplicasToDirsRequest),
    /// AlterConfigs, by resource; with `validate_only`.
    AlterConfigs(Vec<ConfigReplacement>, bool),
    /// ElectLeaders.
    ElectLeaders(ElectLeadersRequest),
    /// AlterPartitionReassignments.
    AlterPartitionReassignments(AlterPartitionReassignmentsRequest),
    /// ListPartitionReassignments.
    ListPartitionReassignments(ListPartitionReassignmentsRequest),
    /// UpdateFeatures and the version of the request.
    UpdateFeatures(UpdateFeaturesRequest, i16),
    /// IncrementalAlterConfigs, by resource; with `validate_only`.
    IncrementalAlterConfigs(Vec<ConfigChange>, bool),
    /// The time of [`Controller::next_expiry_ms`] has come.
    FenceStaleBroker,
}

/// The answer to an [`Input`].
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// To Activate: what was done, for the log.
    Activated(String),
    /// To LowerFeatures: what was lowered, with the level that it had.
    LoweredFeatures(Vec<UnsupportedFeature>),
    /// To CreateTopics.
    CreateTopics(CreateTopicsResponse),
    /// To CreatePartitions.
    CreatePartitions(CreatePartitionsResponse),
    /// To DeleteTopics.
    DeleteTopics(DeleteTopicsResponse),
    /// To RegisterBroker.
    RegisterBroker(BrokerRegistrationResponse),
    /// To BrokerHeartbeat.
    BrokerHeartbeat(BrokerHeartbeatResponse),
    /// To UnregisterBroker.
    UnregisterBroker(UnregisterBrokerResponse),
    /// To RegisterController.
    RegisterController(ControllerRegistrationResponse),
    /// To AllocateProducerIds.
    AllocateProducerIds(AllocateProducerIdsResponse),
    /// To AssignReplicasToDirs.
    AssignReplicasToDirs(AssignReplicasToDirsResponse),
    /// To AlterConfigs: one result for each resource, in the order of the request.
    AlterConfigs(Results),
    /// To ElectLeaders.
    ElectLeaders(ElectLeadersResponse),
    /// To AlterPartitionReassignments.
    AlterPartitionReassignments(AlterPartitionReassignmentsResponse),
    /// To ListPartitionReassignments.
    ListPartitionReassignments(ListPartitionReassignmentsResponse),
    /// To UpdateFeatures.
    UpdateFeatures(UpdateFeaturesResponse),
    /// To IncrementalAlterConfigs: one result for each resource, in the order of the request.
    IncrementalAlterConfigs(Results),
    /// To FenceStaleBroker: whether there may be another one, so that the question is to be asked again.
    FencedStaleBroker {
        /// Ask again.
        again: bool,
    },
}

/// What was decided.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision<A = Answer> {
    /// Records to append.
    pub records: Vec<MetadataRecord>,
    /// Whether they must be one batch. Otherwise any cut is a valid state.
    pub atomic: bool,
    /// What to answer once all is committed.
    pub answer: A,
    /// What to apply with [`Controller::apply_soft`] after the records.
    pub soft: Vec<Soft>,
    /// The level of `kraft.version` that the quorum is to finalize before the records.
    pub kraft_version: Option<i16>,
}

impl<A> Decision<A> {
    /// An answer without records.
    pub(crate) fn answer(answer: A) -> Self {
        Self { records: Vec::new(), atomic: false, answer, soft: Vec::new(), kraft_version: None }
    }

    /// Records of which any prefix is a valid state.
    pub(crate) fn records(records: Vec<MetadataRecord>, answer: A) -> Self {
        Self { records, atomic: false, answer, soft: Vec::new(), kraft_version: None }
    }

    /// Records that are appended together.
    pub(crate) fn atomic(records: Vec<MetadataRecord>, answer: A) -> Self {
        Self { records, atomic: true, answer, soft: Vec::new(), kraft_version: None }
    }

    pub(crate) fn map<B>(self, wrap: impl FnOnce(A) -> B) -> Decision<B> {
        Decision {
            records: self.records,
            atomic: self.atomic,
            answer: wrap(self.answer),
            soft: self.soft,
            kraft_version: self.kraft_version,
        }
    }
}

impl Controller {
    /// Decides. Nothing changes until the driver applies what was decided.
    #[must_use]
    pub fn decide(&self, context: &Context, input: Input) -> Decision {
        match input {
            Input::Activate(bootstrap) => self.activate(&bootstrap).map(Answer::Activated),
            Input::LowerFeatures(waivers) => self.lower_features(&waivers).map(Answer::LoweredFeatures),
            Input::CreateTopics(request) => self.create_topics(context, &request).map(Answer::CreateTopics),
            Input::CreatePartitions(request) => {
                self.create_partitions(context, &request).map(Answer::CreatePartitions)
            }
            Input::DeleteTopics(request, version) => {
                self.delete_topics(&request, version).map(Answer::DeleteTopics)
            }
            Input::RegisterBroker(request) => {
                self.register_broker(context, &request).map(Answer::RegisterBroker)
            }
            Input::BrokerHeartbeat(request) => {
                self.broker_heartbeat(context, &request).map(Answer::BrokerHeartbeat)
            }
            Input::UnregisterBroker(request) => {
                self.unregister_broker(&request).map(Answer::UnregisterBroker)
            }
            Input::RegisterController(request) => {
                self.register_controller(&request).map(Answer::RegisterController)
            }
            Input::AllocateProducerIds(request) => {
                self.allocate_producer_ids(&request).map(Answer::AllocateProducerIds)
            }
            Input::AssignReplicasToDirs(request) => {
                self.assign_replicas_to_dirs(&request).map(Answer::AssignReplicasToDirs)
            }
            Input::AlterConfigs(replacements, validate_only) => {
                self.alter_configs(&replacements, validate_only).map(Answer::AlterConfigs)
            }
            Input::ElectLeaders(request) => self.elect_leaders(&request).map(Answer::ElectLeaders),
            Input::AlterPartitionReassignments(request) => {
                self.alter_partition_reassignments(&request).map(Answer::AlterPartitionReassignments)
            }
            Input::ListPartitionReassignments(request) => {
                self.list_partition_reassignments(&request).map(Answer::ListPartitionReassignments)
            }
            Input::UpdateFeatures(request, version) => {
                self.update_features(&request, version).map(Answer::UpdateFeatures)
            }
            Input::IncrementalAlterConfigs(changes, validate_only) => {
                self.incremental_alter_configs(&changes, validate_only).map(Answer::IncrementalAlterConfigs)
            }
            Input::FenceStaleBroker => {
                self.fence_stale_broker(context).map(|again| Answer::FencedStaleBroker { again })
            }
        }
    }
}
