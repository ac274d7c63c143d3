"""kill -9 under load: nothing acknowledged may be lost, doubled or out of order.

    kills.py headwater|apache COUNT DIR

An idempotent acks=all producer (librdkafka, retrying across restarts) writes numbered records to four partitions and remembers
what was acknowledged with its offset. COUNT times the broker is killed in the middle of it and started again on the same
directory; a kill counts only when records were acknowledged since the one before. In the end everything is read.
"""
import os
import random
import signal
import subprocess
import sys
import threading
import time

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
from processes import has_ended
PARTITIONS = 4
# What librdkafka may have unanswered at a time; more only makes the run longer after each restart.
UNANSWERED = 20_000


class Broker:
    def __init__(self, kind, directory, port):
        self.start_script = os.path.join(HERE, "..", "headwater" if kind == "headwater" else "reference", "start")
        self.directory, self.port = directory, port

    def start(self):
        begun = time.monotonic()
        subprocess.run([self.start_script, str(self.port), self.directory], check=True)
        self.pid = int(open(os.path.join(self.directory, "pid")).read())
        return time.monotonic() - begun

    def kill(self, how=signal.SIGKILL):
        os.kill(self.pid, how)
        end = time.monotonic() + 30
        while not has_ended(self.pid) and time.monotonic() < end:
            time.sleep(0.002)


class Load(threading.Thread):
    """Writes records until told to stop; `acknowledged[partition]` holds (number, offset) in order of the reports."""

    def __init__(self, bootstrap, topic):
        super().__init__(daemon=True)
        self.topic, self.stopping = topic, False
        self.acknowledged = [[] for _ in range(PARTITIONS)]
        self.count, self.sent, self.failures = 0, [0] * PARTITIONS, []
        self.producer = Producer({
            "bootstrap.servers": bootstrap, "enable.idempotence": True, "acks": "all", "linger.ms": 2,
            "batch.num.messages": 200, "message.timeout.ms": 300_000, "reconnect.backoff.ms": 10,
            "reconnect.backoff.max.ms": 100, "retry.backoff.ms": 20, "retry.backoff.max.ms": 200,
            "queue.buffering.max.messages": UNANSWERED, "socket.timeout.ms": 10_000, "log_level": 0})

    def report(self, error, message):
        if error:
            self.failures.append(f"partition {message.partition()}: {error}")
        else:
            self.acknowledged[message.partition()].append((int(message.value().split(b" ", 1)[0]), message.offset()))
            self.count += 1

    def run(self):
        filler = b"x" * 80
        partition = 0
        while not self.stopping:
            partition = (partition + 1) % PARTITIONS
            try:
                self.producer.produce(self.topic, b"%d %s" % (self.sent[partition], filler), partition=partition,
                                      on_delivery=self.report)
                self.sent[partition] += 1
            except BufferError:
                self.producer.poll(0.01)
            if partition == 0:
                self.producer.poll(0)
        self.left = self.producer.flush(120)


def read_with_librdkafka(bootstrap, topic, ends):
    """[(offset, number)] for each partition, up to the end offsets."""
    reader = Consumer({"bootstrap.servers": bootstrap, "group.id": "none", "enable.auto.commit": False,
                       "auto.offset.reset": "error", "check.crcs": True, "log_level": 0})
    reader.assign([TopicPartition(topic, partition, 0) for partition in range(PARTITIONS)])
    found, last = [[] for _ in range(PARTITIONS)], time.monotonic()
    while any(not f or f[-1][0] + 1 < end for f, end in zip(found, ends)) and time.monotonic() - last < 20:
        for message in reader.consume(10_000, 0.2):
            if message.error():
                raise KafkaException(message.error())
            found[message.partition()].append((message.offset(), int(message.value().split(b" ", 1)[0])))
            last = time.monotonic()
    reader.close()
    return found


def end_offsets(bootstrap, topic):
    """Asked until every partition answers: after a start the reference says for a while that it does not lead."""
    reader = Consumer({"bootstrap.servers": bootstrap, "group.id": "none", "log_level": 0})
    end = time.monotonic() + 30
    while True:
        try:
            ends = [reader.get_watermark_offsets(TopicPartition(topic, p), 30)[1] for p in range(PARTITIONS)]
            reader.close()
            return ends
        except KafkaException as error:
            if not error.args[0].retriable() and error.args[0].code() != KafkaError.NOT_LEADER_FOR_PARTITION or time.monotonic() > end:
                raise
            time.sleep(0.2)


def judge(load, found):
    """The three promises, as a list of what is wrong."""
    wrong = list(load.failures[:5])
    for partition in range(PARTITIONS):
        at = dict(found[partition])
        offsets = [offset for offset, _ in found[partition]]
        numbers = [number for _, number in found[partition]]
        if offsets != sorted(set(offsets)):
            wrong.append(f"partition {partition}: offsets come twice or out of order")
        lost = [(n, o) for n, o in load.acknowledged[partition] if at.get(o) != n]
        if lost:
            wrong.append(f"partition {partition}: {len(lost)} acknowledged records are not where they were acknowledged, "
                         f"first number {lost[0][0]} at offset {lost[0][1]} (there: {at.get(lost[0][1])})")
        if len(numbers) != len(set(numbers)):
            seen = set()
            double = next(n for n in numbers if n in seen or seen.add(n))
            wrong.append(f"partition {partition}: {len(numbers) - len(set(numbers))} records doubled, first number {double}")
        if numbers != sorted(numbers):
            first = next(i for i in range(1, len(numbers)) if numbers[i] < numbers[i - 1])
            wrong.append(f"partition {partition}: out of order at offset {offsets[first]}: {numbers[first]} after "
                         f"{numbers[first - 1]}")
        if numbers and numbers[-1] + 1 != load.sent[partition]:
            wrong.append(f"partition {partition}: ends with {numbers[-1]}, sent up to {load.sent[partition] - 1}")
    return wrong


class Planted:
    """What a load would know of `numbers` sent to partition 0, all acknowledged at these offsets."""

    def __init__(self, numbers):
        self.failures, self.sent = [], [len(numbers)] + [0] * (PARTITIONS - 1)
        self.acknowledged = [[(number, offset) for offset, number in enumerate(numbers)]] + [[]] * (PARTITIONS - 1)


def judge_finds(what, stored):
    """A judge that finds nothing wrong in planted damage is no judge."""
    wrong = judge(Planted(range(10)), [list(enumerate(stored))] + [[]] * (PARTITIONS - 1))
    return bool(wrong) == (what != "nothing")


def judge_is_awake():
    return (judge_finds("nothing", range(10)) and judge_finds("a lost end", range(9))
            and judge_finds("a lost middle", [0, 1, 2, 4, 5, 6, 7, 8, 9]) and judge_finds("a double", [*range(10), 9])
            and judge_finds("a swap", [0, 1, 2, 4, 3, 5, 6, 7, 8, 9]))


def create(bootstrap, topic):
    admin = AdminClient({"bootstrap.servers": bootstrap})
    admin.create_topics([NewTopic(topic, PARTITIONS, 1)])[topic].result(30)


def kill_and_restart(broker, load, count):
    """Returns how many of the kills hit a broker that had acknowledged something since the one before."""
    restarts, under_load = [], 0
    for number in range(count):
        before, end = load.count, time.monotonic() + 60
        while load.count == before and time.monotonic() < end:
            time.sleep(0.005)
        time.sleep(random.uniform(0.1, 0.8))
        under_load += load.count > before
        broker.kill()
        restarts.append(broker.start())
    print(f"  restarts until ready: median {sorted(restarts)[count // 2] * 1000:.0f} ms, longest {max(restarts) * 1000:.0f} ms")
    return under_load


def main():
    kind, count, directory = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    port = int(os.environ["PORT"])
    bootstrap, topic = f"127.0.0.1:{port}", "kills"
    broker = Broker(kind, directory, port)
    broker.start()
    passed = failed = 0

    def result(name, why):
        nonlocal passed, failed
        print(f"FAIL {name} {why}" if why else f"ok {name}", flush=True)
        passed, failed = passed + (not why), failed + bool(why)

    try:
        result("planted losses, doubles and swaps are found", not judge_is_awake() and "not all of them")
        create(bootstrap, topic)
        load = Load(bootstrap, topic)
        load.start()
        under_load = kill_and_restart(broker, load, count)
        load.stopping = True
        load.join(150)
        result(f"{count} kills under load", under_load != count and f"only {under_load} hit a broker that had acknowledged")
        result("everything sent is acknowledged in the end", getattr(load, "left", 1) and f"{getattr(load, 'left', '?')} left")
        found = read_with_librdkafka(bootstrap, topic, end_offsets(bootstrap, topic))
        wrong = judge(load, found)
        print(f"  {load.count} records acknowledged, {sum(map(len, found))} read")
        result("nothing acknowledged is lost, doubled or out of order", "; ".join(wrong))
        broker.kill(signal.SIGTERM)
        broker.start()
        again = read_with_librdkafka(bootstrap, topic, end_offsets(bootstrap, topic))
        result("the same after a clean stop", again != found and "other records")
    finally:
        broker.kill(signal.SIGTERM)
    print(f"{passed} passed, {failed} failed")
    sys.stdout.flush()
    os._exit(1 if failed else 0)


main()
