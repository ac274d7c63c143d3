//! What it costs to judge a produce request: `cargo run --release -p headwater-records --example validate`.
//!
//! Records of 100 bytes of value and 8 of key, in batches of about 1 KiB, 16 KiB and 1 MiB; the best of five runs each.

#![allow(clippy::print_stdout)]

use std::hint::black_box;
use std::time::Instant;

use headwater_base::{PartitionIndex, TopicPartition};
use headwater_records::{
    BatchBuilder, BatchOptions, BatchView, Codec, Compression, Rules, Scratch, TimestampType,
    validate_in_place,
};

const NOW: i64 = 1_790_000_000_000;

fn batch(codec: Codec, size: usize) -> Vec<u8> {
    let compression = Compression::of(codec);
    let mut builder = BatchBuilder::new(BatchOptions { compression, ..BatchOptions::default() });
    let mut state = 1u64;
    while builder.size() < size {
        let mut value = [0u8; 100];
        for byte in &mut value {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = b"abcdefghijklmnop"[(state >> 60) as usize];
        }
        builder.append(NOW + i64::from(builder.record_count()) / 20, Some(b"keykeyke"), Some(&value), &[]);
    }
    builder.build()
}

fn main() {
    let topic_partition = TopicPartition { topic: "topic".to_owned(), partition: PartitionIndex(0) };
    let rules = Rules {
        topic_partition: &topic_partition,
        produce_version: 12,
        max_message_bytes: 2 << 20,
        max_decompressed_bytes: 64 << 20,
        compacted: false,
        timestamp_type: TimestampType::CreateTime,
        timestamp_before_max_ms: i64::MAX,
        timestamp_after_max_ms: 3_600_000,
        compression: None,
        now_ms: NOW,
    };
    let mut scratch = Scratch::new();
    for codec in Codec::ALL {
        for size in [1 << 10, 16 << 10, 1 << 20] {
            let mut bytes = batch(codec, size);
            let records = f64::from(BatchView::parse(&bytes).expect("was built").record_count);
            let rounds = ((if codec == Codec::None { 1 << 29 } else { 1 << 26 }) / size).max(1);
            let mut best = f64::MAX;
            for _ in 0..5 {
                let begin = Instant::now();
                for _ in 0..rounds {
                    black_box(validate_in_place(black_box(&mut bytes), &rules, &mut scratch))
                        .expect("is good");
                }
                best = best.min(begin.elapsed().as_secs_f64() / rounds as f64);
            }
            println!(
                "{:7} {:8} bytes {:10.2} us/batch {:7.1} ns/record {:6.3} s/GB stored",
                codec.name(),
                bytes.len(),
                best * 1e6,
                best * 1e9 / records,
                best * 1e9 / bytes.len() as f64
            );
        }
    }
}
