//! The keys of `AdminClientConfig`, `ProducerConfig` and `ConsumerConfig` of Apache Kafka 4.3.1.
//!
//! Those of metrics, interceptors and Java's classes are known and have no effect here.

use headwater_base::config::Check::{GzipLevel, NotEmpty, OneOf, OneOfAnyCase};
use headwater_base::config::Definition;
use headwater_base::config::definition::{NULL, REQUIRED, boolean, class, int, is, list, long, text};

use super::Role;

/// All rows of a role.
pub(super) fn of(role: Role) -> impl Iterator<Item = &'static Definition> {
    let own = match role {
        Role::Admin => ADMIN,
        Role::Producer => PRODUCER,
        Role::Consumer => CONSUMER,
    };
    COMMON.iter().chain(own)
}

#[rustfmt::skip]
const COMMON: &[Definition] = &[
    text("client.dns.lookup", is("use_all_dns_ips")).check(OneOf(&["use_all_dns_ips", "resolve_canonical_bootstrap_servers_only"])),
    text("client.id", is("")).used(),
    list("config.providers", is("")),
    long("metadata.max.age.ms", is("300000")).at_least(0.0).used(),
    long("metadata.recovery.rebootstrap.trigger.ms", is("300000")).at_least(0.0),
    text("metadata.recovery.strategy", is("rebootstrap")).check(OneOfAnyCase(&["REBOOTSTRAP", "NONE"])).used(),
    list("metric.reporters", is("org.apache.kafka.common.metrics.JmxReporter")),
    int("metrics.num.samples", is("2")).at_least(1.0),
    text("metrics.recording.level", is("INFO")).check(OneOf(&["INFO", "DEBUG", "TRACE"])),
    long("metrics.sample.window.ms", is("30000")).at_least(0.0),
    long("reconnect.backoff.max.ms", is("1000")).at_least(0.0).used(),
    long("reconnect.backoff.ms", is("50")).at_least(0.0).used(),
    int("request.timeout.ms", is("30000")).at_least(0.0).used(),
    long("retry.backoff.max.ms", is("1000")).at_least(0.0).used(),
    long("retry.backoff.ms", is("100")).at_least(0.0).used(),
    text("security.protocol", is("PLAINTEXT")).check(OneOfAnyCase(&["SASL_SSL", "PLAINTEXT", "SSL", "SASL_PLAINTEXT"])).restricts(),
    text("security.providers", NULL),
    int("send.buffer.bytes", is("131072")).at_least(-1.0),
    long("socket.connection.setup.timeout.max.ms", is("30000")).used(),
    long("socket.connection.setup.timeout.ms", is("10000")).used(),
];

#[rustfmt::skip]
const ADMIN: &[Definition] = &[
    list("bootstrap.controllers", is("")).used(),
    list("bootstrap.servers", is("")).used(),
    long("connections.max.idle.ms", is("300000")).used(),
    int("default.api.timeout.ms", is("60000")).at_least(0.0).used(),
    boolean("enable.metrics.push", is("false")),
    int("receive.buffer.bytes", is("65536")).at_least(-1.0),
    int("retries", is("2147483647")).between(0.0, 2_147_483_647.0).used(),
];

#[rustfmt::skip]
const PRODUCER: &[Definition] = &[
    text("acks", is("all")).check(OneOf(&["all", "-1", "0", "1"])).used(),
    int("batch.size", is("16384")).at_least(0.0).used(),
    list("bootstrap.servers", REQUIRED).used(),
    long("buffer.memory", is("33554432")).at_least(0.0).used(),
    int("compression.gzip.level", is("-1")).check(GzipLevel).used(),
    int("compression.lz4.level", is("9")).between(1.0, 17.0).used(),
    text("compression.type", is("none")).check(OneOf(&["none", "gzip", "snappy", "lz4", "zstd"])).used(),
    int("compression.zstd.level", is("3")).between(-131_072.0, 22.0).used(),
    long("connections.max.idle.ms", is("540000")).used(),
    int("delivery.timeout.ms", is("120000")).at_least(0.0).used(),
    boolean("enable.idempotence", is("true")).used(),
    boolean("enable.metrics.push", is("true")),
    list("interceptor.classes", is("")),
    class("key.serializer", NULL),
    long("linger.ms", is("5")).at_least(0.0).used(),
    long("max.block.ms", is("60000")).at_least(0.0).used(),
    int("max.in.flight.requests.per.connection", is("5")).at_least(1.0).used(),
    int("max.request.size", is("1048576")).at_least(0.0).used(),
    long("metadata.max.idle.ms", is("300000")).at_least(5000.0),
    boolean("partitioner.adaptive.partitioning.enable", is("true")),
    long("partitioner.availability.timeout.ms", is("0")).at_least(0.0),
    class("partitioner.class", NULL).used(),
    boolean("partitioner.ignore.keys", is("false")).used(),
    int("receive.buffer.bytes", is("32768")).at_least(-1.0),
    int("retries", is("2147483647")).between(0.0, 2_147_483_647.0).used(),
    int("transaction.timeout.ms", is("60000")),
    boolean("transaction.two.phase.commit.enable", is("false")).restricts(),
    text("transactional.id", NULL).check(NotEmpty).restricts(),
    class("value.serializer", NULL),
];

#[rustfmt::skip]
const CONSUMER: &[Definition] = &[
    boolean("allow.auto.create.topics", is("true")).used(),
    int("auto.commit.interval.ms", is("5000")).at_least(0.0).used(),
    text("auto.offset.reset", is("latest")).used(),
    list("bootstrap.servers", REQUIRED).used(),
    boolean("check.crcs", is("true")).used(),
    text("client.rack", is("")).used(),
    long("connections.max.idle.ms", is("540000")).used(),
    int("default.api.timeout.ms", is("60000")).at_least(0.0).used(),
    boolean("enable.auto.commit", is("true")).used(),
    boolean("enable.metrics.push", is("true")),
    boolean("exclude.internal.topics", is("true")).used(),
    int("fetch.max.bytes", is("52428800")).at_least(0.0).used(),
    int("fetch.max.wait.ms", is("500")).at_least(0.0).used(),
    int("fetch.min.bytes", is("1")).at_least(0.0).used(),
    text("group.id", NULL).used(),
    text("group.instance.id", NULL).check(NotEmpty).used(),
    text("group.protocol", is("classic")).check(OneOfAnyCase(&["CONSUMER", "CLASSIC"])).restricts(),
    text("group.remote.assignor", NULL).restricts(),
    int("heartbeat.interval.ms", is("3000")).used(),
    list("interceptor.classes", is("")),
    text("isolation.level", is("read_uncommitted")).check(OneOf(&["read_committed", "read_uncommitted"])).used(),
    class("key.deserializer", NULL),
    int("max.partition.fetch.bytes", is("1048576")).at_least(0.0).used(),
    int("max.poll.interval.ms", is("300000")).at_least(1.0).used(),
    int("max.poll.records", is("500")).at_least(1.0).used(),
    list("partition.assignment.strategy", is("org.apache.kafka.clients.consumer.RangeAssignor,org.apache.kafka.clients.consumer.CooperativeStickyAssignor")).used(),
    int("receive.buffer.bytes", is("65536")).at_least(-1.0),
    int("session.timeout.ms", is("45000")).used(),
    text("share.acknowledgement.mode", is("implicit")),
    text("share.acquire.mode", is("BATCH_OPTIMIZED")),
    class("value.deserializer", NULL),
];
