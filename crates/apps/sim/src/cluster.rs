//! The node under test: its machine, its disks, its configuration, its lives.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::rc::Rc;

use headwater_base::config::node::NodeConfig;
use headwater_base::{NodeId, Uuid};
use headwater_broker::node;
use headwater_controller::Bootstrap;
use headwater_log::disk::{Disk, MemDisk, OpenMode};
use headwater_metadata::MetadataVersion;
use headwater_raft::format::Format;
use headwater_raft::{Endpoint, METADATA_DIR, ReplicaKey, VoterNode, VoterSet};
use headwater_runtime::sim::{Node, Sim};
use headwater_runtime::sync::{Either, select2};
use headwater_runtime::{Runtime, Signal};

const CLUSTER_ID: &str = "c2ltdWxhdGVkLWNsdXN0ZQ";
const CLIENT_PORT: u16 = 9092;
const CONTROLLER_PORT: u16 = 9093;

/// Where the present life of the node stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// There is none.
    Off,
    /// It loads its metadata and logs.
    Starting,
    /// It serves.
    Serving,
    /// It was told to stop.
    Stopping,
    /// It stopped in order.
    Stopped,
    /// It ended by itself, and says why.
    Failed(String),
}

/// What of a node is different from run to run.
#[derive(Clone, Debug)]
pub struct Shape {
    /// Data cores.
    pub cores: usize,
    /// Log directories.
    pub directories: usize,
    /// Configuration beyond what every node needs.
    pub overrides: BTreeMap<String, String>,
}

/// See the module.
#[derive(Clone)]
pub struct Cluster {
    sim: Sim,
    node: Node,
    config: NodeConfig,
    roots: Vec<String>,
    phase: Rc<RefCell<Phase>>,
}

impl Cluster {
    /// A machine with formatted disks, switched off.
    #[must_use]
    pub fn new(sim: &Sim, shape: &Shape) -> Self {
        let node = sim.add_node("node1", shape.cores);
        let roots: Vec<String> = (0..shape.directories.max(1)).map(|index| format!("/data{index}")).collect();
        let config = config(&roots, &shape.overrides);
        let cluster =
            Self { sim: sim.clone(), node, config, roots, phase: Rc::new(RefCell::new(Phase::Off)) };
        for (index, disk) in cluster.disks().iter().enumerate() {
            format_disk(disk, index as u64);
        }
        cluster
    }

    /// Where clients connect.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.sim.address(self.node, CLIENT_PORT)
    }

    /// The machine.
    #[must_use]
    pub fn node(&self) -> Node {
        self.node
    }

    /// The disks, one for each log directory; the metadata log lies on the first.
    #[must_use]
    pub fn disks(&self) -> Vec<MemDisk> {
        self.roots.iter().map(|root| self.sim.disk(self.node, root)).collect()
    }

    /// Where the present life stands.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.phase.borrow().clone()
    }

    /// Starts a process. `disturb` runs beside it, with the node's own shared state in hand, once it serves.
    pub fn start<F>(
        &self,
        disturb: impl FnOnce(Runtime, std::sync::Arc<headwater_broker::broker::Broker>) -> F + 'static,
    ) where
        F: Future<Output = ()> + 'static,
    {
        let (phase, config) = (self.phase.clone(), self.config.clone());
        *phase.borrow_mut() = Phase::Starting;
        self.sim.start(self.node, move |runtime| async move {
            let ended = live(&runtime, config, &phase, disturb).await;
            *phase.borrow_mut() = ended;
        });
    }

    /// Tells the process to stop; [`Phase::Stopped`] follows.
    pub fn stop(&self) {
        self.sim.signal(self.node, Signal::Terminate);
    }

    /// Ends the process, if there is one; what it wrote stays in the page cache.
    pub fn kill(&self) {
        self.sim.kill(self.node);
        *self.phase.borrow_mut() = Phase::Off;
    }

    /// Cuts the power.
    pub fn power_loss(&self) {
        self.sim.power_loss(self.node);
        *self.phase.borrow_mut() = Phase::Off;
    }
}

/// One life, as the command line leads it.
async fn live<F>(
    runtime: &Runtime,
    config: NodeConfig,
    phase: &RefCell<Phase>,
    disturb: impl FnOnce(Runtime, std::sync::Arc<headwater_broker::broker::Broker>) -> F,
) -> Phase
where
    F: Future<Output = ()> + 'static,
{
    let mut node = match select2(runtime.shutdown_signal(), node::start(runtime, config)).await {
        Either::First(_) => return Phase::Failed("stopped while starting".to_owned()),
        Either::Second(Ok(node)) => node,
        Either::Second(Err(error)) => return Phase::Failed(error.to_string()),
    };
    *phase.borrow_mut() = Phase::Serving;
    let disturbing = disturb(runtime.clone(), node.broker().clone());
    runtime.spawn_detached("disturbance", disturbing);
    match select2(runtime.shutdown_signal(), node.failed()).await {
        Either::First(_) => {}
        Either::Second(why) => return Phase::Failed(why),
    }
    *phase.borrow_mut() = Phase::Stopping;
    match node.stop().await {
        Ok(()) => Phase::Stopped,
        Err(error) => Phase::Failed(error.to_string()),
    }
}

fn config(roots: &[String], overrides: &BTreeMap<String, String>) -> NodeConfig {
    let mut texts: BTreeMap<String, String> = [
        ("node.id", "1".to_owned()),
        ("process.roles", "broker,controller".to_owned()),
        ("listeners", format!("PLAINTEXT://node1:{CLIENT_PORT},CONTROLLER://node1:{CONTROLLER_PORT}")),
        ("controller.listener.names", "CONTROLLER".to_owned()),
        ("controller.quorum.bootstrap.servers", format!("node1:{CONTROLLER_PORT}")),
        ("log.dirs", roots.join(",")),
        ("headwater.metrics.listener", "off".to_owned()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    texts.extend(overrides.clone());
    NodeConfig::parse(&texts).expect("the scenario's configuration is valid").0
}

fn directory_id(index: u64) -> Uuid {
    Uuid::from_random(0x5851_F42D_4C95_7F2D ^ index, 0x1405_7B7E_F767_814F)
}

/// Writes what `storage format --standalone` would, durably.
fn format_disk(disk: &MemDisk, index: u64) {
    let voter = VoterNode {
        key: ReplicaKey::new(NodeId(1), directory_id(0)),
        endpoints: vec![Endpoint {
            name: "CONTROLLER".to_owned(),
            host: "node1".to_owned(),
            port: CONTROLLER_PORT,
        }],
        min_kraft_version: 0,
        max_kraft_version: 1,
    };
    let voters = VoterSet::new([voter]);
    let features = BTreeMap::from([("group.version".to_owned(), 1)]);
    let records: Vec<Vec<u8>> = Bootstrap::new(MetadataVersion::LATEST, &features, &BTreeMap::new())
        .records()
        .iter()
        .map(|record| record.to_value().expect("a record of the protocol"))
        .collect();
    let format = Format {
        cluster_id: CLUSTER_ID,
        node_id: NodeId(1),
        bootstrap_records: &records,
        initial_voters: Some(&voters),
        now_ms: 1_700_000_000_000,
    };
    let holds_metadata = index == 0;
    if holds_metadata {
        disk.create_dir(METADATA_DIR).expect("an empty disk");
    }
    for file in format.files(directory_id(index), holds_metadata) {
        let handle = disk.open(&file.path, OpenMode::CreateNew).expect("an empty disk");
        handle.write_at(&file.content, 0).expect("a disk without faults");
        handle.sync_data().expect("a disk without faults");
    }
    if holds_metadata {
        disk.sync_dir(METADATA_DIR).expect("a disk without faults");
    }
    disk.sync_dir("").expect("a disk without faults");
}
