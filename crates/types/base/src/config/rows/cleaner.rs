//! Compaction by key.

use crate::config::definition::{Definition, boolean, double, int, is, long};

/// The rows.
#[rustfmt::skip]
pub(in crate::config) const ROWS: &[Definition] = &[
    boolean("log.cleaner.enable", is("true")).used()
        .doc("Kafka no longer lets it be off."),
    int("log.cleaner.threads", is("1")).at_least(0.0).cluster_wide().used()
        .doc("Threads that compact."),
    long("log.cleaner.backoff.ms", is("15000")).at_least(0.0).cluster_wide().used()
        .doc("Pause when there is nothing to compact."),
    long("log.cleaner.dedupe.buffer.size", is("134217728")).cluster_wide().used()
        .doc("Memory for the keys of a compaction."),
    int("log.cleaner.io.buffer.size", is("524288")).at_least(0.0).cluster_wide().used()
        .doc("Memory for the files of a compaction."),
    double("log.cleaner.io.buffer.load.factor", is("0.9")).cluster_wide().used()
        .doc("How full the table of keys may get."),
    double("log.cleaner.io.max.bytes.per.second", is("1.7976931348623157E308")).cluster_wide().used()
        .doc("Most bytes that compaction reads and writes in a second."),
    double("log.cleaner.min.cleanable.ratio", is("0.5")).between(0.0, 1.0).cluster_wide().used()
        .doc("Share of uncompacted bytes from which a log is compacted."),
    long("log.cleaner.min.compaction.lag.ms", is("0")).at_least(0.0).cluster_wide().used()
        .doc("Age before which a record is never compacted."),
    long("log.cleaner.max.compaction.lag.ms", is("9223372036854775807")).at_least(1.0).cluster_wide().used()
        .doc("Age by which a record is compacted."),
    long("log.cleaner.delete.retention.ms", is("86400000")).at_least(0.0).cluster_wide().used()
        .doc("How long a delete marker is kept after compaction."),
];
