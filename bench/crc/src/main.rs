//! Nanoseconds and speed of CRC-32C by crate and input size; the best of five runs each.

use std::hint::black_box;
use std::time::Instant;

fn bench(name: &str, checksum: impl Fn(&[u8]) -> u32) {
    for size in [64usize, 256, 1 << 10, 16 << 10, 1 << 20] {
        let data: Vec<u8> = (0..size).map(|at| (at * 31) as u8).collect();
        let rounds = (1usize << 29) / size;
        let mut best = f64::MAX;
        for _ in 0..5 {
            let begin = Instant::now();
            for _ in 0..rounds {
                black_box(checksum(black_box(&data)));
            }
            best = best.min(begin.elapsed().as_secs_f64() / rounds as f64);
        }
        println!("{name:10} {size:8} bytes {:10.1} ns {:6.1} GB/s", best * 1e9, size as f64 / best / 1e9);
    }
}

fn main() {
    bench("crc-fast", |data| crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32Iscsi, data) as u32);
    bench("crc32c", crc32c::crc32c);
}
