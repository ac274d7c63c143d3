//! Measures the paths that an answer waits for: I/O pool and back, core to core and back, socket and back; and what
//! an idle ground costs. `cargo run --release -p headwater-runtime --example latency [rounds]`

#![allow(clippy::print_stdout, clippy::unwrap_used)]

use headwater_runtime::sync::{mpsc, oneshot, yield_now};
use headwater_runtime::{ListenOptions, RealConfig, RealGround, Runtime};
use std::time::{Duration, Instant};

fn report(name: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_nanos() as f64 / 1000.0;
    let (p50, p90, p99, max) = (at(0.5), at(0.9), at(0.99), at(1.0));
    println!("{name:<34} p50 {p50:>8.1}  p90 {p90:>8.1}  p99 {p99:>8.1}  max {max:>8.1} us");
}

async fn pool(runtime: &Runtime, rounds: usize, pause: Duration) -> Vec<Duration> {
    let pool = runtime.io_pool("io", 1, 100).unwrap();
    let mut times = Vec::with_capacity(rounds);
    for _ in 0..rounds {
        let start = Instant::now();
        pool.run(|| ()).await;
        times.push(start.elapsed());
        if !pause.is_zero() {
            runtime.sleep(pause).await;
        }
    }
    times
}

async fn other_core(runtime: &Runtime, rounds: usize) -> Vec<Duration> {
    let (questions, mut inbox) = mpsc::channel::<oneshot::Sender<()>>(10);
    runtime.spawn_on(1, "answers", move |_| async move {
        while let Some(answer) = inbox.recv().await {
            let _ = answer.send(());
        }
    });
    let mut times = Vec::with_capacity(rounds);
    for _ in 0..rounds {
        let start = Instant::now();
        let (sender, receiver) = oneshot::channel();
        questions.send(sender).await.unwrap();
        receiver.await.unwrap();
        times.push(start.elapsed());
    }
    times
}

/// How long one job takes to wake that many tasks of another core, and until the last of them runs.
async fn wake_many(runtime: &Runtime, rounds: usize, count: usize) -> (Vec<Duration>, Vec<Duration>) {
    let pool = runtime.io_pool("io", 1, 100).unwrap();
    let (mut sends, mut ends) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let mut senders = Vec::new();
        let mut tasks = Vec::new();
        for _ in 0..count {
            let (sender, receiver) = oneshot::channel();
            senders.push(sender);
            tasks.push(runtime.spawn_local("waiter", receiver));
        }
        yield_now().await;
        let start = Instant::now();
        let spent = pool.run(move || {
            let start = Instant::now();
            senders.into_iter().for_each(|sender| sender.send(()).unwrap());
            start.elapsed()
        });
        sends.push(spent.await);
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        ends.push(start.elapsed());
    }
    (sends, ends)
}

async fn socket(runtime: &Runtime, rounds: usize) -> Vec<Duration> {
    let listener = runtime.listen("127.0.0.1:0".parse().unwrap(), ListenOptions::default()).await.unwrap();
    let address = listener.local_addr();
    let here = runtime.clone();
    runtime.spawn_detached("accept", async move {
        let incoming = listener.accept().await.unwrap();
        here.spawn_on(1, "echo", move |runtime| async move {
            let stream = incoming.open(&runtime).unwrap();
            let mut buffer = [0; 100];
            while let Ok(count @ 1..) = stream.read(&mut buffer).await {
                stream.write_all(&buffer[..count]).await.unwrap();
            }
        });
    });
    let stream = runtime.connect(address).await.unwrap();
    let mut buffer = [0; 100];
    let mut times = Vec::with_capacity(rounds);
    for _ in 0..rounds {
        let start = Instant::now();
        stream.write_all(&[1; 100]).await.unwrap();
        stream.read_exact(&mut buffer).await.unwrap();
        times.push(start.elapsed());
    }
    times
}

fn cpu_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 10)
}

fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Opens idle connections, both ends in this process, and says what each costs.
async fn idle(runtime: &Runtime, connections: usize) {
    let listener = runtime.listen("127.0.0.1:0".parse().unwrap(), ListenOptions::default()).await.unwrap();
    let address = listener.local_addr();
    let before = resident_kib();
    let mut streams = Vec::with_capacity(connections);
    for number in 0..connections {
        streams.push(runtime.connect(address).await.unwrap());
        let incoming = listener.accept().await.unwrap();
        runtime.spawn_on(number % 2, "idle", move |runtime| async move {
            let stream = incoming.open(&runtime).unwrap();
            let mut length = [0; 4];
            let _ = stream.read_exact(&mut length).await;
        });
    }
    runtime.sleep(Duration::from_millis(200)).await;
    let grown = resident_kib() - before;
    let cpu = cpu_time();
    runtime.sleep(Duration::from_secs(2)).await;
    let cpu = cpu_time() - cpu;
    let each = grown as f64 / connections as f64;
    println!("{connections} idle connections (both ends): {each:.2} KiB each, CPU in 2 s {cpu:?}");
}

fn main() {
    let rounds = std::env::args().nth(1).map_or(20_000, |text| text.parse().unwrap());
    RealGround::start(&RealConfig { data_cores: 2 }).unwrap().block_on(|runtime| async move {
        let (sender, receiver) = oneshot::channel();
        runtime.spawn_on(0, "measure", move |runtime| async move {
            report("pool and back, busy", pool(&runtime, rounds, Duration::ZERO).await);
            report("pool and back, every 2 ms", pool(&runtime, 1000, Duration::from_millis(2)).await);
            let (sends, ends) = wake_many(&runtime, 500, 100).await;
            report("one job wakes 100 tasks", sends);
            report("  until all have run", ends);
            report("core to core and back", other_core(&runtime, rounds).await);
            report("socket to core 1 and back", socket(&runtime, rounds).await);
            idle(&runtime, 2000).await;
            sender.send(()).unwrap();
        });
        receiver.await.unwrap();
    });
}
