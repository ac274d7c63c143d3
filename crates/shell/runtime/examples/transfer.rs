//! From which size on `sendfile` is cheaper than reading into a buffer and writing it, and what asking the page cache
//! costs. `cargo run --release -p headwater-runtime --example transfer`

#![allow(clippy::print_stdout, clippy::unwrap_used)]

use headwater_runtime::{DiskFile, ListenOptions, OpenMode, RealConfig, RealGround, Runtime, Stream};
use std::time::{Duration, Instant};

const ROUNDS: usize = 2_000;

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_nanos() as f64 / 1000.0
}

/// A stream whose peer, on the other core, throws away what it reads.
async fn sink(runtime: &Runtime) -> Stream {
    let address = "127.0.0.1:0".parse().unwrap();
    let listener = runtime.listen(address, ListenOptions::default()).await.unwrap();
    let stream = runtime.connect(listener.local_addr()).await.unwrap();
    let incoming = listener.accept().await.unwrap();
    runtime.spawn_on(1, "sink", move |runtime| async move {
        let stream = incoming.open(&runtime).unwrap();
        let mut buffer = vec![0; 1 << 20];
        while matches!(stream.read(&mut buffer).await, Ok(1..)) {}
    });
    stream
}

async fn copied(runtime: &Runtime, stream: &Stream, file: &dyn DiskFile, size: usize) -> f64 {
    let mut times = Vec::new();
    let mut buffer = vec![0; size];
    for _ in 0..ROUNDS {
        let start = Instant::now();
        assert_eq!(runtime.read_nowait(file, &mut buffer, 0).unwrap(), Some(size));
        stream.write_all(&buffer).await.unwrap();
        times.push(start.elapsed());
    }
    median(times)
}

async fn sent(stream: &Stream, file: &dyn DiskFile, size: usize) -> f64 {
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let mut done = 0;
        while done < size {
            done += stream.send_file(file, done as u64, (size - done) as u64).await.unwrap();
        }
        times.push(start.elapsed());
    }
    median(times)
}

fn main() {
    let root = std::env::temp_dir().join(format!("headwater-transfer-{}", std::process::id()));
    let folder = root.clone();
    RealGround::start(&RealConfig { data_cores: 2 }).unwrap().block_on(|runtime| async move {
        runtime.create_root(&folder).unwrap();
        let file = runtime.disk(&folder).unwrap().open("file", OpenMode::Create).unwrap();
        file.write_at(&vec![7; 64 << 20], 0).unwrap();
        let stream = sink(&runtime).await;
        for size in [1 << 10, 4 << 10, 16 << 10, 32 << 10, 64 << 10, 256 << 10, 1 << 20] {
            let copied = copied(&runtime, &stream, &*file, size).await;
            let sent = sent(&stream, &*file, size).await;
            println!("{:>5} KiB: read and write {copied:>7.1} us, sendfile {sent:>7.1} us", size >> 10);
        }
        for size in [4_u64 << 10, 64 << 10, 1 << 20, 64 << 20] {
            let mut times = Vec::new();
            for _ in 0..ROUNDS / 10 {
                let start = Instant::now();
                assert!(runtime.is_cached(&*file, 0, size));
                times.push(start.elapsed());
            }
            println!("{:>5} KiB: is_cached {:.1} us", size >> 10, median(times));
        }
    });
    std::fs::remove_dir_all(&root).unwrap();
}
