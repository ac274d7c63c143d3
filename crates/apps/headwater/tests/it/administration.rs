//! What an administrator asks of the controller, and what it means for those who write and read meanwhile.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use headwater_base::Uuid;
use headwater_base::error_code::ErrorCode;
use headwater_protocol::ApiKey;
use headwater_protocol::messages::api_versions_request::ApiVersionsRequest;
use headwater_protocol::messages::api_versions_response::ApiVersionsResponse;
use headwater_protocol::messages::create_partitions_request::{
    CreatePartitionsRequest, CreatePartitionsTopic,
};
use headwater_protocol::messages::create_partitions_response::CreatePartitionsResponse;
use headwater_protocol::messages::describe_cluster_request::DescribeClusterRequest;
use headwater_protocol::messages::describe_cluster_response::DescribeClusterResponse;
use headwater_protocol::messages::describe_quorum_request::{
    DescribeQuorumRequest, PartitionData, TopicData,
};
use headwater_protocol::messages::describe_quorum_response::DescribeQuorumResponse;
use headwater_protocol::messages::fetch_request::{FetchPartition, FetchRequest, FetchTopic};
use headwater_protocol::messages::fetch_response::FetchResponse;
use headwater_protocol::messages::metadata_request::MetadataRequest;
use headwater_protocol::messages::metadata_response::MetadataResponse;
use headwater_protocol::messages::unregister_broker_request::UnregisterBrokerRequest;
use headwater_protocol::messages::unregister_broker_response::UnregisterBrokerResponse;
use headwater_protocol::messages::update_features_request::{FeatureUpdateKey, UpdateFeaturesRequest};
use headwater_protocol::messages::update_features_response::UpdateFeaturesResponse;

use crate::client::{Client, batch};
use crate::configuration;
use crate::node::{Folder, Node};

fn grow(client: &mut Client, topic: &str, count: i32) -> (ErrorCode, Option<String>) {
    let more = CreatePartitionsTopic { name: topic.to_owned(), count, assignments: None };
    let request = CreatePartitionsRequest { topics: vec![more], timeout_ms: 10_000, validate_only: false };
    let mut answer: CreatePartitionsResponse = client.call(ApiKey::CreatePartitions, 3, &request);
    let result = answer.results.remove(0);
    (ErrorCode::from_code(result.error_code), result.error_message)
}

fn quorum(client: &mut Client) -> DescribeQuorumResponse {
    let partitions = vec![PartitionData { partition_index: 0 }];
    let topics = vec![TopicData { topic_name: "__cluster_metadata".to_owned(), partitions }];
    client.call(ApiKey::DescribeQuorum, 2, &DescribeQuorumRequest { topics })
}

/// The finalized level of a feature, and the epoch of the features.
fn finalized(client: &mut Client, feature: &str) -> (Option<i16>, i64) {
    let request =
        ApiVersionsRequest { client_software_name: "it".to_owned(), client_software_version: "1".to_owned() };
    let answer: ApiVersionsResponse = client.call(ApiKey::ApiVersions, 4, &request);
    let found = answer.finalized_features.iter().find(|row| row.name == feature);
    (found.map(|row| row.max_version_level), answer.finalized_features_epoch)
}

fn update(client: &mut Client, feature: &str, level: i16) -> (ErrorCode, Option<String>) {
    let update = FeatureUpdateKey {
        feature: feature.to_owned(),
        max_version_level: level,
        allow_downgrade: false,
        upgrade_type: 1,
    };
    let request = UpdateFeaturesRequest { feature_updates: vec![update], ..UpdateFeaturesRequest::default() };
    let answer: UpdateFeaturesResponse = client.call(ApiKey::UpdateFeatures, 2, &request);
    (ErrorCode::from_code(answer.error_code), answer.error_message)
}

/// A fetch that waits at the end of partition 0.
fn parked(topic: &str, offset: i64) -> FetchRequest {
    let wanted = FetchPartition {
        partition: 0,
        fetch_offset: offset,
        partition_max_bytes: 1 << 20,
        ..FetchPartition::default()
    };
    let topics =
        vec![FetchTopic { topic: topic.to_owned(), partitions: vec![wanted], ..FetchTopic::default() }];
    FetchRequest { max_wait_ms: 15_000, min_bytes: 1, max_bytes: 1 << 20, topics, ..FetchRequest::default() }
}

#[test]
fn partitions_are_added_while_others_are_written_and_read() {
    let folder = Folder::new();
    let node = Node::start(&folder);
    let mut admin = node.client();
    admin.create_topic("t", 1, &[]);
    admin.create_topic("quiet", 1, &[]);
    let (stop, mut reader) = (AtomicBool::new(false), node.client());
    reader.send(ApiKey::Fetch, 12, &parked("quiet", 0));
    let written = std::thread::scope(|scope| {
        let writing = scope.spawn(|| {
            let mut client = node.client();
            let mut written = 0;
            while !stop.load(Ordering::Relaxed) {
                let answer = client.produce_one("t", batch(&["old"]));
                assert_eq!((answer.error_code, answer.base_offset), (0, written));
                written += 1;
            }
            written
        });
        for count in 2..=9 {
            assert_eq!(grow(&mut admin, "t", count), (ErrorCode::None, None));
            assert_eq!(grow(&mut admin, "quiet", count), (ErrorCode::None, None));
            // Whoever got the answer finds the partition, at once and on any connection.
            let answer = node.client().produce("t", -1, &[(count - 1, batch(&["new"]))]).remove(0);
            assert_eq!((answer.error_code, answer.base_offset), (0, 0), "partition {}", count - 1);
        }
        stop.store(true, Ordering::Relaxed);
        writing.join().unwrap()
    });
    assert!(written > 0);
    // Who waited for a record of a partition still waits for it, not for those that were added.
    assert_eq!(admin.produce_one("quiet", batch(&["there"])).error_code, 0);
    let (_, answer): (i32, FetchResponse) = reader.receive_as(ApiKey::Fetch, 12);
    let data = &answer.responses[0].partitions[0];
    assert_eq!((data.error_code, data.high_watermark), (0, 1));
    let refused = grow(&mut admin, "t", 8);
    let why = "The topic t currently has 9 partition(s); 8 would not be an increase.".to_owned();
    assert_eq!(refused, (ErrorCode::InvalidPartitions, Some(why)));
    node.kill();
    let node = Node::start(&folder);
    let mut client = node.client();
    assert_eq!(client.read_all("t", 0).len() as i64, written);
    for partition in 1..9 {
        assert_eq!(client.read_all("t", partition), [(0, b"new".to_vec())]);
    }
    node.stop();
}

#[test]
fn a_controllers_listener_serves_what_controllers_know() {
    let folder = Folder::new();
    let node = Node::start(&folder);
    let described = quorum(&mut node.client());
    let listener = &described.nodes[0].listeners[0];
    let address: SocketAddr = format!("{}:{}", listener.host, listener.port).parse().unwrap();
    let mut controller = Client::connect(address);
    let ask = |endpoint_type| DescribeClusterRequest { endpoint_type, ..DescribeClusterRequest::default() };
    let cluster: DescribeClusterResponse = controller.call(ApiKey::DescribeCluster, 2, &ask(2));
    assert_eq!((cluster.error_code, cluster.controller_id, cluster.endpoint_type), (0, 1, 2));
    let nodes: Vec<_> = cluster.brokers.iter().map(|it| (it.broker_id, it.host.as_str(), it.port)).collect();
    assert_eq!(nodes, [(1, listener.host.as_str(), i32::from(listener.port))]);
    let cluster: DescribeClusterResponse = controller.call(ApiKey::DescribeCluster, 2, &ask(1));
    assert_eq!(ErrorCode::from_code(cluster.error_code), ErrorCode::MismatchedEndpointType);
    let cluster: DescribeClusterResponse = node.client().call(ApiKey::DescribeCluster, 2, &ask(2));
    assert_eq!(ErrorCode::from_code(cluster.error_code), ErrorCode::MismatchedEndpointType);
    controller.create_topic("from-the-controller", 1, &[]);
    assert_eq!(grow(&mut controller, "from-the-controller", 3), (ErrorCode::None, None));
    let answer = node.client().produce("from-the-controller", -1, &[(2, batch(&["x"]))]).remove(0);
    assert_eq!(answer.error_code, 0);
    let (kind, topic) = (configuration::TOPIC, "from-the-controller");
    assert_eq!(configuration::alter(&mut controller, kind, topic, "retention.ms", Some("5")), None);
    for client in [&mut controller, &mut node.client()] {
        assert_eq!(configuration::described(client, kind, topic, "retention.ms"), ("5".to_owned(), 1));
    }
    assert_eq!(quorum(&mut controller).error_code, 0);
    // A broker's requests end the connection here.
    controller.send(ApiKey::Metadata, 12, &MetadataRequest::default());
    assert!(controller.receive().is_none());
    node.stop();
}

/// A cluster whose voters stand in the file, so that kraft.version is 0.
fn static_voters(folder: &Folder) -> (PathBuf, SocketAddr) {
    // Nobody keeps the ports between here and the node; a test that loses one fails loudly.
    let free = || TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (broker, controller) = (free(), free());
    let properties = folder.path().join("server.properties");
    let text = format!(
        "process.roles=broker,controller\nnode.id=1\ncontroller.listener.names=CONTROLLER\n\
         listeners=PLAINTEXT://{broker},CONTROLLER://{controller}\ncontroller.quorum.voters=1@{controller}\n\
         log.dirs={}\n",
        folder.path().join("logs").display()
    );
    std::fs::write(&properties, text).unwrap();
    let mut format = Command::new(env!("CARGO_BIN_EXE_headwater"));
    format.args(["storage", "format", "-t", "4L6g3nShT-eMCtK--X86sw", "--config"]).arg(&properties);
    assert!(format.output().unwrap().status.success());
    (properties, broker)
}

#[test]
fn kraft_version_is_raised_and_stays() {
    let folder = Folder::new();
    let (properties, address) = static_voters(&folder);
    let node = Node::serve(&folder, &properties, address);
    let mut client = node.client();
    let (level, before) = finalized(&mut client, "kraft.version");
    assert_eq!(level, None, "0 is not said");
    let voter =
        |client: &mut Client| quorum(client).topics[0].partitions[0].current_voters[0].replica_directory_id;
    assert_eq!(voter(&mut client), Uuid::ZERO);
    assert_eq!(update(&mut client, "kraft.version", 1), (ErrorCode::None, None));
    let (level, epoch) = finalized(&mut client, "kraft.version");
    assert_eq!(level, Some(1), "whoever got the answer sees the level");
    assert!(epoch > before);
    let directory = voter(&mut client);
    assert_ne!(directory, Uuid::ZERO);
    let (code, why) = update(&mut client, "kraft.version", 0);
    assert_eq!(code, ErrorCode::InvalidUpdateVersion, "{why:?}");
    node.kill();
    let node = Node::serve(&folder, &properties, address);
    let mut client = node.client();
    assert_eq!(finalized(&mut client, "kraft.version").0, Some(1));
    assert_eq!(voter(&mut client), directory);
    assert_eq!(update(&mut client, "kraft.version", 1), (ErrorCode::None, None), "nothing changes");
    node.stop();
    Node::serve(&folder, &properties, address).stop();
}

#[test]
fn a_broker_that_was_unregistered_comes_back_with_a_restart() {
    let folder = Folder::new();
    let node = Node::start(&folder);
    let mut client = node.client();
    client.create_topic("t", 2, &[]);
    assert_eq!(client.produce_one("t", batch(&["a"])).error_code, 0);
    let request = UnregisterBrokerRequest { broker_id: 1 };
    let answer: UnregisterBrokerResponse = client.call(ApiKey::UnregisterBroker, 0, &request);
    assert_eq!(answer.error_code, 0);
    let metadata: MetadataResponse =
        client.call(ApiKey::Metadata, 12, &MetadataRequest { topics: None, ..MetadataRequest::default() });
    assert_eq!(metadata.brokers, []);
    assert!(metadata.topics[0].partitions.iter().all(|partition| partition.leader_id == -1));
    let refused = client.produce_one("t", batch(&["b"]));
    assert_eq!(ErrorCode::from_code(refused.error_code), ErrorCode::NotLeaderOrFollower);
    let (code, _) = grow(&mut client, "t", 3);
    assert_eq!(code, ErrorCode::InvalidReplicationFactor);
    node.kill();
    let node = Node::start(&folder);
    let mut client = node.client();
    assert_eq!(client.read_all("t", 0), [(0, b"a".to_vec())]);
    assert_eq!(client.produce_one("t", batch(&["b"])).base_offset, 1);
    assert_eq!(grow(&mut client, "t", 3), (ErrorCode::None, None));
    node.stop();
}
