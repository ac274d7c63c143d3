//! Batches that must not be appended.

use headwater_base::error_code::ErrorCode;
use headwater_protocol::messages::produce_response::PartitionProduceResponse;

use crate::client::batch;
use crate::node::{Folder, Node};

fn code(part: &PartitionProduceResponse) -> ErrorCode {
    ErrorCode::from_code(part.error_code)
}

#[test]
fn r1_a_wrong_checksum_refuses_its_partition_alone() {
    let folder = Folder::new();
    let node = Node::start(&folder);
    let mut client = node.client();
    client.create_topic("t", 3, &[]);
    let mut damaged = batch(&["a", "b"]);
    let last = damaged.len() - 1;
    damaged[last] ^= 1;
    let parts = client.produce("t", -1, &[(0, batch(&["x"])), (1, damaged), (2, batch(&["y"]))]);
    let codes: Vec<_> = parts.iter().map(code).collect();
    assert_eq!(codes, [ErrorCode::None, ErrorCode::CorruptMessage, ErrorCode::None]);
    assert_eq!(parts[1].base_offset, -1);
    assert_eq!(client.read_all("t", 1), []);
    assert_eq!(client.read_all("t", 2), [(0, b"y".to_vec())]);
}

#[test]
fn r2_lengths_that_lie() {
    let folder = Folder::new();
    let node = Node::start(&folder);
    let mut client = node.client();
    client.create_topic("t", 1, &[]);
    for length in [-1i32, 0, 10, 48, 1 << 20, i32::MAX, i32::MIN] {
        let mut lying = batch(&["a"]);
        lying[8..12].copy_from_slice(&length.to_be_bytes());
        let part = client.produce_one("t", lying);
        let refused = [ErrorCode::CorruptMessage, ErrorCode::InvalidRecord];
        assert!(refused.contains(&code(&part)), "length {length}: {:?}", code(&part));
    }
    let two = [batch(&["a"]), batch(&["b"])].concat();
    assert_eq!(code(&client.produce_one("t", two)), ErrorCode::InvalidRecord);
    assert_eq!(code(&client.produce_one("t", Vec::new())), ErrorCode::InvalidRecord);
    assert_eq!(client.read_all("t", 0), []);
    assert_eq!(client.produce_one("t", batch(&["good"])).base_offset, 0);
}

#[test]
fn a_batch_above_the_topics_limit_is_too_large() {
    let folder = Folder::new();
    let node = Node::start(&folder);
    let mut client = node.client();
    client.create_topic("t", 1, &[("max.message.bytes", "1000")]);
    assert_eq!(code(&client.produce_one("t", batch(&[&"x".repeat(2_000)]))), ErrorCode::MessageTooLarge);
    assert_eq!(code(&client.produce_one("t", batch(&["x"]))), ErrorCode::None);
}

#[test]
fn acks_that_do_not_exist_and_topics_that_do_not_exist() {
    let folder = Folder::new();
    let node = Node::start(&folder);
    let mut client = node.client();
    client.create_topic("t", 1, &[]);
    let refused = client.produce("t", 2, &[(0, batch(&["x"]))]).remove(0);
    assert_eq!(code(&refused), ErrorCode::InvalidRequiredAcks);
    let refused = client.produce("t", 1, &[(7, batch(&["x"]))]).remove(0);
    assert_eq!(code(&refused), ErrorCode::UnknownTopicOrPartition);
    let refused = client.produce("nowhere", 1, &[(0, batch(&["x"]))]).remove(0);
    assert_eq!(code(&refused), ErrorCode::UnknownTopicOrPartition);
    client.create_topic("two", 1, &[("min.insync.replicas", "2")]);
    // A partition of one replica cannot be asked for two, whatever its topic says.
    let taken = client.produce("two", -1, &[(0, batch(&["x"]))]).remove(0);
    assert_eq!(code(&taken), ErrorCode::None);
}
