//! The idempotent producer: sequences, the last five batches, epochs, also across restarts.

use headwater_base::error_code::ErrorCode;

use crate::client::{Client, sequenced};
use crate::node::{Folder, Node};

/// Error code and base offset of a batch of `count` records from `base_sequence` on.
fn send(
    client: &mut Client,
    producer: i64,
    epoch: i16,
    base_sequence: i32,
    count: usize,
) -> (ErrorCode, i64) {
    let values: Vec<String> =
        (0..count).map(|i| format!("{producer}/{}", base_sequence.wrapping_add(i as i32))).collect();
    let values: Vec<&str> = values.iter().map(String::as_str).collect();
    let part = client.produce_one("t", sequenced(producer, epoch, base_sequence, &values));
    (ErrorCode::from_code(part.error_code), part.base_offset)
}

#[test]
fn r6_sequences_are_checked_and_the_last_five_batches_remembered() {
    let folder = Folder::new();
    let node = Node::start(&folder);
    let mut client = node.client();
    client.create_topic("t", 1, &[]);
    let producer = client.new_producer();
    assert_ne!(client.new_producer(), producer);
    for i in 0..7 {
        assert_eq!(send(&mut client, producer, 0, 2 * i, 2), (ErrorCode::None, i64::from(2 * i)));
    }
    // The last five: success, with the offset of then.
    for i in 2..7 {
        assert_eq!(send(&mut client, producer, 0, 2 * i, 2), (ErrorCode::None, i64::from(2 * i)));
    }
    assert_eq!(
        send(&mut client, producer, 0, 0, 2).0,
        ErrorCode::OutOfOrderSequenceNumber,
        "older than five"
    );
    assert_eq!(send(&mut client, producer, 0, 20, 1).0, ErrorCode::OutOfOrderSequenceNumber, "a gap");
    assert_eq!(client.read_all("t", 0).len(), 14);
    // A new epoch begins at sequence 0, and ends the old one.
    assert_eq!(send(&mut client, producer, 1, 5, 1).0, ErrorCode::OutOfOrderSequenceNumber);
    assert_eq!(send(&mut client, producer, 1, 0, 1), (ErrorCode::None, 14));
    assert_eq!(send(&mut client, producer, 0, 14, 1).0, ErrorCode::InvalidProducerEpoch);
}

#[test]
fn r6_sequences_wrap_behind_the_largest() {
    let folder = Folder::new();
    let node = Node::start(&folder);
    let mut client = node.client();
    client.create_topic("t", 1, &[]);
    let producer = client.new_producer();
    assert_eq!(
        send(&mut client, producer, 0, i32::MAX - 1, 2),
        (ErrorCode::None, 0),
        "unknown producers begin anywhere"
    );
    assert_eq!(send(&mut client, producer, 0, 0, 1), (ErrorCode::None, 2));
    assert_eq!(send(&mut client, producer, 0, i32::MAX - 1, 2), (ErrorCode::None, 0), "a duplicate");
}

#[test]
fn r6_a_producers_state_survives_stop_and_kill() {
    let folder = Folder::new();
    let mut node = Node::start(&folder);
    let mut client = node.client();
    client.create_topic("t", 1, &[]);
    let producer = client.new_producer();
    let mut identities = vec![producer];
    for round in 0..4 {
        let first = round * 6;
        for i in first..first + 6 {
            assert_eq!(send(&mut client, producer, 0, i, 1), (ErrorCode::None, i64::from(i)));
        }
        if round % 2 == 0 {
            node.kill()
        } else {
            node.stop()
        }
        node = Node::start(&folder);
        client = node.client();
        for i in first + 1..first + 6 {
            assert_eq!(send(&mut client, producer, 0, i, 1), (ErrorCode::None, i64::from(i)), "a duplicate");
        }
        assert_eq!(send(&mut client, producer, 0, first + 8, 1).0, ErrorCode::OutOfOrderSequenceNumber);
        identities.push(client.new_producer());
    }
    assert_eq!(client.read_all("t", 0).len(), 24);
    let count = identities.len();
    identities.sort_unstable();
    identities.dedup();
    assert_eq!(identities.len(), count, "a producer id was given twice");
}
