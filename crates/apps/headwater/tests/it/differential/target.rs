//! One of the two nodes: asks it, and notes what it answered.

use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use headwater_base::Uuid;
use headwater_base::error_code::ErrorCode;
use headwater_protocol::header::{read_response_header, write_request_header};
use headwater_protocol::messages as m;
use headwater_protocol::messages::list_offsets_request::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic,
};
use headwater_protocol::messages::metadata_request::MetadataRequest;
use headwater_protocol::messages::metadata_response::MetadataResponse;
use headwater_protocol::{ApiKey, Message, Reader, Records, Writer};
use headwater_records::batches;

use super::flatten::{by_identity, flatten};
/// How long an answer may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long it may take where none is expected of the reference.
const SHORT_PATIENCE: Duration = Duration::from_secs(2);

/// Times after this are not from the corpus, whose records lie in 2023: they are the broker's clock.
const CLOCK_FROM_MS: i64 = 1_750_000_000_000;

pub struct Target {
    address: SocketAddr,
    stream: TcpStream,
    patience: Duration,
    correlation_id: i32,
    /// Text of a topic's id, and what is written instead.
    ids: Vec<(String, String)>,
    pub chapter: &'static str,
    pub entries: Vec<(String, Vec<String>)>,
    /// Keys and versions that were asked.
    pub asked: BTreeSet<(i16, i16)>,
}

/// The bytes of a message.
pub fn body(message: &impl Message, version: i16) -> Vec<u8> {
    let mut writer = Writer::new();
    message.encode_message(&mut writer, version).expect("the corpus fills in what the version has");
    writer.into_bytes()
}

impl Target {
    pub fn new(address: SocketAddr) -> Target {
        let stream = connect(address, PATIENCE);
        Target {
            address,
            stream,
            patience: PATIENCE,
            correlation_id: 0,
            ids: Vec::new(),
            chapter: "",
            entries: Vec::new(),
            asked: BTreeSet::new(),
        }
    }

    /// Where the node is asked.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From here on another listener of the node is asked.
    pub fn redirect(&mut self, address: SocketAddr) {
        self.address = address;
        self.stream = connect(address, self.patience);
    }

    /// One pair: sends the message, notes the answer and gives it, if there was one.
    pub fn ask<M: Message>(
        &mut self,
        name: &str,
        key: ApiKey,
        version: i16,
        message: &impl Message,
    ) -> Option<M> {
        let frame = self.ask_raw(name, key, version, &body(message, version))?;
        let mut reader = Reader::new(&frame);
        read_response_header(&mut reader, key, version).ok()?;
        M::decode_message(&mut reader, version).ok()
    }

    /// One pair in every version of `versions`.
    pub fn ask_each(
        &mut self,
        name: &str,
        key: ApiKey,
        versions: impl IntoIterator<Item = i16>,
        message: impl Fn(i16) -> Vec<u8>,
    ) {
        for version in versions {
            self.ask_raw(name, key, version, &message(version));
        }
    }

    /// One pair of a body that need not be one.
    pub fn ask_raw(&mut self, name: &str, key: ApiKey, version: i16, body: &[u8]) -> Option<Vec<u8>> {
        let frame = self.frame(key, version, body);
        self.send(name, key, version, &frame)
    }

    /// A frame with its length and header.
    pub fn frame(&mut self, key: ApiKey, version: i16, body: &[u8]) -> Vec<u8> {
        self.correlation_id += 1;
        let mut writer = Writer::new();
        let at = writer.begin_frame();
        write_request_header(&mut writer, key, version, self.correlation_id, Some("corpus"))
            .expect("a header");
        writer.raw(body);
        writer.end_frame(at);
        writer.into_bytes()
    }

    /// One pair of a whole frame, of which the answer is one to `key` and `version`.
    pub fn send(&mut self, name: &str, key: ApiKey, version: i16, frame: &[u8]) -> Option<Vec<u8>> {
        self.asked.insert((key.code(), version));
        let answer = self.exchange(frame);
        let lines = match &answer {
            Ok(frame) => self.shown(key, version, frame),
            Err(why) => vec![(*why).to_owned()],
        };
        self.note(format!("{name} v{version}"), lines);
        answer.ok()
    }

    /// One pair of a request that has no answer if all goes well: asks something else behind it.
    pub fn ask_silent(&mut self, name: &str, key: ApiKey, version: i16, body: &[u8]) {
        let mut frames = self.frame(key, version, body);
        let probe = m::api_versions_request::ApiVersionsRequest::default();
        frames.extend(self.frame(ApiKey::ApiVersions, 0, &self::body(&probe, 0)));
        let outcome = match self.exchange(&frames) {
            Err(why) => why,
            Ok(frame) if frame[..4] == self.correlation_id.to_be_bytes() => "silent",
            Ok(_) => {
                self.stream = connect(self.address, self.patience);
                "answered"
            }
        };
        self.note(format!("{name} v{version}"), vec![outcome.to_owned()]);
    }

    /// From here on the node may or may not be expected to answer.
    pub fn expect_answers(&mut self, expected: bool) {
        self.patience = if expected { PATIENCE } else { SHORT_PATIENCE };
        self.stream.set_read_timeout(Some(self.patience)).expect("a timeout");
    }

    /// Sends without noting anything; for what a chapter needs before it begins.
    pub fn call<M: Message>(&mut self, key: ApiKey, version: i16, message: &impl Message) -> M {
        let frame = self.frame(key, version, &body(message, version));
        let answer = self.exchange(&frame).expect("the node closed the connection");
        let mut reader = Reader::new(&answer);
        read_response_header(&mut reader, key, version).expect("a header");
        M::decode_message(&mut reader, version).expect("an answer")
    }

    /// Waits until the topics are there and every partition has its leader (the reference answers CreateTopics before
    /// that). From now on the ids of all topics are written as their names.
    pub fn learn_topics(&mut self, expected: &[&str]) {
        let request = MetadataRequest { topics: None, ..MetadataRequest::default() };
        for _ in 0..500 {
            let answer: MetadataResponse = self.call(ApiKey::Metadata, 12, &request);
            let there = |name: &&str| answer.topics.iter().any(|topic| topic.name.as_deref() == Some(name));
            if !expected.iter().all(there) || !self.all_led(&answer) {
                std::thread::sleep(Duration::from_millis(10));
                continue;
            }
            for topic in answer.topics {
                let text = topic.topic_id.to_string();
                if !self.ids.iter().any(|(known, _)| *known == text) {
                    self.ids.push((text, format!("<id of {}>", topic.name.unwrap_or_default())));
                }
            }
            return;
        }
        panic!("{}: partitions are without a leader", self.chapter);
    }

    /// Waits until the topics are gone, partitions and all (the reference answers DeleteTopics before that).
    pub fn wait_until_gone(&mut self, topics: &[&str]) {
        let topic = |name: &&str| ListOffsetsTopic {
            name: (*name).to_owned(),
            partitions: vec![ListOffsetsPartition { timestamp: -1, ..Default::default() }],
        };
        let request = ListOffsetsRequest { topics: topics.iter().map(topic).collect(), ..Default::default() };
        let unknown = ErrorCode::UnknownTopicOrPartition.code();
        for _ in 0..500 {
            let answer: m::list_offsets_response::ListOffsetsResponse =
                self.call(ApiKey::ListOffsets, 5, &request);
            if answer.topics.iter().all(|topic| topic.partitions[0].error_code == unknown) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("{}: {topics:?} do not go", self.chapter);
    }

    fn all_led(&mut self, metadata: &MetadataResponse) -> bool {
        let partition =
            |index| ListOffsetsPartition { partition_index: index, timestamp: -1, ..Default::default() };
        let topics = metadata.topics.iter().map(|topic| ListOffsetsTopic {
            name: topic.name.clone().unwrap_or_default(),
            partitions: topic.partitions.iter().map(|part| partition(part.partition_index)).collect(),
        });
        let request = ListOffsetsRequest { topics: topics.collect(), ..ListOffsetsRequest::default() };
        let answer: m::list_offsets_response::ListOffsetsResponse =
            self.call(ApiKey::ListOffsets, 5, &request);
        answer.topics.iter().flat_map(|topic| &topic.partitions).all(|part| part.error_code == 0)
    }

    /// The id of a topic that was learnt.
    pub fn topic_id(&self, name: &str) -> Uuid {
        let wanted = format!("<id of {name}>");
        let found = self.ids.iter().rev().find(|(_, word)| *word == wanted);
        found.unwrap_or_else(|| panic!("{name} is not known")).0.parse().expect("an id")
    }

    fn note(&mut self, name: String, lines: Vec<String>) {
        let name = format!("{}: {name}", self.chapter);
        assert!(!self.entries.iter().any(|(known, _)| *known == name), "two pairs are called {name}");
        self.entries.push((name, lines));
    }

    /// The next answer, or why there is none; then the connection is opened anew.
    fn exchange(&mut self, frame: &[u8]) -> Result<Vec<u8>, &'static str> {
        let answer = self.stream.write_all(frame).and_then(|()| {
            let mut length = [0; 4];
            self.stream.read_exact(&mut length)?;
            let length = usize::try_from(i32::from_be_bytes(length)).expect("a length");
            let mut answer = vec![0; length];
            self.stream.read_exact(&mut answer)?;
            Ok(answer)
        });
        answer.map_err(|error| {
            self.stream = connect(self.address, self.patience);
            match error.kind() {
                io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => "neither answered nor closed",
                io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset => {
                    "closed"
                }
                _ => panic!("{}: {error}", self.chapter),
            }
        })
    }

    fn shown(&self, key: ApiKey, version: i16, frame: &[u8]) -> Vec<String> {
        match self.decoded(key, version, frame) {
            Ok(lines) => {
                let lines = lines.into_iter().map(|line| self.masked(&line)).collect();
                // The order of pages is part of their meaning.
                if key == ApiKey::DescribeTopicPartitions { lines } else { by_identity(lines) }
            }
            Err(why) => vec![format!("not readable: {why}")],
        }
    }

    fn decoded(&self, key: ApiKey, version: i16, frame: &[u8]) -> Result<Vec<String>, String> {
        let mut reader = Reader::new(frame);
        let correlation_id =
            read_response_header(&mut reader, key, version).map_err(|error| error.to_string())?;
        let lines = match key {
            ApiKey::Produce => lines::<m::produce_response::ProduceResponse>(&mut reader, version),
            ApiKey::Fetch => fetch_lines(&mut reader, version),
            ApiKey::ListOffsets => {
                lines::<m::list_offsets_response::ListOffsetsResponse>(&mut reader, version)
            }
            ApiKey::Metadata => lines::<MetadataResponse>(&mut reader, version),
            ApiKey::FindCoordinator => {
                lines::<m::find_coordinator_response::FindCoordinatorResponse>(&mut reader, version)
            }
            ApiKey::ApiVersions => api_versions_lines(&mut reader, version),
            ApiKey::CreateTopics => {
                lines::<m::create_topics_response::CreateTopicsResponse>(&mut reader, version)
            }
            ApiKey::DeleteTopics => {
                lines::<m::delete_topics_response::DeleteTopicsResponse>(&mut reader, version)
            }
            ApiKey::InitProducerId => {
                lines::<m::init_producer_id_response::InitProducerIdResponse>(&mut reader, version)
            }
            ApiKey::OffsetForLeaderEpoch => lines::<
                m::offset_for_leader_epoch_response::OffsetForLeaderEpochResponse,
            >(&mut reader, version),
            ApiKey::DescribeCluster => {
                lines::<m::describe_cluster_response::DescribeClusterResponse>(&mut reader, version)
            }
            ApiKey::DescribeTopicPartitions => lines::<
                m::describe_topic_partitions_response::DescribeTopicPartitionsResponse,
            >(&mut reader, version),
            ApiKey::CreatePartitions => {
                lines::<m::create_partitions_response::CreatePartitionsResponse>(&mut reader, version)
            }
            ApiKey::ElectLeaders => {
                lines::<m::elect_leaders_response::ElectLeadersResponse>(&mut reader, version)
            }
            ApiKey::AlterPartitionReassignments => lines::<
                m::alter_partition_reassignments_response::AlterPartitionReassignmentsResponse,
            >(&mut reader, version),
            ApiKey::ListPartitionReassignments => lines::<
                m::list_partition_reassignments_response::ListPartitionReassignmentsResponse,
            >(&mut reader, version),
            ApiKey::DescribeQuorum => {
                lines::<m::describe_quorum_response::DescribeQuorumResponse>(&mut reader, version)
            }
            ApiKey::UpdateFeatures => {
                lines::<m::update_features_response::UpdateFeaturesResponse>(&mut reader, version)
            }
            ApiKey::UnregisterBroker => {
                lines::<m::unregister_broker_response::UnregisterBrokerResponse>(&mut reader, version)
            }
            ApiKey::DescribeConfigs => {
                lines::<m::describe_configs_response::DescribeConfigsResponse>(&mut reader, version)
            }
            ApiKey::AlterConfigs => {
                lines::<m::alter_configs_response::AlterConfigsResponse>(&mut reader, version)
            }
            ApiKey::IncrementalAlterConfigs => lines::<
                m::incremental_alter_configs_response::IncrementalAlterConfigsResponse,
            >(&mut reader, version),
            ApiKey::ListConfigResources => {
                lines::<m::list_config_resources_response::ListConfigResourcesResponse>(&mut reader, version)
            }
            ApiKey::DeleteRecords => {
                lines::<m::delete_records_response::DeleteRecordsResponse>(&mut reader, version)
            }
            ApiKey::AlterReplicaLogDirs => {
                lines::<m::alter_replica_log_dirs_response::AlterReplicaLogDirsResponse>(&mut reader, version)
            }
            ApiKey::DescribeLogDirs => {
                lines::<m::describe_log_dirs_response::DescribeLogDirsResponse>(&mut reader, version)
            }
            ApiKey::DescribeProducers => describe_producers_lines(&mut reader, version),
            ApiKey::JoinGroup => lines::<m::join_group_response::JoinGroupResponse>(&mut reader, version),
            ApiKey::SyncGroup => lines::<m::sync_group_response::SyncGroupResponse>(&mut reader, version),
            ApiKey::Heartbeat => lines::<m::heartbeat_response::HeartbeatResponse>(&mut reader, version),
            ApiKey::LeaveGroup => lines::<m::leave_group_response::LeaveGroupResponse>(&mut reader, version),
            ApiKey::OffsetCommit => {
                lines::<m::offset_commit_response::OffsetCommitResponse>(&mut reader, version)
            }
            ApiKey::OffsetFetch => {
                lines::<m::offset_fetch_response::OffsetFetchResponse>(&mut reader, version)
            }
            ApiKey::OffsetDelete => {
                lines::<m::offset_delete_response::OffsetDeleteResponse>(&mut reader, version)
            }
            ApiKey::DescribeGroups => {
                lines::<m::describe_groups_response::DescribeGroupsResponse>(&mut reader, version)
            }
            ApiKey::ListGroups => lines::<m::list_groups_response::ListGroupsResponse>(&mut reader, version),
            ApiKey::ConsumerGroupHeartbeat => lines::<
                m::consumer_group_heartbeat_response::ConsumerGroupHeartbeatResponse,
            >(&mut reader, version),
            ApiKey::ConsumerGroupDescribe => lines::<
                m::consumer_group_describe_response::ConsumerGroupDescribeResponse,
            >(&mut reader, version),
            ApiKey::DeleteGroups => {
                lines::<m::delete_groups_response::DeleteGroupsResponse>(&mut reader, version)
            }
            other => panic!("the corpus does not know answers of {other:?}"),
        }?;
        if correlation_id != self.correlation_id {
            return Err(format!("correlation id {correlation_id} instead of {}", self.correlation_id));
        }
        match reader.remaining() {
            0 => Ok(lines),
            left => Err(format!("{left} bytes behind the answer")),
        }
    }

    /// Writes words for what differs between any two nodes.
    fn masked(&self, line: &str) -> String {
        let mut line = line.to_owned();
        for (id, word) in &self.ids {
            line = line.replace(id, word);
        }
        line = without_member_ids(&line);
        if let Some((head, rest)) = line.split_once("within [") {
            let tail = rest.split_once(']').map_or("", |(_, tail)| tail);
            line = format!("{head}within <its clock's bounds>{tail}");
        }
        let Some((path, value)) = line.split_once(" = ") else { return line };
        let field = path.rsplit('.').next().unwrap_or(path);
        let number: Option<i64> = value.parse().ok();
        let word = match (field, number) {
            ("documentation", _) if value.len() > 2 && value.starts_with('"') => "<a sentence>",
            ("log_dir", _) if !value.is_empty() => "<a path>",
            ("total_bytes" | "usable_bytes", Some(bytes)) if bytes > 0 => "<of the disk>",
            ("last_timestamp", Some(time)) if time > CLOCK_FROM_MS => "<now>",
            ("port", Some(_)) if path.contains("listeners") => "<a controller's port>",
            ("port", Some(port)) if port == i64::from(self.address.port()) => "<its port>",
            ("session_id", Some(id)) if id > 0 => "<a session>",
            // Those of the corpus begin at 5000.
            ("producer_id", Some(id)) if (0..1000).contains(&id) => "<a producer>",
            ("finalized_features_epoch", Some(epoch)) if epoch >= 0 => "<an offset>",
            ("topic_id", _) if !value.starts_with('<') && value != Uuid::ZERO.to_string() => "<an id>",
            // Not those that the corpus makes up: text of 16 random bytes.
            ("member_id", _) if value.len() == 24 && !value.contains('<') => "<a member>",
            ("cluster_id", _) if !matches!(value, "None" | "\"\"") => "<a cluster>",
            ("high_watermark" | "log_end_offset", Some(offset))
                if offset > 0 && matches!(self.chapter, "cluster" | "controllers") =>
            {
                "<an offset>"
            }
            ("leader_epoch", Some(epoch))
                if epoch > 0 && matches!(self.chapter, "cluster" | "controllers") =>
            {
                "<an epoch>"
            }
            ("replica_directory_id", _) if value != Uuid::ZERO.to_string() => "<a directory>",
            ("last_fetch_timestamp" | "last_caught_up_timestamp", Some(time)) if time > CLOCK_FROM_MS => {
                "<now>"
            }
            ("log_append_time_ms" | "timestamp" | "base_timestamp" | "max_timestamp", Some(time))
                if time > CLOCK_FROM_MS =>
            {
                "<now>"
            }
            _ => return line,
        };
        format!("{path} = {word}")
    }
}

fn connect(address: SocketAddr, patience: Duration) -> TcpStream {
    let stream = TcpStream::connect(address).expect("the node listens");
    stream.set_nodelay(true).expect("a socket");
    stream.set_read_timeout(Some(patience)).expect("a timeout");
    stream
}

fn lines<M: Message>(reader: &mut Reader<'_>, version: i16) -> Result<Vec<String>, String> {
    let message = M::decode_message(reader, version).map_err(|error| error.to_string())?;
    Ok(flatten(&format!("{message:#?}")))
}

/// The producers of a partition by their ids: the reference has them in a hash map's order.
fn describe_producers_lines(reader: &mut Reader<'_>, version: i16) -> Result<Vec<String>, String> {
    let mut message = m::describe_producers_response::DescribeProducersResponse::decode(reader, version)
        .map_err(|error| error.to_string())?;
    for partition in message.topics.iter_mut().flat_map(|topic| &mut topic.partitions) {
        partition.active_producers.sort_by_key(|producer| producer.producer_id);
    }
    Ok(flatten(&format!("{message:#?}")))
}

/// Rows by key, since the two serve different sets.
fn api_versions_lines(reader: &mut Reader<'_>, version: i16) -> Result<Vec<String>, String> {
    let mut message = m::api_versions_response::ApiVersionsResponse::decode(reader, version)
        .map_err(|error| error.to_string())?;
    let keys = std::mem::take(&mut message.api_keys);
    let features = std::mem::take(&mut message.supported_features);
    let finalized = std::mem::take(&mut message.finalized_features);
    let mut lines = flatten(&format!("{message:#?}"));
    lines.extend(keys.iter().map(|k| format!("key {} = {} to {}", k.api_key, k.min_version, k.max_version)));
    lines.extend(
        features.iter().map(|f| format!("supported {} = {} to {}", f.name, f.min_version, f.max_version)),
    );
    lines.extend(
        finalized
            .iter()
            .map(|f| format!("finalized {} = {} to {}", f.name, f.min_version_level, f.max_version_level)),
    );
    Ok(lines)
}

/// Instead of record bytes: the headers of the batches and a checksum of the rest.
fn fetch_lines(reader: &mut Reader<'_>, version: i16) -> Result<Vec<String>, String> {
    let mut message =
        m::fetch_response::FetchResponse::decode(reader, version).map_err(|error| error.to_string())?;
    let mut taken = Vec::new();
    for (i, topic) in message.responses.iter_mut().enumerate() {
        for (j, partition) in topic.partitions.iter_mut().enumerate() {
            let records = std::mem::replace(&mut partition.records, Records::Null);
            taken.push((format!("responses.{i}.partitions.{j}.records"), records));
        }
    }
    let mut lines = flatten(&format!("{message:#?}"));
    lines.retain(|line| !line.contains(".records = "));
    for (path, records) in taken {
        let Some(bytes) = records.bytes() else {
            lines.push(format!("{path} = null"));
            continue;
        };
        let mut rest = bytes.len();
        for (i, batch) in batches(bytes).map_while(Result::ok).enumerate() {
            rest -= batch.bytes().len();
            let header = batch.header();
            lines.extend(flatten(&format!("{header:#?}")).iter().map(|line| format!("{path}.{i}.{line}")));
            let sum = headwater_records::crc32c(batch.payload());
            lines.push(format!("{path}.{i}.payload = {sum:08x}"));
        }
        // Of a batch that the limit cut in two.
        lines.push(format!("{path}.rest = {rest}"));
    }
    Ok(lines)
}

/// Member ids are the client's name and a random number.
fn without_member_ids(line: &str) -> String {
    const RANDOM: usize = 36;
    let mut parts = line.split("corpus-");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.get(RANDOM..) {
            Some(rest) => text = text + "<a member>" + rest,
            None => text = text + "corpus-" + part,
        }
    }
    text
}
