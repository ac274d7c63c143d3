"""What the drivers of the Java applications (streams, connect) share: a broker and programs that are started, stopped and killed, and
the report of the checks.
"""
import os
import signal
import subprocess
import sys
import time

from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic, ResourceType

from processes import has_ended

LIB = os.path.dirname(os.path.abspath(__file__))
JAVA = ["java", "-Xms64m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"]


def eventually(what, holds, seconds=60, every=0.1):
    """Waits until `holds()` gives something true, and returns it; an answer's text is kept for the complaint."""
    end, last = time.monotonic() + seconds, None
    while time.monotonic() < end:
        try:
            found = holds()
            if found:
                return found
            last = found
        except Exception as error:  # a broker or worker that is away: asked again until the time is up
            last = error
        time.sleep(every)
    raise AssertionError(f"never: {what} ({last!r})")


class Broker:
    """One broker, started by the launchers of conformance/."""

    def __init__(self, kind, directory, port):
        self.start_script = os.path.join(LIB, "..", "headwater" if kind == "headwater" else "reference", "start")
        self.directory, self.port = directory, port
        self.bootstrap = f"127.0.0.1:{port}"

    def start(self):
        subprocess.run([self.start_script, str(self.port), self.directory], check=True)
        self.pid = int(open(os.path.join(self.directory, "pid")).read())

    def stop(self, how=signal.SIGTERM):
        if not has_ended(self.pid):
            os.kill(self.pid, how)
        wait_for_end(self.pid)

    def kill_and_start(self):
        self.stop(signal.SIGKILL)
        self.start()


def wait_for_end(pid):
    end = time.monotonic() + 40
    while not has_ended(pid):
        if time.monotonic() > end:
            os.kill(pid, signal.SIGKILL)
            raise AssertionError(f"process {pid} did not end")
        time.sleep(0.02)


class Program:
    """A Java program whose output goes to a file."""

    running = []

    def __init__(self, name, words, directory):
        self.name, self.log = name, os.path.join(directory, f"{name}.log")
        self.output = open(self.log, "ab")
        self.begun = os.path.getsize(self.log)
        self.process = subprocess.Popen(JAVA + words, stdout=self.output, stderr=self.output, stdin=subprocess.DEVNULL)
        Program.running.append(self)

    def said(self, words):
        with open(self.log, "rb") as log:
            log.seek(self.begun)
            return words.encode() in log.read()

    def await_words(self, words, seconds=60):
        def holds():
            if self.process.poll() is not None:
                return "ended"
            return self.said(words) and "said"
        if eventually(f"{self.name} says {words!r}", holds, seconds) == "ended":
            raise AssertionError(f"{self.name} ended with {self.process.returncode}; its log ends: {self.tail()}")

    def tail(self):
        with open(self.log, errors="replace") as log:
            return " | ".join(log.read().splitlines()[-4:])[-600:]

    def end(self, how=signal.SIGTERM):
        """Ends it; returns its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError(f"{self.name} did not end: {self.tail()}") from None
        self.output.close()
        return self.process.returncode

    def kill(self):
        return self.end(signal.SIGKILL)

    @classmethod
    def end_all(cls):
        for each in cls.running:
            if each.process.poll() is None:
                each.process.kill()
                each.process.wait()


class Report:
    """Lines `ok NAME` or `FAIL NAME why`, and the sum."""

    def __init__(self):
        self.passed = self.failed = 0
        self.begun = time.monotonic()

    def step(self, name, function, *arguments):
        """Runs a step; a step that fails ends the run, since the next ones stand on it."""
        begun = time.monotonic()
        try:
            why = function(*arguments)
        except Exception as error:
            why = f"{type(error).__name__}: {error}".replace("\n", " ")[:800]
        print(f"FAIL {name} {why}" if why else f"ok {name} ({time.monotonic() - begun:.1f} s)", flush=True)
        self.passed, self.failed = self.passed + (not why), self.failed + bool(why)
        if why:
            raise SystemExit(self.finish())

    def finish(self):
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        return 1 if self.failed else 0


class Cluster:
    """A broker with clients (librdkafka) to write, read and ask with."""

    def __init__(self, kind, directory):
        self.broker = Broker(kind, os.path.join(directory, "broker"), int(os.environ["PORT"]))
        self.broker.start()
        patient = {"bootstrap.servers": self.broker.bootstrap, "log_level": 0, "reconnect.backoff.max.ms": 200}
        self.settings = patient
        self.producer = Producer({**patient, "enable.idempotence": True, "linger.ms": 2})

    def ask(self, question):
        """`question(admin)`; a fresh one each time: librdkafka's does not find a coordinator again that was killed (with both brokers)."""
        admin = AdminClient(self.settings)
        return question(admin)

    def create(self, topic, partitions, **config):
        made = NewTopic(topic, partitions, 1, config={key.replace("_", "."): value for key, value in config.items()})
        self.ask(lambda admin: admin.create_topics([made])[topic].result(30))

    def topics(self):
        return {name: len(found.partitions) for name, found in self.ask(lambda admin: admin.list_topics(timeout=10)).topics.items()}

    def config(self, topic):
        resource = ConfigResource(ResourceType.TOPIC, topic)
        found = self.ask(lambda admin: admin.describe_configs([resource])[resource].result(20))
        return {key: entry.value for key, entry in found.items()}

    def committed(self, group):
        """{(topic, partition): offset} of a group."""
        asked = [ConsumerGroupTopicPartitions(group)]
        found = self.ask(lambda admin: admin.list_consumer_group_offsets(asked, request_timeout=5)[group].result(10))
        return {(each.topic, each.partition): each.offset for each in found.topic_partitions}

    def group(self, name):
        return self.ask(lambda admin: admin.describe_consumer_groups([name], request_timeout=5)[name].result(10))

    def reader(self, topic):
        """A consumer of all partitions from their beginning, which is no member of a group."""
        reader = Consumer({**self.settings, "group.id": "reader", "enable.auto.commit": False, "auto.offset.reset": "earliest",
                           "fetch.wait.max.ms": 100})
        reader.assign([TopicPartition(topic, partition, 0) for partition in range(self.topics()[topic])])
        return reader

    def ends(self, topic):
        """{(topic, partition): (first, end)}"""
        reader = Consumer({**self.settings, "group.id": "reader"})
        found = {(topic, p): reader.get_watermark_offsets(TopicPartition(topic, p), 20) for p in range(self.topics()[topic])}
        reader.close()
        return found


def main(run):
    """`run(report, kind, directory)` with everything ended afterwards."""
    report, code = Report(), 1
    clusters = []
    try:
        run(report, sys.argv[1], sys.argv[2], clusters)
        code = report.finish()
    except SystemExit as ended:
        code = ended.code
    finally:
        Program.end_all()
        for each in clusters:
            each.broker.stop(signal.SIGKILL)
    sys.stdout.flush()
    os._exit(code)
