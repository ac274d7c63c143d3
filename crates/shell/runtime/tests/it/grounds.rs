//! One scenario, two grounds.

use headwater_runtime::sim::Sim;
use headwater_runtime::sync::oneshot;
use headwater_runtime::{RealConfig, RealGround, Runtime};
use std::future::Future;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

/// Seeds that every scenario is run with on the simulated ground.
const SEEDS: u64 = 15;

/// Runs a scenario on the real ground with two data cores.
pub fn on_real<F: Future>(scenario: impl Fn(Runtime) -> F) -> F::Output {
    RealGround::start(&RealConfig { data_cores: 2 }).unwrap().block_on(scenario)
}

/// Runs a scenario on a simulated node; returns its output and the trace hash.
pub fn on_sim<F>(seed: u64, scenario: impl Fn(Runtime) -> F) -> (F::Output, u64)
where
    F: Future + 'static,
    F::Output: 'static,
{
    let sim = Sim::new(seed);
    let node = sim.add_node("node", 2);
    let (sender, receiver) = oneshot::channel();
    sim.start(node, |runtime| {
        let scenario = scenario(runtime);
        async move { assert!(sender.send(scenario.await).is_ok()) }
    });
    let output = sim.run_until(receiver).unwrap();
    (output, sim.trace_hash())
}

/// Runs a scenario on both grounds, on the simulated one with several seeds.
pub fn on_both<F>(scenario: impl Fn(Runtime) -> F)
where
    F: Future<Output = ()> + 'static,
{
    for seed in 0..SEEDS {
        on_sim(seed, &scenario);
    }
    on_real(scenario);
}

/// A folder of the real file system that goes away when dropped.
pub struct Folder {
    pub path: PathBuf,
}

impl Folder {
    pub fn new() -> Folder {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("headwater-runtime-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Folder { path }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.path).unwrap();
    }
}
