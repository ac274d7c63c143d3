"""Checks of aiokafka (a client for asyncio) against the broker at $BOOTSTRAP.

    checks.py [PART OF A NAME]
    checks.py produce TOPIC COUNT CODEC | consume TOPIC COUNT      (for conformance/crossing)
"""
import asyncio
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from checks import (BOOTSTRAP, CODECS, CrossingReader, check, check_each, crossing_key, crossing_value, equal, fresh,
                    run, true)
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition, errors
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

DAY_MS = 24 * 3600 * 1000


def asynchronous(register):
    """Registers a coroutine function as a check; `register` is `check` or `check_each(values)`."""
    def wrap(function):
        def plain(*arguments):
            asyncio.run(function(*arguments))
        plain.__name__ = function.__name__
        register(plain)
        return function
    return wrap


class admin:
    """An admin client for the time of a block."""

    async def __aenter__(self):
        self.client = AIOKafkaAdminClient(bootstrap_servers=BOOTSTRAP)
        await self.client.start()
        return self.client

    async def __aexit__(self, *_):
        await self.client.close()


async def create_error(name, partitions=1, replication=1, config=None, **options):
    """The error code with which the creation is refused (0: it was not)."""
    async with admin() as client:
        answer = await client.create_topics([NewTopic(name, partitions, replication, topic_configs=config or {})], **options)
        return answer.topic_errors[0][1]


async def create(word, partitions=1, **config):
    name = fresh("ak-" + word)
    equal(await create_error(name, partitions, config={k.replace("_", "."): str(v) for k, v in config.items()}), 0)
    await has_partitions(name, partitions)
    return name


async def has_partitions(name, count):
    """Waits until the broker lists the topic with `count` partitions: the reference answers earlier."""
    async with admin() as client:
        for _ in range(200):
            if len((await client.describe_topics([name]))[0]["partitions"]) == count:
                return
            await asyncio.sleep(0.05)
    raise AssertionError(f"{name} never had {count} partitions")


async def send(topic, records, **config):
    """Writes (key, value[, headers[, timestamp[, partition]]]) records; returns their metadata in order."""
    async with AIOKafkaProducer(bootstrap_servers=BOOTSTRAP, **{"linger_ms": 5, "acks": "all", **config}) as producer:
        futures = []
        for record in records:
            key, value, headers, timestamp, partition = (list(record) + [None] * 5)[:5]
            futures.append(await producer.send(topic, value, key, partition=partition, timestamp_ms=timestamp,
                                               headers=headers))
        return [await asyncio.wait_for(future, 40) for future in futures]


async def read(topic, count, offset=0, partitions=(0,), seconds=30, **config):
    """Reads `count` records by assignment, then makes sure that there is no further one for a moment."""
    consumer = AIOKafkaConsumer(bootstrap_servers=BOOTSTRAP, **{
        "group_id": None, "enable_auto_commit": False, "auto_offset_reset": "none", "fetch_max_wait_ms": 100, **config})
    await consumer.start()
    try:
        assigned = [TopicPartition(topic, partition) for partition in partitions]
        consumer.assign(assigned)
        for partition in assigned:
            consumer.seek(partition, offset)
        found, end = [], time.monotonic() + seconds
        while len(found) < count and time.monotonic() < end:
            for records in (await consumer.getmany(timeout_ms=500)).values():
                found.extend(records)
        for records in (await consumer.getmany(timeout_ms=200)).values():
            found.extend(records)
        equal(len(found), count, "records")
        return found
    finally:
        await consumer.stop()


def pairs(records):
    return [(record.key, record.value) for record in records]


async def refused(error, awaitable):
    try:
        await awaitable
    except error:
        return
    raise AssertionError(f"no {error.__name__}")


@asynchronous(check_each(CODECS))
async def codec(name):
    topic = await create("codec")
    records = [(b"k%d" % (i % 5), b"value %d " % i + b"abc" * 50) for i in range(500)]
    await send(topic, records, compression_type=None if name == "none" else name)
    equal(pairs(await read(topic, 500)), records)


@asynchronous(check_each([0, 1, "all"]))
async def acks(value):
    topic = await create("acks")
    await send(topic, [(b"k", b"%d" % i) for i in range(100)], acks=value)
    equal([r.value for r in await read(topic, 100)], [b"%d" % i for i in range(100)])


@asynchronous(check_each(["none", "lz4"]))
async def idempotent_producer(name):
    topic = await create("idempotent", 3)
    sent = await send(topic, [(b"k", b"%d" % i, None, None, i % 3) for i in range(3000)], max_batch_size=400,
                      enable_idempotence=True, compression_type=None if name == "none" else name)
    for partition in range(3):
        equal([m.offset for m in sent if m.partition == partition], list(range(1000)), "offsets")
        equal([r.value for r in await read(topic, 1000, partitions=[partition])],
              [b"%d" % i for i in range(partition, 3000, 3)])


@asynchronous(check)
async def headers():
    topic = await create("headers")
    wanted = [("a", b"1"), ("a", b"2"), ("empty", b""), ("ünï", "wörd".encode())]
    await send(topic, [(b"k", b"v", wanted), (b"k", b"no headers")])
    equal([[tuple(h) for h in record.headers] for record in await read(topic, 2)], [wanted, []])


@asynchronous(check)
async def null_and_empty():
    topic = await create("null")
    records = [(None, b"null key"), (b"null value", None), (b"", b"empty key"), (b"empty value", b"")]
    await send(topic, records)
    equal(pairs(await read(topic, 4)), records)


@asynchronous(check_each(["none", "zstd"]))
async def one_megabyte(name):
    topic = await create("megabyte")
    value = os.urandom(500_000) * 2
    await send(topic, [(b"k", value), (b"k", b"after")], compression_type=None if name == "none" else name,
               max_batch_size=1_040_000)
    equal(pairs(await read(topic, 2, max_partition_fetch_bytes=2_000_000)), [(b"k", value), (b"k", b"after")])


@asynchronous(check)
async def over_topic_max_message_bytes():
    topic = await create("toolarge", max_message_bytes=1000)
    await refused(errors.MessageSizeTooLargeError, send(topic, [(b"k", os.urandom(2000))]))
    await send(topic, [(b"k", b"x" * 500)])
    equal(len(await read(topic, 1)), 1)


@asynchronous(check)
async def create_time():
    topic = await create("createtime")
    now = int(time.time() * 1000)
    stamps = [now - 5 * DAY_MS, now, now - DAY_MS]
    await send(topic, [(b"k", b"v", None, stamp) for stamp in stamps])
    equal([(r.timestamp_type, r.timestamp) for r in await read(topic, 3)], [(0, stamp) for stamp in stamps])


@asynchronous(check)
async def log_append_time():
    topic = await create("logappend", message_timestamp_type="LogAppendTime")
    before = int(time.time() * 1000)
    sent = await send(topic, [(b"k", b"v", None, 12345)])
    record = (await read(topic, 1))[0]
    equal(record.timestamp_type, 1, "type")
    for stamp in (record.timestamp, sent[0].timestamp):
        true(before - 1000 <= stamp <= time.time() * 1000 + 1000, f"{stamp} is not the time of the append")


@asynchronous(check)
async def offsets_by_time():
    topic, partition = await create("bytime"), None
    partition = TopicPartition(topic, 0)
    base = int(time.time() * 1000) - DAY_MS
    for i in range(5):                                         # a batch each
        await send(topic, [(b"k", b"%d" % i, None, base + i * 1000)])
    async with AIOKafkaConsumer(bootstrap_servers=BOOTSTRAP) as consumer:
        for stamp, wanted in [(0, (0, base)), (base + 1, (1, base + 1000)), (base + 4000, (4, base + 4000)),
                              (base + 4001, None)]:
            found = (await consumer.offsets_for_times({partition: stamp}))[partition]
            equal(found and (found.offset, found.timestamp), wanted, f"first offset at or after base+{stamp - base}")
        equal(await consumer.beginning_offsets([partition]), {partition: 0})
        equal(await consumer.end_offsets([partition]), {partition: 5})


@asynchronous(check)
async def from_positions():
    topic, partition = await create("middle"), None
    partition = TopicPartition(topic, 0)
    await send(topic, [(b"k", b"%d" % i) for i in range(1000)], linger_ms=50, compression_type="lz4")
    found = await read(topic, 377, offset=623)
    equal([(r.offset, r.value) for r in found], [(i, b"%d" % i) for i in range(623, 1000)])
    async with AIOKafkaConsumer(bootstrap_servers=BOOTSTRAP) as consumer:
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        equal((await asyncio.wait_for(consumer.getone(), 20)).offset, 0)
        await consumer.seek_to_end(partition)
        equal(await consumer.position(partition), 1000)


@asynchronous(check)
async def out_of_range():
    topic = await create("range")
    await send(topic, [(b"k", b"v")] * 5)
    await refused(errors.OffsetOutOfRangeError, read(topic, 1, offset=99, seconds=10))
    equal([r.offset for r in await read(topic, 5, offset=99, auto_offset_reset="earliest")], [0, 1, 2, 3, 4])


@asynchronous(check)
async def ten_thousand_in_order():
    topic = await create("order")
    records = [(b"k", b"%d" % i) for i in range(10_000)]
    equal([m.offset for m in await send(topic, records, max_batch_size=1000)], list(range(10_000)))
    equal(pairs(await read(topic, 10_000)), records)


@asynchronous(check)
async def many_partitions():
    topic = await create("many", 100)
    await send(topic, [(b"k", b"%d" % (i // 100), None, None, i % 100) for i in range(1000)])
    found = await read(topic, 1000, partitions=range(100))
    for partition in range(100):
        equal([r.value for r in found if r.partition == partition], [b"%d" % i for i in range(10)])


@asynchronous(check)
async def long_poll_wakes_up():
    """A fetch that waits (up to 10 s) is answered as soon as something is written."""
    topic = await create("longpoll")
    async with AIOKafkaConsumer(bootstrap_servers=BOOTSTRAP, fetch_max_wait_ms=10_000) as consumer:
        consumer.assign([TopicPartition(topic, 0)])
        consumer.seek(TopicPartition(topic, 0), 0)
        equal(await consumer.getmany(timeout_ms=500), {})
        begun = time.monotonic()
        await send(topic, [(b"k", b"v")])
        await asyncio.wait_for(consumer.getone(), 9)
        true(time.monotonic() - begun < 4, f"came after {time.monotonic() - begun:.1f} s")


@asynchronous(check)
async def read_committed():
    topic = await create("committed")
    await send(topic, [(b"k", b"%d" % i) for i in range(50)])
    equal(len(await read(topic, 50, isolation_level="read_committed")), 50)


@asynchronous(check)
async def auto_creation():
    name = fresh("ak-auto")
    await send(name, [(b"k", b"v")])
    equal(len(await read(name, 1)), 1)


@asynchronous(check)
async def topic_life():
    name = await create("life", 3)
    async with admin() as client:
        described = (await client.describe_topics([name]))[0]
        equal(sorted(p["partition"] for p in described["partitions"]), [0, 1, 2])
        equal({tuple(p["isr"]) for p in described["partitions"]}, {(described["partitions"][0]["leader"],)})
        true(name in await client.list_topics(), "not listed")
        equal((await client.delete_topics([name])).topic_error_codes[0][1], 0)
        end = time.monotonic() + 10
        while name in await client.list_topics():              # describe_topics would create it again
            true(time.monotonic() < end, "still listed")
            await asyncio.sleep(0.05)
        equal((await client.delete_topics([name])).topic_error_codes[0][1], 3, "again")


@asynchronous(check)
async def create_refusals():
    name = await create("refuse")
    equal(await create_error(name), 36, "twice")
    for bad in [".", "..", "a b", "a/b", "x" * 250]:
        equal(await create_error(bad), 17, f"name {bad[:10]!r}")
    equal(await create_error(fresh("rf"), replication=3), 38, "replication factor")
    equal(await create_error(fresh("zero"), partitions=0), 37, "no partitions")
    equal(await create_error(fresh("conf"), config={"no.such.key": "1"}), 40, "unknown key")
    equal(await create_error(fresh("validate"), validate_only=True), 0, "validate only")


@asynchronous(check)
async def create_partitions():
    name = await create("grow", 2)
    async with admin() as client:
        await client.create_partitions({name: NewPartitions(3)}, validate_only=True)
        await client.create_partitions({name: NewPartitions(4)})
        await has_partitions(name, 4)
        await refused(errors.InvalidPartitionsError, client.create_partitions({name: NewPartitions(3)}))
        await refused(errors.UnknownTopicOrPartitionError, client.create_partitions({fresh("none"): NewPartitions(3)}))
    await send(name, [(b"k", b"v", None, None, 3)])
    equal(len(await read(name, 1, partitions=[3])), 1)


async def described(client, kind, name, *keys):
    """{key: (value, source)} of a resource."""
    resource = ConfigResource(kind, name, {key: None for key in keys} or None)
    answer = (await client.describe_configs([resource], include_synonyms=True))[0].resources[0]
    equal(answer[0], 0, "error")
    return {entry[0]: (entry[1], entry[3]) for entry in answer[4]}


@asynchronous(check)
async def configs():
    """AlterConfigs as it is of old: what is not named goes back to its default."""
    name = await create("configs", retention_ms=77777, segment_ms=88888)
    async with admin() as client:
        equal(await described(client, ConfigResourceType.TOPIC, name, "retention.ms", "cleanup.policy"),
              {"retention.ms": ("77777", 1), "cleanup.policy": ("delete", 5)})
        answer = await client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, {"retention.ms": "99999"})])
        equal(answer[0].resources[0][0], 0, "error")
        for _ in range(100):
            found = await described(client, ConfigResourceType.TOPIC, name, "retention.ms", "segment.ms")
            if found == {"retention.ms": ("99999", 1), "segment.ms": ("604800000", 5)}:
                break
            await asyncio.sleep(0.05)
        else:
            raise AssertionError(found)
        answer = await client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, {"retention.ms": "soon"})])
        equal(answer[0].resources[0][0], 40, "bad value")
        brokers = await described(client, ConfigResourceType.BROKER, "1", "node.id", "log.retention.hours")
        equal(brokers["node.id"], ("1", 4))
        equal(brokers["log.retention.hours"], ("168", 5))


@asynchronous(check)
async def delete_records():
    name = await create("deleterecords")
    await send(name, [(b"k", b"%d" % i) for i in range(100)])
    partition = TopicPartition(name, 0)
    async with admin() as client:
        equal(await client.delete_records({partition: RecordsToDelete(40)}), {partition: 40})
        await refused(errors.OffsetOutOfRangeError, client.delete_records({partition: RecordsToDelete(1000)}))
        equal([r.offset for r in await read(name, 60, offset=40)], list(range(40, 100)))
        equal(await client.delete_records({partition: RecordsToDelete(-1)}), {partition: 100})
    equal(await read(name, 0, offset=0, auto_offset_reset="earliest"), [])


@asynchronous(check)
async def describe_cluster():
    async with admin() as client:
        found = await client.describe_cluster()
        equal([f"{node['host']}:{node['port']}" for node in found["brokers"]], [BOOTSTRAP])
        equal(found["controller_id"], found["brokers"][0]["node_id"])
        equal(len(found["cluster_id"]), 22, "length of the cluster id")


async def produce_crossing(topic, count, name):
    await send(topic, [(crossing_key(i), crossing_value(i)) for i in range(count)], enable_idempotence=True,
               compression_type=None if name == "none" else name)


async def consume_crossing(topic, count):
    async with admin() as client:
        partitions = [p["partition"] for p in (await client.describe_topics([topic]))[0]["partitions"]]
    reader = CrossingReader(count)
    for record in await read(topic, count, partitions=partitions):
        reader.take(record.key, record.value)
    reader.finish()


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments[:1] == ["produce"]:
        asyncio.run(produce_crossing(arguments[1], int(arguments[2]), arguments[3]))
    elif arguments[:1] == ["consume"]:
        asyncio.run(consume_crossing(arguments[1], int(arguments[2])))
    elif arguments[:1] == ["member"]:
        import member
        member.main(arguments[1], arguments[2], dict(each.split("=", 1) for each in arguments[3:]))
    else:
        run(arguments[0] if arguments else None)
