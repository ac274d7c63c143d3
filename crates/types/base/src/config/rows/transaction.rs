//! Transactions and their state.

use crate::config::definition::{Definition, boolean, int, is, short};

/// The rows.
#[rustfmt::skip]
pub(in crate::config) const ROWS: &[Definition] = &[
    int("transaction.abort.timed.out.transaction.cleanup.interval.ms", is("10000")).at_least(1.0).low()
        .doc("Time between two looks for transactions that ran too long."),
    int("transaction.max.timeout.ms", is("900000")).at_least(1.0).high()
        .doc("Longest transaction a producer may ask for."),
    boolean("transaction.partition.verification.enable", is("true")).low().cluster_wide()
        .doc("Checks that a partition belongs to the transaction that writes to it."),
    int("transaction.remove.expired.transaction.cleanup.interval.ms", is("3600000")).at_least(1.0).low()
        .doc("Time between two looks for forgotten transactional ids."),
    int("transaction.state.log.load.buffer.size", is("5242880")).at_least(1.0).high()
        .doc("Bytes read at once when transactions are loaded."),
    int("transaction.state.log.min.isr", is("2")).at_least(1.0).high()
        .doc("Replicas of the transaction topic that must be in sync."),
    int("transaction.state.log.num.partitions", is("50")).at_least(1.0).high()
        .doc("Partitions of the transaction topic."),
    short("transaction.state.log.replication.factor", is("3")).at_least(1.0).high()
        .doc("Replicas of the transaction topic."),
    int("transaction.state.log.segment.bytes", is("104857600")).at_least(1.0).high()
        .doc("Segment size of the transaction topic."),
    boolean("transaction.two.phase.commit.enable", is("false")).low()
        .doc("Lets an outside coordinator finish transactions."),
    int("transactional.id.expiration.ms", is("604800000")).at_least(1.0).high()
        .doc("Idle time after which a transactional id is forgotten."),
    int("add.partitions.to.txn.retry.backoff.ms", is("20")).at_least(1.0).high()
        .doc("First pause before adding a partition to a transaction is tried again."),
    int("add.partitions.to.txn.retry.backoff.max.ms", is("100")).at_least(0.0).high()
        .doc("Longest time of such tries."),
];
