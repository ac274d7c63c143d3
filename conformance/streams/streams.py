"""A word count of Kafka Streams over restarts and kills; see run.

    streams.py headwater|apache DIR

The counts are exact as long as nothing was killed, never too low after that ("at least once"), and exact again for an application that
was reset and counts everything anew.
"""
import collections
import os
import random
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from applications import JAVA, Cluster, Program, eventually, main

PARTITIONS = 3
WORDS = [f"word{i}" for i in range(40)]
CLASSES, LIBS, KAFKA_LIBS, LOG_CONFIG = (os.environ[name] for name in ("CLASSES", "LIBS", "KAFKA_LIBS", "LOG_CONFIG"))
INTERNAL = ["word-count-words-repartition", "word-count-counts-changelog", "word-count-hourly-changelog"]


class Counts:
    """What was written, and what the topic `counts` says of it."""

    def __init__(self, cluster):
        self.cluster, self.written, self.found = cluster, collections.Counter(), {}
        self.random = random.Random(6)
        self.reader = cluster.reader("counts")
        self.decreases = []

    def write(self, lines):
        for _ in range(lines):
            line = self.random.choices(WORDS, k=self.random.randrange(1, 8))
            self.written.update(line)
            self.cluster.producer.produce("lines", " ".join(line).encode(), key=str(self.random.random()).encode())
            self.cluster.producer.poll(0)

    def flush(self):
        left = self.cluster.producer.flush(60)
        if left:
            raise AssertionError(f"{left} lines were not acknowledged")

    def look(self):
        for message in self.reader.consume(10_000, 0.2):
            if message.error():
                continue
            word, count = message.key().decode(), int.from_bytes(message.value(), "big")
            if count < self.found.get(word, 0):
                self.decreases.append((word, self.found[word], count))
            self.found[word] = count

    def too_low(self):
        self.look()
        return {word: (self.found.get(word, 0), count) for word, count in self.written.items() if self.found.get(word, 0) < count}

    def complete(self):
        """Waits until no count is too low."""
        low = {}
        def holds():
            nonlocal low
            low = self.too_low()
            return not low
        try:
            eventually("all words are counted", holds)
        except AssertionError:
            raise AssertionError(f"too low (found, written): {dict(list(low.items())[:5])}") from None

    def exact(self):
        self.complete()
        self.look()
        wrong = {word: (count, self.written[word]) for word, count in self.found.items() if count != self.written[word]}
        return wrong and f"(found, written): {dict(list(wrong.items())[:5])}"


def instance(cluster, directory, name):
    """One instance of the application; it has its tasks when this returns."""
    state = os.path.join(directory, f"state-{name}")
    words = ["-cp", f"{CLASSES}:{LIBS}/*:{KAFKA_LIBS}/*", f"-Dlog4j2.configurationFile={LOG_CONFIG}", "WordCount",
             cluster.broker.bootstrap, state]
    program = Program(name, words, directory)
    program.await_words("running")
    return program


def stop(program):
    code = program.end()
    if not program.said("closed"):
        raise AssertionError(f"no clean end ({code}): {program.tail()}")


def internal_topics(cluster):
    """Their partitions and what Streams asked for; what it deletes of the repartition topic is gone."""
    found = cluster.topics()
    for topic in INTERNAL:
        if found.get(topic) != PARTITIONS:
            return f"{topic} has {found.get(topic)} partitions"
    wanted = [
        {"cleanup.policy": "delete", "retention.ms": "-1", "segment.bytes": "52428800", "message.timestamp.type": "CreateTime"},
        {"cleanup.policy": "compact"},
        {"cleanup.policy": "compact,delete", "retention.ms": str(3_600_000 + 86_400_000)},
    ]
    for topic, expected in zip(INTERNAL, wanted):
        config = cluster.config(topic)
        for key, value in expected.items():
            if sorted(config[key].split(",")) != sorted(value.split(",")):
                return f"{topic}: {key} is {config[key]}, expected {value}"
    def purged():
        return all(first > 0 for first, _ in cluster.ends(INTERNAL[0]).values())
    eventually("read records of the repartition topic are deleted", purged, 20)


def described(cluster, members):
    """The group is stable with so many members, and between them they have all partitions once."""
    def holds():
        found = cluster.group("word-count")
        owned = sorted((each.topic, each.partition) for m in found.members for each in m.assignment.topic_partitions)
        expected = sorted((topic, p) for topic in ("lines", INTERNAL[0]) for p in range(PARTITIONS))
        return found.state.name == "STABLE" and len(found.members) == members and owned == expected \
            and all(member.assignment.topic_partitions for member in found.members)
    eventually(f"{members} members share all partitions", holds)


def no_lag(cluster):
    """After a clean end everything that was read is committed."""
    committed = cluster.committed("word-count")
    for topic in ("lines", INTERNAL[0]):
        for partition, (_, end) in cluster.ends(topic).items():
            if committed.get(partition) != end:
                return f"{partition}: committed {committed.get(partition)} of {end}"


def reset(cluster, directory):
    """Apache Kafka's own tool for it: offsets to the beginning, internal topics deleted."""
    words = JAVA + ["-cp", f"{KAFKA_LIBS}/*", f"-Dlog4j2.configurationFile={LOG_CONFIG}", "org.apache.kafka.tools.StreamsResetter",
                    "--bootstrap-server", cluster.broker.bootstrap, "--application-id", "word-count", "--input-topics", "lines", "--force"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    if done.returncode:
        return f"exit code {done.returncode}: {(done.stdout + done.stderr)[-500:]}"
    eventually("the internal topics are gone", lambda: not set(INTERNAL) & set(cluster.topics()), 20)
    for name in os.listdir(directory):
        if name.startswith("state-"):
            shutil.rmtree(os.path.join(directory, name))


def run(report, kind, directory, clusters):
    cluster = Cluster(kind, directory)
    clusters.append(cluster)
    cluster.create("lines", PARTITIONS)
    cluster.create("counts", PARTITIONS, cleanup_policy="compact")
    counts, one, two = Counts(cluster), None, None

    def first_instance():
        nonlocal one
        counts.write(500)
        one = instance(cluster, directory, "one")
        counts.write(500)
        counts.flush()
        return counts.exact()

    def clean_restart():
        nonlocal one
        stop(one)
        lag = no_lag(cluster)
        counts.write(500)
        counts.flush()
        one = instance(cluster, directory, "one")
        return lag or counts.exact()

    def second_instance():
        nonlocal two
        two = instance(cluster, directory, "two")
        described(cluster, 2)
        counts.write(500)
        counts.flush()
        return counts.exact()

    def restored():
        nonlocal two
        stop(two)
        shutil.rmtree(os.path.join(directory, "state-two"))
        two = instance(cluster, directory, "two")
        described(cluster, 2)
        counts.write(500)
        counts.flush()
        return counts.exact()

    def killed_instance():
        counts.write(500)
        two.kill()
        counts.write(500)
        counts.flush()
        counts.complete()
        described(cluster, 1)

    def killed_broker():
        for _ in range(3):
            counts.write(500)
            cluster.broker.kill_and_start()
            counts.write(300)
            counts.complete()
        counts.flush()
        counts.complete()
        described(cluster, 1)

    def counted_anew():
        nonlocal one
        counts.found.clear()
        counts.reader = cluster.reader("counts")
        for message in iter(lambda: counts.reader.consume(10_000, 1.0), []):  # what was counted before
            del message[:]
        one = instance(cluster, directory, "one")
        return counts.exact()

    report.step("words are counted, each once", first_instance)
    report.step("a clean restart: each once, nothing left uncommitted", clean_restart)
    report.step("the internal topics are what Streams asked for", internal_topics, cluster)
    report.step("a second instance takes its share, each word once", second_instance)
    report.step("a lost state directory is restored from the changelog", restored)
    report.step("nothing was ever taken back", lambda: counts.decreases and str(counts.decreases[:5]))
    report.step("kill -9 of an instance: no count too low", killed_instance)
    report.step("kill -9 of the broker, three times: no count too low", killed_broker)
    report.step("a clean end", stop, one)
    report.step("the application is reset with Apache Kafka's tool", reset, cluster, directory)
    report.step("everything is counted anew, each word once", counted_anew)
    stop(one)


main(run)
