//! The driver on the simulated ground: starts, crashes, full disks, snapshots.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use headwater_base::{LeaderEpoch, NodeId, Offset, Uuid};
use headwater_controller::{AlterConfigOp, Answer, Bootstrap, ConfigChange, ControllerConfig, Input};
use headwater_log::disk::{Fault, FaultKind, MemDisk};
use headwater_metadata::{ConfigResource, Image, Loaded, MetadataVersion};
use headwater_protocol::messages::allocate_producer_ids_request::AllocateProducerIdsRequest;
use headwater_protocol::messages::broker_registration_request::{BrokerRegistrationRequest, Feature};
use headwater_raft::format::Format;
use headwater_raft::snapshot::retention::Limits;
use headwater_raft::{Endpoint, KRaftVersion, METADATA_DIR, ReplicaKey, VoterNode, VoterSet};
use headwater_runtime::sim::{Node, Sim};
use headwater_runtime::{Disk, LocalBoxFuture, OpenMode, Runtime};

use crate::log_directory::{LogDirectory, Threads};

use super::{
    QuorumConfig, QuorumError, QuorumHandle, RunningQuorum, SubmitError, Subscriber, start, storage,
};

mod snapshots;

const ROOT: &str = "/data";
const CLUSTER: &str = "MkU3OEVBNTcwNTJENDM2Qg";
const DIRECTORY: Uuid = Uuid(0x0123_4567_89AB_4DEF_8123_4567_89AB_CDEF);

fn local() -> VoterNode {
    VoterNode {
        key: ReplicaKey::new(NodeId(1), DIRECTORY),
        endpoints: vec![Endpoint { name: "CONTROLLER".to_owned(), host: "localhost".to_owned(), port: 9093 }],
        min_kraft_version: 0,
        max_kraft_version: 1,
    }
}

fn config() -> QuorumConfig {
    let controller = ControllerConfig {
        node_id: NodeId(1),
        cluster_id: CLUSTER.to_owned(),
        is_broker: true,
        static_config: BTreeMap::new(),
        kraft_version: 1,
    };
    QuorumConfig::new(local(), controller)
}

/// Writes what `storage format --standalone` would, durably.
fn format(disk: &dyn Disk) {
    let config = config();
    let records: Vec<Vec<u8>> =
        config.default_bootstrap.records().iter().map(|record| record.to_value().expect("encodes")).collect();
    let voters = VoterSet::new([local()]);
    let format = Format {
        cluster_id: CLUSTER,
        node_id: NodeId(1),
        bootstrap_records: &records,
        initial_voters: Some(&voters),
        now_ms: 1_700_000_000_000,
    };
    disk.create_dir(METADATA_DIR).expect("folder");
    for file in format.files(DIRECTORY, true) {
        let handle = disk.open(&file.path, OpenMode::CreateNew).expect("file");
        handle.write_at(&file.content, 0).expect("written");
        handle.sync_data().expect("synced");
    }
    disk.sync_dir(METADATA_DIR).expect("synced");
    disk.sync_dir("").expect("synced");
}

/// What a test can see of published images, in order.
#[derive(Clone, Default)]
struct Seen(Rc<RefCell<Vec<Image>>>);

impl Subscriber for Seen {
    fn publish<'a>(&'a mut self, loaded: &'a Loaded) -> LocalBoxFuture<'a, ()> {
        Box::pin(async {
            let mut images = self.0.borrow_mut();
            let last = images.last().cloned().unwrap_or_default();
            assert_eq!(loaded.base, last, "each change begins where the last one ended");
            images.push(loaded.image.clone());
        })
    }
}

async fn open(runtime: &Runtime, config: QuorumConfig) -> Result<RunningQuorum, QuorumError> {
    open_with(runtime, config, Seen::default()).await
}

async fn open_with(
    runtime: &Runtime,
    config: QuorumConfig,
    seen: Seen,
) -> Result<RunningQuorum, QuorumError> {
    let disk = runtime.disk(Path::new(ROOT)).expect("disk");
    let pool = |name| runtime.io_pool(name, 2, 64).expect("pool");
    let threads = Threads { io: pool("io"), background: pool("background") };
    let directory = LogDirectory::new(runtime, "data".to_owned(), Uuid(1), disk, threads, None);
    start(runtime, directory, config, vec![Box::new(seen)]).await
}

/// Runs one life of a node on the world's disk, as a task of the node itself.
fn life<F, T>(sim: &Sim, node: Node, main: impl FnOnce(Runtime) -> F + 'static) -> T
where
    F: Future<Output = T> + 'static,
    T: 'static,
{
    let result: Rc<RefCell<Option<T>>> = Rc::default();
    let slot = result.clone();
    sim.start(node, |runtime| async move {
        let value = main(runtime).await;
        *slot.borrow_mut() = Some(value);
    });
    for round in 0..20_000 {
        let step_ms = if round < 1_000 { 10 } else { 10_000 };
        sim.run_for(Duration::from_millis(step_ms));
        if let Some(value) = result.borrow_mut().take() {
            sim.kill(node);
            return value;
        }
    }
    panic!("the node does not come to an end");
}

fn world(seed: u64) -> (Sim, Node, MemDisk) {
    let sim = Sim::new(seed);
    let node = sim.add_node("node", 1);
    let disk = sim.disk(node, ROOT);
    format(&disk);
    (sim, node, disk)
}

fn feature(name: &str, min_supported_version: i16, max_supported_version: i16) -> Feature {
    Feature { name: name.to_owned(), min_supported_version, max_supported_version }
}

fn registration(incarnation: u128) -> Input {
    let request = BrokerRegistrationRequest {
        broker_id: 1,
        cluster_id: CLUSTER.to_owned(),
        incarnation_id: Uuid(incarnation),
        features: vec![feature(MetadataVersion::FEATURE, 22, 30), feature(KRaftVersion::FEATURE_NAME, 0, 1)],
        rack: None,
        log_dirs: vec![DIRECTORY],
        ..BrokerRegistrationRequest::default()
    };
    Input::RegisterBroker(request)
}

async fn register(handle: &QuorumHandle, incarnation: u128) -> i64 {
    match handle.submit(registration(incarnation)).await {
        Ok(Answer::RegisterBroker(response)) => {
            assert_eq!(response.error_code, 0);
            response.broker_epoch
        }
        other => panic!("{other:?}"),
    }
}

async fn allocate(handle: &QuorumHandle, broker_epoch: i64) -> Result<i64, SubmitError> {
    let request = AllocateProducerIdsRequest { broker_id: 1, broker_epoch };
    match handle.submit(Input::AllocateProducerIds(request)).await? {
        Answer::AllocateProducerIds(response) => {
            assert_eq!(response.error_code, 0);
            Ok(response.producer_id_start)
        }
        other => panic!("{other:?}"),
    }
}

async fn set_config(handle: &QuorumHandle, key: &str, value: &str) -> Result<Answer, SubmitError> {
    let operation = (AlterConfigOp::Set, Some(value.to_owned()));
    let change = ConfigChange {
        resource: ConfigResource::cluster(),
        operations: BTreeMap::from([(key.to_owned(), operation)]),
    };
    let answer = handle.submit(Input::IncrementalAlterConfigs(vec![change], false)).await?;
    if let Answer::IncrementalAlterConfigs(results) = &answer {
        assert!(results.iter().all(|(_, result)| result.is_ok()), "{results:?}");
    }
    Ok(answer)
}

fn configured(image: &Image, key: &str) -> Option<String> {
    image.configs.value(&ConfigResource::cluster(), key).map(ToOwned::to_owned)
}

#[test]
fn the_first_start_writes_the_bootstrap_and_the_second_continues() {
    let (sim, node, disk) = world(1);
    let seen = Seen::default();
    let images = seen.clone();
    let first = life(&sim, node, |runtime| async move {
        let quorum = open_with(&runtime, config(), seen).await.expect("starts");
        let image = quorum.handle.image();
        assert_eq!(image.features.metadata_version(), Some(MetadataVersion::LATEST));
        assert_eq!(image.provenance.epoch, LeaderEpoch(1));
        set_config(&quorum.handle, "log.retention.ms", "5000").await.expect("answered");
        assert_eq!(configured(&quorum.handle.image(), "log.retention.ms").as_deref(), Some("5000"));
        quorum.handle.shutdown().await;
        quorum.task.await.expect("ended").expect("cleanly");
        quorum.handle.image()
    });
    assert_eq!(images.0.borrow().last(), Some(&*first));
    let state = storage::read_election(&disk).expect("readable").expect("there");
    assert_eq!((state.epoch, state.leader_id), (LeaderEpoch(1), Some(NodeId(1))));
    let second = life(&sim, node, |runtime| async move {
        let quorum = open(&runtime, config()).await.expect("starts");
        quorum.handle.image()
    });
    assert!(second.same_content(&first));
    assert_eq!(second.provenance.epoch, LeaderEpoch(2));
    // Only the control batch of the new epoch was added.
    assert_eq!(second.provenance.offset, first.provenance.offset + 1);
}

#[test]
fn nothing_is_written_while_nothing_happens() {
    let (sim, node, disk) = world(2);
    life(&sim, node, move |runtime| async move {
        let mut config = config();
        config.snapshot_interval = Duration::ZERO;
        let quorum = open(&runtime, config).await.expect("starts");
        let before = (quorum.handle.image().provenance, disk.stats().changes);
        runtime.sleep(Duration::from_secs(24 * 3600)).await;
        assert_eq!((quorum.handle.image().provenance, disk.stats().changes), before);
    });
}

#[test]
fn answers_come_in_order_and_share_syncs() {
    let (sim, node, disk) = world(3);
    life(&sim, node, move |runtime| async move {
        let quorum = Rc::new(open(&runtime, config()).await.expect("starts"));
        let epoch = register(&quorum.handle, 5).await;
        let syncs = disk.stats().file_syncs;
        let order: Rc<RefCell<Vec<i64>>> = Rc::default();
        let tasks: Vec<_> = (0..100)
            .map(|_| {
                let (quorum, order) = (quorum.clone(), order.clone());
                runtime.spawn_local("asks", async move {
                    let first = allocate(&quorum.handle, epoch).await.expect("answered");
                    let next = quorum.handle.image().next_producer_id;
                    assert!(
                        next >= Some(first + 1000),
                        "the answer's effect is published before it: {next:?}"
                    );
                    order.borrow_mut().push(first);
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("ends");
        }
        assert_eq!(*order.borrow(), (0..100).map(|i| i * 1000).collect::<Vec<_>>());
        let used = disk.stats().file_syncs - syncs;
        assert!(used <= 3, "{used} syncs for 100 records that were asked for at once");
    });
}

/// Lives of a node that loses its power at chosen moments; gives the hash of all that happened.
fn lives(seed: u64) -> (u64, usize) {
    let (sim, node, _disk) = world(seed);
    let answered: Rc<RefCell<Vec<i64>>> = Rc::default();
    let epochs: Rc<RefCell<Vec<(i32, i64)>>> = Rc::default();
    let mut power_lost = false;
    for incarnation in 1..=6 {
        let (answered, epochs) = (answered.clone(), epochs.clone());
        sim.start(node, move |runtime| async move {
            let mut config = config();
            // Small enough that crashes hit snapshots and their cleaning too.
            config.power_lost = power_lost;
            config.snapshot_bytes = 2_000;
            config.retention = Limits { max_bytes: 4_000, max_ms: -1 };
            let quorum = open(&runtime, config).await.expect("starts after any crash");
            let image = quorum.handle.image();
            if let Some(last) = answered.borrow().iter().max() {
                assert!(image.next_producer_id >= Some(last + 1000), "an answered allocation is lost");
            }
            let epoch = register(&quorum.handle, incarnation).await;
            if let Some((raft, broker)) = epochs.borrow().last() {
                assert!(image.provenance.epoch.0 > *raft && epoch > *broker, "epochs grow");
            }
            epochs.borrow_mut().push((image.provenance.epoch.0, epoch));
            let quorum = Rc::new(quorum);
            for _ in 0..4 {
                let (runtime, quorum, answered) = (runtime.clone(), quorum.clone(), answered.clone());
                runtime.clone().spawn_detached("asks", async move {
                    while let Ok(first) = allocate(&quorum.handle, epoch).await {
                        assert!(!answered.borrow().contains(&first), "{first} is given twice");
                        answered.borrow_mut().push(first);
                        runtime.sleep(Duration::from_micros(runtime.random_u64() % 300)).await;
                    }
                });
            }
            std::future::pending::<()>().await;
        });
        sim.run_for(Duration::from_micros(200 + sim.random_u64() % 40_000));
        power_lost = sim.random_u64() % 4 != 0;
        if power_lost { sim.power_loss(node) } else { sim.kill(node) }
    }
    let count = answered.borrow().len();
    (sim.trace_hash(), count)
}

#[test]
fn power_losses_at_any_moment_lose_nothing_that_was_answered() {
    let seeds = std::env::var("HEADWATER_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(100);
    let total: usize = (1..=seeds).map(|seed| lives(seed).1).sum();
    assert!(total as u64 > 10 * seeds, "the lives do something: {total}");
}

#[test]
fn one_seed_one_history() {
    assert_eq!(lives(7), lives(7));
    assert_ne!(lives(7).0, lives(8).0);
}

/// A bootstrap of several batches is a metadata transaction: a stop in its midst leaves nothing of it.
#[test]
fn a_large_bootstrap_is_all_or_nothing() {
    // The batches are: control, three of the transaction.
    for (written, aborted) in [(1, false), (2, true), (3, true), (4, false)] {
        let sim = Sim::new(written);
        let node = sim.add_node("node", 1);
        let disk = sim.disk(node, ROOT);
        disk.inject(Fault {
            kind: FaultKind::Write,
            path: ".log".to_owned(),
            after: written,
            times: 1,
            error: ErrorKind::StorageFull,
        });
        let large = || {
            let configs = (0..25_000).map(|i| (format!("key-{i}"), "v".to_owned())).collect();
            let mut config = config();
            config.static_voters =
                VoterSet::new([VoterNode { key: ReplicaKey::new(NodeId(1), Uuid::ZERO), ..local() }]);
            config.default_bootstrap = Bootstrap::new(MetadataVersion::LATEST, &BTreeMap::new(), &configs);
            config
        };
        let first = life(&sim, node, move |runtime| async move { open(&runtime, large()).await.err() });
        assert_eq!(matches!(first, Some(QuorumError::Activation(_))), written < 4, "{first:?}");
        let image = life(&sim, node, move |runtime| async move {
            open(&runtime, large()).await.expect("starts").handle.image()
        });
        let configs = image.configs.of(&ConfigResource::cluster()).expect("configs");
        assert_eq!(configs.len(), 25_000);
        // What was aborted keeps its offsets.
        assert_eq!(image.provenance.offset > Offset(30_000), aborted, "{:?}", image.provenance);
    }
}

#[test]
fn a_full_disk_refuses_and_recovers() {
    let (sim, node, disk) = world(4);
    life(&sim, node, move |runtime| async move {
        let quorum = open(&runtime, config()).await.expect("starts");
        let before = quorum.handle.image();
        disk.inject(Fault {
            kind: FaultKind::Write,
            path: ".log".to_owned(),
            after: 0,
            times: 2,
            error: ErrorKind::StorageFull,
        });
        for _ in 0..2 {
            let answer = set_config(&quorum.handle, "log.retention.ms", "1000").await;
            assert!(matches!(answer, Err(SubmitError::Storage(_))), "{answer:?}");
        }
        assert_eq!(quorum.handle.image().provenance, before.provenance);
        set_config(&quorum.handle, "log.retention.ms", "2000").await.expect("there is room again");
        assert_eq!(configured(&quorum.handle.image(), "log.retention.ms").as_deref(), Some("2000"));
    });
}

#[test]
fn a_failed_sync_ends_the_driver() {
    let (sim, node, disk) = world(5);
    let config_disk = disk.clone();
    life(&sim, node, move |runtime| async move {
        let quorum = open(&runtime, config()).await.expect("starts");
        config_disk.inject(Fault {
            kind: FaultKind::Sync,
            path: ".log".to_owned(),
            after: 0,
            times: 1,
            error: ErrorKind::Other,
        });
        let answer = set_config(&quorum.handle, "log.retention.ms", "1000").await;
        assert_eq!(answer, Err(SubmitError::NotController));
        let ended = quorum.task.await.expect("ended");
        assert!(matches!(ended, Err(QuorumError::Storage(_))), "{ended:?}");
        let answer = set_config(&quorum.handle, "log.retention.ms", "1000").await;
        assert_eq!(answer, Err(SubmitError::NotController));
    });
}

#[test]
fn a_failed_promise_ends_the_start_and_a_failed_snapshot_nothing() {
    let (sim, node, disk) = world(11);
    let fault = |path: &str, after| Fault {
        kind: FaultKind::Write,
        path: path.to_owned(),
        after,
        times: 1,
        error: ErrorKind::StorageFull,
    };
    disk.inject(fault("quorum-state", 0));
    let refused = life(&sim, node, |runtime| async move { open(&runtime, config()).await.err() });
    assert!(matches!(refused, Some(QuorumError::Io { .. })), "{refused:?}");
    disk.heal();
    life(&sim, node, move |runtime| async move {
        let mut config = config();
        config.snapshot_bytes = 1_000;
        let quorum = open(&runtime, config).await.expect("starts");
        assert_eq!(quorum.handle.image().provenance.epoch, LeaderEpoch(1), "nothing was promised before");
        disk.inject(fault(".part", 0));
        for i in 0..40 {
            set_config(&quorum.handle, "log.retention.ms", &i.to_string()).await.expect("answered");
            runtime.sleep(Duration::from_millis(100)).await;
        }
        let snapshots = storage::list_snapshots(&disk).expect("listed");
        assert!(snapshots.len() > 1, "one failed, others did not");
        assert!(snapshots.iter().all(|id| storage::read_snapshot(&disk, *id).is_ok()));
    });
}

#[test]
fn a_directory_without_voters_is_refused() {
    let sim = Sim::new(9);
    let node = sim.add_node("node", 1);
    drop(sim.disk(node, ROOT));
    let refused = life(&sim, node, |runtime| async move { open(&runtime, config()).await.err() });
    assert!(matches!(refused, Some(QuorumError::NoVoters)), "{refused:?}");
    let image = life(&sim, node, |runtime| async move {
        let mut config = config();
        config.static_voters =
            VoterSet::new([VoterNode { key: ReplicaKey::new(NodeId(1), Uuid::ZERO), ..local() }]);
        open(&runtime, config).await.expect("static voters").handle.image()
    });
    assert_eq!(image.features.metadata_version(), Some(MetadataVersion::LATEST));
    assert_eq!(image.provenance.offset, Offset(3));
}

fn levels_of_apache() -> BTreeMap<String, i16> {
    let levels = [("share.version", 1), ("streams.version", 0), ("transaction.version", 2)];
    levels.map(|(name, level)| (name.to_owned(), level)).into()
}

#[test]
fn levels_that_are_not_implemented_are_all_named_and_nothing_is_written() {
    let (sim, node, disk) = world(9);
    disk.remove_file(headwater_raft::snapshot::BOOTSTRAP_FILE_NAME).expect("removed");
    let names = |disk: &MemDisk| -> Vec<String> {
        disk.list(METADATA_DIR).expect("listed").into_iter().map(|entry| entry.name).collect()
    };
    let before = names(&disk);
    let mut with_levels = config();
    with_levels.default_bootstrap =
        Bootstrap::new(MetadataVersion::LATEST, &levels_of_apache(), &BTreeMap::new());
    let refused = life(&sim, node, |runtime| async move {
        open(&runtime, with_levels).await.map(drop).map_err(|error| error.to_string())
    });
    let said = refused.expect_err("starts");
    for named in ["share.version 1", "transaction.version 2"] {
        assert!(said.contains(named), "{said}");
    }
    assert!(!said.contains("streams.version"), "{said}");
    assert_eq!(names(&disk), before);

    // A log that began with other levels is not judged by the file with which it began.
    life(&sim, node, |runtime| async move { open(&runtime, config()).await.map(drop).expect("starts") });
    let records: Vec<Vec<u8>> =
        Bootstrap::new(MetadataVersion::LATEST, &levels_of_apache(), &BTreeMap::new())
            .records()
            .iter()
            .map(|record| record.to_value().expect("encodes"))
            .collect();
    let voters = VoterSet::new([local()]);
    let format = Format {
        cluster_id: CLUSTER,
        node_id: NodeId(1),
        bootstrap_records: &records,
        initial_voters: Some(&voters),
        now_ms: 1_700_000_000_000,
    };
    let bootstrap = headwater_raft::snapshot::BOOTSTRAP_FILE_NAME;
    let file = format.files(DIRECTORY, true).into_iter().find(|file| file.path == bootstrap).expect("file");
    disk.open(bootstrap, OpenMode::Create).expect("file").write_at(&file.content, 0).expect("written");
    life(&sim, node, |runtime| async move { open(&runtime, config()).await.map(drop).expect("starts") });
}

#[test]
fn damaged_promises_are_refused() {
    let (sim, node, disk) = world(10);
    life(&sim, node, |runtime| async move { drop(open(&runtime, config()).await.expect("starts")) });
    let file = disk.open(&format!("{METADATA_DIR}/quorum-state"), OpenMode::Existing).expect("there");
    file.write_at(b"x", 0).expect("written");
    let refused = life(&sim, node, |runtime| async move { open(&runtime, config()).await.err() });
    assert!(matches!(refused, Some(QuorumError::QuorumState(_))), "{refused:?}");
}

#[test]
fn handles_are_for_every_core() {
    fn is_send<T: Send + Sync>() {}
    is_send::<super::QuorumHandle>();
}
