//! Defaults of topics.

use crate::config::definition::Check::{GzipLevel, OneOf};
use crate::config::definition::{Definition, NULL, boolean, class, int, is, text};

/// The rows.
#[rustfmt::skip]
pub(in crate::config) const ROWS: &[Definition] = &[
    boolean("auto.create.topics.enable", is("true")).high().used()
        .doc("Creates a topic when a client asks for its metadata."),
    boolean("delete.topic.enable", is("true")).high().used()
        .doc("Allows topics to be deleted."),
    int("num.partitions", is("1")).at_least(1.0).used()
        .doc("Partitions of a topic that is created without a number."),
    int("default.replication.factor", is("1")).used()
        .doc("Replicas of a topic that is created without a number."),
    int("min.insync.replicas", is("1")).at_least(1.0).high().cluster_wide().used()
        .doc("Replicas that must be in sync for a write with acks=all."),
    int("message.max.bytes", is("1048588")).at_least(0.0).high().cluster_wide().used()
        .doc("Largest record batch."),
    text("compression.type", is("producer")).check(OneOf(&["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"])).high().cluster_wide().used()
        .doc("Codec in which batches are stored; producer keeps theirs."),
    int("compression.gzip.level", is("-1")).check(GzipLevel).cluster_wide().used()
        .doc("Level for gzip."),
    int("compression.lz4.level", is("9")).between(1.0, 17.0).cluster_wide().used()
        .doc("Level for lz4."),
    int("compression.zstd.level", is("3")).between(-131072.0, 22.0).cluster_wide().used()
        .doc("Level for zstd."),
    class("create.topic.policy.class.name", NULL).low().restricts()
        .doc("Java class that may refuse new topics."),
    class("alter.config.policy.class.name", NULL).low().restricts()
        .doc("Java class that may refuse configuration changes."),
];
