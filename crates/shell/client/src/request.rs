//! Which response answers which request.

use headwater_protocol::{ApiKey, Message, messages};

/// A request with its key and the kind of its response.
pub trait Request: Message {
    /// The API.
    const API: ApiKey;
    /// What answers it.
    type Response: Message;
}

macro_rules! pairs {
    ($($key:ident $request_module:ident $request:ident $response_module:ident $response:ident;)*) => {
        $(impl Request for messages::$request_module::$request {
            const API: ApiKey = ApiKey::$key;
            type Response = messages::$response_module::$response;
        })*

        #[cfg(test)]
        const ALL: &[(ApiKey, i16, i16)] = &[$((
            ApiKey::$key,
            messages::$request_module::$request::KEY,
            messages::$response_module::$response::KEY,
        ),)*];
    };
}

pairs! {
    Produce produce_request ProduceRequest produce_response ProduceResponse;
    Fetch fetch_request FetchRequest fetch_response FetchResponse;
    ListOffsets list_offsets_request ListOffsetsRequest list_offsets_response ListOffsetsResponse;
    Metadata metadata_request MetadataRequest metadata_response MetadataResponse;
    OffsetCommit offset_commit_request OffsetCommitRequest offset_commit_response OffsetCommitResponse;
    OffsetFetch offset_fetch_request OffsetFetchRequest offset_fetch_response OffsetFetchResponse;
    FindCoordinator find_coordinator_request FindCoordinatorRequest find_coordinator_response FindCoordinatorResponse;
    JoinGroup join_group_request JoinGroupRequest join_group_response JoinGroupResponse;
    Heartbeat heartbeat_request HeartbeatRequest heartbeat_response HeartbeatResponse;
    LeaveGroup leave_group_request LeaveGroupRequest leave_group_response LeaveGroupResponse;
    SyncGroup sync_group_request SyncGroupRequest sync_group_response SyncGroupResponse;
    DescribeGroups describe_groups_request DescribeGroupsRequest describe_groups_response DescribeGroupsResponse;
    ListGroups list_groups_request ListGroupsRequest list_groups_response ListGroupsResponse;
    SaslHandshake sasl_handshake_request SaslHandshakeRequest sasl_handshake_response SaslHandshakeResponse;
    ApiVersions api_versions_request ApiVersionsRequest api_versions_response ApiVersionsResponse;
    CreateTopics create_topics_request CreateTopicsRequest create_topics_response CreateTopicsResponse;
    DeleteTopics delete_topics_request DeleteTopicsRequest delete_topics_response DeleteTopicsResponse;
    DeleteRecords delete_records_request DeleteRecordsRequest delete_records_response DeleteRecordsResponse;
    InitProducerId init_producer_id_request InitProducerIdRequest init_producer_id_response InitProducerIdResponse;
    OffsetForLeaderEpoch offset_for_leader_epoch_request OffsetForLeaderEpochRequest offset_for_leader_epoch_response OffsetForLeaderEpochResponse;
    AddPartitionsToTxn add_partitions_to_txn_request AddPartitionsToTxnRequest add_partitions_to_txn_response AddPartitionsToTxnResponse;
    AddOffsetsToTxn add_offsets_to_txn_request AddOffsetsToTxnRequest add_offsets_to_txn_response AddOffsetsToTxnResponse;
    EndTxn end_txn_request EndTxnRequest end_txn_response EndTxnResponse;
    WriteTxnMarkers write_txn_markers_request WriteTxnMarkersRequest write_txn_markers_response WriteTxnMarkersResponse;
    TxnOffsetCommit txn_offset_commit_request TxnOffsetCommitRequest txn_offset_commit_response TxnOffsetCommitResponse;
    DescribeAcls describe_acls_request DescribeAclsRequest describe_acls_response DescribeAclsResponse;
    CreateAcls create_acls_request CreateAclsRequest create_acls_response CreateAclsResponse;
    DeleteAcls delete_acls_request DeleteAclsRequest delete_acls_response DeleteAclsResponse;
    DescribeConfigs describe_configs_request DescribeConfigsRequest describe_configs_response DescribeConfigsResponse;
    AlterConfigs alter_configs_request AlterConfigsRequest alter_configs_response AlterConfigsResponse;
    AlterReplicaLogDirs alter_replica_log_dirs_request AlterReplicaLogDirsRequest alter_replica_log_dirs_response AlterReplicaLogDirsResponse;
    DescribeLogDirs describe_log_dirs_request DescribeLogDirsRequest describe_log_dirs_response DescribeLogDirsResponse;
    SaslAuthenticate sasl_authenticate_request SaslAuthenticateRequest sasl_authenticate_response SaslAuthenticateResponse;
    CreatePartitions create_partitions_request CreatePartitionsRequest create_partitions_response CreatePartitionsResponse;
    CreateDelegationToken create_delegation_token_request CreateDelegationTokenRequest create_delegation_token_response CreateDelegationTokenResponse;
    RenewDelegationToken renew_delegation_token_request RenewDelegationTokenRequest renew_delegation_token_response RenewDelegationTokenResponse;
    ExpireDelegationToken expire_delegation_token_request ExpireDelegationTokenRequest expire_delegation_token_response ExpireDelegationTokenResponse;
    DescribeDelegationToken describe_delegation_token_request DescribeDelegationTokenRequest describe_delegation_token_response DescribeDelegationTokenResponse;
    DeleteGroups delete_groups_request DeleteGroupsRequest delete_groups_response DeleteGroupsResponse;
    ElectLeaders elect_leaders_request ElectLeadersRequest elect_leaders_response ElectLeadersResponse;
    IncrementalAlterConfigs incremental_alter_configs_request IncrementalAlterConfigsRequest incremental_alter_configs_response IncrementalAlterConfigsResponse;
    AlterPartitionReassignments alter_partition_reassignments_request AlterPartitionReassignmentsRequest alter_partition_reassignments_response AlterPartitionReassignmentsResponse;
    ListPartitionReassignments list_partition_reassignments_request ListPartitionReassignmentsRequest list_partition_reassignments_response ListPartitionReassignmentsResponse;
    OffsetDelete offset_delete_request OffsetDeleteRequest offset_delete_response OffsetDeleteResponse;
    DescribeClientQuotas describe_client_quotas_request DescribeClientQuotasRequest describe_client_quotas_response DescribeClientQuotasResponse;
    AlterClientQuotas alter_client_quotas_request AlterClientQuotasRequest alter_client_quotas_response AlterClientQuotasResponse;
    DescribeUserScramCredentials describe_user_scram_credentials_request DescribeUserScramCredentialsRequest describe_user_scram_credentials_response DescribeUserScramCredentialsResponse;
    AlterUserScramCredentials alter_user_scram_credentials_request AlterUserScramCredentialsRequest alter_user_scram_credentials_response AlterUserScramCredentialsResponse;
    Vote vote_request VoteRequest vote_response VoteResponse;
    BeginQuorumEpoch begin_quorum_epoch_request BeginQuorumEpochRequest begin_quorum_epoch_response BeginQuorumEpochResponse;
    EndQuorumEpoch end_quorum_epoch_request EndQuorumEpochRequest end_quorum_epoch_response EndQuorumEpochResponse;
    DescribeQuorum describe_quorum_request DescribeQuorumRequest describe_quorum_response DescribeQuorumResponse;
    AlterPartition alter_partition_request AlterPartitionRequest alter_partition_response AlterPartitionResponse;
    UpdateFeatures update_features_request UpdateFeaturesRequest update_features_response UpdateFeaturesResponse;
    Envelope envelope_request EnvelopeRequest envelope_response EnvelopeResponse;
    FetchSnapshot fetch_snapshot_request FetchSnapshotRequest fetch_snapshot_response FetchSnapshotResponse;
    DescribeCluster describe_cluster_request DescribeClusterRequest describe_cluster_response DescribeClusterResponse;
    DescribeProducers describe_producers_request DescribeProducersRequest describe_producers_response DescribeProducersResponse;
    BrokerRegistration broker_registration_request BrokerRegistrationRequest broker_registration_response BrokerRegistrationResponse;
    BrokerHeartbeat broker_heartbeat_request BrokerHeartbeatRequest broker_heartbeat_response BrokerHeartbeatResponse;
    UnregisterBroker unregister_broker_request UnregisterBrokerRequest unregister_broker_response UnregisterBrokerResponse;
    DescribeTransactions describe_transactions_request DescribeTransactionsRequest describe_transactions_response DescribeTransactionsResponse;
    ListTransactions list_transactions_request ListTransactionsRequest list_transactions_response ListTransactionsResponse;
    AllocateProducerIds allocate_producer_ids_request AllocateProducerIdsRequest allocate_producer_ids_response AllocateProducerIdsResponse;
    ConsumerGroupHeartbeat consumer_group_heartbeat_request ConsumerGroupHeartbeatRequest consumer_group_heartbeat_response ConsumerGroupHeartbeatResponse;
    ConsumerGroupDescribe consumer_group_describe_request ConsumerGroupDescribeRequest consumer_group_describe_response ConsumerGroupDescribeResponse;
    ControllerRegistration controller_registration_request ControllerRegistrationRequest controller_registration_response ControllerRegistrationResponse;
    GetTelemetrySubscriptions get_telemetry_subscriptions_request GetTelemetrySubscriptionsRequest get_telemetry_subscriptions_response GetTelemetrySubscriptionsResponse;
    PushTelemetry push_telemetry_request PushTelemetryRequest push_telemetry_response PushTelemetryResponse;
    AssignReplicasToDirs assign_replicas_to_dirs_request AssignReplicasToDirsRequest assign_replicas_to_dirs_response AssignReplicasToDirsResponse;
    ListConfigResources list_config_resources_request ListConfigResourcesRequest list_config_resources_response ListConfigResourcesResponse;
    DescribeTopicPartitions describe_topic_partitions_request DescribeTopicPartitionsRequest describe_topic_partitions_response DescribeTopicPartitionsResponse;
    ShareGroupHeartbeat share_group_heartbeat_request ShareGroupHeartbeatRequest share_group_heartbeat_response ShareGroupHeartbeatResponse;
    ShareGroupDescribe share_group_describe_request ShareGroupDescribeRequest share_group_describe_response ShareGroupDescribeResponse;
    ShareFetch share_fetch_request ShareFetchRequest share_fetch_response ShareFetchResponse;
    ShareAcknowledge share_acknowledge_request ShareAcknowledgeRequest share_acknowledge_response ShareAcknowledgeResponse;
    AddRaftVoter add_raft_voter_request AddRaftVoterRequest add_raft_voter_response AddRaftVoterResponse;
    RemoveRaftVoter remove_raft_voter_request RemoveRaftVoterRequest remove_raft_voter_response RemoveRaftVoterResponse;
    UpdateRaftVoter update_raft_voter_request UpdateRaftVoterRequest update_raft_voter_response UpdateRaftVoterResponse;
    InitializeShareGroupState initialize_share_group_state_request InitializeShareGroupStateRequest initialize_share_group_state_response InitializeShareGroupStateResponse;
    ReadShareGroupState read_share_group_state_request ReadShareGroupStateRequest read_share_group_state_response ReadShareGroupStateResponse;
    WriteShareGroupState write_share_group_state_request WriteShareGroupStateRequest write_share_group_state_response WriteShareGroupStateResponse;
    DeleteShareGroupState delete_share_group_state_request DeleteShareGroupStateRequest delete_share_group_state_response DeleteShareGroupStateResponse;
    ReadShareGroupStateSummary read_share_group_state_summary_request ReadShareGroupStateSummaryRequest read_share_group_state_summary_response ReadShareGroupStateSummaryResponse;
    StreamsGroupHeartbeat streams_group_heartbeat_request StreamsGroupHeartbeatRequest streams_group_heartbeat_response StreamsGroupHeartbeatResponse;
    StreamsGroupDescribe streams_group_describe_request StreamsGroupDescribeRequest streams_group_describe_response StreamsGroupDescribeResponse;
    DescribeShareGroupOffsets describe_share_group_offsets_request DescribeShareGroupOffsetsRequest describe_share_group_offsets_response DescribeShareGroupOffsetsResponse;
    AlterShareGroupOffsets alter_share_group_offsets_request AlterShareGroupOffsetsRequest alter_share_group_offsets_response AlterShareGroupOffsetsResponse;
    DeleteShareGroupOffsets delete_share_group_offsets_request DeleteShareGroupOffsetsRequest delete_share_group_offsets_response DeleteShareGroupOffsetsResponse;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_and_responses_have_their_keys() {
        assert_eq!(ALL.len(), ApiKey::rows().len());
        for (api, request, response) in ALL {
            assert_eq!((api.code(), *request), (*request, *response), "{api:?}");
        }
    }
}
