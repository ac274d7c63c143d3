"""kill -9 under load: nothing acknowledged may be lost, doubled or out of order.

    kills.py headwater|apache COUNT DIR

An idempotent acks=all producer (librdkafka, retrying across restarts) writes numbered records to four partitions and remembers
what was acknowledged with its offset. COUNT times the broker is killed in the middle of it and started again on the same
directory; a kill counts only when records were acknowledged since the one before. In the end everything is read, by `lean verify`,
which reads millions of records in seconds.
"""
from array import array
import os
import random
import signal
import subprocess
import sys
import threading
import time

from confluent_kafka import Producer
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
    """Writes records until told to stop; `acknowledged[partition]` holds the offset of each number, -1 until it is known."""

    def __init__(self, bootstrap, topic):
        super().__init__(daemon=True)
        self.topic, self.stopping = topic, False
        self.acknowledged = [array("q") for _ in range(PARTITIONS)]
        self.count, self.failures = 0, []
        self.producer = Producer({
            "bootstrap.servers": bootstrap, "enable.idempotence": True, "acks": "all", "linger.ms": 2,
            "batch.num.messages": 200, "message.timeout.ms": 300_000, "reconnect.backoff.ms": 10,
            "reconnect.backoff.max.ms": 100, "retry.backoff.ms": 20, "retry.backoff.max.ms": 200,
            "queue.buffering.max.messages": UNANSWERED, "socket.timeout.ms": 10_000, "log_level": 0})

    def report(self, error, message):
        if error:
            self.failures.append(f"partition {message.partition()}: {error}")
        else:
            self.acknowledged[message.partition()][int(message.value().split(b" ", 1)[0])] = message.offset()
            self.count += 1

    def run(self):
        filler = b"x" * 80
        partition = 0
        while not self.stopping:
            partition = (partition + 1) % PARTITIONS
            try:
                known = self.acknowledged[partition]
                self.producer.produce(self.topic, b"%d %s" % (len(known), filler), partition=partition,
                                      on_delivery=self.report)
                known.append(-1)
            except BufferError:
                self.producer.poll(0.01)
            if partition == 0:
                self.producer.poll(0)
        self.left = self.producer.flush(120)


def verify(bootstrap, topic, acknowledged, directory):
    """Reads everything and holds it against what was acknowledged: ([] or what is wrong, a digest of all records)."""
    folder = os.path.join(directory, "acknowledged")
    os.makedirs(folder, exist_ok=True)
    for partition, offsets in enumerate(acknowledged):
        with open(os.path.join(folder, str(partition)), "wb") as file:
            offsets.tofile(file)
    ran = subprocess.run([os.environ["LEAN"], "verify", bootstrap, topic, "--partitions", str(len(acknowledged)),
                          "--acknowledged", folder], capture_output=True, text=True)
    return ([] if ran.returncode == 0 else [ran.stderr.strip() or "no word"]), ran.stdout.strip()


# What a partition may hold when ten numbers were acknowledged at the offsets 0 to 9.
PLANTED = {
    "nothing": range(10),
    "a lost end": range(9),
    "a lost middle": [0, 1, 2, 4, 5, 6, 7, 8, 9],
    "a double": [*range(10), 9],
    "a swap": [0, 1, 2, 4, 3, 5, 6, 7, 8, 9],
}


def not_found(bootstrap, directory):
    """A judge that finds nothing wrong in planted damage is no judge: the names of what it did not find."""
    producer, blind = Producer({"bootstrap.servers": bootstrap, "linger.ms": 20}), []
    for number, (what, stored) in enumerate(PLANTED.items()):
        topic = f"planted-{number}"
        create(bootstrap, topic, 1)
        for value in stored:
            producer.produce(topic, b"%d planted" % value, partition=0)
        producer.flush(30)
        wrong, _ = verify(bootstrap, topic, [array("q", range(10))], directory)
        if bool(wrong) != (what != "nothing"):
            blind.append(f"{what}: {wrong or 'not found'}")
    return blind


def create(bootstrap, topic, partitions):
    admin = AdminClient({"bootstrap.servers": bootstrap})
    admin.create_topics([NewTopic(topic, partitions, 1)])[topic].result(30)


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
        result("planted losses, doubles and swaps are found", "; ".join(not_found(bootstrap, directory)))
        create(bootstrap, topic, PARTITIONS)
        load = Load(bootstrap, topic)
        load.start()
        under_load = kill_and_restart(broker, load, count)
        load.stopping = True
        load.join(150)
        result(f"{count} kills under load", under_load != count and f"only {under_load} hit a broker that had acknowledged")
        result("everything sent is acknowledged in the end", getattr(load, "left", 1) and f"{getattr(load, 'left', '?')} left")
        wrong, found = verify(bootstrap, topic, load.acknowledged, directory)
        print(f"  {load.count} records acknowledged; read: {found}")
        result("nothing acknowledged is lost, doubled or out of order", "; ".join(load.failures[:5] + wrong))
        broker.kill(signal.SIGTERM)
        broker.start()
        wrong, again = verify(bootstrap, topic, load.acknowledged, directory)
        result("the same after a clean stop", "; ".join(wrong) or again != found and f"other records: {again}")
    finally:
        broker.kill(signal.SIGTERM)
    print(f"{passed} passed, {failed} failed")
    sys.stdout.flush()
    os._exit(1 if failed else 0)


main()
