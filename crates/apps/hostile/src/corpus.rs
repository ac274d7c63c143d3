//! Good requests, to be made bad.

use std::collections::BTreeMap;
use std::net::TcpStream;

use headwater_protocol::ApiKey;
use headwater_protocol::Records;
use headwater_protocol::messages::create_topics_request::{CreatableTopic, CreateTopicsRequest};
use headwater_protocol::messages::create_topics_response::CreateTopicsResponse;
use headwater_protocol::messages::delete_topics_request::DeleteTopicsRequest;
use headwater_protocol::messages::delete_topics_response::DeleteTopicsResponse;
use headwater_protocol::messages::fetch_request::{FetchPartition, FetchRequest, FetchTopic};
use headwater_protocol::messages::metadata_request::MetadataRequest;
use headwater_protocol::messages::metadata_response::MetadataResponse;
use headwater_protocol::messages::produce_request::{PartitionProduceData, ProduceRequest, TopicProduceData};
use headwater_records::{BatchBuilder, BatchOptions, Codec, Compression};

use crate::generator::sample;
use crate::mutate::mutate;
use crate::notation::{self, Message};
use crate::random::Random;
use crate::wire;

/// The specification of every request, as committed.
const SPECIFICATION: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../types/protocol/spec");
/// The topic that hostile records are for.
pub const TARGET: &str = "target";

/// One API in one version.
struct Kind {
    key: ApiKey,
    version: i16,
    message: usize,
}

/// What can be sent.
pub struct Corpus {
    kinds: Vec<Kind>,
    messages: Vec<Message>,
}

impl Corpus {
    /// Every API and version that a broker advertises.
    pub fn of(address: &str) -> Result<Corpus, String> {
        let mut stream = wire::connect(address)?;
        let served = wire::api_versions(&mut stream)?;
        create_topic(&mut stream, TARGET)?;
        let mut specified = requests()?;
        let (mut kinds, mut messages) = (Vec::new(), Vec::new());
        for api in &served.api_keys {
            let key =
                ApiKey::from_code(api.api_key).ok_or_else(|| format!("API {} is unknown", api.api_key))?;
            let message = specified
                .remove(&api.api_key)
                .ok_or_else(|| format!("API {} is not specified", api.api_key))?;
            let from = api.min_version.max(message.valid.first);
            kinds.extend((from..=api.max_version).map(|version| Kind {
                key,
                version,
                message: messages.len(),
            }));
            messages.push(message);
        }
        Ok(Corpus { kinds, messages })
    }

    pub fn apis(&self) -> usize {
        self.messages.len()
    }

    pub fn versions(&self) -> usize {
        self.kinds.len()
    }

    /// What the frame of a round is made from.
    pub fn name(&self, round: u64) -> String {
        let kind = &self.kinds[(round % self.kinds.len() as u64) as usize];
        match Random::of("hostile", 0, round).below(16) {
            0 => "noise".to_owned(),
            2..=4 => "records".to_owned(),
            _ => format!("{:?} v{}", kind.key, kind.version),
        }
    }

    /// A frame that is bad in some way, or good by chance.
    pub fn hostile(&self, round: u64) -> Vec<u8> {
        let mut random = Random::of("hostile", 0, round);
        match random.below(16) {
            0 => noise(&mut random),
            1 => lie(self.request(round, &mut random).0, &mut random),
            2..=4 => records(round, &mut random),
            _ => {
                let (frame, header) = self.request(round, &mut random);
                // A damaged header ends early; most of the damage goes where more code reads it. Some requests stay good.
                let from = if random.one_in(4) { 4 } else { header };
                let mut damaged = frame[from..].to_vec();
                for _ in 0..random.below(3) {
                    mutate(&mut damaged, &mut random);
                }
                framed(&[&frame[4..from], &damaged].concat())
            }
        }
    }

    /// A good request of the next API and version, in turn, and where its body begins.
    fn request(&self, round: u64, random: &mut Random) -> (Vec<u8>, usize) {
        let kind = &self.kinds[(round % self.kinds.len() as u64) as usize];
        let Kind { key, version, message } = *kind;
        let mut bytes = Vec::new();
        bytes.extend_from_slice(&key.code().to_be_bytes());
        bytes.extend_from_slice(&version.to_be_bytes());
        bytes.extend_from_slice(&(random.next() as i32).to_be_bytes());
        bytes.extend_from_slice(&7_i16.to_be_bytes());
        bytes.extend_from_slice(b"hostile");
        if key.request_header_version(version) == 2 {
            bytes.push(0);
        }
        let header = 4 + bytes.len();
        bytes.append(&mut sample(&self.messages[message], version, round).bytes);
        (framed(&bytes), header)
    }
}

fn framed(body: &[u8]) -> Vec<u8> {
    let mut frame = (body.len() as u32).to_be_bytes().to_vec();
    frame.extend_from_slice(body);
    frame
}

/// Bytes of nothing.
fn noise(random: &mut Random) -> Vec<u8> {
    let bytes: Vec<u8> = (0..4 + random.below(2_000)).map(|_| random.next() as u8).collect();
    if random.one_in(2) { bytes } else { framed(&bytes) }
}

/// A frame whose length is not its length.
fn lie(mut frame: Vec<u8>, random: &mut Random) -> Vec<u8> {
    let real = frame.len() as i32 - 4;
    let lies = [i32::MAX, i32::MIN, -1, 0, real - 1, real + 1, 100 << 20, (100 << 20) + 1, real / 2];
    let lie = lies[random.below(lies.len())];
    frame[..4].copy_from_slice(&lie.to_be_bytes());
    frame
}

/// Records for a topic that exists, damaged where only the broker can find it.
fn records(round: u64, random: &mut Random) -> Vec<u8> {
    let codecs = [Codec::None, Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd];
    let compression = Compression { codec: codecs[random.below(codecs.len())], ..Compression::default() };
    let options = BatchOptions { compression, ..BatchOptions::default() };
    let mut builder = BatchBuilder::new(options);
    for _ in 0..=random.below(20) {
        let value = vec![random.next() as u8; random.below(600)];
        builder.append(round as i64, None, Some(&value), &[]);
    }
    let mut batch = builder.build();
    for _ in 0..random.below(3) {
        mutate(&mut batch, random);
    }
    if random.one_in(4) {
        return fetch(random);
    }
    let acks = [-1, 0, 1, 2][random.below(4)];
    let data = PartitionProduceData { index: random.below(2) as i32, records: Records::Bytes(batch) };
    let topic = TopicProduceData {
        name: TARGET.to_owned(),
        partition_data: vec![data],
        ..TopicProduceData::default()
    };
    let request =
        ProduceRequest { acks, timeout_ms: 100, topic_data: vec![topic], ..ProduceRequest::default() };
    let version = 3 + random.below(10) as i16;
    wire::frame(ApiKey::Produce, version, 1, &request).unwrap_or_else(|| noise(random))
}

fn fetch(random: &mut Random) -> Vec<u8> {
    let offsets = [0, -1, 1, i64::MAX, i64::MIN, 1_000];
    let wanted = FetchPartition {
        partition: random.below(3) as i32,
        fetch_offset: offsets[random.below(offsets.len())],
        partition_max_bytes: [0, -1, i32::MAX, 100][random.below(4)],
        current_leader_epoch: [-1, 0, 99][random.below(3)],
        ..FetchPartition::default()
    };
    let copies = 1 + if random.one_in(20) { 5_000 } else { 0 };
    let topic =
        FetchTopic { topic: TARGET.to_owned(), partitions: vec![wanted; copies], ..FetchTopic::default() };
    let request = FetchRequest {
        max_wait_ms: [0, 1, i32::MAX][random.below(3)],
        min_bytes: [0, 1, i32::MAX][random.below(3)],
        max_bytes: [0, -1, 65_536, i32::MAX][random.below(4)],
        session_id: [0, 1, 77][random.below(3)],
        session_epoch: [0, -1, 5][random.below(3)],
        topics: vec![topic],
        ..FetchRequest::default()
    };
    wire::frame(ApiKey::Fetch, 4 + random.below(9) as i16, 1, &request).unwrap_or_else(|| noise(random))
}

/// Every request of the specification by its key.
fn requests() -> Result<BTreeMap<i16, Message>, String> {
    let mut found = BTreeMap::new();
    let files = std::fs::read_dir(SPECIFICATION).map_err(|error| format!("{SPECIFICATION}: {error}"))?;
    for file in files.flatten().map(|entry| entry.path()).filter(|path| path.is_file()) {
        let text = std::fs::read_to_string(&file).map_err(|error| error.to_string())?;
        // The list of error codes lies beside the messages.
        for message in notation::parse(&text).unwrap_or_default() {
            if let (true, Some(key)) = (message.name.ends_with("Request"), message.key) {
                found.insert(key, message);
            }
        }
    }
    Ok(found)
}

/// Creates a topic of one partition, if it is not there.
pub fn create_topic(stream: &mut TcpStream, name: &str) -> Result<(), String> {
    let topic = CreatableTopic {
        name: name.to_owned(),
        num_partitions: 1,
        replication_factor: 1,
        ..CreatableTopic::default()
    };
    let request = CreateTopicsRequest { topics: vec![topic], timeout_ms: 30_000, ..Default::default() };
    let answer: CreateTopicsResponse = wire::call(stream, ApiKey::CreateTopics, 6, &request)?;
    match answer.topics.first().map(|topic| topic.error_code) {
        Some(0 | 36) => Ok(()),
        other => Err(format!("topic {name} was not created: {other:?}")),
    }
}

/// Deletes what hostile requests have created by chance; how many topics that were.
pub fn clean_up(stream: &mut TcpStream) -> Result<usize, String> {
    let request = MetadataRequest { topics: None, ..MetadataRequest::default() };
    let answer: MetadataResponse = wire::call(stream, ApiKey::Metadata, 9, &request)?;
    let names = answer.topics.into_iter().filter_map(|topic| topic.name);
    let topic_names: Vec<String> =
        names.filter(|name| name != TARGET && name != "healthy" && !name.starts_with("__")).collect();
    if topic_names.is_empty() {
        return Ok(0);
    }
    let count = topic_names.len();
    let request = DeleteTopicsRequest { topic_names, timeout_ms: 30_000, ..DeleteTopicsRequest::default() };
    let _: DeleteTopicsResponse = wire::call(stream, ApiKey::DeleteTopics, 5, &request)?;
    Ok(count)
}
