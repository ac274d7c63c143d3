//! Keys of topics.

use crate::config::definition::Check::{GzipLevel, OneOf, ThrottledReplicas};
use crate::config::definition::{Definition, NULL, boolean, double, int, is, list, long, text};

/// The rows.
#[rustfmt::skip]
pub(in crate::config) const ROWS: &[Definition] = &[
    list("cleanup.policy", is("delete")).maybe_empty_list_of(&["compact", "delete"]).topic().used()
        .doc("What happens to old records: deleted, compacted by key, both, or neither."),
    int("compression.gzip.level", is("-1")).check(GzipLevel).topic().used()
        .doc("Level for gzip, when compression.type is gzip."),
    int("compression.lz4.level", is("9")).between(1.0, 17.0).topic().used()
        .doc("Level for lz4, when compression.type is lz4."),
    text("compression.type", is("producer")).check(OneOf(&["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"])).topic().used()
        .doc("Codec in which batches are stored; producer keeps theirs."),
    int("compression.zstd.level", is("3")).between(-131072.0, 22.0).topic().used()
        .doc("Level for zstd, when compression.type is zstd."),
    long("delete.retention.ms", is("86400000")).at_least(0.0).topic().used()
        .doc("How long a delete marker is kept after compaction."),
    long("file.delete.delay.ms", is("60000")).at_least(0.0).topic().used()
        .doc("Pause between renaming a file for deletion and deleting it."),
    long("flush.messages", is("9223372036854775807")).at_least(1.0).topic().used()
        .doc("Records after which a partition is synced."),
    long("flush.ms", is("9223372036854775807")).at_least(0.0).topic().used()
        .doc("Age of unsynced records at which a partition is synced."),
    list("follower.replication.throttled.replicas", is("")).check(ThrottledReplicas).topic()
        .doc("Replicas that replicate at the throttled rate as followers."),
    int("index.interval.bytes", is("4096")).at_least(0.0).topic().used()
        .doc("Bytes of records between two entries of the offset index."),
    int("internal.segment.bytes", NULL).topic().internal().used()
        .doc("Segment size below the allowed minimum, for tests."),
    list("leader.replication.throttled.replicas", is("")).check(ThrottledReplicas).topic()
        .doc("Replicas that replicate at the throttled rate as leaders."),
    long("local.retention.bytes", is("-2")).at_least(-2.0).topic()
        .doc("Size that stays on local disks; -2 takes retention.bytes."),
    long("local.retention.ms", is("-2")).at_least(-2.0).topic()
        .doc("Age up to which segments stay on local disks; -2 takes retention.ms."),
    long("max.compaction.lag.ms", is("9223372036854775807")).at_least(1.0).topic().used()
        .doc("Age by which a record is compacted."),
    int("max.message.bytes", is("1048588")).at_least(0.0).topic().used()
        .doc("Largest record batch."),
    long("message.timestamp.after.max.ms", is("3600000")).at_least(0.0).topic().used()
        .doc("How far a record's time may lie in the future."),
    long("message.timestamp.before.max.ms", is("9223372036854775807")).at_least(0.0).topic().used()
        .doc("How far a record's time may lie in the past."),
    text("message.timestamp.type", is("CreateTime")).check(OneOf(&["CreateTime", "LogAppendTime"])).topic().used()
        .doc("Whether a record keeps its producer's time or gets the broker's."),
    double("min.cleanable.dirty.ratio", is("0.5")).between(0.0, 1.0).topic().used()
        .doc("Share of uncompacted bytes from which the log is compacted."),
    long("min.compaction.lag.ms", is("0")).at_least(0.0).topic().used()
        .doc("Age before which a record is never compacted."),
    int("min.insync.replicas", is("1")).at_least(1.0).topic().used()
        .doc("Replicas that must be in sync for a write with acks=all."),
    boolean("preallocate", is("false")).topic().used()
        .doc("Allocates the whole segment when it is created."),
    boolean("remote.log.copy.disable", is("false")).topic()
        .doc("Stops copying to remote storage and keeps what is there."),
    boolean("remote.log.delete.on.disable", is("false")).topic()
        .doc("Deletes what is in remote storage when it is turned off."),
    boolean("remote.storage.enable", is("false")).topic()
        .doc("Keeps segments in remote storage."),
    long("retention.bytes", is("-1")).topic().used()
        .doc("Size of a partition from which old segments go; -1 keeps all."),
    long("retention.ms", is("604800000")).at_least(-1.0).topic().used()
        .doc("Age from which segments go; -1 keeps all."),
    int("segment.bytes", is("1073741824")).at_least(1048576.0).topic().used()
        .doc("Size at which a segment is closed."),
    int("segment.index.bytes", is("10485760")).at_least(4.0).topic().used()
        .doc("Largest offset index of a segment."),
    long("segment.jitter.ms", is("0")).at_least(0.0).topic().used()
        .doc("Most that is taken off segment.ms, at random."),
    long("segment.ms", is("604800000")).at_least(1.0).topic().used()
        .doc("Age at which a segment is closed."),
    boolean("unclean.leader.election.enable", is("false")).topic().used()
        .doc("Lets a replica outside the ISR lead when none inside is left; records may be lost."),
];
