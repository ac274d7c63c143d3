//! InitProducerId, and the sequences and epochs of idempotent producers.

use headwater_base::{ProducerEpoch, ProducerId};
use headwater_protocol::messages::init_producer_id_request::InitProducerIdRequest;
use headwater_protocol::{ApiKey, Records};
use headwater_records::BatchOptions;

use super::state::{T0, batch_with, produce};
use super::target::{Target, body};

/// One batch: what happens, partition, producer, epoch, first sequence, records.
type Step = (&'static str, i32, i64, i16, i32, usize);

/// In this order; each producer's sequence goes on from what was accepted before.
const STEPS: &[Step] = &[
    ("the first batch", 0, 5000, 0, 0, 2),
    ("the second batch", 0, 5000, 0, 2, 3),
    ("the second batch again", 0, 5000, 0, 2, 3),
    ("the first batch again", 0, 5000, 0, 0, 2),
    ("a gap", 0, 5000, 0, 6, 1),
    ("a sequence that was", 0, 5000, 0, 3, 1),
    ("a batch that is not quite the one before", 0, 5000, 0, 2, 2),
    ("the third batch", 0, 5000, 0, 5, 1),
    ("the fourth batch", 0, 5000, 0, 6, 1),
    ("the fifth batch", 0, 5000, 0, 7, 1),
    ("the sixth batch", 0, 5000, 0, 8, 1),
    ("the second batch, the fifth from behind", 0, 5000, 0, 2, 3),
    ("the first batch, out of memory", 0, 5000, 0, 0, 2),
    ("a new epoch that does not begin at 0", 0, 5000, 1, 9, 1),
    ("a new epoch", 0, 5000, 1, 0, 2),
    ("a new epoch, again", 0, 5000, 1, 0, 2),
    ("the epoch before", 0, 5000, 0, 9, 1),
    ("a batch of the epoch before", 0, 5000, 0, 8, 1),
    ("going on in the new epoch", 0, 5000, 1, 2, 1),
    ("an epoch that skips some", 0, 5000, 7, 0, 1),
    ("an unknown producer that does not begin at 0", 0, 5001, 0, 4, 1),
    ("after an unknown one that did not begin at 0", 0, 5001, 0, 5, 1),
    ("before an unknown one that did not begin at 0", 0, 5001, 0, 0, 1),
    ("an unknown producer in epoch 5", 0, 5002, 5, 0, 1),
    ("below that epoch", 0, 5002, 4, 0, 1),
    ("the same producer elsewhere", 1, 5002, 4, 0, 1),
    ("the last sequence", 1, 5003, 0, i32::MAX, 1),
    ("round to zero", 1, 5003, 0, 0, 1),
    ("across the end", 1, 5004, 0, i32::MAX - 1, 4),
    ("behind the end", 1, 5004, 0, 2, 1),
    ("the largest epoch", 1, 5005, i16::MAX, 0, 1),
    ("a sequence below zero", 1, 5006, 0, -1, 1),
    ("a sequence of -2", 1, 5006, 0, -2, 1),
    ("an epoch below zero", 1, 5006, -1, 0, 1),
    ("an epoch of -2", 1, 5006, -2, 0, 1),
    ("producer id 0", 1, 0, 0, 0, 1),
    ("a huge producer id", 1, i64::MAX, 0, 0, 1),
];

pub fn chapter(target: &mut Target) {
    ids(target);
    for (what, partition, id, epoch, sequence, count) in STEPS {
        step(target, what, 9, (*partition, *id, *epoch, *sequence, *count));
    }
    // The same questions where the answer has other fields.
    for version in [3, 5, 8, 10, 12, 13] {
        for (what, sequence) in [("a gap", 9), ("again", 2), ("out of order", 1)] {
            step(target, &format!("{what}, for each version"), version, (0, 5000, 7, sequence, 1));
        }
        step(target, "fenced, for each version", version, (0, 5000, 1, 3, 1));
    }
}

fn step(target: &mut Target, what: &str, version: i16, of: (i32, i64, i16, i32, usize)) {
    let (partition, id, epoch, base_sequence, count) = of;
    let options = BatchOptions {
        producer_id: ProducerId(id),
        producer_epoch: ProducerEpoch(epoch),
        base_sequence,
        ..BatchOptions::default()
    };
    let batch = batch_with(options, T0, &vec!["v"; count]);
    let bytes = produce(target, version, "sequences", -1, &[(partition, Records::Bytes(batch))]);
    target.ask_raw(what, ApiKey::Produce, version, &bytes);
}

fn ids(target: &mut Target) {
    for version in 0..=5 {
        let request = InitProducerIdRequest { transaction_timeout_ms: 60_000, ..Default::default() };
        target.ask_raw("a producer", ApiKey::InitProducerId, version, &body(&request, version));
        let zero = InitProducerIdRequest { transaction_timeout_ms: 0, ..Default::default() };
        target.ask_raw("a producer with timeout 0", ApiKey::InitProducerId, version, &body(&zero, version));
        let empty = InitProducerIdRequest { transactional_id: Some(String::new()), ..Default::default() };
        target.ask_raw("an empty transactional id", ApiKey::InitProducerId, version, &body(&empty, version));
    }
    for version in 3..=5 {
        for (producer_id, producer_epoch) in [(5000, 0), (-1, 0), (5000, -1), (-2, -2), (i64::MAX, i16::MAX)]
        {
            let request = InitProducerIdRequest { producer_id, producer_epoch, ..Default::default() };
            let name = format!("a producer that was {producer_id} in epoch {producer_epoch}");
            target.ask_raw(&name, ApiKey::InitProducerId, version, &body(&request, version));
        }
    }
}
