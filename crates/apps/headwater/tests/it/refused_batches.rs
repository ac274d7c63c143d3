//! Batches that must not be appended.

use headwater_base::error_code::ErrorCode;
use headwater_protocol::messages::produce_response::PartitionProduceResponse;
use headwater_records::{BatchBuilder, BatchOptions, Codec, Compression, patch};

use crate::client::{Client, batch, batch_of, now_ms};
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

/// Changes a batch and makes its checksum right again.
fn changed(mut batch: Vec<u8>, change: impl FnOnce(&mut [u8])) -> Vec<u8> {
    change(&mut batch);
    patch::set_crc(&mut batch);
    batch
}

/// Each is refused with its code, and the next good batch gets offset 0.
fn all_refused(topic: &str, configs: &[(&str, &str)], cases: Vec<(&str, Vec<u8>, &[ErrorCode])>) {
    let folder = Folder::new();
    let node = Node::start(&folder);
    let mut client = node.client();
    client.create_topic(topic, 1, configs);
    for (name, batch, expected) in cases {
        let found = code(&client.produce_one(topic, batch));
        assert!(expected.contains(&found), "{name}: {found:?}");
    }
    assert_eq!(client.read_all(topic, 0), []);
    assert_eq!(good(&mut client, topic), 0);
}

fn good(client: &mut Client, topic: &str) -> i64 {
    let mut builder = BatchBuilder::new(BatchOptions::default());
    builder.append(now_ms(), Some(b"key"), Some(b"value"), &[]);
    let part = client.produce_one(topic, builder.build());
    assert_eq!(code(&part), ErrorCode::None);
    part.base_offset
}

#[test]
fn r3_counts_and_deltas_that_lie() {
    let three = || batch(&["a", "b", "c"]);
    let with = |at: usize, value: i32| {
        changed(three(), |bytes| bytes[at..at + 4].copy_from_slice(&value.to_be_bytes()))
    };
    let mut cases: Vec<(&str, Vec<u8>, &[ErrorCode])> = Vec::new();
    const INVALID: &[ErrorCode] = &[ErrorCode::InvalidRecord];
    for count in [0, -1, 1, 2, 4, i32::MAX, i32::MIN] {
        cases.push(("count", with(57, count), INVALID));
    }
    for delta in [-1, 0, 1, 3, i32::MAX] {
        cases.push(("last offset delta", with(23, delta), INVALID));
    }
    all_refused("t", &[], cases);
}

#[test]
fn r4_compressed_records_that_are_damaged_or_too_large() {
    let compressed = |codec: Codec, value: &str| {
        let compression = Compression { codec, ..Compression::default() };
        batch_of(BatchOptions { compression, ..BatchOptions::default() }, &[value])
    };
    const DAMAGED: &[ErrorCode] = &[ErrorCode::CorruptMessage, ErrorCode::InvalidRecord];
    const BOMB: &[ErrorCode] = &[ErrorCode::MessageTooLarge];
    const UNKNOWN: &[ErrorCode] =
        &[ErrorCode::UnsupportedCompressionType, ErrorCode::CorruptMessage, ErrorCode::InvalidRecord];
    let mut cases: Vec<(&str, Vec<u8>, &[ErrorCode])> = Vec::new();
    let text = "some text that can be compressed, that can be compressed";
    for codec in [Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd] {
        let damaged = changed(compressed(codec, text), |bytes| {
            let middle = 61 + (bytes.len() - 61) / 2;
            bytes[61..middle].iter_mut().for_each(|byte| *byte = !*byte);
        });
        cases.push(("damaged", damaged, DAMAGED));
    }
    for id in 5..8 {
        cases.push((
            "unknown codec",
            changed(batch(&["a"]), |bytes| bytes[22] = (bytes[22] & !7) | id),
            UNKNOWN,
        ));
    }
    // 300 MB of one letter in some kilobytes.
    let bomb = compressed(Codec::Zstd, &"x".repeat(300 << 20));
    assert!(bomb.len() < 100_000, "{}", bomb.len());
    cases.push(("bomb", bomb, BOMB));
    all_refused("t", &[], cases);
}

#[test]
fn r5_control_and_transactional_batches_from_a_client() {
    let of = |options| batch_of(options, &["a"]);
    let control = of(BatchOptions { control: true, ..BatchOptions::default() });
    let transactional = of(BatchOptions {
        transactional: true,
        producer_id: headwater_base::ProducerId(7),
        producer_epoch: headwater_base::ProducerEpoch(0),
        base_sequence: 0,
        ..BatchOptions::default()
    });
    // Without a transactional id nobody may write into a transaction: what the reference says before it looks at the state.
    const FOREIGN: &[ErrorCode] = &[
        ErrorCode::InvalidTxnState,
        ErrorCode::TransactionalIdAuthorizationFailed,
        ErrorCode::InvalidRecord,
    ];
    let cases = vec![
        ("control", control, &[ErrorCode::InvalidRecord][..]),
        ("transactional", transactional, FOREIGN),
    ];
    all_refused("t", &[], cases);
}

#[test]
fn r7_timestamps_out_of_bounds() {
    let at = |timestamp: i64| {
        let mut builder = BatchBuilder::new(BatchOptions::default());
        builder.append(timestamp, None, Some(b"v"), &[]);
        builder.build()
    };
    const BOUNDS: &[ErrorCode] = &[ErrorCode::InvalidTimestamp];
    let hour = 3_600_000;
    let cases = vec![
        ("year 9999", at(253_370_764_800_000), BOUNDS),
        ("in two hours", at(now_ms() + 2 * hour), BOUNDS),
        ("a day ago", at(now_ms() - 24 * hour), BOUNDS),
    ];
    all_refused("t", &[("message.timestamp.before.max.ms", "3600000")], cases);
}

#[test]
fn r8_keys_sizes_and_formats() {
    const NO_KEY: &[ErrorCode] = &[ErrorCode::InvalidRecord];
    const LARGE: &[ErrorCode] = &[ErrorCode::MessageTooLarge];
    const FORMAT: &[ErrorCode] = &[ErrorCode::InvalidRecord, ErrorCode::CorruptMessage];
    let magic = |magic: u8| {
        let mut bytes = batch(&["v"]);
        bytes[16] = magic;
        bytes
    };
    let cases = vec![
        ("a null key", batch(&["v"]), NO_KEY),
        ("too large", batch(&[&"x".repeat(5_000)]), LARGE),
        ("magic 0", magic(0), FORMAT),
        ("magic 1", magic(1), FORMAT),
        ("magic 3", magic(3), FORMAT),
    ];
    all_refused("t", &[("cleanup.policy", "compact"), ("max.message.bytes", "2000")], cases);
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
