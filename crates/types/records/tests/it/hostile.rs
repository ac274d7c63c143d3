//! Bytes of ill will: no panic, no allocation beyond a small factor of what is there, no long computation.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use headwater_base::{PartitionIndex, TopicPartition};
use headwater_records::{
    BatchBuilder, BatchOptions, BatchView, Codec, Compression, Header, Rules, Scratch, TimestampType,
    batches, decompress, patch, validate_in_place,
};

use crate::memory::peak;
use crate::random::Random;

const LIMIT: usize = 1 << 20;
/// States of the codecs, the first window, and the window's growth up to the limit.
const ALLOWED: usize = 3 * LIMIT;

/// Time that this thread has computed so far, so that other work on the machine does not count; the clock where the
/// kernel does not tell.
fn computed() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = told.and_then(|text| text.split(' ').next()?.parse().ok());
    nanos.map_or_else(|| START.elapsed(), Duration::from_nanos)
}

fn rules(topic_partition: &TopicPartition, random: &mut Random) -> Rules<'static> {
    // Leaked once a test; the rules then live as long as they like.
    let topic_partition: &'static TopicPartition = Box::leak(Box::new(topic_partition.clone()));
    Rules {
        topic_partition,
        produce_version: 3 + random.below(10) as i16,
        max_message_bytes: 1 << 20,
        max_decompressed_bytes: LIMIT,
        compacted: random.one_in(2),
        timestamp_type: if random.one_in(2) {
            TimestampType::CreateTime
        } else {
            TimestampType::LogAppendTime
        },
        timestamp_before_max_ms: i64::MAX,
        timestamp_after_max_ms: random.next() as i64,
        compression: random.one_in(3).then(|| Compression::of(Codec::ALL[random.below(5) as usize])),
        now_ms: random.next() as i64,
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let mut out = Vec::new();
    for codec in Codec::ALL {
        for count in [1, 3, 40] {
            let compression = Compression::of(codec);
            let mut builder = BatchBuilder::new(BatchOptions { compression, ..BatchOptions::default() });
            for index in 0..count {
                let headers =
                    [Header { key: b"key", value: Some(b"value") }, Header { key: b"", value: None }];
                builder.append(
                    index,
                    Some(b"key"),
                    Some(&[index as u8; 30]),
                    &headers[..(index % 3) as usize],
                );
            }
            out.push(builder.build());
        }
    }
    out
}

/// Puts bytes through everything that reads bytes of others.
fn survive(bytes: &[u8], rules: &Rules<'_>, scratch: &mut Scratch) {
    let begin = computed();
    let ((), peak) = peak(|| {
        for batch in batches(bytes) {
            let Ok(batch) = batch else { break };
            let _ = batch.verify_crc();
            let mut space = Vec::new();
            if let Ok(records) = batch.records(scratch, &mut space, LIMIT) {
                let count: usize = records.flatten().map(|record| record.headers().count()).sum();
                assert!(count <= LIMIT);
            }
        }
        let mut request = bytes.to_vec();
        if let Ok(validated) = validate_in_place(&mut request, rules, scratch) {
            validated.view(&request).verify_crc().unwrap();
        }
    });
    assert!(peak <= ALLOWED + 4 * bytes.len(), "{peak} bytes for {}", bytes.len());
    let taken = computed() - begin;
    assert!(taken < Duration::from_millis(100), "{taken:?} for {} bytes", bytes.len());
}

#[test]
fn changed_batches_do_no_harm() {
    let mut random = Random::new(7);
    let topic_partition = TopicPartition { topic: "t".to_owned(), partition: PartitionIndex(0) };
    let seeds = seeds();
    for round in 0..5000 {
        // A new scratch now and then, so that its first use is measured too.
        let mut scratch = Scratch::new();
        let rules = rules(&topic_partition, &mut random);
        let mut bytes = seeds[round % seeds.len()].clone();
        for _ in 0..1 + random.below(6) {
            let at = random.below(bytes.len() as u64) as usize;
            match random.below(5) {
                0 => bytes[at] = random.next() as u8,
                1 => bytes[at] ^= 1 << random.below(8),
                2 => bytes.truncate(at.max(1)),
                3 => bytes[at] = [0, 0x7f, 0x80, 0xff][random.below(4) as usize],
                _ => drop(bytes.splice(at..at, random.bytes(3))),
            }
        }
        // A right length and checksum let the change reach what lies behind them.
        if random.below(10) > 0 && bytes.len() > 61 {
            let length = bytes.len() as i32 - 12;
            bytes[8..12].copy_from_slice(&length.to_be_bytes());
            patch::set_crc(&mut bytes);
        }
        survive(&bytes, &rules, &mut scratch);
    }
}

#[test]
fn noise_does_no_harm() {
    let mut random = Random::new(8);
    let topic_partition = TopicPartition { topic: "t".to_owned(), partition: PartitionIndex(0) };
    let mut scratch = Scratch::new();
    for round in 0..1500 {
        let rules = rules(&topic_partition, &mut random);
        let length = random.below(300) as usize;
        let mut bytes = random.bytes(length);
        if let [.., _] = bytes[..]
            && bytes.len() > 61
        {
            let length = bytes.len() as i32 - 12;
            bytes[..8].fill(0);
            bytes[8..12].copy_from_slice(&length.to_be_bytes());
            bytes[16] = 2;
            bytes[21..27].copy_from_slice(&[0, (round % 6) as u8, 0, 0, 0, 0]);
            bytes[57..61].copy_from_slice(&[0, 0, 0, 1]);
            patch::set_crc(&mut bytes);
        }
        survive(&bytes, &rules, &mut scratch);
        for codec in Codec::ALL {
            let (_, peak) = peak(|| decompress(codec, &bytes, LIMIT));
            assert!(peak <= ALLOWED, "{peak}");
        }
    }
}

/// A batch of `codec` whose payload is `payload` and that claims one record.
fn wrap(codec: Codec, payload: &[u8]) -> Vec<u8> {
    let mut builder = BatchBuilder::new(BatchOptions::default());
    builder.append(1, None, None, &[]);
    let mut bytes = builder.build();
    bytes.truncate(61);
    bytes.extend(payload);
    let length = bytes.len() as i32 - 12;
    bytes[8..12].copy_from_slice(&length.to_be_bytes());
    bytes[22] = codec.id();
    patch::set_crc(&mut bytes);
    bytes
}

/// Close to a MiB that claims to be as much as the codec can make of it.
fn bombs() -> Vec<(Codec, Vec<u8>)> {
    // A record of 2 GiB begins; what follows are zeros.
    let mut head = vec![0xfe, 0xff, 0xff, 0xff, 0x0f];
    head.resize(100 << 20, 0);
    let gzip = Compression::of(Codec::Gzip).compress(&head);
    let lz4 = Compression::of(Codec::Lz4).compress(&head);
    let snappy = Compression::of(Codec::Snappy).compress(&head[..16 << 20]);
    // Frame header without a size, window of 128 MiB; then blocks of one repeated byte, 128 KiB each.
    let mut zstd = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 17 << 3];
    for _ in 0..250_000 {
        zstd.extend(&((128 << 10) << 3 | 0b010u32).to_le_bytes()[..3]);
        zstd.push(0xff);
    }
    vec![(Codec::Gzip, gzip), (Codec::Lz4, lz4), (Codec::Snappy, snappy), (Codec::Zstd, zstd)]
}

#[test]
fn r4_bombs_are_refused_at_the_limit() {
    let topic_partition = TopicPartition { topic: "t".to_owned(), partition: PartitionIndex(0) };
    let mut random = Random::new(1);
    let bombs = bombs();
    for (codec, payload) in &bombs {
        for compression in [None, Some(Compression::default())] {
            let mut bytes = wrap(*codec, payload);
            assert!(BatchView::parse(&bytes).is_ok());
            let rules = Rules {
                produce_version: 12,
                max_message_bytes: i32::MAX,
                max_decompressed_bytes: 8 << 20,
                compression,
                ..rules(&topic_partition, &mut random)
            };
            let begin = computed();
            let mut scratch = Scratch::new();
            let (refusal, peak) = peak(|| validate_in_place(&mut bytes, &rules, &mut scratch).unwrap_err());
            let taken = computed() - begin;
            // A repeated 0xff is a malformed record before it is too large.
            let name = refusal.error.name();
            assert!(["MESSAGE_TOO_LARGE", "INVALID_RECORD"].contains(&name), "{codec:?}: {name}");
            assert!(compression.is_none() || name == "MESSAGE_TOO_LARGE");
            assert!(peak < 28 << 20, "{codec:?}: {peak} bytes");
            assert!(taken < Duration::from_millis(400), "{codec:?}: {taken:?}");
        }
    }
}
