//! The options of `kafka-topics`, and which of them go together.

use crate::command_line::{
    DISPLAY_VERSION, HELP, exclude, exclude_with_all, help_or_version, require, usage,
};
use crate::console::{Console, Stop, Thrown};
use crate::jopt::{OptionSet, Row, flag, takes};

/// All options.
pub(super) const OPTIONS: &[Row] = &[
    HELP,
    DISPLAY_VERSION,
    takes(&["bootstrap-server"], "server to connect to", "REQUIRED: The Kafka server to connect to."),
    takes(&["command-config"], "command config property file", "Property file containing configs to be passed to Admin Client."),
    flag(&["list"], "List all available topics."),
    flag(&["create"], "Create a new topic."),
    flag(&["delete"], "Delete a topic."),
    flag(&["alter"], "Alter the number of partitions and replica assignment. (To alter topic configurations, the kafka-configs tool can be used.)"),
    flag(&["describe"], "List details for the given topics."),
    takes(&["topic"], "topic", "The topic to create, alter, describe or delete. It also accepts a regular expression, except for --create option."),
    takes(&["topic-id"], "topic-id", "The topic-id to describe."),
    takes(&["config"], "name=value", "A topic configuration override for the topic being created. The following is a list of valid configurations: \n\tcleanup.policy\n\tcompression.gzip.level\n\tcompression.lz4.level\n\tcompression.type\n\tcompression.zstd.level\n\tdelete.retention.ms\n\tfile.delete.delay.ms\n\tflush.messages\n\tflush.ms\n\tfollower.replication.throttled.replicas\n\tindex.interval.bytes\n\tleader.replication.throttled.replicas\n\tlocal.retention.bytes\n\tlocal.retention.ms\n\tmax.compaction.lag.ms\n\tmax.message.bytes\n\tmessage.timestamp.after.max.ms\n\tmessage.timestamp.before.max.ms\n\tmessage.timestamp.type\n\tmin.cleanable.dirty.ratio\n\tmin.compaction.lag.ms\n\tmin.insync.replicas\n\tpreallocate\n\tremote.log.copy.disable\n\tremote.log.delete.on.disable\n\tremote.storage.enable\n\tretention.bytes\n\tretention.ms\n\tsegment.bytes\n\tsegment.index.bytes\n\tsegment.jitter.ms\n\tsegment.ms\n\tunclean.leader.election.enable\nSee the Kafka documentation for full details on the topic configs. It is supported only in combination with --create. (To alter topic configurations, the kafka-configs tool can be used.)"),
    takes(&["delete-config"], "name", "This option is no longer supported and has been deprecated since 4.0"),
    takes(&["partitions"], "# of partitions", "The number of partitions for the topic being created or altered. If not supplied with --create, the topic uses the cluster default. (WARNING: If partitions are increased for a topic that has a key, the partition logic or ordering of the messages will be affected).").integer(),
    takes(&["replication-factor"], "replication factor", "The replication factor for each partition in the topic being created. If not supplied, the topic uses the cluster default.").integer(),
    takes(&["replica-assignment"], "broker_id_for_part1_replica1 : broker_id_for_part1_replica2 , broker_id_for_part2_replica1 : broker_id_for_part2_replica2 , ...", "A list of manual partition-to-broker assignments for the topic being created or altered."),
    flag(&["under-replicated-partitions"], "If set when describing topics, only show under-replicated partitions."),
    flag(&["unavailable-partitions"], "If set when describing topics, only show partitions whose leader is not available."),
    flag(&["under-min-isr-partitions"], "If set when describing topics, only show partitions whose isr count is less than the configured minimum."),
    flag(&["at-min-isr-partitions"], "If set when describing topics, only show partitions whose isr count is equal to the configured minimum."),
    flag(&["topics-with-overrides"], "If set when describing topics, only show topics that have overridden configs."),
    flag(&["if-exists"], "If set when altering or deleting or describing topics, the action will only execute if the topic exists."),
    flag(&["if-not-exists"], "If set when creating topics, the create request will not fail if the topic already exists, but the request will still be sent."),
    flag(&["exclude-internal"], "Exclude internal topics when listing or describing topics. By default, the internal topics are included."),
    takes(&["partition-size-limit-per-response"], "maximum number of partitions per response", "The maximum partition size to be included in one DescribeTopicPartitions response.").integer(),
];

const ACTIONS: [&str; 5] = ["create", "list", "alter", "describe", "delete"];

/// Refuses what does not go together.
pub(super) fn check(
    console: &mut Console,
    options: &OptionSet<'_>,
    arguments: &[String],
) -> Result<(), Stop> {
    if arguments.is_empty() {
        return Err(usage(console, options.rows(), "Create, delete, describe, or change a topic."));
    }
    let about = "This tool helps to create, delete, describe, or change a topic.";
    help_or_version(console, options, arguments, about)?;
    if ACTIONS.iter().filter(|action| options.has(action)).count() != 1 {
        let message =
            "Command must include exactly one action: --list, --describe, --create, --alter or --delete";
        return Err(usage(console, options.rows(), message));
    }
    if options.has("delete-config") {
        console.error_line(
            "delete-config option is no longer supported and deprecated since version 4.0. The config will be fully removed in \
             future releases.",
        );
    }
    check_required(console, options)?;
    check_invalid(console, options)
}

fn check_required(console: &mut Console, options: &OptionSet<'_>) -> Result<(), Stop> {
    if !options.has("bootstrap-server") {
        return Err(Thrown::illegal_argument("--bootstrap-server must be specified").into());
    }
    if options.has("describe") && options.has("if-exists") {
        if !options.has("topic") && !options.has("topic-id") {
            let message = "--topic or --topic-id is required to describe a topic";
            return Err(usage(console, options.rows(), message));
        }
        if options.has("topic") && options.has("topic-id") {
            console.line(
                "Only topic id will be used when both --topic and --topic-id are specified and topicId is not Uuid.ZERO_UUID",
            );
        }
    }
    if !options.has("list") && !options.has("describe") {
        require(console, options, &["topic"])?;
    }
    if options.has("alter") {
        let hint = " (To alter topic configurations, the kafka-configs tool can be used.)";
        exclude_with_all(console, options, &["bootstrap-server", "config"], &["alter"], hint)?;
        require(console, options, &["partitions"])?;
    }
    Ok(())
}

fn check_invalid(console: &mut Console, options: &OptionSet<'_>) -> Result<(), Stop> {
    // With each option, the actions for which it is, and the options that exclude it.
    let rules: [(&str, &[&str], &[&str]); 13] = [
        ("config", &["alter", "create"], &[]),
        ("partitions", &["alter", "create"], &[]),
        ("replication-factor", &["create"], &[]),
        ("replica-assignment", &["alter", "create"], &[]),
        ("replica-assignment", &ACTIONS, &["partitions", "replication-factor"]),
        ("under-replicated-partitions", &["describe"], &["topics-with-overrides"]),
        ("under-min-isr-partitions", &["describe"], &["topics-with-overrides"]),
        ("at-min-isr-partitions", &["describe"], &["topics-with-overrides"]),
        ("unavailable-partitions", &["describe"], &["topics-with-overrides"]),
        (
            "topics-with-overrides",
            &["describe"],
            &[
                "under-replicated-partitions",
                "under-min-isr-partitions",
                "at-min-isr-partitions",
                "unavailable-partitions",
            ],
        ),
        ("if-exists", &["alter", "delete", "describe"], &[]),
        ("if-not-exists", &["create"], &[]),
        ("exclude-internal", &["list", "describe"], &[]),
    ];
    for (option, actions, others) in rules {
        if others.contains(&"partitions") && !options.has("create") {
            continue;
        }
        let mut invalid: Vec<&str> = ACTIONS.into_iter().filter(|it| !actions.contains(it)).collect();
        invalid.extend(others);
        exclude(console, options, option, &invalid)?;
    }
    Ok(())
}
