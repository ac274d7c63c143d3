//! What a controller's listener answers. Both nodes say where it is.

use std::net::SocketAddr;

use headwater_protocol::ApiKey;
use headwater_protocol::messages::alter_partition_reassignments_request::{
    AlterPartitionReassignmentsRequest, ReassignablePartition, ReassignableTopic,
};
use headwater_protocol::messages::api_versions_request::ApiVersionsRequest;
use headwater_protocol::messages::create_partitions_request::{
    CreatePartitionsRequest, CreatePartitionsTopic,
};
use headwater_protocol::messages::create_topics_request::CreateTopicsRequest;
use headwater_protocol::messages::delete_topics_request::{DeleteTopicState, DeleteTopicsRequest};
use headwater_protocol::messages::describe_cluster_request::DescribeClusterRequest;
use headwater_protocol::messages::describe_quorum_request::{
    DescribeQuorumRequest, PartitionData, TopicData,
};
use headwater_protocol::messages::describe_quorum_response::DescribeQuorumResponse;
use headwater_protocol::messages::elect_leaders_request::ElectLeadersRequest;
use headwater_protocol::messages::list_offsets_request::ListOffsetsRequest;
use headwater_protocol::messages::list_partition_reassignments_request::ListPartitionReassignmentsRequest;
use headwater_protocol::messages::metadata_request::MetadataRequest;
use headwater_protocol::messages::produce_request::ProduceRequest;
use headwater_protocol::messages::unregister_broker_request::UnregisterBrokerRequest;
use headwater_protocol::messages::update_features_request::{FeatureUpdateKey, UpdateFeaturesRequest};

use super::state::{creatable, versions};
use super::target::{Target, body};

pub fn chapter(target: &mut Target) {
    let broker = target.address();
    let described: DescribeQuorumResponse = target.call(ApiKey::DescribeQuorum, 2, &quorum());
    let listener = &described.nodes[0].listeners[0];
    let controller: SocketAddr = format!("{}:{}", listener.host, listener.port).parse().expect("an address");
    target.redirect(controller);
    cluster(target);
    topics(target);
    partitions(target);
    features(target);
    not_served(target);
    target.redirect(broker);
}

fn quorum() -> DescribeQuorumRequest {
    let partitions = vec![PartitionData { partition_index: 0 }];
    DescribeQuorumRequest {
        topics: vec![TopicData { topic_name: "__cluster_metadata".to_owned(), partitions }],
    }
}

fn cluster(target: &mut Target) {
    target.ask_each("ApiVersions", ApiKey::ApiVersions, versions::<ApiVersionsRequest>(), |version| {
        let named = |text: &str| if version >= 3 { text.to_owned() } else { String::new() };
        let request =
            ApiVersionsRequest { client_software_name: named("corpus"), client_software_version: named("1") };
        body(&request, version)
    });
    for version in versions::<DescribeClusterRequest>() {
        let types: &[i8] = if version == 0 { &[1] } else { &[0, 1, 2, 3] };
        for (endpoint_type, operations) in types.iter().flat_map(|it| [(*it, false), (*it, true)]) {
            let request = DescribeClusterRequest {
                include_cluster_authorized_operations: operations,
                endpoint_type,
                include_fenced_brokers: version >= 2,
            };
            let name = format!("the cluster, endpoint type {endpoint_type}, operations {operations}");
            target.ask_raw(&name, ApiKey::DescribeCluster, version, &body(&request, version));
        }
    }
    target.ask_each("the quorum", ApiKey::DescribeQuorum, versions::<DescribeQuorumRequest>(), |version| {
        body(&quorum(), version)
    });
    for broker_id in [7, -1] {
        let bytes = body(&UnregisterBrokerRequest { broker_id }, 0);
        target.ask_raw(&format!("unregister broker {broker_id}"), ApiKey::UnregisterBroker, 0, &bytes);
    }
}

fn topics(target: &mut Target) {
    for version in versions::<CreateTopicsRequest>() {
        for timeout_ms in [30_000, 0] {
            let topics = vec![creatable("at-the-controller", 2, &[]), creatable("plain", 1, &[])];
            let request = CreateTopicsRequest { topics, timeout_ms, validate_only: true };
            let name = format!("topics, only tried in {timeout_ms} ms");
            target.ask_raw(&name, ApiKey::CreateTopics, version, &body(&request, version));
        }
    }
    for version in versions::<DeleteTopicsRequest>() {
        let mut request = DeleteTopicsRequest { timeout_ms: 30_000, ..DeleteTopicsRequest::default() };
        if version < 6 {
            request.topic_names = vec!["nowhere".to_owned()];
        } else {
            let state = DeleteTopicState { name: Some("nowhere".to_owned()), ..Default::default() };
            request.topics = vec![state];
        }
        target.ask_raw("an unknown topic deleted", ApiKey::DeleteTopics, version, &body(&request, version));
    }
}

fn partitions(target: &mut Target) {
    for version in versions::<CreatePartitionsRequest>() {
        for (what, name, count) in [("more", "plain", 9), ("fewer", "plain", 1), ("unknown", "nowhere", 2)] {
            let topics = vec![CreatePartitionsTopic { name: name.to_owned(), count, assignments: None }];
            let request = CreatePartitionsRequest { topics, timeout_ms: 30_000, validate_only: true };
            let name = format!("{what} partitions");
            target.ask_raw(&name, ApiKey::CreatePartitions, version, &body(&request, version));
        }
    }
    for version in versions::<ElectLeadersRequest>() {
        let request = ElectLeadersRequest { timeout_ms: 30_000, ..ElectLeadersRequest::default() };
        target.ask_raw("elections of nothing", ApiKey::ElectLeaders, version, &body(&request, version));
        let request = ElectLeadersRequest { topic_partitions: None, ..request };
        target.ask_raw("elections of all", ApiKey::ElectLeaders, version, &body(&request, version));
    }
    for version in versions::<AlterPartitionReassignmentsRequest>() {
        for (what, replicas) in
            [("here", Some(vec![1])), ("elsewhere", Some(vec![2])), ("nowhere", Some(vec![])), ("back", None)]
        {
            let partitions = vec![ReassignablePartition { partition_index: 0, replicas }];
            let request = AlterPartitionReassignmentsRequest {
                topics: vec![ReassignableTopic { name: "plain".to_owned(), partitions }],
                ..AlterPartitionReassignmentsRequest::default()
            };
            let (name, bytes) = (format!("reassigned {what}"), body(&request, version));
            target.ask_raw(&name, ApiKey::AlterPartitionReassignments, version, &bytes);
        }
    }
    let bytes = body(&ListPartitionReassignmentsRequest::default(), 0);
    target.ask_raw("reassignments", ApiKey::ListPartitionReassignments, 0, &bytes);
}

fn features(target: &mut Target) {
    for version in versions::<UpdateFeaturesRequest>() {
        for (feature, level) in [("metadata.version", 30), ("metadata.version", 29), ("no.such.feature", 1)] {
            let update = FeatureUpdateKey {
                feature: feature.to_owned(),
                max_version_level: level,
                allow_downgrade: false,
                upgrade_type: 1,
            };
            let request = UpdateFeaturesRequest {
                feature_updates: vec![update],
                validate_only: version > 0,
                ..UpdateFeaturesRequest::default()
            };
            let name = format!("{feature} {level}");
            target.ask_raw(&name, ApiKey::UpdateFeatures, version, &body(&request, version));
        }
    }
}

/// What brokers do ends the connection here.
fn not_served(target: &mut Target) {
    target.ask_raw("Metadata", ApiKey::Metadata, 12, &body(&MetadataRequest::default(), 12));
    target.ask_raw("Produce", ApiKey::Produce, 9, &body(&ProduceRequest::default(), 9));
    target.ask_raw("ListOffsets", ApiKey::ListOffsets, 7, &body(&ListOffsetsRequest::default(), 7));
}
