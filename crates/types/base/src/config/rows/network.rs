//! Listeners, sockets, connections and requests.

use crate::config::definition::Check::OneOf;
use crate::config::definition::{Definition, NULL, int, is, list, long, text};

/// The rows.
#[rustfmt::skip]
pub(in crate::config) const ROWS: &[Definition] = &[
    list("listeners", is("PLAINTEXT://:9092")).list_of(&[]).high().per_broker().used()
        .doc("Where the node listens, as NAME://host:port."),
    list("advertised.listeners", NULL).list_of(&[]).high().used()
        .doc("The addresses that clients are told; those of listeners when not set."),
    text("listener.security.protocol.map", is("SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT")).low().per_broker().used()
        .doc("Security protocol of each listener name."),
    text("inter.broker.listener.name", NULL).used()
        .doc("Listener that brokers use among themselves."),
    text("security.inter.broker.protocol", is("PLAINTEXT")).check(OneOf(&["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"])).used()
        .doc("Security protocol among brokers, when no listener is named for them."),
    list("early.start.listeners", NULL).maybe_empty_list_of(&[]).high()
        .doc("Listeners that open before the authorizer is ready."),
    int("socket.listen.backlog.size", is("50")).at_least(1.0).used()
        .doc("Connections that may wait to be accepted."),
    int("socket.receive.buffer.bytes", is("102400")).high().used()
        .doc("Receive buffer of a socket; -1 leaves it to the system."),
    int("socket.send.buffer.bytes", is("102400")).high().used()
        .doc("Send buffer of a socket; -1 leaves it to the system."),
    int("socket.request.max.bytes", is("104857600")).at_least(1.0).high().used()
        .doc("Largest request; a longer one closes its connection."),
    long("socket.connection.setup.timeout.ms", is("10000"))
        .doc("First wait for a connection to another node."),
    long("socket.connection.setup.timeout.max.ms", is("30000"))
        .doc("Longest wait for a connection to another node."),
    long("connections.max.idle.ms", is("600000")).used()
        .doc("Idle time after which a connection is closed."),
    int("max.connections", is("2147483647")).at_least(0.0).cluster_wide().used()
        .doc("Most connections of the node."),
    int("max.connections.per.ip", is("2147483647")).at_least(0.0).cluster_wide().used()
        .doc("Most connections from one address."),
    text("max.connections.per.ip.overrides", is("")).cluster_wide().used()
        .doc("Other limits for single addresses, as host:count."),
    int("max.connection.creation.rate", is("2147483647")).at_least(0.0).cluster_wide().used()
        .doc("Most new connections in a second."),
    int("queued.max.requests", is("500")).at_least(1.0).high()
        .doc("Requests that may wait for a request handler; here the limit is in bytes."),
    long("queued.max.request.bytes", is("-1")).used()
        .doc("Memory for requests that were read and not answered; -1 takes the built-in limit."),
    int("max.request.partition.size.limit", is("2000")).at_least(1.0)
        .doc("Most partitions in one DescribeTopicPartitions answer."),
    int("request.timeout.ms", is("30000")).high()
        .doc("Wait for an answer of another broker."),
    int("num.network.threads", is("3")).at_least(1.0).high().cluster_wide()
        .doc("Network threads in Kafka; here one per core, see headwater.cores."),
    int("num.io.threads", is("8")).at_least(1.0).high().cluster_wide()
        .doc("Threads that handle requests in Kafka; here the core that read one does."),
    int("background.threads", is("10")).at_least(1.0).high().cluster_wide()
        .doc("Threads for chores in Kafka; here each log directory has its own."),
    int("fetch.max.bytes", is("57671680")).at_least(1024.0).used()
        .doc("Most bytes in one Fetch answer."),
    int("max.incremental.fetch.session.cache.slots", is("1000")).at_least(0.0).used()
        .doc("Fetch sessions that are remembered."),
    int("fetch.purgatory.purge.interval.requests", is("1000"))
        .doc("Sweep of waiting fetches in Kafka; here they leave by themselves."),
    int("producer.purgatory.purge.interval.requests", is("1000"))
        .doc("Sweep of waiting produce requests in Kafka; here they leave by themselves."),
    int("delete.records.purgatory.purge.interval.requests", is("1"))
        .doc("Sweep of waiting DeleteRecords requests in Kafka."),
    int("share.fetch.purgatory.purge.interval.requests", is("1000"))
        .doc("Sweep of waiting share fetches in Kafka."),
    int("connection.failed.authentication.delay.ms", is("100")).at_least(0.0).low()
        .doc("Pause before a failed login is answered."),
    long("connections.max.reauth.ms", is("0")).restricts()
        .doc("Age of a login that must be repeated."),
];
