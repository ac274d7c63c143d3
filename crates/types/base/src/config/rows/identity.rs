//! Who a node is and where the quorum is.

use crate::config::definition::Check::{HostPorts, Voters};
use crate::config::definition::{Definition, NULL, REQUIRED, boolean, int, is, list, long, text};

/// The rows.
#[rustfmt::skip]
pub(in crate::config) const ROWS: &[Definition] = &[
    list("process.roles", REQUIRED).list_of(&["broker", "controller"]).high().used()
        .doc("What this node is: broker, controller or both."),
    int("node.id", REQUIRED).at_least(0.0).high().used()
        .doc("Number of this node, unique in the cluster."),
    int("broker.id", is("-1")).high().used()
        .doc("Older name of node.id; both must agree when both are set."),
    text("broker.rack", NULL).used()
        .doc("Rack or zone of this broker."),
    list("controller.listener.names", REQUIRED).list_of(&[]).high().used()
        .doc("Names of the listeners that belong to the controller."),
    list("controller.quorum.voters", is("")).check(Voters).high().used()
        .doc("Fixed quorum: its members as id@host:port."),
    list("controller.quorum.bootstrap.servers", is("")).check(HostPorts).high().used()
        .doc("Where members of a dynamic quorum can be found."),
    boolean("controller.quorum.auto.join.enable", is("false")).low()
        .doc("Whether a new controller asks to join the quorum by itself."),
    int("controller.quorum.election.timeout.ms", is("1000")).at_least(0.0).high()
        .doc("Wait of a voter without leader before it calls an election."),
    int("controller.quorum.fetch.timeout.ms", is("2000")).at_least(0.0).high()
        .doc("Silence of the leader after which a voter becomes a candidate."),
    int("controller.quorum.election.backoff.max.ms", is("1000")).at_least(0.0).high()
        .doc("Longest random pause between two elections."),
    int("controller.quorum.append.linger.ms", is("25")).at_least(0.0)
        .doc("How long the leader collects metadata records before it writes them."),
    int("controller.quorum.request.timeout.ms", is("2000")).at_least(0.0)
        .doc("Wait for an answer of another member of the quorum."),
    int("controller.quorum.retry.backoff.ms", is("20")).at_least(0.0).low()
        .doc("Pause before a request inside the quorum is repeated."),
    int("controller.quorum.fetch.max.bytes", is("1048576")).at_least(1.0).low()
        .doc("Most bytes of metadata records in one fetch."),
    int("controller.quorum.fetch.snapshot.max.bytes", is("1048576")).at_least(1.0).low()
        .doc("Most bytes of a snapshot in one fetch."),
    int("controller.socket.timeout.ms", is("30000"))
        .doc("Wait for an answer of the controller."),
    long("controller.performance.always.log.threshold.ms", is("2000")).at_least(0.0).internal()
        .doc("Duration from which a slow controller event is always logged."),
    long("controller.performance.sample.period.ms", is("60000")).at_least(100.0).internal()
        .doc("Period over which controller events are measured."),
    int("broker.heartbeat.interval.ms", is("2000")).used()
        .doc("Time between two heartbeats of a broker."),
    int("broker.session.timeout.ms", is("9000")).used()
        .doc("Silence after which the controller fences a broker."),
    int("initial.broker.registration.timeout.ms", is("60000"))
        .doc("How long a starting broker tries to register."),
    long("server.max.startup.time.ms", is("9223372036854775807")).at_least(0.0).internal()
        .doc("Longest start before the node gives up."),
    text("metadata.log.dir", NULL).high().used()
        .doc("Directory of the metadata log; the first of log.dirs when not set."),
    int("metadata.log.segment.bytes", is("1073741824")).at_least(8388608.0).high().used()
        .doc("Size at which a metadata segment is closed."),
    long("metadata.log.segment.ms", is("604800000")).high().used()
        .doc("Age at which a metadata segment is closed."),
    long("metadata.log.max.record.bytes.between.snapshots", is("20971520")).at_least(1.0).high().used()
        .doc("Bytes of new metadata records that call for a snapshot."),
    long("metadata.log.max.snapshot.interval.ms", is("3600000")).at_least(0.0).high().used()
        .doc("Age of changes that calls for a snapshot; 0 never does."),
    int("metadata.max.idle.interval.ms", is("500")).at_least(0.0).low()
        .doc("Kafka writes a no-op record this often while nothing happens; here nothing is written."),
    long("metadata.max.retention.bytes", is("104857600")).high().used()
        .doc("Size of metadata log and snapshots from which old ones go."),
    long("metadata.max.retention.ms", is("604800000")).high().used()
        .doc("Age from which old metadata logs and snapshots go."),
    int("internal.metadata.log.segment.bytes", NULL).low().internal()
        .doc("Size of a metadata segment, for tests."),
    int("internal.metadata.max.batch.size.in.bytes", is("8388608")).low().internal()
        .doc("Largest batch of metadata records."),
    long("internal.metadata.delete.delay.millis", is("60000")).low().internal()
        .doc("Pause before a metadata file is deleted."),
    boolean("unstable.api.versions.enable", is("false")).high().internal()
        .doc("Offers API versions that are still in development."),
    boolean("unstable.feature.versions.enable", is("false")).high().internal()
        .doc("Allows feature levels that are still in development."),
];
