"""The two brokers as processes, and the load generator; everything that touches the operating system."""
import glob
import os
import shutil
import signal
import statistics
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
TARGET = os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target"))
LEAN = os.path.join(TARGET, "release", "lean")
HEADWATER = os.environ.get("HEADWATER_BINARY", os.path.join(TARGET, "release", "headwater"))
CACHE = os.environ.get("HEADWATER_CACHE", os.path.expanduser("~/.cache/headwater"))
KAFKA_LIBS = os.path.join(CACHE, "kafka-4.3.1", "libs", "*")
# As upstream's start script has them, with a gigabyte of heap.
SERVER_JVM = ("-Xmx1G -Xms1G -server -XX:+UseG1GC -XX:MaxGCPauseMillis=20 -XX:InitiatingHeapOccupancyPercent=35 "
              "-XX:+ExplicitGCInvokesConcurrent")
NAMES = {"kafka": "Apache Kafka 4.3.1", "headwater": "Headwater"}
# Nothing of a run may hang for longer.
LIMIT_S = 900


def say(text):
    print(f"[{time.strftime('%H:%M:%S')}] {text}", file=sys.stderr, flush=True)


def pairs(line):
    """`name=value name=value` as numbers."""
    return {name: float(value) for name, value in (pair.split("=") for pair in line.split())}


def lean(*words, timeout=LIMIT_S):
    done = subprocess.run([LEAN, *map(str, words)], capture_output=True, text=True, timeout=timeout)
    if done.returncode:
        raise RuntimeError(f"lean {' '.join(map(str, words))}: {done.stderr.strip()}")
    return pairs(done.stdout)


def free_port():
    return int(subprocess.check_output(["bash", "-c", f". {ROOT}/conformance/lib/env.sh; free_port"]))


class Broker:
    """One broker on one data directory; `more` are lines of its configuration."""

    def __init__(self, subject, directory, *more):
        self.subject, self.directory, self.more, self.port = subject, directory, more, free_port()
        self.address, self.pid = f"127.0.0.1:{self.port}", None
        os.makedirs(directory, exist_ok=True)

    def command(self):
        """The words that start it; what has to be prepared (Kafka's storage format) is done here, outside of any measurement."""
        script = "reference" if self.subject == "kafka" else "headwater"
        environment = {**os.environ, "COMMAND_ONLY": "1", "JAVA_OPTIONS": SERVER_JVM, "HEADWATER_BINARY": HEADWATER}
        words = subprocess.check_output([f"{ROOT}/conformance/{script}/start", str(self.port), self.directory, *self.more],
                                        env=environment, text=True)
        return words.splitlines()

    def start(self, *options):
        """Starts it and returns what `lean ready` tells: ready_ms, and written_ms if `--topics` is among the options."""
        command = self.command()
        with open(os.path.join(self.directory, "bench.log"), "a") as log:
            begun = subprocess.run([LEAN, "ready", self.address, *options, "--", *command], stdout=subprocess.PIPE,
                                   stderr=log, text=True, timeout=LIMIT_S)
        if begun.returncode:
            tail = open(os.path.join(self.directory, "bench.log")).read()[-2000:]
            raise RuntimeError(f"{NAMES[self.subject]} did not start: {tail}")
        found = pairs(begun.stdout)
        self.pid = int(found["pid"])
        return found

    def topic(self, name, partitions=1, config=None):
        pairs = ",".join(f"{key}={value}" for key, value in (config or {}).items())
        return lean("topic", self.address, name, "--partitions", partitions, "--config", pairs)["created_ms"]

    def delete(self, name):
        lean("delete", self.address, name)

    def load(self, words):
        """Runs the load generator beside the broker's CPU counters."""
        words = words.split() if isinstance(words, str) else words
        return lean(words[0], self.address, *words[1:], "--pid", self.pid)

    def cpu_s(self):
        fields = open(f"/proc/{self.pid}/stat").read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_mib(self, field="VmRSS"):
        for line in open(f"/proc/{self.pid}/status"):
            if line.startswith(field + ":"):
                return int(line.split()[1]) / 1024
        return 0.0

    def log_files(self, topic):
        return glob.glob(os.path.join(self.directory, "data", "**", topic + "-*", "*.log"), recursive=True)

    def end(self, number=signal.SIGTERM, limit_s=120):
        """Ends the process and returns how many seconds that took."""
        begun = time.monotonic()
        if self.pid is None:
            return 0.0
        try:
            os.kill(self.pid, number)
            while running(self.pid):
                if time.monotonic() - begun > limit_s:
                    os.kill(self.pid, signal.SIGKILL)
                time.sleep(0.005)
        except ProcessLookupError:
            pass
        self.pid = None
        return time.monotonic() - begun

    def remove(self):
        self.end()
        shutil.rmtree(self.directory, ignore_errors=True)


def running(pid):
    """Whether the process is there and not a zombie that nobody has waited for."""
    try:
        return open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def run_beside(broker, command, **options):
    """Runs somebody else's program; (its output, seconds, CPU seconds of the broker)."""
    begun, cpu = time.monotonic(), broker.cpu_s()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=LIMIT_S, **options)
    if done.returncode:
        raise RuntimeError(f"{command[:3]}…: {done.stdout[-1500:]}")
    return done.stdout, time.monotonic() - begun, broker.cpu_s() - cpu


def drop_from_cache(paths):
    """Makes files cold; their pages must be clean (os.sync)."""
    for path in paths:
        try:
            with open(path, "rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        except FileNotFoundError:
            pass


class Repeated:
    """Something that is done again and again beside a measurement, until the block ends."""

    def __init__(self, action):
        self.action, self.stopping, self.count, self.error = action, threading.Event(), 0, None

    def __enter__(self):
        self.thread = threading.Thread(target=self.go_on, daemon=True)
        self.thread.start()
        return self

    def go_on(self):
        while not self.stopping.is_set():
            try:
                self.action()
                self.count += 1
            except (RuntimeError, subprocess.SubprocessError) as error:
                self.error = error
                return

    def __exit__(self, *_):
        self.stopping.set()
        self.thread.join(120)


def sync_times_us(directory, count):
    """Median time of fdatasync behind 4 KiB written into a file whose blocks are there: what a synced answer cannot undercut."""
    path, times = os.path.join(directory, "sync-probe"), []
    with open(path, "wb", buffering=0) as file:
        file.write(bytes(8 << 20))
        os.fsync(file.fileno())
        for number in range(count):
            os.pwrite(file.fileno(), b"x" * 4096, number % 2048 * 4096)
            begun = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - begun) * 1e6)
    os.unlink(path)
    return statistics.median(times)
