"""The newer admin APIs as librdkafka speaks them; checks.py loads this file."""
import time

from checks import check, equal, fresh, true
from confluent_kafka import ElectionType, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import (AlterConfigOpType, ConfigEntry, ConfigResource, ConfigSource, NewPartitions,
                                   OffsetSpec, ResourceType)


def refused(code, action):
    """`action` has to fail with this error code."""
    try:
        action()
    except KafkaException as error:
        equal(error.args[0].code(), code, "error")
        return
    raise AssertionError("was accepted")


def register(admin, create, send, read):
    """Registers the checks; the arguments are what checks.py has for its own."""
    def partitions(topic):
        return len(admin().list_topics(topic, timeout=20).topics[topic].partitions)

    def eventually(what, holds):
        end = time.monotonic() + 15
        while not holds():
            true(time.monotonic() < end, f"never: {what}")
            time.sleep(0.05)

    def grow(topic, count, assignment=None, **options):
        wanted = NewPartitions(topic, count, replica_assignment=assignment) if assignment else NewPartitions(topic, count)
        admin().create_partitions([wanted], **options)[topic].result(20)

    @check
    def create_partitions():
        topic = create("grow", 2)
        grow(topic, 9, validate_only=True)
        grow(topic, 4)
        eventually("4 partitions", lambda: partitions(topic) == 4)
        grow(topic, 5, [[1]])
        eventually("5 partitions", lambda: partitions(topic) == 5)
        send(topic, [(b"k", b"v", None, None, 4)])
        equal(len(read(topic, 1, partitions=[4])), 1)
        refused(KafkaError.INVALID_PARTITIONS, lambda: grow(topic, 4))
        refused(KafkaError.INVALID_REPLICA_ASSIGNMENT, lambda: grow(topic, 6, [[77]]))
        refused(KafkaError.UNKNOWN_TOPIC_OR_PART, lambda: grow(fresh("unknown"), 4))

    def topic_resource(topic):
        return ConfigResource(ResourceType.TOPIC, topic)

    def describe(resource):
        return admin().describe_configs([resource])[resource].result(20)

    def alter(topic, key, operation, value):
        resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[
            ConfigEntry(key, value, incremental_operation=operation)])
        admin().incremental_alter_configs([resource])[resource].result(20)

    @check
    def describe_configs():
        topic = create("configs", retention_ms="77777")
        found = describe(topic_resource(topic))
        entry = found["retention.ms"]
        equal((entry.value, entry.source, entry.is_read_only, entry.is_sensitive, entry.is_default),
              ("77777", ConfigSource.DYNAMIC_TOPIC_CONFIG.value, False, False, False))
        entry = found["cleanup.policy"]
        equal((entry.value, entry.source, entry.is_default), ("delete", ConfigSource.DEFAULT_CONFIG.value, True))
        equal([(s.name, s.value) for s in entry.synonyms.values()], [("log.cleanup.policy", "delete")])
        broker = describe(ConfigResource(ResourceType.BROKER, "1"))
        equal((broker["node.id"].value, broker["node.id"].is_read_only), ("1", True))
        refused(KafkaError.UNKNOWN_TOPIC_OR_PART, lambda: describe(topic_resource(fresh("unknown"))))

    @check
    def incremental_alter_configs():
        topic = create("incremental", retention_ms="77777")

        def has(key, value):
            eventually(f"{key} is {value}", lambda: describe(topic_resource(topic))[key].value == value)
        alter(topic, "max.message.bytes", AlterConfigOpType.SET, "2000")
        has("max.message.bytes", "2000")
        alter(topic, "cleanup.policy", AlterConfigOpType.APPEND, "compact")
        has("cleanup.policy", "delete,compact")
        alter(topic, "cleanup.policy", AlterConfigOpType.SUBTRACT, "delete")
        has("cleanup.policy", "compact")
        alter(topic, "retention.ms", AlterConfigOpType.DELETE, None)
        has("retention.ms", "604800000")
        refused(KafkaError.INVALID_CONFIG, lambda: alter(topic, "no.such.key", AlterConfigOpType.SET, "1"))
        refused(KafkaError.INVALID_CONFIG, lambda: alter(topic, "retention.ms", AlterConfigOpType.APPEND, "1"))

    @check
    def alter_configs():
        topic = create("alter", retention_ms="77777", segment_ms="88888")
        resource = ConfigResource(ResourceType.TOPIC, topic, set_config={"retention.ms": "99999"})
        admin().alter_configs([resource])[resource].result(20)
        eventually("what is not named has its default", lambda: (
            lambda found: (found["retention.ms"].value, found["segment.ms"].value) == ("99999", "604800000")
        )(describe(topic_resource(topic))))

    @check
    def delete_records():
        topic = create("deleterecords")
        send(topic, [(b"k", b"%d" % i) for i in range(100)])

        def delete(offset):
            partition = TopicPartition(topic, 0, offset)
            return admin().delete_records([partition])[partition].result(20).low_watermark
        equal(delete(40), 40)
        equal([m.offset() for m in read(topic, 60, offset=40)], list(range(40, 100)))
        refused(KafkaError.OFFSET_OUT_OF_RANGE, lambda: delete(1000))
        equal(delete(-1), 100)

    @check
    def elect_leaders():
        topic = create("elect", 2)
        wanted = [TopicPartition(topic, 0), TopicPartition(topic, 9)]
        for kind in (ElectionType.PREFERRED, ElectionType.UNCLEAN):
            found = {p.partition: error.code() for p, error in admin().elect_leaders(kind, wanted).result(20).items()}
            equal(found, {0: KafkaError.ELECTION_NOT_NEEDED, 9: KafkaError.UNKNOWN_TOPIC_OR_PART})

    @check
    def list_offsets_by_admin():
        topic, partition = create("admin-offsets"), None
        partition = TopicPartition(topic, 0)
        send(topic, [(b"k", b"v")] * 10)
        for spec, offset in [(OffsetSpec.earliest(), 0), (OffsetSpec.latest(), 10), (OffsetSpec.for_timestamp(1), 0)]:
            equal(admin().list_offsets({partition: spec})[partition].result(20).offset, offset, str(spec))
