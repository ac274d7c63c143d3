//! Where partitions are stored and how their files are cut, kept and flushed.

use crate::config::definition::Check::OneOf;
use crate::config::definition::{Definition, NULL, boolean, int, is, list, long, text};

/// The rows.
#[rustfmt::skip]
pub(in crate::config) const ROWS: &[Definition] = &[
    list("log.dir", is("/tmp/kafka-logs")).list_of(&[]).high().used()
        .doc("The one directory for partitions, when log.dirs is not set."),
    list("log.dirs", NULL).list_of(&[]).high().used()
        .doc("Directories for partitions."),
    list("cordoned.log.dirs", is("")).maybe_empty_list_of(&[]).per_broker()
        .doc("Directories that get no new partition."),
    int("log.segment.bytes", is("1073741824")).at_least(1048576.0).high().cluster_wide().used()
        .doc("Size at which a segment is closed."),
    long("log.roll.ms", NULL).high().cluster_wide().used()
        .doc("Age at which a segment is closed."),
    int("log.roll.hours", is("168")).at_least(1.0).high().used()
        .doc("Age at which a segment is closed, in hours."),
    long("log.roll.jitter.ms", NULL).high().cluster_wide().used()
        .doc("Most that is taken off the age, at random."),
    int("log.roll.jitter.hours", is("0")).at_least(0.0).high().used()
        .doc("Most that is taken off the age, at random, in hours."),
    long("log.segment.delete.delay.ms", is("60000")).at_least(0.0).high().cluster_wide().used()
        .doc("Pause between renaming a file for deletion and deleting it."),
    int("log.index.size.max.bytes", is("10485760")).at_least(4.0).cluster_wide().used()
        .doc("Largest offset index of a segment."),
    int("log.index.interval.bytes", is("4096")).at_least(0.0).cluster_wide().used()
        .doc("Bytes of records between two entries of the offset index."),
    boolean("log.preallocate", is("false")).cluster_wide().used()
        .doc("Allocates the whole segment when it is created."),
    text("log.message.timestamp.type", is("CreateTime")).check(OneOf(&["CreateTime", "LogAppendTime"])).cluster_wide().used()
        .doc("Whether a record keeps its producer's time or gets the broker's."),
    long("log.message.timestamp.before.max.ms", is("9223372036854775807")).at_least(0.0).cluster_wide().used()
        .doc("How far a record's time may lie in the past."),
    long("log.message.timestamp.after.max.ms", is("3600000")).at_least(0.0).cluster_wide().used()
        .doc("How far a record's time may lie in the future."),
    long("log.retention.bytes", is("-1")).high().cluster_wide().used()
        .doc("Size of a partition from which old segments go; -1 keeps all."),
    long("log.retention.ms", NULL).high().cluster_wide().used()
        .doc("Age from which segments go; -1 keeps all."),
    int("log.retention.minutes", NULL).high().used()
        .doc("Age from which segments go, in minutes."),
    int("log.retention.hours", is("168")).high().used()
        .doc("Age from which segments go, in hours."),
    long("log.retention.check.interval.ms", is("300000")).at_least(1.0).used()
        .doc("Time between two looks for segments that may go."),
    list("log.cleanup.policy", is("delete")).maybe_empty_list_of(&["compact", "delete"]).cluster_wide().used()
        .doc("What happens to old records: deleted, compacted by key, or both."),
    long("log.flush.interval.messages", is("9223372036854775807")).at_least(1.0).high().cluster_wide().used()
        .doc("Records after which a partition is synced; acks=all is on disk anyway."),
    long("log.flush.interval.ms", NULL).high().cluster_wide().used()
        .doc("Age of unsynced records at which a partition is synced."),
    long("log.flush.scheduler.interval.ms", is("9223372036854775807")).high().used()
        .doc("Time between two looks for partitions to sync."),
    int("log.flush.offset.checkpoint.interval.ms", is("60000")).at_least(0.0).high().used()
        .doc("Time between two writings of the recovery points."),
    int("log.flush.start.offset.checkpoint.interval.ms", is("60000")).at_least(0.0).high().used()
        .doc("Time between two writings of the log start offsets."),
    long("log.dir.failure.timeout.ms", is("30000")).at_least(1.0).low()
        .doc("How long a broker may fail to report a lost directory."),
    long("log.initial.task.delay.ms", is("30000")).at_least(0.0).low().internal().used()
        .doc("Delay of the first housekeeping after a start, for tests."),
    int("num.recovery.threads.per.data.dir", is("2")).at_least(1.0).high().cluster_wide().used()
        .doc("Threads per directory that load partitions at start."),
    int("num.replica.alter.log.dirs.threads", NULL).high()
        .doc("Threads that move partitions between directories."),
    int("producer.id.expiration.ms", is("86400000")).at_least(1.0).low().cluster_wide().used()
        .doc("Idle time after which a producer's sequence numbers are forgotten."),
    int("producer.id.expiration.check.interval.ms", is("600000")).at_least(1.0).low().internal().used()
        .doc("Time between two looks for idle producers."),
];
