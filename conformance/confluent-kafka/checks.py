"""Checks of confluent-kafka (librdkafka) against the broker at $BOOTSTRAP.

    checks.py [PART OF A NAME]
    checks.py produce TOPIC COUNT CODEC | consume TOPIC COUNT      (for conformance/crossing)
"""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from checks import (BOOTSTRAP, CODECS, CrossingReader, check, check_each, crossing_key, crossing_value, equal, fresh,
                    run, true)
from confluent_kafka import (OFFSET_BEGINNING, OFFSET_END, TIMESTAMP_CREATE_TIME, TIMESTAMP_LOG_APPEND_TIME, Consumer,
                             IsolationLevel, KafkaError, KafkaException, Producer, TopicPartition)
from confluent_kafka.admin import AdminClient, NewTopic, OffsetSpec
from confluent_kafka import TopicCollection

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import administration
import membership
import modern

DAY_MS = 24 * 3600 * 1000
_admin = None


def admin():
    global _admin
    _admin = _admin or AdminClient({"bootstrap.servers": BOOTSTRAP})
    return _admin


def create(word, partitions=1, **config):
    name = fresh("cf-" + word)
    config = {key.replace("_", "."): value for key, value in config.items()}
    admin().create_topics([NewTopic(name, partitions, 1, config=config)])[name].result(30)
    return name


def create_error(name, partitions=1, replication=1, config=None, **options):
    """The error code with which the creation is refused (0: it was not)."""
    try:
        admin().create_topics([NewTopic(name, partitions, replication, config=config or {})], **options)[name].result(30)
        return 0
    except KafkaException as error:
        return error.args[0].code()


def send(topic, records, config=None, raise_errors=True):
    """Writes (key, value[, headers[, timestamp[, partition]]]) records; returns the delivered messages in order.

    Idempotent unless said otherwise: the reference refuses the first requests to a topic that is just being created,
    and without idempotence librdkafka's retries change the order.
    """
    producer = Producer({"bootstrap.servers": BOOTSTRAP, "linger.ms": 5, "enable.idempotence": True, **(config or {})})
    delivered = [None] * len(records)

    def take(index):
        def report(error, message):
            delivered[index] = error or message
        return report

    for index, record in enumerate(records):
        key, value, headers, timestamp, partition = (list(record) + [None] * 5)[:5]
        more = {"timestamp": timestamp} if timestamp is not None else {}
        while True:
            try:
                producer.produce(topic, value, key, headers=headers, on_delivery=take(index),
                                 partition=-1 if partition is None else partition, **more)
                break
            except BufferError:
                producer.poll(0.1)
    left = producer.flush(40)
    true(left == 0 or not raise_errors, f"{left} records not delivered")
    if raise_errors:
        for outcome in delivered:
            if isinstance(outcome, KafkaError):
                raise KafkaException(outcome)
    return delivered


def consumer(**config):
    config = {key.replace("_", "."): value for key, value in config.items()}
    return Consumer({"bootstrap.servers": BOOTSTRAP, "group.id": "none", "enable.auto.commit": False,
                     "enable.auto.offset.store": False, "auto.offset.reset": "error", "check.crcs": True,
                     "fetch.wait.max.ms": 100, **config})


def read(topic, count, offset=0, partitions=(0,), seconds=30, **config):
    """Reads `count` messages by assignment, then makes sure that there is no further one for a moment."""
    reader = consumer(**config)
    reader.assign([TopicPartition(topic, partition, offset) for partition in partitions])
    found, end = [], time.monotonic() + seconds
    try:
        while len(found) < count and time.monotonic() < end:
            message = reader.poll(0.5)
            if message is None:
                continue
            if message.error():
                raise KafkaException(message.error())
            found.append(message)
        equal(len(found), count, "messages")
        extra = reader.poll(0.2)
        true(extra is None, f"an unexpected message: {extra and (extra.error() or extra.offset())}")
        return found
    finally:
        reader.close()


def pairs(messages):
    return [(message.key(), message.value()) for message in messages]


@check_each(CODECS)
def codec(name):
    topic = create("codec")
    records = [(b"k%d" % (i % 5), b"value %d " % i + b"abc" * 50) for i in range(500)]
    send(topic, records, {"compression.type": name})
    equal(pairs(read(topic, 500)), records)


@check_each(CODECS)
def topic_codec(name):
    """The topic's compression.type recompresses on the broker."""
    topic = create("recompress", compression_type="uncompressed" if name == "none" else name)
    records = [(b"k", b"value %d " % i + b"abc" * 50) for i in range(200)]
    send(topic, records, {"compression.type": "gzip"})
    equal(pairs(read(topic, 200)), records)


@check
def headers():
    topic = create("headers")
    wanted = [("a", b"1"), ("a", b"2"), ("empty", b""), ("null", None), ("ünï", "wörd".encode())]
    send(topic, [(b"k", b"v", wanted), (b"k", b"no headers")])
    first, second = read(topic, 2)
    equal(first.headers(), wanted)
    equal(second.headers(), None)


@check
def null_and_empty():
    topic = create("null")
    records = [(None, b"null key"), (b"null value", None), (b"", b"empty key"), (b"empty value", b""), (None, None)]
    send(topic, records)
    equal(pairs(read(topic, 5)), records)


@check_each(["none", "lz4"])
def one_megabyte(name):
    topic = create("megabyte")
    value = os.urandom(500_000) * 2
    send(topic, [(b"k", value), (b"k", b"after")], {"compression.type": name, "message.max.bytes": 2_000_000})
    equal(pairs(read(topic, 2)), [(b"k", value), (b"k", b"after")])


@check
def over_message_max_bytes():
    topic = create("toolarge")
    outcome = send(topic, [(b"k", b"x" * 2_000_000)], {"message.max.bytes": 5_000_000}, raise_errors=False)[0]
    true(isinstance(outcome, KafkaError), "was accepted")
    equal(outcome.code(), KafkaError.MSG_SIZE_TOO_LARGE)
    equal(len(read(topic, 0)), 0)


@check
def over_topic_max_message_bytes():
    topic = create("toolarge", max_message_bytes="1000")
    outcome = send(topic, [(b"k", os.urandom(2000))], raise_errors=False)[0]
    true(isinstance(outcome, KafkaError), "was accepted")
    equal(outcome.code(), KafkaError.MSG_SIZE_TOO_LARGE)
    send(topic, [(b"k", b"x" * 500)])
    equal(len(read(topic, 1)), 1)


@check
def create_time():
    topic = create("createtime")
    now = int(time.time() * 1000)
    stamps = [now - 5 * DAY_MS, now, now - DAY_MS]
    send(topic, [(b"k", b"v", None, stamp) for stamp in stamps])
    equal([m.timestamp() for m in read(topic, 3)], [(TIMESTAMP_CREATE_TIME, stamp) for stamp in stamps])


@check
def log_append_time():
    topic = create("logappend", message_timestamp_type="LogAppendTime")
    before = int(time.time() * 1000)
    sent = send(topic, [(b"k", b"v", None, 12345), (b"k", b"w", None, before - DAY_MS)])
    after = int(time.time() * 1000)
    for message in read(topic, 2) + sent:
        kind, stamp = message.timestamp()
        equal(kind, TIMESTAMP_LOG_APPEND_TIME, "type")
        true(before - 1000 <= stamp <= after + 1000, f"{stamp} is not the time of the append")


@check
def timestamp_in_the_future():
    topic = create("future")
    stamp = int(time.time() * 1000) + 3 * DAY_MS
    outcome = send(topic, [(b"k", b"v", None, stamp)], raise_errors=False)[0]
    true(isinstance(outcome, KafkaError), "was accepted")
    equal(outcome.code(), KafkaError.INVALID_TIMESTAMP)


@check
def offsets_by_time():
    topic = create("bytime")
    base = int(time.time() * 1000) - DAY_MS
    for i in range(10):                                        # a batch each
        send(topic, [(b"k", b"%d" % i, None, base + i * 1000)])
    reader = consumer()
    for stamp, offset in [(0, 0), (base, 0), (base + 1, 1), (base + 4000, 4), (base + 8001, 9), (base + 9000, 9),
                          (base + 9001, OFFSET_END)]:
        found = reader.offsets_for_times([TopicPartition(topic, 0, stamp)], 20)[0]
        equal((found.error, found.offset), (None, offset), f"first offset at or after base+{stamp - base}")
    reader.close()


@check
def offsets_by_time_within_a_batch():
    topic = create("bytime")
    base = int(time.time() * 1000) - DAY_MS
    for name in CODECS:
        send(topic, [(b"k", b"%d" % i, None, base + i * 10) for i in range(20)],
             {"compression.type": name, "linger.ms": 200})
    found = admin().list_offsets({TopicPartition(topic, 0): OffsetSpec.for_timestamp(base + 95)})
    equal([f.result(20).offset for f in found.values()], [10])


@check
def watermarks():
    topic = create("watermarks")
    reader = consumer()
    equal(reader.get_watermark_offsets(TopicPartition(topic, 0), 20), (0, 0))
    send(topic, [(b"k", b"v")] * 7)
    equal(reader.get_watermark_offsets(TopicPartition(topic, 0), 20), (0, 7))
    reader.close()


@check
def list_offsets_special():
    topic = create("special")
    base = int(time.time() * 1000) - DAY_MS
    send(topic, [(b"k", b"%d" % i, None, base + stamp) for i, stamp in enumerate([0, 50, 90, 20])])
    for spec, offset in [(OffsetSpec.earliest(), 0), (OffsetSpec.latest(), 4), (OffsetSpec.max_timestamp(), 2)]:
        for isolation in [IsolationLevel.READ_UNCOMMITTED, IsolationLevel.READ_COMMITTED]:
            found = admin().list_offsets({TopicPartition(topic, 0): spec}, isolation_level=isolation)
            equal([f.result(20).offset for f in found.values()], [offset], str(spec))


@check
def from_a_middle_offset():
    topic = create("middle")
    send(topic, [(b"k", b"%d" % i) for i in range(1000)], {"linger.ms": 50, "compression.type": "lz4"})
    found = read(topic, 377, offset=623)
    equal([m.offset() for m in found], list(range(623, 1000)))
    equal([m.value() for m in found], [b"%d" % i for i in range(623, 1000)])


@check
def from_the_beginning_and_the_end():
    topic = create("ends")
    send(topic, [(b"k", b"%d" % i) for i in range(10)])
    equal([m.offset() for m in read(topic, 10, offset=OFFSET_BEGINNING)], list(range(10)))
    equal(read(topic, 0, offset=OFFSET_END), [])


@check
def seek():
    topic = create("seek")
    send(topic, [(b"k", b"%d" % i) for i in range(100)])
    reader = consumer()
    reader.assign([TopicPartition(topic, 0, 90)])
    equal(reader.poll(10).offset(), 90)
    reader.seek(TopicPartition(topic, 0, 5))
    equal(reader.poll(10).offset(), 5)
    reader.close()


@check_each(["0", "1", "all"])
def acks(value):
    topic = create("acks")
    send(topic, [(b"k", b"%d" % i) for i in range(100)], {"acks": value, "enable.idempotence": False})
    found = [m.value() for m in read(topic, 100)]
    equal(sorted(found), sorted(b"%d" % i for i in range(100)))


@check_each(CODECS)
def idempotent_producer(name):
    topic = create("idempotent", 3)
    records = [(b"k", b"%d" % i, None, None, i % 3) for i in range(3000)]
    delivered = send(topic, records, {"enable.idempotence": True, "compression.type": name,
                                      "batch.num.messages": 20})
    for partition in range(3):
        equal([m.offset() for m in delivered if m.partition() == partition], list(range(1000)), "offsets")
        equal([m.value() for m in read(topic, 1000, partitions=[partition])],
              [b"%d" % i for i in range(partition, 3000, 3)])


@check
def ten_thousand_in_order():
    topic = create("order")
    records = [(b"k", b"%d" % i) for i in range(10_000)]
    delivered = send(topic, records, {"batch.num.messages": 97})
    equal([m.offset() for m in delivered], list(range(10_000)))
    equal(pairs(read(topic, 10_000)), records)


@check
def topic_life():
    name = create("life", 3, retention_ms="123456")
    described = admin().describe_topics(TopicCollection([name]))[name].result(20)
    equal([(p.id, p.leader.id, [r.id for r in p.replicas], [r.id for r in p.isr]) for p in described.partitions],
          [(i, described.partitions[0].leader.id, [described.partitions[0].leader.id],
            [described.partitions[0].leader.id]) for i in range(3)])
    equal(described.is_internal, False)
    true(name in admin().list_topics(timeout=20).topics, "not listed")
    admin().delete_topics([name])[name].result(30)
    end = time.monotonic() + 10
    while name in admin().list_topics(timeout=20).topics:
        true(time.monotonic() < end, "still listed")
        time.sleep(0.05)
    try:
        admin().delete_topics([name])[name].result(30)
        raise AssertionError("deleted twice")
    except KafkaException as error:
        equal(error.args[0].code(), KafkaError.UNKNOWN_TOPIC_OR_PART)


@check
def topic_again_after_delete():
    name = create("again", 2)
    send(name, [(b"k", b"old", None, None, 0)])
    admin().delete_topics([name])[name].result(30)
    end = time.monotonic() + 20
    while create_error(name) != 0:                             # the reference deletes in the background
        true(time.monotonic() < end, "cannot be created again")
        time.sleep(0.1)
    send(name, [(b"k", b"new")])
    equal([m.value() for m in read(name, 1)], [b"new"])


@check
def create_refusals():
    name = create("refuse")
    equal(create_error(name), KafkaError.TOPIC_ALREADY_EXISTS, "twice")
    for bad in ["", ".", "..", "a b", "a/b", "ä", "x" * 250]:
        true(create_error(bad) in (KafkaError.TOPIC_EXCEPTION, KafkaError._INVALID_ARG), f"name {bad[:10]!r} accepted")
    equal(create_error(fresh("rf"), replication=3), KafkaError.INVALID_REPLICATION_FACTOR, "replication factor")
    equal(create_error(fresh("zero"), partitions=0), KafkaError.INVALID_PARTITIONS, "no partitions")
    equal(create_error(fresh("conf"), config={"no.such.key": "1"}), KafkaError.INVALID_CONFIG, "unknown key")
    equal(create_error(fresh("conf"), config={"retention.ms": "soon"}), KafkaError.INVALID_CONFIG, "bad value")
    name = fresh("validate")
    equal(create_error(name, validate_only=True), 0, "validate only")
    true(name not in admin().list_topics(timeout=20).topics, "validate_only created it")


@check
def names_that_collide():
    name = create("dots") + ".a"
    equal(create_error(name), 0)
    equal(create_error(name.replace(".", "_")), KafkaError.TOPIC_EXCEPTION, "collides")


@check
def default_partitions_and_replication():
    name = fresh("defaults")
    equal(create_error(name, partitions=-1, replication=-1), 0)
    true(len(admin().list_topics(name, timeout=20).topics[name].partitions) >= 1, "no partitions")


@check
def auto_creation():
    name = fresh("auto")
    send(name, [(b"k", b"v")])
    equal(len(read(name, 1)), 1)


@check
def unknown_topic_without_auto_creation():
    name = fresh("unknown")
    reader = consumer(allow_auto_create_topics=False)
    for ask in [lambda: admin().describe_topics(TopicCollection([name]))[name].result(20),
                lambda: reader.get_watermark_offsets(TopicPartition(name, 0), 20)]:
        try:
            ask()
            raise AssertionError("no error")
        except KafkaException as error:
            true(error.args[0].code() in (KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_PARTITION), str(error))
    reader.close()
    true(name not in admin().list_topics(timeout=20).topics, "was created")


@check
def unknown_partition():
    topic = create("partition", 2)
    outcome = send(topic, [(b"k", b"v", None, None, 7)], {"message.timeout.ms": 5000}, raise_errors=False)[0]
    true(isinstance(outcome, KafkaError), "was accepted")
    equal(outcome.code(), KafkaError._UNKNOWN_PARTITION)


@check
def out_of_range():
    topic = create("range")
    send(topic, [(b"k", b"v")] * 5)
    reader = consumer()
    reader.assign([TopicPartition(topic, 0, 99)])
    message = reader.poll(15)
    reader.close()
    true(message is not None and message.error() is not None, "no error")
    equal(message.error().code(), KafkaError._AUTO_OFFSET_RESET)
    equal([m.offset() for m in read(topic, 5, offset=99, auto_offset_reset="earliest")], [0, 1, 2, 3, 4])


@check
def end_of_partition():
    topic = create("eof")
    send(topic, [(b"k", b"v")] * 3)
    reader = consumer(enable_partition_eof=True)
    reader.assign([TopicPartition(topic, 0, 0)])
    found = [reader.poll(10) for _ in range(4)]
    reader.close()
    equal([m.error() and m.error().code() for m in found], [None, None, None, KafkaError._PARTITION_EOF])
    equal(found[3].offset(), 3)


@check
def long_poll_wakes_up():
    """A fetch that waits (up to 10 s) is answered as soon as something is written."""
    topic = create("longpoll")
    reader = consumer(fetch_wait_max_ms=10_000, socket_timeout_ms=20_000)
    reader.assign([TopicPartition(topic, 0, 0)])
    true(reader.poll(1.5) is None, "a message out of nothing")
    begun = time.monotonic()
    send(topic, [(b"k", b"v")])
    message = reader.poll(9)
    took = time.monotonic() - begun
    true(message is not None and took < 3, f"came after {took:.1f} s")
    reader.close()


@check
def min_bytes_wait():
    """With fewer than fetch.min.bytes there, the answer comes when fetch.wait.max.ms is over, not before."""
    topic = create("minbytes")
    reader = consumer(fetch_wait_max_ms=3000, fetch_min_bytes=100_000)
    reader.assign([TopicPartition(topic, 0, 0)])
    true(reader.poll(1) is None, "a message out of nothing")
    begun = time.monotonic()
    send(topic, [(b"k", b"v")])
    message = reader.poll(10)
    took = time.monotonic() - begun
    true(message is not None, "no message")
    true(1 < took < 5, f"came after {took:.2f} s, expected about 2")
    begun = time.monotonic()
    send(topic, [(b"k", os.urandom(200_000))])
    true(reader.poll(10) is not None and time.monotonic() - begun < 1.9, "enough bytes did not wake the fetch")
    reader.close()


@check
def small_max_bytes():
    topic = create("maxbytes", 3)
    records = [(b"k", b"%d" % i + b"x" * 900, None, None, i % 3) for i in range(300)]
    send(topic, records, {"batch.num.messages": 5})
    found = read(topic, 300, partitions=[0, 1, 2], fetch_message_max_bytes=100, fetch_max_bytes=1000,
                 message_max_bytes=1000)
    for partition in range(3):
        equal([m.value() for m in found if m.partition() == partition], [r[1] for r in records[partition::3]])


@check
def many_partitions():
    topic = create("many", 100)
    send(topic, [(b"k", b"%d" % (i // 100), None, None, i % 100) for i in range(1000)])
    found = read(topic, 1000, partitions=range(100))
    for partition in range(100):
        equal([m.value() for m in found if m.partition() == partition], [b"%d" % i for i in range(10)])


@check
def read_committed():
    topic = create("committed")
    send(topic, [(b"k", b"%d" % i) for i in range(50)])
    equal(len(read(topic, 50, isolation_level="read_committed")), 50)
    equal(len(read(topic, 50, isolation_level="read_uncommitted")), 50)


@check
def null_key_on_a_compacted_topic():
    topic = create("compacted", cleanup_policy="compact")
    outcome = send(topic, [(None, b"v")], raise_errors=False)[0]
    true(isinstance(outcome, KafkaError), "was accepted")
    equal(outcome.code(), KafkaError.INVALID_RECORD)
    send(topic, [(b"k", b"v")])
    equal(len(read(topic, 1)), 1)


@check
def describe_cluster():
    found = admin().describe_cluster().result(20)
    true(found.cluster_id and len(found.cluster_id) == 22, f"cluster id {found.cluster_id!r}")
    equal(len(found.nodes), 1)
    equal(f"{found.nodes[0].host}:{found.nodes[0].port}", BOOTSTRAP)
    equal(found.controller.id, found.nodes[0].id)


administration.register(admin, create, send, read)
membership.register(admin, create, send)
modern.register(admin, create, send)


def produce_crossing(topic, count, name):
    send(topic, [(crossing_key(i), crossing_value(i)) for i in range(count)],
         {"compression.type": name, "enable.idempotence": True})


def consume_crossing(topic, count):
    partitions = range(len(admin().list_topics(topic, timeout=20).topics[topic].partitions))
    reader = CrossingReader(count)
    for message in read(topic, count, partitions=partitions):
        reader.take(message.key(), message.value())
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
