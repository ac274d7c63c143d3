"""Checks of kafka-python (a client in pure Python) against the broker at $BOOTSTRAP.

    checks.py [PART OF A NAME]
    checks.py produce TOPIC COUNT CODEC | consume TOPIC COUNT      (for conformance/crossing)
"""
import os
import sys
import threading
import time
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from checks import (BOOTSTRAP, CODECS, CrossingReader, check, check_each, crossing_key, crossing_value, equal, fresh,
                    run, true)
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition, errors
from kafka.admin import OffsetSpec

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import administration
import membership

DAY_MS = 24 * 3600 * 1000
_admin = None


def admin():
    global _admin
    _admin = _admin or KafkaAdminClient(bootstrap_servers=BOOTSTRAP)
    return _admin


def create(word, partitions=1, **config):
    name = fresh("kp-" + word)
    configs = {key.replace("_", "."): str(value) for key, value in config.items()}
    admin().create_topics({name: {"num_partitions": partitions, "replication_factor": 1, "configs": configs}},
                          timeout_ms=30000)
    return name


def create_error(name, partitions=1, replication=1, config=None, **options):
    """The error code with which the creation is refused (0: it was not)."""
    topics = {name: {"num_partitions": partitions, "replication_factor": replication, "configs": config or {}}}
    answer = admin().create_topics(topics, timeout_ms=30000, raise_errors=False, **options)
    return answer["topics"][0]["error_code"]


def send(topic, records, **config):
    """Writes (key, value[, headers[, timestamp[, partition]]]) records; returns their metadata in order."""
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP, **{"linger_ms": 5, "acks": "all", **config})
    try:
        futures = []
        for record in records:
            key, value, headers, timestamp, partition = (list(record) + [None] * 5)[:5]
            futures.append(producer.send(topic, value, key, headers=headers, timestamp_ms=timestamp,
                                         partition=partition))
        producer.flush(40)
        return [future.get(40) for future in futures]
    finally:
        producer.close(timeout=5)


def consumer(**config):
    return KafkaConsumer(bootstrap_servers=BOOTSTRAP, **{
        "group_id": None, "enable_auto_commit": False, "auto_offset_reset": "none", "fetch_max_wait_ms": 100,
        "consumer_timeout_ms": 20000, **config})


def read(topic, count, offset=0, partitions=(0,), seconds=30, **config):
    """Reads `count` records by assignment, then makes sure that there is no further one for a moment."""
    reader = consumer(**config)
    try:
        assigned = [TopicPartition(topic, partition) for partition in partitions]
        reader.assign(assigned)
        for partition in assigned:
            reader.seek(partition, offset)
        found, end = [], time.monotonic() + seconds
        while len(found) < count and time.monotonic() < end:
            for records in reader.poll(500).values():
                found.extend(records)
        for records in reader.poll(200).values():
            found.extend(records)
        equal(len(found), count, "records")
        return found
    finally:
        reader.close()


def pairs(records):
    return [(record.key, record.value) for record in records]


def refused(error, action):
    """`action` has to raise `error`."""
    try:
        action()
    except error:
        return
    raise AssertionError(f"no {error.__name__}")


@check_each(CODECS)
def codec(name):
    topic = create("codec")
    records = [(b"k%d" % (i % 5), b"value %d " % i + b"abc" * 50) for i in range(500)]
    send(topic, records, compression_type=None if name == "none" else name)
    equal(pairs(read(topic, 500)), records)


@check
def headers():
    topic = create("headers")
    wanted = [("a", b"1"), ("a", b"2"), ("empty", b""), ("ünï", "wörd".encode())]
    send(topic, [(b"k", b"v", wanted), (b"k", b"no headers")])
    equal([[tuple(h) for h in record.headers] for record in read(topic, 2)], [wanted, []])


@check
def null_and_empty():
    topic = create("null")
    records = [(None, b"null key"), (b"null value", None), (b"", b"empty key"), (b"empty value", b"")]
    send(topic, records)
    equal(pairs(read(topic, 4)), records)


@check_each(["none", "zstd"])
def one_megabyte(name):
    topic = create("megabyte")
    value = os.urandom(500_000) * 2
    send(topic, [(b"k", value), (b"k", b"after")], compression_type=None if name == "none" else name)
    equal(pairs(read(topic, 2)), [(b"k", value), (b"k", b"after")])


@check
def over_message_max_bytes():
    topic = create("toolarge")
    refused(errors.MessageSizeTooLargeError,
            lambda: send(topic, [(b"k", b"x" * 2_000_000)], max_request_size=5_000_000))


@check
def over_topic_max_message_bytes():
    topic = create("toolarge", max_message_bytes=1000)
    refused(errors.MessageSizeTooLargeError, lambda: send(topic, [(b"k", os.urandom(2000))]))
    send(topic, [(b"k", b"x" * 500)])
    equal(len(read(topic, 1)), 1)


@check
def create_time():
    topic = create("createtime")
    now = int(time.time() * 1000)
    stamps = [now - 5 * DAY_MS, now, now - DAY_MS]
    send(topic, [(b"k", b"v", None, stamp) for stamp in stamps])
    equal([(r.timestamp_type, r.timestamp) for r in read(topic, 3)], [(0, stamp) for stamp in stamps])


@check
def log_append_time():
    topic = create("logappend", message_timestamp_type="LogAppendTime")
    before = int(time.time() * 1000)
    sent = send(topic, [(b"k", b"v", None, 12345)])
    after = int(time.time() * 1000)
    record = read(topic, 1)[0]
    equal(record.timestamp_type, 1, "type")
    for stamp in (record.timestamp, sent[0].timestamp):
        true(before - 1000 <= stamp <= after + 1000, f"{stamp} is not the time of the append")


@check
def offsets_by_time():
    topic = create("bytime")
    base = int(time.time() * 1000) - DAY_MS
    for i in range(5):                                         # a batch each
        send(topic, [(b"k", b"%d" % i, None, base + i * 1000)])
    reader, partition = consumer(), TopicPartition(topic, 0)
    for stamp, wanted in [(0, (0, base)), (base + 1, (1, base + 1000)), (base + 4000, (4, base + 4000)),
                          (base + 4001, None)]:
        found = reader.offsets_for_times({partition: stamp})[partition]
        equal(found and (found.offset, found.timestamp), wanted, f"first offset at or after base+{stamp - base}")
    equal(reader.beginning_offsets([partition]), {partition: 0})
    equal(reader.end_offsets([partition]), {partition: 5})
    reader.close()


@check
def list_offsets_special():
    topic = create("special")
    base = int(time.time() * 1000) - DAY_MS
    send(topic, [(b"k", b"%d" % i, None, base + stamp) for i, stamp in enumerate([0, 50, 90, 20])])
    partition = TopicPartition(topic, 0)
    for spec, offset in [(OffsetSpec.EARLIEST, 0), (OffsetSpec.LATEST, 4), (OffsetSpec.MAX_TIMESTAMP, 2),
                         (OffsetSpec.EARLIEST_LOCAL, 0)]:
        found = admin().list_partition_offsets({partition: spec})
        equal(found[partition].offset, offset, str(spec))


@check
def from_a_middle_offset():
    topic = create("middle")
    send(topic, [(b"k", b"%d" % i) for i in range(1000)], linger_ms=50, compression_type="lz4")
    found = read(topic, 377, offset=623)
    equal([(r.offset, r.value) for r in found], [(i, b"%d" % i) for i in range(623, 1000)])


@check_each([0, 1, "all"])
def acks(value):
    topic = create("acks")
    send(topic, [(b"k", b"%d" % i) for i in range(100)], acks=value, enable_idempotence=False)
    equal([r.value for r in read(topic, 100)], [b"%d" % i for i in range(100)])


@check
def idempotent_producer():
    topic = create("idempotent", 3)
    sent = send(topic, [(b"k", b"%d" % i, None, None, i % 3) for i in range(3000)], batch_size=400,
                enable_idempotence=True)
    for partition in range(3):
        equal([m.offset for m in sent if m.partition == partition], list(range(1000)), "offsets")
        equal([r.value for r in read(topic, 1000, partitions=[partition])],
              [b"%d" % i for i in range(partition, 3000, 3)])


@check
def ten_thousand_in_order():
    topic = create("order")
    records = [(b"k", b"%d" % i) for i in range(10_000)]
    equal([m.offset for m in send(topic, records, batch_size=1000)], list(range(10_000)))
    equal(pairs(read(topic, 10_000)), records)


@check
def topic_life():
    name = create("life", 3)
    described = admin().describe_topics([name])[0]
    equal(described["name"], name)
    equal(described["error_code"], 0)
    equal(sorted(p["partition_index"] for p in described["partitions"]), [0, 1, 2])
    equal(len({tuple(p["isr_nodes"]) for p in described["partitions"]}), 1)
    by_id = admin().describe_topics([uuid.UUID(str(described["topic_id"]))])[0]
    equal(by_id["error_code"], 0, "by id")
    true(name in admin().list_topics(), "not listed")
    admin().delete_topics([name], timeout_ms=30000)
    end = time.monotonic() + 10
    while name in admin().list_topics():
        true(time.monotonic() < end, "still listed")
        time.sleep(0.05)
    refused(errors.UnknownTopicOrPartitionError, lambda: admin().delete_topics([name], timeout_ms=30000))


@check
def create_refusals():
    name = create("refuse")
    equal(create_error(name), 36, "twice")
    for bad in [".", "..", "a b", "a/b", "x" * 250]:
        equal(create_error(bad), 17, f"name {bad[:10]!r}")
    equal(create_error(fresh("rf"), replication=3), 38, "replication factor")
    equal(create_error(fresh("zero"), partitions=0), 37, "no partitions")
    equal(create_error(fresh("conf"), config={"no.such.key": "1"}), 40, "unknown key")
    name = fresh("validate")
    equal(create_error(name, validate_only=True), 0, "validate only")
    true(name not in admin().list_topics(), "validate_only created it")


@check
def create_with_assignment():
    node = admin().describe_cluster()["brokers"][0]["broker_id"]
    name, unknown = fresh("kp-assigned"), fresh("kp-assigned")
    answer = admin().create_topics({name: {"assignments": {0: [node], 1: [node]}}}, timeout_ms=30000)
    equal(answer["topics"][0]["error_code"], 0)
    equal(len(admin().describe_topics([name])[0]["partitions"]), 2)
    answer = admin().create_topics({unknown: {"assignments": {0: [node + 77]}}}, timeout_ms=30000, raise_errors=False)
    equal(answer["topics"][0]["error_code"], 39, "unknown node")


@check
def auto_creation():
    name = fresh("kp-auto")
    send(name, [(b"k", b"v")])
    equal(len(read(name, 1)), 1)


@check
def unknown_topic():
    name = fresh("kp-unknown")
    reader = consumer(allow_auto_create_topics=False)
    true(not reader.partitions_for_topic(name), "has partitions")
    reader.close()
    true(name not in admin().list_topics(), "was created")


@check
def out_of_range():
    topic = create("range")
    send(topic, [(b"k", b"v")] * 5)
    refused(errors.OffsetOutOfRangeError, lambda: read(topic, 1, offset=99, seconds=10))
    equal([r.offset for r in read(topic, 5, offset=99, auto_offset_reset="earliest")], [0, 1, 2, 3, 4])


@check
def long_poll_wakes_up():
    """A fetch that waits (up to 10 s) is answered as soon as something is written."""
    topic = create("longpoll")
    reader = consumer(fetch_max_wait_ms=10_000)
    reader.assign([TopicPartition(topic, 0)])
    reader.seek(TopicPartition(topic, 0), 0)
    equal(reader.poll(1000), {})
    writer = threading.Timer(0.5, lambda: send(topic, [(b"k", b"v")]))
    begun = time.monotonic()
    writer.start()
    found = reader.poll(9000)
    took = time.monotonic() - begun
    writer.join()
    reader.close()
    true(found and took < 4, f"came after {took:.1f} s")


@check
def small_max_bytes():
    topic = create("maxbytes", 3)
    send(topic, [(b"k", b"%d" % i + b"x" * 900, None, None, i % 3) for i in range(300)], batch_size=2000)
    found = read(topic, 300, partitions=[0, 1, 2], max_partition_fetch_bytes=100, fetch_max_bytes=1000)
    for partition in range(3):
        equal([r.value for r in found if r.partition == partition],
              [b"%d" % i + b"x" * 900 for i in range(partition, 300, 3)])


@check
def many_partitions():
    topic = create("many", 100)
    send(topic, [(b"k", b"%d" % (i // 100), None, None, i % 100) for i in range(1000)])
    found = read(topic, 1000, partitions=range(100))
    for partition in range(100):
        equal([r.value for r in found if r.partition == partition], [b"%d" % i for i in range(10)])


@check
def read_committed():
    topic = create("committed")
    send(topic, [(b"k", b"%d" % i) for i in range(50)])
    equal(len(read(topic, 50, isolation_level="read_committed")), 50)


@check_each(["0.11", "1.1", "2.1", "2.8", "3.5"])
def as_version(version):
    """The request versions that a client of an older broker would choose."""
    numbers = tuple(int(part) for part in version.split("."))
    topic = create("old")
    records = [(b"k", b"%d" % i, [("h", b"v")]) for i in range(100)]
    send(topic, records, api_version=numbers, compression_type="lz4")
    equal(pairs(read(topic, 100, api_version=numbers)), [record[:2] for record in records])


@check
def describe_cluster():
    found = admin().describe_cluster()
    equal(len(found["cluster_id"]), 22, "length of the cluster id")
    equal([f"{node['host']}:{node['port']}" for node in found["brokers"]], [BOOTSTRAP])


administration.register(admin, create, send, read, refused)
membership.register(admin, create, send)


def produce_crossing(topic, count, name):
    send(topic, [(crossing_key(i), crossing_value(i)) for i in range(count)],
         compression_type=None if name == "none" else name)


def consume_crossing(topic, count):
    partitions = [p["partition_index"] for p in admin().describe_topics([topic])[0]["partitions"]]
    reader = CrossingReader(count)
    for record in read(topic, count, partitions=partitions):
        reader.take(record.key, record.value)
    reader.finish()


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments[:1] == ["produce"]:
        produce_crossing(arguments[1], int(arguments[2]), arguments[3])
    elif arguments[:1] == ["consume"]:
        consume_crossing(arguments[1], int(arguments[2]))
    elif arguments[:1] == ["member"]:
        import member
        member.main(arguments[1], arguments[2], dict(each.split("=", 1) for each in arguments[3:]))
    else:
        run(arguments[0] if arguments else None)
