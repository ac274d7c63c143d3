//! The node: who it is, its replicas, the controller, its connections and memory.

use headwater_base::NodeId;
use headwater_metadata::Image;

use super::text::{Kind, Text};
use super::topics::Seen;
use crate::broker::Broker;

/// Kafka's number for a broker at work (`BrokerState.RUNNING`).
const RUNNING: i64 = 3;

/// Writes all families.
pub(super) fn write(text: &mut Text, broker: &Broker, seen: &Seen) {
    identity(text, broker);
    replicas(text, seen);
    let image = broker.image();
    controller(text, broker, &image);
    connections(text, broker);
    memory(text, broker);
    let sessions = broker.fetch_sessions().len();
    text.single(
        "kafka_server_fetchsessioncache_numincrementalfetchsessions",
        Kind::Gauge,
        "Fetch sessions that are remembered.",
        sessions,
    );
}

fn identity(text: &mut Text, broker: &Broker) {
    let roles = broker.config.file().roles;
    let roles = match (roles.broker, roles.controller) {
        (true, true) => "broker,controller",
        (true, false) => "broker",
        _ => "controller",
    };
    let node = broker.node_id.to_string();
    text.family("headwater_info", Kind::Gauge, "Who this is.");
    let labels = [
        ("version", env!("CARGO_PKG_VERSION")),
        ("kafka_version", "4.3.1"),
        ("node_id", &node),
        ("cluster_id", &broker.cluster_id),
        ("roles", roles),
    ];
    text.sample("headwater_info", &labels, 1_u64);
    let (since, started_ms) = broker.metrics.started;
    let uptime = broker.runtime.now().since(since).as_secs_f64();
    text.single("headwater_uptime_seconds", Kind::Gauge, "Time since the start.", uptime);
    let started = started_ms as f64 / 1e3;
    text.single("process_start_time_seconds", Kind::Gauge, "Time of the start, since 1970.", started);
    let state = "kafka_server_kafkaserver_brokerstate";
    text.single(state, Kind::Gauge, "3 while the broker serves.", RUNNING);
}

fn replicas(text: &mut Text, seen: &Seen) {
    let partitions = || seen.topics.iter().flat_map(|topic| &topic.partitions);
    let leaders = partitions().filter(|(partition, _)| partition.leads()).count();
    let unopened: usize = seen.topics.iter().map(|topic| topic.unopened).sum();
    let offline = unopened + partitions().filter(|(_, standing)| !standing.online).count();
    let counts = [
        ("partitioncount", "Replicas on this node.", partitions().count() + unopened),
        ("leadercount", "Partitions that this node leads.", leaders),
        ("offlinereplicacount", "Replicas on this node that cannot be served.", offline),
        ("underreplicatedpartitions", "Partitions led here with fewer replicas in sync than replicas.", 0),
        ("underminisrpartitioncount", "Partitions led here with fewer replicas in sync than needed.", 0),
        ("atminisrpartitioncount", "Partitions led here with exactly as many replicas in sync as needed.", 0),
        ("reassigningpartitions", "Partitions led here that are being reassigned.", 0),
    ];
    for (name, help, value) in counts {
        text.single(&format!("kafka_server_replicamanager_{name}"), Kind::Gauge, help, value);
    }
}

fn controller(text: &mut Text, broker: &Broker, image: &Image) {
    let mut partitions = 0_usize;
    let (mut offline, mut imbalanced) = (0_usize, 0_usize);
    for topic in image.topics.iter() {
        for (_, partition) in topic.partitions() {
            partitions += 1;
            offline += usize::from(partition.leader == NodeId::NONE);
            imbalanced += usize::from(!partition.has_preferred_leader());
        }
    }
    let fenced = image.cluster.brokers().filter(|broker| broker.fenced).count();
    let active = image.cluster.brokers().filter(|broker| broker.is_active()).count();
    let provenance = image.provenance;
    let offset = provenance.offset.0;
    let values = [
        ("activecontrollercount", "1 where the active controller is.", 1),
        ("activebrokercount", "Brokers that are registered and not fenced.", active as i64),
        ("fencedbrokercount", "Brokers that are registered and fenced.", fenced as i64),
        ("globaltopiccount", "Topics of the cluster.", image.topics.len() as i64),
        ("globalpartitioncount", "Partitions of the cluster.", partitions as i64),
        ("offlinepartitionscount", "Partitions without a leader.", offline as i64),
        (
            "preferredreplicaimbalancecount",
            "Partitions that another than the preferred replica leads.",
            imbalanced as i64,
        ),
        ("lastappliedrecordoffset", "Last offset of the metadata that this node has applied.", offset),
        ("lastcommittedrecordoffset", "Last offset of the metadata that is committed.", offset),
        (
            "lastappliedrecordtimestamp",
            "Time of that record, in milliseconds since 1970.",
            provenance.last_timestamp_ms,
        ),
        (
            "lastappliedrecordlagms",
            "How far this node is behind the active controller, which it is itself.",
            0,
        ),
    ];
    for (name, help, value) in values {
        text.single(&format!("kafka_controller_kafkacontroller_{name}"), Kind::Gauge, help, value);
    }
    let node = i64::from(broker.node_id.0);
    let raft = [
        ("current_leader", "Who leads the metadata quorum.", node),
        ("current_vote", "Whom this node voted for.", node),
        ("current_epoch", "Epoch of the metadata quorum.", i64::from(provenance.epoch.0)),
        ("high_watermark", "Offset behind the last committed record of the metadata.", offset + 1),
    ];
    for (name, help, value) in raft {
        text.single(&format!("kafka_server_raft_metrics_{name}"), Kind::Gauge, help, value);
    }
}

fn connections(text: &mut Text, broker: &Broker) {
    let metrics = &broker.metrics;
    let mut family = |name: &str, kind, help, value: &dyn Fn(usize) -> u64| {
        text.family(name, kind, help);
        for (number, listener) in metrics.listeners.iter().enumerate() {
            let labels = [("listener", listener.name.as_str()), ("networkProcessor", "all")];
            text.sample(name, &labels, value(number));
        }
    };
    let of = |number: usize| &metrics.listeners[number];
    let traffic = |number: usize| metrics.cores.iter().map(move |core| core.traffic(number));
    let prefix = "kafka_server_socket_server_metrics_";
    family(&format!("{prefix}connection_count"), Kind::Gauge, "Connections that are open.", &|number| {
        of(number).accepted.get().saturating_sub(of(number).closed.get())
    });
    family(
        &format!("{prefix}connection_creation_total"),
        Kind::Counter,
        "Connections that were let in.",
        &|number| of(number).accepted.get(),
    );
    family(&format!("{prefix}connection_close_total"), Kind::Counter, "Those that ended.", &|number| {
        of(number).closed.get()
    });
    family(&format!("{prefix}incoming_byte_total"), Kind::Counter, "Bytes received.", &|number| {
        traffic(number).map(|core| core.bytes_in.get()).sum()
    });
    family(&format!("{prefix}outgoing_byte_total"), Kind::Counter, "Bytes sent.", &|number| {
        traffic(number).map(|core| core.bytes_out.get()).sum()
    });
    let refused = "headwater_connections_refused_total";
    family(
        refused,
        Kind::Counter,
        "Connections that were not let in, because a limit was reached.",
        &|number| of(number).refused.get(),
    );
    let broken = "headwater_connections_broken_total";
    family(
        broken,
        Kind::Counter,
        "Connections that were closed for bytes that cannot be served.",
        &|number| of(number).broken.get(),
    );
}

fn memory(text: &mut Text, broker: &Broker) {
    let (all, free) = broker.memory_left();
    let prefix = "kafka_network_socketserver_memorypool";
    text.single(&format!("{prefix}available"), Kind::Gauge, "Memory for large requests that is free.", free);
    text.single(
        &format!("{prefix}used"),
        Kind::Gauge,
        "Memory that large requests hold.",
        all.saturating_sub(free),
    );
}
