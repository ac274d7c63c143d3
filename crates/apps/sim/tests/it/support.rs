//! A node and one client, for tests that say themselves what happens.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use headwater_runtime::sim::{Sim, SimConfig};
use headwater_sim::client::Client;
use headwater_sim::cluster::{Cluster, Phase, Shape};
use headwater_sim::history::History;
use headwater_sim::workload::topics::{NewTopic, create};
use headwater_sim::workload::{Switch, Topic};

/// A node that is off, and a client.
pub struct Bench {
    pub sim: Sim,
    pub cluster: Cluster,
    pub client: Client,
}

impl Bench {
    pub fn new(seed: u64, overrides: &[(&str, &str)]) -> Self {
        Self::on(Sim::new(seed), overrides)
    }

    /// With a disk that takes its time for every second sync.
    pub fn with_slow_disk(seed: u64) -> Self {
        let slow_job_delay = Duration::from_millis(400);
        Self::on(
            Sim::with_config(seed, SimConfig { slow_job_one_in: 2, slow_job_delay, ..SimConfig::default() }),
            &[],
        )
    }

    fn on(sim: Sim, overrides: &[(&str, &str)]) -> Self {
        let overrides = overrides.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let shape = Shape { cores: 2, directories: 1, overrides: overrides.collect() };
        let cluster = Cluster::new(&sim, &shape);
        let clients = sim.add_node("clients", 1);
        let runtime = sim.start(clients, |_| async {});
        let history = Rc::new(RefCell::new(History::default()));
        let client = Client { runtime, address: cluster.address(), history };
        Self { sim, cluster, client }
    }

    /// Starts the node and waits until it serves.
    pub async fn start(&self) {
        self.cluster.start(|_, _| async {});
        for _ in 0..10_000 {
            match self.cluster.phase() {
                Phase::Serving => return,
                Phase::Failed(why) => panic!("{why}"),
                _ => self.sim.driver().sleep(Duration::from_millis(1)).await,
            }
        }
        panic!("the node does not start");
    }

    /// Cuts the power and starts again.
    pub async fn power_cycle(&self) {
        self.cluster.power_loss();
        self.start().await;
    }

    pub async fn topic(&self, name: &str) -> Topic {
        let new = NewTopic { name: name.to_owned(), partitions: 1, configs: BTreeMap::new() };
        create(&self.client, &Switch::default(), &new).await.expect("a topic")
    }
}
