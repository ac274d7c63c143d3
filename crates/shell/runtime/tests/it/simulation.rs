//! The simulated ground alone: seeds, deaths, cuts.

use headwater_runtime::sim::{Node, Sim};
use headwater_runtime::sync::oneshot;
use headwater_runtime::{Disk, ListenOptions, OpenMode, Runtime, Signal, Stream};
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

const ROOT: &str = "/data";
const PORT: u16 = 9092;

/// A server that appends each 8-byte request to a file, syncs it on a pool, and answers with the length.
async fn serve(runtime: Runtime, address: SocketAddr) {
    let root = Path::new(ROOT);
    runtime.create_root(root).unwrap();
    let _lock = runtime.lock_dir(root).unwrap();
    let disk = runtime.disk(root).unwrap();
    let file = disk.open("log", OpenMode::Create).unwrap();
    disk.sync_dir("").unwrap();
    let mut end = file.len().unwrap() / 8 * 8;
    let pool = runtime.io_pool("sync", 2, 100).unwrap();
    let listener = runtime.listen(address, ListenOptions::default()).await.unwrap();
    loop {
        let stream = listener.accept().await.unwrap().open(&runtime).unwrap();
        let mut request = [0; 8];
        while stream.read_exact(&mut request).await.is_ok() {
            file.write_at(&request, end).unwrap();
            end += 8;
            let synced = file.clone();
            pool.run(move || synced.sync_data().unwrap()).await;
            if stream.write_all(&end.to_le_bytes()).await.is_err() {
                break;
            }
        }
    }
}

async fn append(stream: &Stream, value: u64) -> io::Result<u64> {
    stream.write_all(&value.to_le_bytes()).await?;
    let mut answer = [0; 8];
    stream.read_exact(&mut answer).await?;
    Ok(u64::from_le_bytes(answer))
}

fn start_server(sim: &Sim, node: Node) {
    let address = sim.address(node, PORT);
    sim.start(node, |runtime| serve(runtime, address));
}

/// Appends through deaths of the server; every acknowledged value must be found where it was acknowledged.
fn run_deaths(seed: u64, power: bool) -> u64 {
    let sim = Sim::new(seed);
    let server = sim.add_node("server", 2);
    let address = sim.address(server, PORT);
    let client = sim.driver();
    start_server(&sim, server);
    let world = sim.clone();
    let acknowledged = sim.run_until(async move {
        let mut acknowledged = Vec::new();
        let mut value = 0;
        for _ in 0..4 {
            let end_of_life = client.now() + Duration::from_micros(world.random_u64() % 20_000);
            let killer = world.clone();
            let killer = client.spawn_local("killer", {
                let client = client.clone();
                async move {
                    client.sleep_until(end_of_life).await;
                    if power { killer.power_loss(server) } else { killer.kill(server) }
                }
            });
            let connection = client.timeout(Duration::from_millis(50), client.connect(address)).await;
            if let Ok(Ok(stream)) = connection {
                loop {
                    value += 1;
                    match client.timeout(Duration::from_millis(100), append(&stream, value)).await {
                        Ok(Ok(end)) => acknowledged.push((end, value)),
                        _ => break,
                    }
                }
            }
            killer.await.unwrap();
            start_server(&world, server);
        }
        acknowledged
    });
    let file = sim.disk(server, ROOT).open("log", OpenMode::Existing).unwrap();
    for (end, value) in acknowledged {
        let mut found = [0; 8];
        assert_eq!(file.read_at(&mut found, end - 8).unwrap(), 8, "seed {seed}: acknowledged and gone");
        assert_eq!(u64::from_le_bytes(found), value, "seed {seed}");
    }
    sim.trace_hash()
}

#[test]
fn what_was_synced_and_acknowledged_survives_deaths() {
    for seed in 0..60 {
        run_deaths(seed, false);
        run_deaths(seed, true);
    }
}

#[test]
fn equal_seeds_give_equal_traces_and_others_do_not() {
    for seed in 0..10 {
        assert_eq!(run_deaths(seed, true), run_deaths(seed, true), "seed {seed}");
        assert_ne!(run_deaths(seed, true), run_deaths(seed + 1, true), "seed {seed}");
    }
}

/// Without the sync the same check must fail for some seed, or it checks nothing.
#[test]
fn what_was_not_synced_is_lost_sometimes() {
    let lost = (0..50).filter(|seed| {
        let sim = Sim::new(*seed);
        let node = sim.add_node("careless", 1);
        let (sender, receiver) = oneshot::channel();
        sim.start(node, |runtime| async move {
            runtime.create_root(Path::new(ROOT)).unwrap();
            let disk = runtime.disk(Path::new(ROOT)).unwrap();
            disk.open("f", OpenMode::Create).unwrap().write_at(b"unsynced", 0).unwrap();
            sender.send(()).unwrap();
        });
        sim.run_until(receiver).unwrap();
        sim.power_loss(node);
        let disk = sim.disk(node, ROOT);
        disk.open("f", OpenMode::Existing).and_then(|file| file.len()).unwrap_or(0) == 0
    });
    let lost = lost.count();
    assert!((5..50).contains(&lost), "{lost} of 50");
}

#[test]
fn a_killed_server_resets_and_a_dark_one_is_silent() {
    for power in [false, true] {
        let sim = Sim::new(3);
        let server = sim.add_node("server", 1);
        let address = sim.address(server, PORT);
        start_server(&sim, server);
        let (world, client) = (sim.clone(), sim.driver());
        sim.run_until(async move {
            let stream = client.connect(address).await.unwrap();
            append(&stream, 1).await.unwrap();
            if power {
                world.power_loss(server)
            } else {
                world.kill(server)
            }
            let mut byte = [0];
            let read = client.timeout(Duration::from_secs(30), stream.read(&mut byte)).await;
            let connect = client.timeout(Duration::from_secs(30), client.connect(address)).await;
            if power {
                assert!(read.is_err() && connect.is_err());
            } else {
                assert_eq!(read.unwrap().unwrap_err().kind(), io::ErrorKind::ConnectionReset);
                assert_eq!(connect.unwrap().err().unwrap().kind(), io::ErrorKind::ConnectionRefused);
            }
            // After the restart the old connection is unknown there, and new ones work.
            start_server(&world, server);
            client.sleep(Duration::from_millis(5)).await;
            assert!(append(&stream, 2).await.is_err());
            let stream = client.connect(address).await.unwrap();
            assert_eq!(append(&stream, 2).await.unwrap(), 16);
        });
    }
}

#[test]
fn a_cut_link_delays_and_a_healed_one_delivers() {
    for seed in 0..20 {
        let sim = Sim::new(seed);
        let server = sim.add_node("server", 1);
        let client_node = sim.add_node("client", 1);
        let address = sim.address(server, PORT);
        start_server(&sim, server);
        let client = sim.start(client_node, |_| async {});
        let world = sim.clone();
        sim.run_until(async move {
            let stream = client.connect(address).await.unwrap();
            append(&stream, 1).await.unwrap();
            world.set_link(server, client_node, false);
            stream.write_all(&2_u64.to_le_bytes()).await.unwrap();
            let mut answer = [0; 8];
            let early = client.timeout(Duration::from_secs(2), stream.readable()).await;
            assert!(early.is_err(), "something came through a cut link");
            world.set_link(server, client_node, true);
            // Sent after the healing, arrives after what was sent before.
            stream.write_all(&3_u64.to_le_bytes()).await.unwrap();
            stream.read_exact(&mut answer).await.unwrap();
            assert_eq!(u64::from_le_bytes(answer), 16);
            stream.read_exact(&mut answer).await.unwrap();
            assert_eq!(u64::from_le_bytes(answer), 24);
            world.reset_connections(server, client_node);
            assert!(append(&stream, 4).await.is_err());
        });
    }
}

/// What was on the way when a connection broke is gone: a reader never sees bytes behind a hole.
#[test]
fn a_broken_connection_gives_a_prefix_and_then_nothing() {
    for seed in 0..50 {
        let sim = Sim::new(seed);
        let server = sim.add_node("server", 1);
        let client_node = sim.add_node("client", 1);
        let address = sim.address(server, PORT);
        sim.start(server, |runtime| async move {
            let listener = runtime.listen(address, ListenOptions::default()).await.unwrap();
            let stream = listener.accept().await.unwrap().open(&runtime).unwrap();
            let mut number = 0_u32;
            while stream.write_all(&number.to_be_bytes()).await.is_ok() {
                number += 1;
            }
        });
        let client = sim.start(client_node, |_| async {});
        let world = sim.clone();
        let read = sim.run_until(async move {
            let stream = client.connect(address).await.unwrap();
            let mut read = Vec::new();
            let mut buffer = [0; 100];
            let breaking = client.now() + Duration::from_micros(world.random_u64() % 5_000);
            while client.now() < breaking {
                let count = stream.read(&mut buffer).await.unwrap();
                read.extend_from_slice(&buffer[..count]);
            }
            world.reset_connections(server, client_node);
            client.sleep(Duration::from_millis(20)).await;
            while let Ok(count) = stream.read(&mut buffer).await {
                read.extend_from_slice(&buffer[..count]);
            }
            read
        });
        let expected = (0_u32..).flat_map(u32::to_be_bytes);
        assert!(read.iter().copied().eq(expected.take(read.len())), "seed {seed}: bytes behind a hole");
    }
}

#[test]
fn a_new_life_begins_with_new_tasks_clock_and_locks() {
    let sim = Sim::new(1);
    let node = sim.add_node("node", 1);
    for life in 0..3 {
        let (sender, receiver) = oneshot::channel();
        let handle = sim.start(node, |runtime| async move {
            assert!(runtime.now().as_millis() < 5);
            runtime.sleep(Duration::from_millis(20)).await;
            assert!((20..25).contains(&runtime.now().as_millis()));
            runtime.create_root(Path::new(ROOT)).unwrap();
            let _lock = runtime.lock_dir(Path::new(ROOT)).unwrap();
            let signal = runtime.shutdown_signal().await.unwrap();
            sender.send((signal, runtime.host_name())).unwrap();
            std::future::pending::<()>().await;
        });
        sim.run_for(Duration::from_secs(10));
        sim.signal(node, Signal::Terminate);
        assert_eq!(sim.run_until(receiver).unwrap(), (Signal::Terminate, "node".to_owned()));
        assert!(sim.is_running(node));
        if life % 2 == 0 {
            sim.kill(node)
        } else {
            sim.power_loss(node)
        }
        assert!(!sim.is_running(node));
        // The dead write nothing.
        assert!(handle.disk(Path::new(ROOT)).is_err());
    }
    assert!(sim.elapsed() >= Duration::from_secs(30));
}

#[test]
fn wall_clocks_jump_and_monotonic_ones_do_not() {
    let sim = Sim::new(1);
    let node = sim.add_node("node", 1);
    let runtime = sim.start(node, |_| async {});
    sim.run_for(Duration::from_secs(1));
    let (tick, wall) = (runtime.now(), runtime.wall_clock_ms());
    sim.set_wall_clock_offset(node, -3_600_000);
    assert_eq!(runtime.wall_clock_ms(), wall - 3_600_000);
    assert_eq!(runtime.now(), tick);
}

#[test]
#[should_panic(expected = "nothing can happen any more; waiting: n0 scenario x1")]
fn a_deadlock_is_named() {
    Sim::new(1).run_until(std::future::pending::<()>());
}

#[test]
#[should_panic(expected = "the time limit is over")]
fn endless_waiting_is_named() {
    let sim = Sim::new(1);
    let runtime = sim.driver();
    sim.run_until(async move {
        loop {
            runtime.sleep(Duration::from_secs(1)).await;
        }
    });
}
