//! Requests that are as good as any, and as large as they may be.

use std::net::TcpStream;
use std::time::Instant;

use headwater_protocol::messages::create_partitions_request::{
    CreatePartitionsRequest, CreatePartitionsTopic,
};
use headwater_protocol::messages::create_partitions_response::CreatePartitionsResponse;
use headwater_protocol::messages::create_topics_request::{CreatableTopic, CreateTopicsRequest};
use headwater_protocol::messages::create_topics_response::CreateTopicsResponse;
use headwater_protocol::messages::delete_topics_request::DeleteTopicsRequest;
use headwater_protocol::messages::delete_topics_response::DeleteTopicsResponse;
use headwater_protocol::messages::describe_configs_request::{
    DescribeConfigsRequest, DescribeConfigsResource,
};
use headwater_protocol::messages::describe_log_dirs_request::DescribeLogDirsRequest;
use headwater_protocol::messages::metadata_request::{MetadataRequest, MetadataRequestTopic};
use headwater_protocol::messages::produce_request::{PartitionProduceData, ProduceRequest, TopicProduceData};
use headwater_protocol::{ApiKey, Message, Records};
use headwater_records::{BatchBuilder, BatchOptions};

use crate::healthy::{Healthy, Longest};
use crate::wire;

/// Partitions of the large topic: first, and after more were asked for.
const PARTITIONS: [i32; 2] = [6_000, 9_000];
/// Partitions that one request writes to.
const WRITTEN: i32 = 3_000;
/// Topics of one request.
const TOPICS: usize = 1_000;
/// Connections that ask for the same at once.
const ASKING: usize = 8;
/// Names in one request for metadata, none of which exists: some 10 MB.
const NAMES: usize = 500_000;
/// Resources in one request for configurations.
const RESOURCES: usize = 2_000;

type Step = (&'static str, fn(&str) -> Result<(), String>);

const STEPS: [Step; 10] = [
    ("a topic of many partitions is created", |address| {
        create(address, &["heavy".to_owned()], PARTITIONS[0])
    }),
    ("it gets more partitions", more_partitions),
    ("many partitions are written to in one request", write),
    ("many ask what lies in the log directories", |address| {
        let request = DescribeLogDirsRequest::default();
        together(address, |stream| ask(stream, ApiKey::DescribeLogDirs, 4, &request))
    }),
    ("many ask for all metadata", |address| {
        let request = MetadataRequest { topics: None, ..MetadataRequest::default() };
        together(address, |stream| ask(stream, ApiKey::Metadata, 12, &request))
    }),
    ("metadata of topics that do not exist", unknown_topics),
    ("many configurations are asked for", configurations),
    ("the large topic is deleted", |address| delete(address, &["heavy".to_owned()])),
    ("many topics are created in one request", |address| create(address, &names(), 1)),
    ("many topics are deleted in one request", |address| delete(address, &names())),
];

/// Makes one after the other; what the healthy client saw at worst, and how many errors.
pub fn run(address: &str, healthy: &Healthy) -> Result<(Longest, usize), String> {
    let (mut longest, mut errors) = (Longest::default(), 0);
    for (name, step) in STEPS {
        healthy.take();
        let begun = Instant::now();
        step(address).map_err(|why| format!("{name}: {why}"))?;
        let took = begun.elapsed();
        // What it leaves behind is done in the background, and is to be felt as little.
        std::thread::sleep(std::time::Duration::from_millis(300));
        let seen = healthy.take();
        println!("  {name}, {} ms: beside it {seen}", took.as_millis());
        // One that stands still longer than a step is late, too.
        errors += seen.errors + usize::from(seen.rounds == 0);
        if seen.longest().ms() > longest.ms() {
            longest = seen.longest();
        }
    }
    Ok((longest, errors))
}

fn names() -> Vec<String> {
    (0..TOPICS).map(|number| format!("many-{number}")).collect()
}

fn expect(what: &str, codes: impl Iterator<Item = i16>) -> Result<(), String> {
    let failed: Vec<i16> = codes.filter(|code| *code != 0).collect();
    match failed.first() {
        None => Ok(()),
        Some(code) => Err(format!("{what}: error {code}, {} times an error", failed.len())),
    }
}

fn create(address: &str, names: &[String], num_partitions: i32) -> Result<(), String> {
    let topic = |name: &String| CreatableTopic {
        name: name.clone(),
        num_partitions,
        replication_factor: 1,
        ..CreatableTopic::default()
    };
    let topics = names.iter().map(topic).collect();
    let request = CreateTopicsRequest { topics, timeout_ms: 30_000, ..CreateTopicsRequest::default() };
    let mut stream = wire::connect(address)?;
    let answer: CreateTopicsResponse = wire::call(&mut stream, ApiKey::CreateTopics, 6, &request)?;
    expect("create", answer.topics.iter().map(|topic| topic.error_code))
}

fn more_partitions(address: &str) -> Result<(), String> {
    let topic = CreatePartitionsTopic { name: "heavy".to_owned(), count: PARTITIONS[1], assignments: None };
    let request = CreatePartitionsRequest { topics: vec![topic], timeout_ms: 30_000, validate_only: false };
    let mut stream = wire::connect(address)?;
    let answer: CreatePartitionsResponse = wire::call(&mut stream, ApiKey::CreatePartitions, 3, &request)?;
    expect("more partitions", answer.results.iter().map(|result| result.error_code))
}

fn delete(address: &str, names: &[String]) -> Result<(), String> {
    let request = DeleteTopicsRequest {
        topic_names: names.to_vec(),
        timeout_ms: 30_000,
        ..DeleteTopicsRequest::default()
    };
    let mut stream = wire::connect(address)?;
    let answer: DeleteTopicsResponse = wire::call(&mut stream, ApiKey::DeleteTopics, 5, &request)?;
    expect("delete", answer.responses.iter().map(|topic| topic.error_code))
}

fn write(address: &str) -> Result<(), String> {
    let mut builder = BatchBuilder::new(BatchOptions::default());
    builder.append(1_700_000_000_000, None, Some(b"heavy"), &[]);
    let batch = builder.build();
    let part = |index| PartitionProduceData { index, records: Records::Bytes(batch.clone()) };
    let topic = TopicProduceData {
        name: "heavy".to_owned(),
        partition_data: (0..WRITTEN).map(part).collect(),
        ..TopicProduceData::default()
    };
    let request =
        ProduceRequest { acks: -1, timeout_ms: 30_000, topic_data: vec![topic], ..ProduceRequest::default() };
    ask(&mut wire::connect(address)?, ApiKey::Produce, 9, &request)
}

fn unknown_topics(address: &str) -> Result<(), String> {
    let topic = |number| MetadataRequestTopic {
        name: Some(format!("there-is-no-{number}")),
        ..MetadataRequestTopic::default()
    };
    let topics = Some((0..NAMES).map(topic).collect());
    let request = MetadataRequest { topics, allow_auto_topic_creation: false, ..MetadataRequest::default() };
    ask(&mut wire::connect(address)?, ApiKey::Metadata, 12, &request)
}

fn configurations(address: &str) -> Result<(), String> {
    let resource = DescribeConfigsResource {
        resource_type: 2,
        resource_name: "heavy".to_owned(),
        configuration_keys: None,
    };
    let request = DescribeConfigsRequest {
        resources: vec![resource; RESOURCES],
        include_synonyms: true,
        include_documentation: true,
    };
    ask(&mut wire::connect(address)?, ApiKey::DescribeConfigs, 4, &request)
}

/// Sends a request and waits for its answer, whatever it says.
fn ask(stream: &mut TcpStream, key: ApiKey, version: i16, request: &impl Message) -> Result<(), String> {
    wire::call_raw(stream, key, version, request).map(drop)
}

fn together(
    address: &str,
    ask: impl Fn(&mut TcpStream) -> Result<(), String> + Send + Sync,
) -> Result<(), String> {
    std::thread::scope(|scope| {
        let one = || wire::connect(address).and_then(|mut stream| ask(&mut stream));
        let running: Vec<_> = (0..ASKING).map(|_| scope.spawn(one)).collect();
        running.into_iter().try_for_each(|it| it.join().map_err(|_| "it panicked".to_owned())?)
    })
}
