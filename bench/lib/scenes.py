"""What is more than one load on one topic: starts, rest, many partitions, compaction, other people's clients."""
import os
import re
import shutil
import signal
import subprocess
import time

from brokers import (HEADWATER, KAFKA_LIBS, NAMES, ROOT, SERVER_JVM, Broker, Repeated, drop_from_cache, lean, pairs, run_beside, say,
                     sync_times_us)
from rows import LOADS, MEMORY, QUICK_DIVISOR, SCENES, offsets_config


class Results:
    """{row id: [{figure's key: value} of each round]} of one broker, and what else is told of it."""

    def __init__(self):
        self.runs, self.context, self.failures = {}, {}, {}

    def add(self, row, run):
        values = {}
        for figure in row.figures:
            try:
                values[figure.key] = figure.value(run)
            except (KeyError, ZeroDivisionError):
                pass
        if "broker_cpu_s" in run and run.get("seconds"):
            values["cores"] = [run[key] / run["seconds"] for key in ("broker_cpu_s", "own_cpu_s", "other_cpu_s")]
        if "p999_us" in run:
            values["latency"] = [run[key] for key in ("p50_us", "p95_us", "p99_us", "p999_us", "max_us")]
        self.runs.setdefault(row.id, []).append(values)


ROW = {row.id: row for row in SCENES}


class Bench:
    """One broker through all that is wanted."""

    def __init__(self, subject, work, options):
        self.subject, self.options, self.results = subject, options, Results()
        self.work = os.path.join(work, subject)
        os.makedirs(self.work)
        self.wanted = re.compile(options.only) if options.only else None

    def wants(self, *ids):
        return self.wanted is None or any(self.wanted.search(name) for name in ids)

    def say(self, text):
        say(f"{NAMES[self.subject]}: {text}")

    def tell(self, id, **values):
        self.results.add(ROW[id], values)

    def attempt(self, id, action):
        """A scene that fails is told in the table and does not end the run."""
        try:
            action()
        except (RuntimeError, OSError, subprocess.SubprocessError) as error:
            self.results.failures[id] = str(error)
            self.say(f"{id} failed: {error}")

    def run(self):
        self.results.context["fdatasync_us"] = sync_times_us(self.work, 400)
        if self.wants("start-fresh", "start-again"):
            self.attempt("start-fresh", self.starts)
        loads = [row for row in LOADS if self.wants(row.id)]
        if loads or self.wants("idle", "connections", "loaded", "tool-", "kcat-"):
            self.one_broker(loads)
        for id, scene in (("compaction", self.compaction), ("partitions-10000", lambda: self.partitions(10)),
                          ("partitions-100000", lambda: self.partitions(100))):
            if self.wants(id) and not (id == "partitions-100000" and self.subject == "kafka"):
                self.attempt(id, scene)
        if self.subject == "headwater" and self.wants("binary"):
            self.attempt("binary", self.binary)
        return self.results

    def starts(self):
        for number in range(3 if self.options.quick else 5):
            broker = Broker(self.subject, os.path.join(self.work, f"start-{number}"))
            ready = broker.start()["ready_ms"]
            self.tell("start-fresh", ready_ms=ready, cpu_s=broker.cpu_s())
            broker.end()
            self.tell("start-again", ready_ms=broker.start()["ready_ms"])
            broker.remove()

    def one_broker(self, loads):
        """Rest, loads and clients with one process, as it grows old."""
        # As it comes; the tests' own configuration has a new group wait for nobody.
        as_it_comes = ["group.initial.rebalance.delay.ms=3000"] if self.subject == "kafka" else []
        broker = Broker(self.subject, os.path.join(self.work, "data"), *as_it_comes)
        broker.start()
        try:
            if self.wants("idle", "connections"):
                self.attempt("idle", lambda: self.idle(broker))
            self.loads(broker, loads)
            if self.wants("loaded") and loads:
                self.tell("loaded", mib=broker.memory_mib("VmHWM"))
            self.clients(broker)
        finally:
            broker.remove()

    def idle(self, broker):
        self.say("idle")
        seconds = 10 if self.options.quick else 30
        time.sleep(seconds)
        before = broker.cpu_s()
        time.sleep(seconds)
        self.tell("idle", percent=(broker.cpu_s() - before) / seconds * 100, mib=broker.memory_mib())
        run = broker.load("idle --connections 1000 --seconds 3")
        self.tell("connections", **run)

    # Loads on topics of their own.

    def loads(self, broker, rows):
        for number in range(self.options.rounds + 1):
            topics = []
            for row in rows:
                warming = number == 0
                if warming and row.beside:
                    continue
                topic = f"bench-{number}-{row.id}"
                if row.partitions:
                    self.forget(broker, topics)
                    self.attempt(row.id, lambda: self.make(broker, row, topic, topics))
                if not topics:
                    continue
                self.say(f"{row.id}, " + ("warm-up" if warming else f"round {number} of {self.options.rounds}"))
                load = row.load.replace("{offsets}", offsets_config(row.promise, self.subject))
                words = scaled(load, topics[0], QUICK_DIVISOR if warming or self.options.quick else 1)
                self.attempt(row.id, lambda: self.measure(broker, row, words, not warming))
            self.forget(broker, topics)

    def make(self, broker, row, topic, topics):
        config = getattr(row.promise, self.subject)
        broker.topic(topic, row.partitions, {"file.delete.delay.ms": "100", **config, **row.config})
        topics.append(topic)

    def forget(self, broker, topics):
        """Deletes topics, so that neither their pages nor their write-back are in the next row's way."""
        for topic in topics:
            self.attempt(topic, lambda: broker.delete(topic))
        if topics:
            time.sleep(0.4)
        topics.clear()
        os.sync()

    def measure(self, broker, row, words, counts):
        beside = {"disk": self.saturated_disk, "backlog": self.cold_reader}.get(row.beside)
        if beside:
            run = beside(broker, words)
        else:
            run = broker.load(words)
        if counts:
            self.results.add(row, run)

    def saturated_disk(self, broker, words):
        """Two writers past the page cache keep the disk's queue full."""
        paths = [os.path.join(self.work, f"neighbour-{number}") for number in range(2)]
        command = lambda path: ["dd", "if=/dev/zero", f"of={path}", "bs=1M", "count=256", "oflag=direct", "conv=notrunc"]
        write = lambda path: lambda: subprocess.run(command(path), check=True, capture_output=True)
        with Repeated(write(paths[0])), Repeated(write(paths[1])):
            time.sleep(0.5)
            run = broker.load(words)
        for path in paths:
            os.unlink(path)
        return run

    def cold_reader(self, broker, words):
        """A consumer that reads from the beginning what has left the page cache; again and again, cold each time."""
        topic, gigabytes = "backlog", self.options.backlog_gb
        if topic not in self.results.context:
            broker.topic(topic, 1, {"segment.bytes": str(256 << 20), "file.delete.delay.ms": "100"})
            for _ in range(gigabytes):
                broker.load(["produce", topic, "--in-flight", "5", "--records", "9000", "--requests", "1000", "--acks", "1", "--feed"])
            self.results.context[topic] = gigabytes
        os.sync()

        def read():
            drop_from_cache(broker.log_files(topic))
            lean("fetch", broker.address, topic, "--bytes", gigabytes * 950_000_000)
        with Repeated(read):
            time.sleep(0.3)
            return broker.load(words)

    # Many partitions, on a broker of their own.

    def partitions(self, topics):
        id = f"partitions-{topics}000"
        self.say(f"{topics},000 partitions")
        broker = Broker(self.subject, os.path.join(self.work, id))
        try:
            broker.start()
            begun = time.monotonic()
            for number in range(topics):
                broker.topic(f"many-{number}", 1000)
            values = {"created_s": time.monotonic() - begun}
            time.sleep(3)
            values["mib"] = broker.memory_mib()
            names = ",".join(f"many-{number}" for number in range(topics))
            until = ["--timeout-s", "600", "--topics", names, "--partitions", "1000"]
            values["stop_s"] = broker.end(limit_s=300)
            values["clean_s"] = broker.start(*until)["written_ms"] / 1000
            broker.end(signal.SIGKILL)
            values["killed_s"] = broker.start(*until)["written_ms"] / 1000
            self.tell(id, **values)
        finally:
            broker.end(limit_s=300)
            shutil.rmtree(broker.directory, ignore_errors=True)

    def compaction(self):
        """The CPU from the moment that the topic is to be compacted until nothing more happens, without what idling costs."""
        gigabytes = 0.25 if self.options.quick else 1.0
        broker = Broker(self.subject, os.path.join(self.work, "compaction"), "log.cleaner.backoff.ms=500")
        try:
            broker.start()
            for number in range(self.options.rounds):
                self.say(f"compaction, round {number + 1}")
                topic = f"keyed-{number}"
                broker.topic(topic, 1, {"segment.bytes": str(32 << 20), "file.delete.delay.ms": "100"})
                requests = int(gigabytes * 1e9 / 200 / 1024)
                keys = requests * 200 // 10
                broker.load(["produce", topic, "--records", "200", "--size", "1000", "--keys", str(keys), "--variants",
                             str(min(requests, 400)), "--lines", "--in-flight", "5", "--requests", str(requests), "--acks", "1", "--feed"])
                os.sync()
                size = lambda: sum(os.path.getsize(path) for path in broker.log_files(topic) if os.path.exists(path))
                before = size()
                idle = self.quiet_rate(broker)
                cpu, begun, last_change = broker.cpu_s(), time.monotonic(), time.monotonic()
                lean("alter", broker.address, topic, "--config", "cleanup.policy=compact,min.cleanable.dirty.ratio=0.01")
                seen, compacted_at = before, begun
                while time.monotonic() - last_change < 4 and time.monotonic() - begun < 240:
                    time.sleep(0.1)
                    now = size()
                    if abs(now - seen) > 1 << 20:
                        seen, last_change = now, time.monotonic()
                        compacted_at = last_change
                    if now > before * 0.8:
                        last_change = max(last_change, time.monotonic() - 3)
                elapsed = time.monotonic() - begun
                if seen > before * 0.8:
                    raise RuntimeError(f"nothing was compacted within {elapsed:.0f} s")
                used = max(0.0, broker.cpu_s() - cpu - idle * elapsed)
                self.tell("compaction", cpu_gb=used / (before / 1e9), s_gb=(compacted_at - begun) / (before / 1e9))
                broker.delete(topic)
        finally:
            broker.remove()

    def quiet_rate(self, broker):
        before = broker.cpu_s()
        time.sleep(2)
        return (broker.cpu_s() - before) / 2

    # Programs that others wrote.

    def clients(self, broker):
        java = lambda tool, *words: ["java", "-Xmx512m", "-XX:+UseG1GC", "-cp", KAFKA_LIBS, f"org.apache.kafka.tools.{tool}", *map(str, words)]
        divisor = QUICK_DIVISOR if self.options.quick else 1
        for number in range(1 if self.options.quick else self.options.rounds):
            self.perf_tools(broker, java, number, divisor)
            if shutil.which("kcat"):
                self.kcat(broker, number, divisor)

    def perf_tools(self, broker, java, number, divisor):
        def produce(id, topic, count, size, *properties):
            broker.topic(topic, 6, {"file.delete.delay.ms": "100", **getattr(MEMORY, self.subject)})
            out, _, cpu = run_beside(broker, java(
                "ProducerPerformance", "--bootstrap-server", broker.address, "--topic", topic, "--num-records", count, "--record-size",
                size, "--throughput", "-1", "--command-property", "acks=all", *properties))
            rate = float(re.findall(r"([\d.]+) records/sec", out)[-1])
            self.tell(id, records_s=rate, cpu_million=cpu / count * 1e6)

        def consume(id, topic, count):
            out, _, cpu = run_beside(broker, java("ConsumerPerformance", "--bootstrap-server", broker.address, "--topic", topic,
                                                  "--num-records", count, "--hide-header"))
            line = [line for line in out.splitlines() if line.count(",") >= 8][-1].split(",")
            self.tell(id, records_s=float(line[-1]), cpu_million=cpu / count * 1e6)

        def latency(id, topic, count):
            broker.topic(topic, 1, getattr(MEMORY, self.subject))
            out, _, _ = run_beside(broker, java("EndToEndLatency", broker.address, topic, count, "all", 100))
            mean = float(re.search(r"Avg latency: ([\d.]+)", out).group(1))
            self.tell(id, mean_ms=mean, p99_ms=float(re.search(r"99th = (\d+)", out).group(1)))

        count = 4_000_000 // divisor
        small, large = f"perf-{number}", f"perf-1k-{number}"
        if self.wants("tool-producer", "tool-consumer"):
            self.say("kafka-producer-perf-test and kafka-consumer-perf-test")
            self.attempt("tool-producer", lambda: produce("tool-producer", small, count, 100, "batch.size=131072", "linger.ms=5"))
            self.attempt("tool-consumer", lambda: consume("tool-consumer", small, count * 9 // 10))
            self.attempt("tool-producer-1k", lambda: produce("tool-producer-1k", large, 600_000 // divisor, 1024))
            for topic in (small, large):
                self.attempt(topic, lambda: broker.delete(topic))
        if self.wants("tool-e2e"):
            self.say("kafka-e2e-latency")
            self.attempt("tool-e2e", lambda: latency("tool-e2e", f"e2e-{number}", 10_000 // divisor))

    def kcat(self, broker, number, divisor):
        if not self.wants("kcat-produce", "kcat-consume"):
            return
        self.say("kcat")
        topic, lines = f"kcat-{number}", 4_000_000 // divisor
        path = os.path.join(self.work, "lines")
        with open(path, "w") as file:
            for begin in range(0, lines, 10_000):
                file.write("".join(f"{line:09d} the quick brown fox jumps over the lazy dog, and then a little further on to the end..\n" for line in range(begin, begin + 10_000)))
        gigabytes = os.path.getsize(path) / 1e9

        def produce():
            broker.topic(topic, 6, {"file.delete.delay.ms": "100", **getattr(MEMORY, self.subject)})
            with open(path) as file:
                _, seconds, cpu = run_beside(broker, ["kcat", "-q", "-P", "-b", broker.address, "-t", topic, "-X", "acks=all", "-X",
                                                      "linger.ms=5", "-X", "queue.buffering.max.messages=500000"], stdin=file)
            self.tell("kcat-produce", mb_s=gigabytes * 1000 / seconds, cpu_gb=cpu / gigabytes)

        def consume():
            command = f"exec kcat -q -C -b {broker.address} -t {topic} -o beginning -e -X check.crcs=false >/dev/null"
            _, seconds, cpu = run_beside(broker, ["bash", "-c", command])
            self.tell("kcat-consume", mb_s=gigabytes * 1000 / seconds, cpu_gb=cpu / gigabytes)

        self.attempt("kcat-produce", produce)
        self.attempt("kcat-consume", consume)
        self.attempt(topic, lambda: broker.delete(topic))
        os.unlink(path)

    def binary(self):
        values = {"mib": os.path.getsize(HEADWATER) / (1 << 20)}
        if self.options.build:
            self.say("cold release build")
            target, begun = os.path.join(self.work, "target"), time.monotonic()
            subprocess.run(["cargo", "build", "--quiet", "--release", "-p", "headwater"], cwd=ROOT, check=True,
                           env={**os.environ, "CARGO_TARGET_DIR": target})
            values["build_s"] = time.monotonic() - begun
            shutil.rmtree(target)
        self.tell("binary", **values)


def scaled(words, topic, divisor):
    """`{600}` is divided."""
    words = words.replace("{t}", topic)
    return re.sub(r"\{(\d+)\}", lambda found: str(max(1, int(found.group(1)) // divisor)), words).split()
