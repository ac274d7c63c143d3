//! Asks a broker in Kafka's protocol, each API in the newest version that both sides have.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use headwater_base::error_code::ErrorCode;
use headwater_protocol::api::ApiKey;
use headwater_protocol::header::{read_response_header, write_request_header};
use headwater_protocol::messages::api_versions_request::ApiVersionsRequest;
use headwater_protocol::messages::api_versions_response::ApiVersionsResponse;
use headwater_protocol::messages::describe_log_dirs_request::DescribeLogDirsRequest;
use headwater_protocol::messages::describe_log_dirs_response::DescribeLogDirsResponse;
use headwater_protocol::messages::describe_quorum_request::{
    DescribeQuorumRequest, PartitionData, TopicData,
};
use headwater_protocol::messages::describe_quorum_response::DescribeQuorumResponse;
use headwater_protocol::messages::metadata_request::MetadataRequest;
use headwater_protocol::messages::metadata_response::MetadataResponse;
use headwater_protocol::{Message, Reader, Writer};

use super::health::{Cluster, Directory, Health, Quorum};
use super::scrape;
use crate::failure::Failure;

/// The longest answer that is taken.
const MAX_BYTES: usize = 256 << 20;

/// Asks the broker at `HOST:PORT` for all that can be known from outside.
pub fn look(bootstrap: &str, timeout: Duration) -> Result<Health, Failure> {
    let mut broker =
        Broker { stream: scrape::connect(bootstrap, timeout)?, bootstrap, versions: BTreeMap::new() };
    let answer: ApiVersionsResponse = broker.call_at(0, &ApiVersionsRequest::default())?;
    let ranges = answer.api_keys.iter().map(|key| (key.api_key, (key.min_version, key.max_version)));
    broker.versions = ranges.collect();
    let request = MetadataRequest { topics: None, ..MetadataRequest::default() };
    let metadata: MetadataResponse = broker
        .call(&request)?
        .ok_or_else(|| Failure(format!("{bootstrap} does not serve Metadata: it is no broker")))?;
    let mut health = of_metadata(&metadata);
    if let Some(quorum) = broker.quorum()? {
        health.quorum = Some(quorum);
    }
    health.directories = broker.directories()?;
    health.judge_cluster();
    health.judge_directories();
    Ok(health)
}

fn of_metadata(metadata: &MetadataResponse) -> Health {
    let partitions = || metadata.topics.iter().flat_map(|topic| &topic.partitions);
    let behind = partitions().filter(|it| it.leader_id >= 0 && it.isr_nodes.len() < it.replica_nodes.len());
    let mut health = Health {
        cluster_id: metadata.cluster_id.clone().unwrap_or_default(),
        cluster: Cluster {
            brokers: metadata.brokers.len() as u64,
            fenced: None,
            topics: metadata.topics.len() as u64,
            partitions: partitions().count() as u64,
            offline: partitions().filter(|partition| partition.leader_id < 0).count() as u64,
            under_replicated: behind.count() as u64,
        },
        ..Health::default()
    };
    if metadata.brokers.is_empty() {
        health.problem("there is no broker".to_owned());
    }
    health
}

struct Broker<'a> {
    stream: TcpStream,
    bootstrap: &'a str,
    versions: BTreeMap<i16, (i16, i16)>,
}

impl Broker<'_> {
    fn quorum(&mut self) -> Result<Option<Quorum>, Failure> {
        let partition_data = vec![PartitionData { partition_index: 0 }];
        let topic = TopicData { topic_name: "__cluster_metadata".to_owned(), partitions: partition_data };
        let answer: Option<DescribeQuorumResponse> =
            self.call(&DescribeQuorumRequest { topics: vec![topic] })?;
        let partition = answer.as_ref().and_then(|answer| answer.topics.first()?.partitions.first());
        Ok(partition.filter(|partition| partition.error_code == 0).map(|partition| Quorum {
            leader: partition.leader_id.into(),
            epoch: partition.leader_epoch.into(),
            high_watermark: partition.high_watermark,
        }))
    }

    fn directories(&mut self) -> Result<Vec<Directory>, Failure> {
        let request = DescribeLogDirsRequest { topics: None };
        let answer: Option<DescribeLogDirsResponse> = self.call(&request)?;
        let results = answer.map(|answer| answer.results).unwrap_or_default();
        let size = |bytes: i64| u64::try_from(bytes).unwrap_or(0);
        Ok(results
            .into_iter()
            .map(|found| Directory {
                online: found.error_code == 0,
                log_bytes: found
                    .topics
                    .iter()
                    .flat_map(|topic| &topic.partitions)
                    .map(|partition| size(partition.partition_size))
                    .sum(),
                total_bytes: size(found.total_bytes),
                available_bytes: size(found.usable_bytes),
                path: found.log_dir,
            })
            .collect())
    }

    /// Asks in the newest version that both sides have; `None` if there is none.
    fn call<Q: Message, A: Message>(&mut self, request: &Q) -> Result<Option<A>, Failure> {
        let Some((min, max)) = self.versions.get(&Q::KEY).copied() else { return Ok(None) };
        let version = max.min(Q::MAX_VERSION);
        if version < min.max(Q::MIN_VERSION) {
            return Ok(None);
        }
        self.call_at(version, request).map(Some)
    }

    fn call_at<Q: Message, A: Message>(&mut self, version: i16, request: &Q) -> Result<A, Failure> {
        let bootstrap = self.bootstrap;
        let failed = |error: &dyn std::fmt::Display| Failure(format!("{bootstrap} does not answer: {error}"));
        let odd = |error: &dyn std::fmt::Display| {
            Failure(format!("{bootstrap} does not speak Kafka's protocol: {error}"))
        };
        let key = ApiKey::from_code(Q::KEY).ok_or_else(|| odd(&Q::NAME))?;
        let mut writer = Writer::new();
        let frame = writer.begin_frame();
        write_request_header(&mut writer, key, version, 1, Some("headwater-status"))
            .and_then(|()| request.encode_message(&mut writer, version))
            .map_err(|error| odd(&error))?;
        writer.end_frame(frame);
        self.stream.write_all(&writer.into_bytes()).map_err(|error| failed(&error))?;
        let mut length = [0; 4];
        self.stream.read_exact(&mut length).map_err(|error| failed(&error))?;
        let length = usize::try_from(i32::from_be_bytes(length)).unwrap_or(usize::MAX);
        if length > MAX_BYTES {
            return Err(odd(&"an answer of an impossible length"));
        }
        let mut bytes = Vec::new();
        let read = std::io::Read::by_ref(&mut self.stream).take(length as u64).read_to_end(&mut bytes);
        if read.map_err(|error| failed(&error))? < length {
            return Err(failed(&ErrorCode::NetworkException.name()));
        }
        let mut reader = Reader::new(&bytes);
        read_response_header(&mut reader, key, version).map_err(|error| odd(&error))?;
        A::decode_message(&mut reader, version).map_err(|error| odd(&error))
    }
}
