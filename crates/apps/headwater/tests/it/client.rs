//! A client with no manners: it sends what it is told and waits for what comes.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use headwater_base::{ProducerEpoch, ProducerId};
use headwater_protocol::header::{read_response_header, write_request_header};
use headwater_protocol::messages::create_topics_request::{
    CreatableTopic, CreatableTopicConfig, CreateTopicsRequest,
};
use headwater_protocol::messages::create_topics_response::CreateTopicsResponse;
use headwater_protocol::messages::delete_topics_request::DeleteTopicsRequest;
use headwater_protocol::messages::delete_topics_response::DeleteTopicsResponse;
use headwater_protocol::messages::fetch_request::{FetchPartition, FetchRequest, FetchTopic};
use headwater_protocol::messages::fetch_response::{FetchResponse, PartitionData};
use headwater_protocol::messages::init_producer_id_request::InitProducerIdRequest;
use headwater_protocol::messages::init_producer_id_response::InitProducerIdResponse;
use headwater_protocol::messages::metadata_request::MetadataRequest;
use headwater_protocol::messages::metadata_response::MetadataResponse;
use headwater_protocol::messages::produce_request::{PartitionProduceData, ProduceRequest, TopicProduceData};
use headwater_protocol::messages::produce_response::{PartitionProduceResponse, ProduceResponse};
use headwater_protocol::{ApiKey, Message, Reader, Records, Writer};
use headwater_records::{BatchBuilder, BatchOptions, BatchView, Scratch, batches};

pub struct Client {
    pub stream: TcpStream,
    correlation_id: i32,
}

/// A frame with its length.
pub fn frame(key: ApiKey, version: i16, correlation_id: i32, body: &impl Message) -> Vec<u8> {
    let mut writer = Writer::new();
    let at = writer.begin_frame();
    write_request_header(&mut writer, key, version, correlation_id, Some("it")).unwrap();
    body.encode_message(&mut writer, version).unwrap();
    writer.end_frame(at);
    writer.into_bytes()
}

impl Client {
    pub fn connect(address: SocketAddr) -> Client {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        Client { stream, correlation_id: 0 }
    }

    pub fn send_raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// The next frame; `None` when the node has closed the connection.
    pub fn receive(&mut self) -> Option<Vec<u8>> {
        let mut length = [0; 4];
        match self.stream.read_exact(&mut length) {
            Ok(()) => {}
            Err(error)
                if matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset) =>
            {
                return None;
            }
            Err(error) => panic!("neither answered nor closed: {error}"),
        }
        let mut frame = vec![0; i32::from_be_bytes(length) as usize];
        self.stream.read_exact(&mut frame).unwrap();
        Some(frame)
    }

    pub fn send(&mut self, key: ApiKey, version: i16, body: &impl Message) -> i32 {
        self.correlation_id += 1;
        self.send_raw(&frame(key, version, self.correlation_id, body)).unwrap();
        self.correlation_id
    }

    pub fn receive_as<M: Message>(&mut self, key: ApiKey, version: i16) -> (i32, M) {
        let frame = self.receive().expect("the node closed the connection");
        let mut reader = Reader::new(&frame);
        let correlation_id = read_response_header(&mut reader, key, version).unwrap();
        let message = M::decode_message(&mut reader, version).unwrap();
        assert_eq!(reader.remaining(), 0, "bytes behind the answer");
        (correlation_id, message)
    }

    pub fn call<M: Message>(&mut self, key: ApiKey, version: i16, body: &impl Message) -> M {
        let sent = self.send(key, version, body);
        let (correlation_id, message) = self.receive_as(key, version);
        assert_eq!(correlation_id, sent);
        message
    }

    /// True if the node still answers.
    pub fn is_served(&mut self) -> bool {
        let answer: MetadataResponse = self.call(ApiKey::Metadata, 12, &MetadataRequest::default());
        !answer.brokers.is_empty()
    }

    pub fn create_topic(&mut self, name: &str, partitions: i32, configs: &[(&str, &str)]) {
        let topic = CreatableTopic {
            name: name.to_owned(),
            num_partitions: partitions,
            replication_factor: 1,
            configs: configs
                .iter()
                .map(|(name, value)| CreatableTopicConfig {
                    name: (*name).to_owned(),
                    value: Some((*value).to_owned()),
                })
                .collect(),
            ..CreatableTopic::default()
        };
        let request = CreateTopicsRequest { topics: vec![topic], ..CreateTopicsRequest::default() };
        let answer: CreateTopicsResponse = self.call(ApiKey::CreateTopics, 6, &request);
        assert_eq!(answer.topics[0].error_code, 0, "{:?}", answer.topics[0].error_message);
    }

    pub fn delete_topic(&mut self, name: &str) {
        let request = DeleteTopicsRequest {
            topic_names: vec![name.to_owned()],
            timeout_ms: 10_000,
            ..DeleteTopicsRequest::default()
        };
        let answer: DeleteTopicsResponse = self.call(ApiKey::DeleteTopics, 5, &request);
        assert_eq!(answer.responses[0].error_code, 0, "{:?}", answer.responses[0].error_message);
    }

    pub fn new_producer(&mut self) -> i64 {
        let request = InitProducerIdRequest { transactional_id: None, ..InitProducerIdRequest::default() };
        let answer: InitProducerIdResponse = self.call(ApiKey::InitProducerId, 4, &request);
        assert_eq!(answer.error_code, 0);
        answer.producer_id
    }

    /// Produces to partitions of one topic.
    pub fn produce(
        &mut self,
        topic: &str,
        acks: i16,
        parts: &[(i32, Vec<u8>)],
    ) -> Vec<PartitionProduceResponse> {
        let request = produce_request(topic, acks, parts);
        let mut answer: ProduceResponse = self.call(ApiKey::Produce, 9, &request);
        answer.responses.remove(0).partition_responses
    }

    pub fn produce_one(&mut self, topic: &str, batch: Vec<u8>) -> PartitionProduceResponse {
        self.produce(topic, -1, &[(0, batch)]).remove(0)
    }

    pub fn fetch(&mut self, topic: &str, partition: i32, offset: i64) -> PartitionData {
        let wanted = FetchPartition {
            partition,
            fetch_offset: offset,
            partition_max_bytes: 50 << 20,
            ..FetchPartition::default()
        };
        let topics =
            vec![FetchTopic { topic: topic.to_owned(), partitions: vec![wanted], ..FetchTopic::default() }];
        let request = FetchRequest { max_wait_ms: 0, max_bytes: 50 << 20, topics, ..FetchRequest::default() };
        let mut answer: FetchResponse = self.call(ApiKey::Fetch, 12, &request);
        answer.responses.remove(0).partitions.remove(0)
    }

    /// Offset and value of every record of a partition.
    pub fn read_all(&mut self, topic: &str, partition: i32) -> Vec<(i64, Vec<u8>)> {
        let mut found = Vec::new();
        let mut next = 0;
        loop {
            let part = self.fetch(topic, partition, next);
            assert_eq!(part.error_code, 0);
            let bytes = part.records.bytes().unwrap_or_default().to_vec();
            if bytes.is_empty() {
                return found;
            }
            for batch in batches(&bytes) {
                let batch = batch.unwrap();
                next = batch.next_offset().0;
                let known = found.len() as i64;
                found.extend(values(&batch).into_iter().filter(|(offset, _)| *offset >= known));
            }
        }
    }
}

fn values(batch: &BatchView<'_>) -> Vec<(i64, Vec<u8>)> {
    batch.verify_crc().unwrap();
    let mut space = Vec::new();
    let records = batch.records(&mut Scratch::new(), &mut space, 64 << 20).unwrap();
    records
        .map(|record| {
            let record = record.unwrap();
            (record.offset.0, record.value.unwrap_or_default().to_vec())
        })
        .collect()
}

pub fn produce_request(topic: &str, acks: i16, parts: &[(i32, Vec<u8>)]) -> ProduceRequest {
    let part = |(index, batch): &(i32, Vec<u8>)| PartitionProduceData {
        index: *index,
        records: Records::Bytes(batch.clone()),
    };
    ProduceRequest {
        acks,
        timeout_ms: 10_000,
        topic_data: vec![TopicProduceData {
            name: topic.to_owned(),
            partition_data: parts.iter().map(part).collect(),
            ..TopicProduceData::default()
        }],
        ..ProduceRequest::default()
    }
}

pub fn now_ms() -> i64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as i64
}

/// A batch of one record for each value.
pub fn batch(values: &[&str]) -> Vec<u8> {
    batch_of(BatchOptions::default(), values)
}

/// A batch of an idempotent producer.
pub fn sequenced(producer_id: i64, epoch: i16, base_sequence: i32, values: &[&str]) -> Vec<u8> {
    let options = BatchOptions {
        producer_id: ProducerId(producer_id),
        producer_epoch: ProducerEpoch(epoch),
        base_sequence,
        ..BatchOptions::default()
    };
    batch_of(options, values)
}

pub fn batch_of(options: BatchOptions, values: &[&str]) -> Vec<u8> {
    let mut builder = BatchBuilder::new(options);
    for value in values {
        builder.append(now_ms(), None, Some(value.as_bytes()), &[]);
    }
    builder.build()
}
