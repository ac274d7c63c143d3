"""What the parts of the handover share: what both brokers write and serve, and how it is compared."""
import hashlib
import os
import subprocess
import time

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]
FILLED = [f"codec-{codec}" for codec in CODECS] + ["segments", "append-time", "compacted", "deleted", "transactions"]
GROUP, TRANSACTIONAL_ID = "readers", "writer-1"
START_MS = 1_700_000_000_000
counts = {"passed": 0, "failed": 0}


def result(name, why=None):
    print(f"FAIL {name} {str(why)[:1500]}" if why else f"ok {name}", flush=True)
    counts["failed" if why else "passed"] += 1


def admin(nodes):
    """One for each directory: what it gives back ends with it."""
    if not hasattr(nodes, "admin"):
        nodes.admin = AdminClient({"bootstrap.servers": nodes.bootstrap, "log_level": 0})
    return nodes.admin


def create(nodes, name, partitions=1, **config):
    config = {key.replace("_", "."): value for key, value in config.items()}
    admin(nodes).create_topics([NewTopic(name, partitions, 1, config=config)])[name].result(30)


def producer(nodes, **config):
    config = {key.replace("_", "."): value for key, value in config.items()}
    return Producer({"bootstrap.servers": nodes.bootstrap, "enable.idempotence": True, "linger.ms": 20, "log_level": 0,
                     **config})


def write(nodes, topic, records, partition=0, **config):
    """Writes (key, value, headers, timestamp) and returns the offsets."""
    offsets, failures = [], []
    def report(error, message):
        failures.append(error) if error else offsets.append(message.offset())
    sender = producer(nodes, **config)
    for key, value, headers, timestamp in records:
        sender.produce(topic, value, key, partition=partition, on_delivery=report, timestamp=timestamp, headers=headers)
    if sender.flush(60) or failures:
        raise AssertionError(f"{topic}: not written: {failures[:1]}")
    return offsets


def some(who, count, size=100):
    """Records with everything: keys, nulls, headers, timestamps a second apart."""
    rows = []
    for i in range(count):
        value = None if i % 50 == 49 else (f"{who} {i} ".encode() + hashlib.sha256(f"{who}{i}".encode()).digest() * (size // 32))
        headers = [("who", who.encode()), ("null", None)] if i % 3 == 0 else None
        rows.append((b"k%d" % (i % 7), value, headers, START_MS + i * 1000))
    return rows


def write_transactions(nodes, who):
    """One committed, one aborted, one committed again; records without a transaction between them."""
    writer = producer(nodes, transactional_id=TRANSACTIONAL_ID)
    writer.init_transactions(30)
    for number, end in enumerate([writer.commit_transaction, writer.abort_transaction, writer.commit_transaction]):
        writer.begin_transaction()
        for i in range(30):
            writer.produce("transactions", f"{who} {number} {i}".encode(), b"t", partition=0)
        writer.flush(30)
        write(nodes, "transactions", [(b"plain", f"{who} {number}".encode(), None, START_MS)])
        end(30)


def fill(nodes, who):
    """What both brokers write to every topic."""
    for codec in CODECS:
        write(nodes, f"codec-{codec}", some(who, 300), 0, compression_type=codec)
        write(nodes, f"codec-{codec}", some(who, 20), 1, compression_type=codec)
    write(nodes, "segments", some(who, 3000, 1000), batch_num_messages=50)
    write(nodes, "append-time", some(who, 50))
    write(nodes, "compacted", [row for row in some(who, 100) if row[1]])
    write(nodes, "deleted", some(who, 50))
    write(nodes, "transactions", some(who, 10))


def topics(nodes):
    found = admin(nodes).list_topics(timeout=30).topics
    return {name: len(topic.partitions) for name, topic in found.items() if not name.startswith("__")}


def everything(nodes):
    """{(topic, partition): (first offset, end offset, digest of all records, of the committed ones, offsets by time)}"""
    found = {}
    wanted = [TopicPartition(name, partition) for name, count in sorted(topics(nodes).items()) for partition in range(count)]
    digests = [read(nodes, wanted, isolation) for isolation in ["read_uncommitted", "read_committed"]]
    reader = Consumer({"bootstrap.servers": nodes.bootstrap, "group.id": "none", "enable.auto.commit": False})
    stamps = {}
    for after_s in [0, 1, 17, 150, 299, 10_000]:
        asked = [TopicPartition(one.topic, one.partition, START_MS + after_s * 1000 - 500) for one in wanted]
        for answer in reader.offsets_for_times(asked, 30):
            stamps.setdefault((answer.topic, answer.partition), []).append(str(answer.error or answer.offset))
    for one in wanted:
        key = (one.topic, one.partition)
        found[key] = (*reader.get_watermark_offsets(one, 30), digests[0][key], digests[1][key], stamps[key])
    reader.close()
    return found


def read(nodes, wanted, isolation):
    reader = Consumer({"bootstrap.servers": nodes.bootstrap, "group.id": "none", "enable.auto.commit": False, "enable.partition.eof": True,
                       "isolation.level": isolation, "check.crcs": True, "auto.offset.reset": "earliest",
                       "fetch.wait.max.ms": 50, "log_level": 0})
    reader.assign([TopicPartition(one.topic, one.partition, 0) for one in wanted])
    sums = {(one.topic, one.partition): [0, hashlib.sha256()] for one in wanted}
    open_ones, last = set(sums), time.monotonic()
    while open_ones:
        if time.monotonic() - last > 30:
            raise AssertionError(f"no end of {sorted(open_ones)[:3]}")
        for message in reader.consume(5000, 0.5):
            key, last = (message.topic(), message.partition()), time.monotonic()
            if message.error():
                if message.error().code() != KafkaError._PARTITION_EOF:
                    raise KafkaException(message.error())
                open_ones.discard(key)
                continue
            row = (message.offset(), message.key(), message.value(), message.headers(), message.timestamp())
            sums[key][0] += 1
            sums[key][1].update(repr(row).encode())
    reader.close()
    return {key: (count, digest.hexdigest()[:16]) for key, (count, digest) in sums.items()}


def difference(found, expected):
    """The first three differences, in words."""
    if not expected:
        return "there is nothing to compare with"
    return "; ".join(f"{key}: found {found.get(key)}, expected {expected.get(key)}"
                     for key in sorted({*found, *expected}, key=str) if found.get(key) != expected.get(key))[:1200]


def settled(nodes):
    """`everything`, once the broker leads all partitions (the reference says for a while that it does not)."""
    end = time.monotonic() + 30
    while True:
        try:
            return everything(nodes)
        except (KafkaException, AssertionError):
            if time.monotonic() > end:
                raise
            time.sleep(0.3)


def apache_begins(nodes):
    """Everything that is the same with all feature levels."""
    for codec in CODECS:
        create(nodes, f"codec-{codec}", 2)
    create(nodes, "segments", segment_bytes="1048576", index_interval_bytes="1024")
    create(nodes, "append-time", message_timestamp_type="LogAppendTime")
    create(nodes, "compacted", cleanup_policy="compact")
    for name, partitions in [("empty", 3), ("deleted", 1), ("transactions", 1), ("gone", 2)]:
        create(nodes, name, partitions)
    fill(nodes, "apache")
    write(nodes, "gone", some("apache", 10))
    write_transactions(nodes, "apache")
    for done in admin(nodes).delete_records([TopicPartition("deleted", 0, 17)]).values():
        done.result(30)
    commit_offset(nodes, 123)


def commit_offset(nodes, offset):
    reader = Consumer({"bootstrap.servers": nodes.bootstrap, "group.id": GROUP, "enable.auto.commit": False})
    reader.commit(offsets=[TopicPartition("codec-none", 0, offset)], asynchronous=False)
    reader.close()


def committed_offset(nodes):
    reader = Consumer({"bootstrap.servers": nodes.bootstrap, "group.id": GROUP})
    found = reader.committed([TopicPartition("codec-none", 0)], 30)[0].offset
    reader.close()
    return found


def headwater_continues(nodes):
    ends = {key: value[1] for key, value in everything(nodes).items()}
    fill(nodes, "headwater")
    create(nodes, "ours", 2, segment_bytes="1048576", retention_ms="864000000000", max_message_bytes="2000000")
    write(nodes, "ours", some("headwater", 2000, 1000), 1, compression_type="zstd")
    admin(nodes).delete_topics(["gone"])["gone"].result(30)
    now = everything(nodes)
    short = [key for key, end in ends.items() if key[0] in FILLED and now[key][1] <= end]
    return short and f"nothing came behind what was there: {short}"


def contents(nodes):
    """Digest of each file, without locks and those that any start derives anew from the metadata log."""
    derived, found = (".index", ".timeindex", ".txnindex", ".snapshot"), {}
    for folder, _, names in (walked for directory in nodes.log_dirs for walked in os.walk(directory)):
        for name in names:
            path = os.path.join(folder, name)
            if name == ".lock" or ("__cluster_metadata" in folder and name.endswith(derived)):
                continue
            with open(path, "rb") as file:
                found[os.path.relpath(path, nodes.directory)] = hashlib.sha256(file.read()).hexdigest()
    return found


DEFAULT_LEVELS = ["eligible.leader.replicas.version 1", "share.version 1", "streams.version 1",
                  "transaction.version 2"]


def refused(nodes, part, what, words, *overrides, config=None):
    """Headwater must say each of `words`, end by itself, and leave every byte as it was."""
    before = contents(nodes)
    ended = subprocess.run(nodes.headwater_command(*overrides, config=config), capture_output=True, text=True, timeout=60)
    said = ended.stderr + ended.stdout
    result(f"{part}: {what}: it does not start", ended.returncode == 0 and "exit code 0")
    unnamed = [word for word in words if word not in said]
    result(f"{part}: {what}: the message names what is missing", unnamed and f"not {unnamed} in: {said}")
    after = contents(nodes)
    changed = sorted(path for path in {*before, *after} if before.get(path) != after.get(path))
    result(f"{part}: {what}: nothing was changed", changed)
