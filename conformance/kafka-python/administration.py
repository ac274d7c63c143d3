"""The newer admin APIs as kafka-python speaks them; checks.py loads this file."""
import time

from checks import check, equal, fresh, true
from kafka import TopicPartition, errors
from kafka.admin import ConfigResource


def register(admin, create, send, read, refused):
    """Registers the checks; the arguments are what checks.py has for its own."""
    def partitions(topic):
        return len(admin().describe_topics([topic])[0]["partitions"])

    def eventually(what, holds):
        end = time.monotonic() + 15
        while not holds():
            true(time.monotonic() < end, f"never: {what}")
            time.sleep(0.05)

    @check
    def create_partitions():
        topic = create("grow", 2)
        admin().create_partitions({topic: 9}, validate_only=True)
        admin().create_partitions({topic: 4})
        eventually("4 partitions", lambda: partitions(topic) == 4)
        send(topic, [(b"k", b"v", None, None, 3)])
        equal(len(read(topic, 1, partitions=[3])), 1)
        refused(errors.InvalidPartitionsError, lambda: admin().create_partitions({topic: 3}))
        refused(errors.UnknownTopicOrPartitionError, lambda: admin().create_partitions({fresh("unknown"): 3}))

    def described(kind, name, *keys):
        found = admin().describe_configs([ConfigResource(kind, name, list(keys))], config_filter="all")
        found = found[0] if isinstance(found, list) else found[kind.lower()][name]
        return {key: found[key]["value"] for key in keys}

    def alter(topic, **options):
        return str(admin().alter_configs([ConfigResource("TOPIC", topic, options.pop("configs"))], **options))

    @check
    def incremental_alter_configs():
        topic = create("incremental", retention_ms=77777)
        equal(described("TOPIC", topic, "retention.ms", "cleanup.policy"), {"retention.ms": "77777", "cleanup.policy": "delete"})
        alter(topic, configs={"max.message.bytes": "2000", "cleanup.policy": ("APPEND", "compact"), "retention.ms": ("DELETE", None)})
        eventually("altered", lambda: described("TOPIC", topic, "max.message.bytes", "cleanup.policy", "retention.ms") == {
            "max.message.bytes": "2000", "cleanup.policy": "delete,compact", "retention.ms": "604800000"})
        for configs in ({"retention.ms": "soon"}, {"no.such.key": "1"}):
            found = alter(topic, configs=configs, raise_on_unknown=False)  # the client answers with the error's words
            true("InvalidConfigurationError" in found, found)
        equal(described("BROKER", "1", "node.id", "log.retention.hours"), {"node.id": "1", "log.retention.hours": "168"})

    @check
    def alter_configs():
        topic = create("alter", retention_ms=77777)
        alter(topic, configs={"segment.ms": "88888"}, incremental=False)
        eventually("altered", lambda: described("TOPIC", topic, "segment.ms") == {"segment.ms": "88888"})

    @check
    def list_config_resources():
        topic = create("resources")
        true(topic in admin().list_config_resources(["TOPIC"])["topic"], "not listed")

    @check
    def delete_records():
        topic = create("deleterecords")
        send(topic, [(b"k", b"%d" % i) for i in range(100)])
        partition = TopicPartition(topic, 0)
        equal(admin().delete_records({partition: 40})[partition]["low_watermark"], 40)
        equal([r.offset for r in read(topic, 60, offset=40)], list(range(40, 100)))
        refused(errors.OffsetOutOfRangeError, lambda: admin().delete_records({partition: 1000}))
        equal(admin().delete_records({partition: -1})[partition]["low_watermark"], 100)

    @check
    def describe_log_dirs():
        topic = create("logdirs", 2)
        send(topic, [(b"k", b"v", None, None, 1)])
        brokers = admin().describe_log_dirs({topic: [0, 1]})
        equal(len(brokers), 1, "brokers")
        text = str(brokers)
        true(topic in text and "total_bytes" in text, text[:300])

    @check
    def elect_leaders():
        topic = create("elect", 2)
        for kind in (0, 1):
            admin().elect_leaders(kind, {topic: [0]})                # not needed, which the client takes for success
            refused(errors.UnknownTopicOrPartitionError, lambda: admin().elect_leaders(kind, {topic: [9]}))

    @check
    def reassignments():
        topic = create("reassign")
        partition = TopicPartition(topic, 0)
        admin().alter_partition_reassignments({partition: [1]})
        for replicas, wanted in [([77], "InvalidReplicationAssignmentError"), (None, "NoReassignmentInProgressError")]:
            answer = admin().alter_partition_reassignments({partition: replicas})
            equal(answer[partition].__name__, wanted, f"to {replicas}")
        equal(len(admin().list_partition_reassignments([partition])), 0, "under way")

    @check
    def describe_producers():
        topic = create("producers")
        send(topic, [(b"k", b"%d" % i) for i in range(10)])
        partition = TopicPartition(topic, 0)
        found = admin().describe_producers([partition])[partition].active_producers
        equal([(p.producer_epoch, p.last_sequence) for p in found], [(0, 9)])

    @check
    def describe_metadata_quorum():
        found = admin().describe_metadata_quorum()
        true("'leader_id': 1" in str(found), str(found)[:300])

    @check
    def update_features():
        refused(Exception, lambda: admin().update_features({"no.such.feature": 1}))
        levels = str(admin().describe_features())
        true("metadata.version" in levels, levels[:300])
