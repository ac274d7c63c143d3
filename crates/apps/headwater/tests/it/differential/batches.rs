//! Produce: batches with something wrong or unusual in them.

use std::sync::OnceLock;

use headwater_base::{ProducerEpoch, ProducerId};
use headwater_protocol::ApiKey;
use headwater_records::{BatchBuilder, BatchOptions, Codec, crc32c};

use super::state::{T0, batch, batch_with, compressed, produce_batch};
use super::target::Target;
use crate::client::now_ms;

// Where the fields of a batch lie.
const LENGTH: usize = 8;
const LEADER_EPOCH: usize = 12;
const MAGIC: usize = 16;
const CRC: usize = 17;
const ATTRIBUTES: usize = 21;
const LAST_OFFSET_DELTA: usize = 23;
const BASE_TIMESTAMP: usize = 27;
const MAX_TIMESTAMP: usize = 35;
const PRODUCER_ID: usize = 43;
const PRODUCER_EPOCH: usize = 51;
const BASE_SEQUENCE: usize = 53;
const RECORD_COUNT: usize = 57;
const RECORDS: usize = 61;

/// The batch with other bytes at a place; the checksum fits again if `signed`.
fn with(mut batch: Vec<u8>, at: usize, bytes: &[u8], signed: bool) -> Vec<u8> {
    batch[at..at + bytes.len()].copy_from_slice(bytes);
    if signed { sign(batch) } else { batch }
}

fn sign(mut batch: Vec<u8>) -> Vec<u8> {
    let crc = crc32c(&batch[ATTRIBUTES..]).to_be_bytes();
    batch[CRC..CRC + 4].copy_from_slice(&crc);
    batch
}

fn keyless(codec: Codec, keys: &[Option<&[u8]>]) -> Vec<u8> {
    let options =
        BatchOptions { compression: headwater_records::Compression::of(codec), ..BatchOptions::default() };
    let mut builder = BatchBuilder::new(options);
    for key in keys {
        builder.append(T0, *key, Some(b"v"), &[]);
    }
    builder.build()
}

pub fn chapter(target: &mut Target) {
    let mut cases: Vec<(&str, &str, Vec<u8>)> = Vec::new();
    headers(&mut cases);
    records(&mut cases);
    flags(&mut cases);
    topics(&mut cases);
    for (what, topic, batch) in cases {
        for version in [3, 7, 8, 12, 13] {
            let bytes = produce_batch(target, version, topic, batch.clone());
            target.ask_raw(what, ApiKey::Produce, version, &bytes);
        }
    }
    timestamps(target);
}

fn headers(cases: &mut Vec<(&str, &str, Vec<u8>)>) {
    let good = || batch(T0, &["one", "two"]);
    let length = |by: i32| (good().len() as i32 - 12 + by).to_be_bytes();
    for (what, at, bytes, signed) in [
        ("crc", CRC, &b"\x01\x02\x03\x04"[..], false),
        ("a length of one more", LENGTH, &length(1), false),
        ("a length of one less", LENGTH, &length(-1), false),
        ("a length of zero", LENGTH, &[0; 4], false),
        ("a length below zero", LENGTH, &[0xff; 4], false),
        ("a length of 48", LENGTH, &48_i32.to_be_bytes(), false),
        ("a huge length", LENGTH, &i32::MAX.to_be_bytes(), false),
        ("a base offset", 0, &77_i64.to_be_bytes(), false),
        ("a base offset below zero", 0, &(-1_i64).to_be_bytes(), false),
        ("a leader epoch", LEADER_EPOCH, &9_i32.to_be_bytes(), false),
        ("magic 0", MAGIC, &[0], true),
        ("magic 1", MAGIC, &[1], true),
        ("magic 3", MAGIC, &[3], true),
        ("magic -1", MAGIC, &[0xff], true),
        ("a last offset delta too low", LAST_OFFSET_DELTA, &[0; 4], true),
        ("a last offset delta too high", LAST_OFFSET_DELTA, &5_i32.to_be_bytes(), true),
        ("a last offset delta below zero", LAST_OFFSET_DELTA, &[0xff; 4], true),
        ("a count too low", RECORD_COUNT, &1_i32.to_be_bytes(), true),
        ("a count too high", RECORD_COUNT, &3_i32.to_be_bytes(), true),
        ("a count of zero", RECORD_COUNT, &[0; 4], true),
        ("a count below zero", RECORD_COUNT, &[0xff; 4], true),
        ("a huge count", RECORD_COUNT, &i32::MAX.to_be_bytes(), true),
        ("a base timestamp of its own", BASE_TIMESTAMP, &(T0 + 5).to_be_bytes(), true),
        ("a max timestamp too high", MAX_TIMESTAMP, &(T0 + 99_999).to_be_bytes(), true),
        ("a max timestamp too low", MAX_TIMESTAMP, &(T0 - 1).to_be_bytes(), true),
        ("a max timestamp of -1", MAX_TIMESTAMP, &(-1_i64).to_be_bytes(), true),
        ("codec 5", ATTRIBUTES, &[0, 5], true),
        ("codec 7", ATTRIBUTES, &[0, 7], true),
        ("gzip that is none", ATTRIBUTES, &[0, 1], true),
        ("snappy that is none", ATTRIBUTES, &[0, 2], true),
        ("lz4 that is none", ATTRIBUTES, &[0, 3], true),
        ("zstd that is none", ATTRIBUTES, &[0, 4], true),
        ("a reserved attribute", ATTRIBUTES, &[0x10, 0], true),
        ("stamped by the producer", ATTRIBUTES, &[0, 8], true),
        ("a delete horizon", ATTRIBUTES, &[0, 0x40], true),
        ("a producer id below -1", PRODUCER_ID, &(-2_i64).to_be_bytes(), true),
        ("a producer id without epoch", PRODUCER_ID, &7000_i64.to_be_bytes(), true),
        ("an epoch without producer id", PRODUCER_EPOCH, &[0, 1], true),
        ("a sequence without producer id", BASE_SEQUENCE, &[0; 4], true),
    ] {
        cases.push((what, "bad", with(good(), at, bytes, signed)));
    }
    cases.push(("half a header", "bad", good()[..30].to_vec()));
    cases.push(("a header alone", "bad", good()[..RECORDS].to_vec()));
    cases.push(("a byte missing", "bad", good()[..good().len() - 1].to_vec()));
    cases.push(("a byte too many", "bad", [good(), vec![0]].concat()));
    cases.push(("two batches", "bad", [good(), good()].concat()));
    cases.push(("a batch and half of one", "bad", [good(), good()[..40].to_vec()].concat()));
    cases.push(("one byte", "bad", vec![0]));
    cases.push(("zeros", "bad", vec![0; 200]));
}

fn records(cases: &mut Vec<(&str, &str, Vec<u8>)>) {
    let good = || batch(T0, &["one", "two"]);
    // The first record: length, attributes, timestamp delta, offset delta, key length, key…
    for (what, at, byte) in [
        ("a record's length too high", 0, 0x7e),
        ("a record's length too low", 0, 0x04),
        ("a record's length below zero", 0, 0x01),
        ("a record's attributes", 1, 0x01),
        ("a record's timestamp delta", 2, 0x02),
        ("a record's timestamp delta below zero", 2, 0x01),
        ("a record's offset delta", 3, 0x02),
        ("a record's offset delta below zero", 3, 0x01),
        ("a record's key length too high", 4, 0x7e),
        ("a record's key length below -1", 4, 0x03),
        ("a record's value length too high", 8, 0x7e),
        ("a record's number of headers", 12, 0x08),
        ("a record's number of headers below zero", 12, 0x01),
        ("a header's key length below zero", 13, 0x01),
    ] {
        let topic = if what.contains("offset delta") { "odd" } else { "bad" };
        cases.push((what, topic, with(good(), RECORDS + at, &[byte], true)));
    }
    for (what, codec) in
        [("gzip", Codec::Gzip), ("snappy", Codec::Snappy), ("lz4", Codec::Lz4), ("zstd", Codec::Zstd)]
    {
        cases.push((what, "bad", compressed(codec, T0, &["one", "two", "three"])));
        let whole = compressed(codec, T0, &["one", "two", "three"]);
        let mut cut = whole[..whole.len() - 6].to_vec();
        let length = (cut.len() as i32 - 12).to_be_bytes();
        cut[LENGTH..LENGTH + 4].copy_from_slice(&length);
        let name = Box::leak(format!("{what}, cut").into_boxed_str());
        cases.push((name, "bad", sign(cut)));
        let name = Box::leak(format!("{what}, a count too high").into_boxed_str());
        let counted =
            with(with(whole, RECORD_COUNT, &[0, 0, 0, 4], false), LAST_OFFSET_DELTA, &[0, 0, 0, 3], true);
        cases.push((name, "bad", counted));
    }
}

fn flags(cases: &mut Vec<(&str, &str, Vec<u8>)>) {
    let producer = BatchOptions {
        producer_id: ProducerId(7001),
        producer_epoch: ProducerEpoch(0),
        base_sequence: 0,
        ..BatchOptions::default()
    };
    let control = BatchOptions { control: true, ..BatchOptions::default() };
    let both = BatchOptions { control: true, transactional: true, ..producer.clone() };
    let transactional = BatchOptions { transactional: true, ..BatchOptions::default() };
    cases.push(("a control batch", "bad", batch_with(control, T0, &["v"])));
    cases.push(("a transactional control batch", "bad", batch_with(both, T0, &["v"])));
    cases.push(("transactional without a producer", "bad", batch_with(transactional, T0, &["v"])));
}

fn topics(cases: &mut Vec<(&str, &str, Vec<u8>)>) {
    let large = "x".repeat(1100);
    cases.push(("too large for its topic", "small", batch(T0, &[&large])));
    cases.push(("compressed small enough for its topic", "small", compressed(Codec::Gzip, T0, &[&large])));
    cases.push(("too large as a whole", "small", batch(T0, &[&large[..600], &large[..600]])));
    cases.push(("without a key", "compacted", keyless(Codec::None, &[None])));
    cases.push((
        "some without a key",
        "compacted",
        keyless(Codec::None, &[Some(b"k"), None, Some(b"k"), None]),
    ));
    cases.push(("compressed, some without a key", "compacted", keyless(Codec::Gzip, &[Some(b"k"), None])));
    cases.push(("with keys", "compacted", keyless(Codec::None, &[Some(b"k"), Some(b"")])));
    cases.push(("without a key where nobody cares", "bad", keyless(Codec::None, &[None, None])));
    for (what, topic) in [("made gzip", "to-gzip"), ("made plain", "to-none"), ("made zstd", "to-zstd")] {
        cases.push((what, topic, batch(T0, &["one", "two"])));
        let from_lz4: &str = Box::leak(format!("{what} from lz4").into_boxed_str());
        cases.push((from_lz4, topic, compressed(Codec::Lz4, T0, &["one", "two"])));
        let counted: &str = Box::leak(format!("{what}, a count too high").into_boxed_str());
        cases.push((counted, topic, with(batch(T0, &["one", "two"]), RECORD_COUNT, &[0, 0, 0, 3], true)));
        let deltas: &str = Box::leak(format!("{what}, an offset delta").into_boxed_str());
        let odd: &str = Box::leak(format!("odd-{topic}").into_boxed_str());
        cases.push((deltas, odd, with(batch(T0, &["one", "two"]), RECORDS + 3, &[4], true)));
    }
    cases.push((
        "stamped, a last offset delta",
        "stamped",
        with(batch(T0, &["a", "b"]), LAST_OFFSET_DELTA, &[0; 4], true),
    ));
    cases.push(("stamped, compressed", "stamped", compressed(Codec::Zstd, T0, &["a", "b"])));
}

/// The same for both nodes.
fn now() -> i64 {
    static NOW: OnceLock<i64> = OnceLock::new();
    *NOW.get_or_init(now_ms)
}

/// Against the broker's clock.
fn timestamps(target: &mut Target) {
    let hour = 3_600_000;
    let now = now();
    for (what, topic, at) in [
        ("too early", "bounded", T0),
        ("too late", "bounded", now + 2 * hour),
        ("in time", "bounded", now),
        ("no time", "bounded", -1),
        ("an hour and a half ahead of the default", "bad", now + hour + hour / 2),
        ("half an hour ahead of the default", "bad", now + hour / 2),
        ("below -1", "odd", -5),
        ("years ahead", "stamped", now + 1_000_000 * hour),
    ] {
        for version in [7, 9, 13] {
            let bytes = produce_batch(target, version, topic, batch(at, &["one", "two"]));
            target.ask_raw(&format!("time: {what}"), ApiKey::Produce, version, &bytes);
        }
    }
}
