//! Segments in remote storage.

use crate::config::definition::Check::NotEmpty;
use crate::config::definition::{Definition, NULL, boolean, double, int, is, long, text};

/// The rows.
#[rustfmt::skip]
pub(in crate::config) const ROWS: &[Definition] = &[
    boolean("follower.fetch.last.tiered.offset.enable", is("false")).cluster_wide()
        .doc("Lets a new follower start behind what is in remote storage."),
    long("log.local.retention.bytes", is("-2")).at_least(-2.0).cluster_wide()
        .doc("Size that stays on local disks; -2 takes the whole limit."),
    long("log.local.retention.ms", is("-2")).at_least(-2.0).cluster_wide()
        .doc("Age up to which segments stay on local disks; -2 takes the whole limit."),
    int("remote.fetch.max.wait.ms", is("500")).at_least(1.0).cluster_wide()
        .doc("Wait of a fetch for remote storage."),
    long("remote.list.offsets.request.timeout.ms", is("30000")).at_least(1.0).cluster_wide()
        .doc("Wait of an offset look-up for remote storage."),
    long("remote.log.index.file.cache.total.size.bytes", is("1073741824")).at_least(1.0).low().cluster_wide()
        .doc("Disk space for indexes fetched from remote storage."),
    long("remote.log.index.file.cache.ttl.ms", is("900000")).at_least(-1.0).low().internal()
        .doc("How long such an index is kept."),
    int("remote.log.manager.copier.thread.pool.size", is("10")).at_least(1.0).cluster_wide()
        .doc("Threads that copy segments out."),
    long("remote.log.manager.copy.max.bytes.per.second", is("9223372036854775807")).at_least(1.0).cluster_wide()
        .doc("Most bytes copied out in a second."),
    int("remote.log.manager.copy.quota.window.num", is("11")).at_least(1.0)
        .doc("Windows over which that is measured."),
    int("remote.log.manager.copy.quota.window.size.seconds", is("1")).at_least(1.0)
        .doc("Length of such a window."),
    int("remote.log.manager.expiration.thread.pool.size", is("10")).at_least(1.0).cluster_wide()
        .doc("Threads that delete remote segments."),
    long("remote.log.manager.fetch.max.bytes.per.second", is("9223372036854775807")).at_least(1.0).cluster_wide()
        .doc("Most bytes fetched in a second."),
    int("remote.log.manager.fetch.quota.window.num", is("11")).at_least(1.0)
        .doc("Windows over which that is measured."),
    int("remote.log.manager.fetch.quota.window.size.seconds", is("1")).at_least(1.0)
        .doc("Length of such a window."),
    int("remote.log.manager.follower.thread.pool.size", is("2")).at_least(1.0).cluster_wide()
        .doc("Threads for followers' partitions."),
    long("remote.log.manager.task.interval.ms", is("30000")).at_least(1.0).low()
        .doc("Time between two rounds of copying."),
    long("remote.log.manager.task.retry.backoff.max.ms", is("30000")).at_least(1.0).low().internal()
        .doc("Longest pause after a failed copy."),
    long("remote.log.manager.task.retry.backoff.ms", is("500")).at_least(1.0).low().internal()
        .doc("First pause after a failed copy."),
    double("remote.log.manager.task.retry.jitter", is("0.2")).between(0.0, 0.5).low().internal()
        .doc("Random part of that pause."),
    int("remote.log.manager.thread.pool.size", is("2")).at_least(1.0)
        .doc("Threads for followers' partitions, older name."),
    int("remote.log.metadata.custom.metadata.max.bytes", is("128")).at_least(0.0).low()
        .doc("Largest note that a storage plug-in may keep per segment."),
    text("remote.log.metadata.manager.class.name", is("org.apache.kafka.server.log.remote.metadata.storage.TopicBasedRemoteLogMetadataManager")).check(NotEmpty)
        .doc("Java class that keeps the list of remote segments."),
    text("remote.log.metadata.manager.class.path", NULL)
        .doc("Where that class is loaded from."),
    text("remote.log.metadata.manager.impl.prefix", is("rlmm.config.")).check(NotEmpty)
        .doc("Prefix of that class's own keys."),
    text("remote.log.metadata.manager.listener.name", NULL).check(NotEmpty)
        .doc("Listener that class connects to."),
    int("remote.log.reader.max.pending.tasks", is("100")).at_least(1.0)
        .doc("Remote reads that may wait."),
    int("remote.log.reader.threads", is("10")).at_least(1.0).cluster_wide()
        .doc("Threads that read from remote storage."),
    text("remote.log.storage.manager.class.name", NULL).check(NotEmpty)
        .doc("Java class that stores segments."),
    text("remote.log.storage.manager.class.path", NULL)
        .doc("Where that class is loaded from."),
    text("remote.log.storage.manager.impl.prefix", is("rsm.config.")).check(NotEmpty)
        .doc("Prefix of that class's own keys."),
    boolean("remote.log.storage.system.enable", is("false"))
        .doc("Turns remote storage on."),
];
