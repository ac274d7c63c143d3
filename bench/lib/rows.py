"""What is measured: every row with its load, its promise, its figures and what is to be reached.

A row is measured once a round. `{600}` in a load is a number that `--quick` divides. The targets compare with Apache Kafka in the
same run; what bounds a row is written down from profiles (`perf`, instruction counts), not from guesses.
"""
from dataclasses import dataclass, field
from typing import Callable, Optional

QUICK_DIVISOR = 4


@dataclass
class Promise:
    """What acks mean in a row, and the topic's configuration that makes it so."""
    text: str
    kafka: dict = field(default_factory=dict)
    headwater: dict = field(default_factory=dict)


LEADER = Promise("acks=1")
MEMORY = Promise("acks=all, page cache (Headwater: headwater.acks.all=memory)", headwater={"headwater.acks.all": "memory"})
SYNCED = Promise("acks=all, synced (Kafka: flush.messages=1)", kafka={"flush.messages": "1"})
UNLIKE = Promise("acks=all, Headwater synced, Kafka page cache")
NONE = Promise("–")


@dataclass
class Target:
    text: str
    reached: Callable[[float, Optional[float], dict], Optional[bool]]


def at_most(share, text=None):
    """Of Kafka's figure."""
    return Target(text or f"≤ {fraction(share)}", lambda ours, theirs, _: None if theirs is None else ours <= share * theirs)


def at_least(times):
    return Target(f"≥ {times:g}×", lambda ours, theirs, _: None if theirs is None else ours >= times * theirs)


def below(limit, unit):
    return Target(f"< {limit:g} {unit}", lambda ours, _theirs, _context: ours < limit)


def sync_and(more_us):
    return Target(f"≤ fdatasync + {more_us} µs", lambda ours, _theirs, context: ours <= context["fdatasync_us"] + more_us)


def fraction(share):
    return f"1/{1 / share:.3g}" if share < 0.85 else f"{share:.2g}×"


@dataclass
class Figure:
    label: str
    key: str
    value: Callable[[dict], float]
    higher: bool = False
    target: Optional[Target] = None


def figure(label, key, value, higher=False):
    return lambda target=None: Figure(label, key, value, higher, target)


cpu_per_request = figure("broker CPU per request, µs", "cpu_request", lambda run: run["broker_cpu_s"] / run["requests"] * 1e6)
cpu_per_gb = figure("broker CPU per GB, s", "cpu_gb", lambda run: run["broker_cpu_s"] / run["wire_mb"] * 1e3)
cpu_per_payload = figure("broker CPU per GB of records, s", "cpu_gb", lambda run: run["broker_cpu_s"] / run["payload_mb"] * 1e3)
speed = figure("MB/s", "mb_s", lambda run: run["mb_s"], True)
rate = figure("requests/s", "requests_s", lambda run: run["requests_s"], True)
p50 = figure("p50, µs", "p50", lambda run: run["p50_us"])
p99 = figure("p99, µs", "p99", lambda run: run["p99_us"])
p999 = figure("p99.9, µs", "p999", lambda run: run["p999_us"])


def plain(label, key, higher=False, target=None):
    """A figure that a scene tells by itself."""
    return Figure(label, key, lambda run: run[key], higher, target)


@dataclass
class Row:
    id: str
    section: str
    name: str
    promise: Promise
    figures: list
    load: Optional[str] = None
    # Partitions of a topic of its own; 0 for the topic of the row before.
    partitions: int = 1
    bound: str = ""
    config: dict = field(default_factory=dict)
    # Something that goes on beside it: "disk" (two writers past the page cache) or "backlog" (a reader of cold data).
    beside: Optional[str] = None
    # Too much for the warm-up round and for every other round.
    heavy: bool = False


ONE = "One record of 100 B a request"
BATCHES = "Batches"
DIRTY = "Synced batches over many partitions, beside Kafka's page cache"
FETCH = "Fetch"
END = "From the intended time of sending until a waiting consumer has it"
COMPRESSED = "Compression (lines of text, 64 KB batches)"
GROUPS = "Consumer groups"
LATENCY = [p50, p99, p999]

CPU_TCP = "TCP and epoll in the kernel: user code is below a third of it"
DISK = "fdatasync of the disk"
COPIES = "the kernel's copy into the page cache"


def one_record():
    closed = "produce {t} --partitions {p} --connections {c} --requests {n} --acks {a}"
    load = lambda p, c, n, a: (closed.replace("{p}", str(p)).replace("{c}", str(c)).replace("{n}", "{%d}" % n).replace("{a}", str(a)))
    per_request = lambda: [cpu_per_request(at_most(1 / 8)), p50(at_most(1 / 2)), p99(at_most(1 / 3)), rate()]
    yield Row("one-1-leader", ONE, "1 connection, closed loop", LEADER, per_request(), load(1, 1, 20000, 1), bound=CPU_TCP)
    yield Row("one-1-memory", ONE, "1 connection, closed loop", MEMORY, per_request(), load(1, 1, 20000, -1), bound=CPU_TCP)
    yield Row("one-200-leader", ONE, "200 connections, 6 partitions, closed loop", LEADER, per_request(), load(6, 200, 60000, 1), 6, bound=CPU_TCP)
    yield Row("one-200-memory", ONE, "200 connections, 6 partitions, closed loop", MEMORY, per_request(), load(6, 200, 60000, -1), 6, bound=CPU_TCP)
    open_loop = [p50(at_most(1 / 2)), p99(at_most(1 / 3)), p999(), cpu_per_request(at_most(1 / 8))]
    yield Row("open-1-memory", ONE, "1 connection, 1,000/s, open loop", MEMORY, open_loop, load(1, 1, 10000, -1) + " --rate 1000", bound=CPU_TCP)
    yield Row("open-200-memory", ONE, "200 connections, 2,000/s, open loop", MEMORY, open_loop, load(6, 200, 20000, -1) + " --rate 2000", 6, bound=CPU_TCP)
    yield Row("one-1-synced", ONE, "1 connection, closed loop", SYNCED, [p50(sync_and(100)), p99(), rate(), cpu_per_request()],
              load(1, 1, 6000, -1), bound=DISK)
    yield Row("one-6-synced", ONE, "6 connections, 6 partitions, closed loop", SYNCED, [rate(at_least(2)), p50(), p99(), cpu_per_request()],
              load(6, 6, 16000, -1), 6, bound=DISK)
    yield Row("one-200-synced", ONE, "200 connections, 6 partitions, closed loop", SYNCED, [rate(at_least(8)), p50(), p99(), cpu_per_request()],
              load(6, 200, 40000, -1), 6, bound=DISK)


def batches():
    four = "produce {t} --partitions 6 --connections 4 --in-flight 5 --feed"
    for acks, promise in ((1, LEADER), (-1, MEMORY)):
        first = acks == 1
        want = lambda target: target if first else None
        name = "leader" if first else "memory"
        yield Row(f"batch-17k-{name}", BATCHES, "17 KB (160 records), 6 partitions, 4 connections", promise,
                  [speed(want(at_least(3))), cpu_per_gb(want(at_most(1 / 6))), p99()], four + " --records 160 --requests {40000} --acks %d" % acks, 6, COPIES)
        yield Row(f"batch-70k-{name}", BATCHES, "70 KB (640 records), the same", promise,
                  [speed(), cpu_per_gb(want(at_most(1 / 3.3))), p99()], four + " --records 640 --requests {16000} --acks %d" % acks, 6, COPIES)
        yield Row(f"batch-1m-{name}", BATCHES, "1 MB (9,000 records), the same", promise,
                  [speed(want(at_least(1.6))), cpu_per_gb(want(at_most(1 / 2.2))), p99()], four + " --records 9000 --requests {1200} --acks %d" % acks, 6, COPIES)
    yield Row("batch-17k-one", BATCHES, "17 KB, 1 partition, 1 connection, 5 in flight", MEMORY, [speed(), cpu_per_gb(), p99()],
              "produce {t} --in-flight 5 --feed --records 160 --requests {20000}", 1, COPIES)
    six = "produce {t} --partitions 6 --connections 6 --in-flight 5 --feed"
    yield Row("batch-17k-one-synced", BATCHES, "17 KB, 1 partition, 1 connection, 5 in flight", SYNCED, [speed(), cpu_per_gb(), p99()],
              "produce {t} --in-flight 5 --feed --records 160 --requests {8000}", 1, DISK)
    yield Row("batch-70k-synced", BATCHES, "70 KB, 6 partitions, 6 connections, 5 in flight", SYNCED,
              [speed(at_least(2.5)), cpu_per_gb(), p99()], six + " --records 640 --requests {8000}", 6, DISK)


def dirty():
    for size, records, requests in (("17 KB", 160, 20000), ("70 KB", 640, 8000)):
        for partitions in (1, 6, 64, 1000):
            yield Row(f"dirty-{records}-{partitions}", DIRTY, f"{size}, {partitions:,} partitions, 6 connections, 5 in flight", UNLIKE,
                      [speed(at_least(1)), cpu_per_gb(), p99()],
                      f"produce {{t}} --partitions {partitions} --connections 6 --in-flight 5 --feed --records {records} --requests {{{requests}}}",
                      partitions, "up to 6 partitions the copies, beyond the number of syncs: each file is one of its own")


def fetches():
    yield Row("fetch-feed", FETCH, "(what is read: 1 MB batches, 6 partitions)", LEADER, [], "produce {t} --partitions 6 --connections 4 --in-flight 5 --feed --records 9000 --requests {1200} --acks 1", 6)
    yield Row("fetch-1m", FETCH, "1 MiB a request, 4 connections, page cache", NONE, [cpu_per_gb(at_most(0.9)), speed(at_least(1))],
              "fetch {t} --partitions 6 --connections 4 --bytes {6000}000000", 0, "the load generator's copy out of the socket")
    yield Row("fetch-fan", FETCH, "1 MiB a request, 50 consumers of one partition, page cache", NONE, [cpu_per_gb(at_most(0.9)), speed(at_least(1))],
              "fetch {t} --partitions 1 --connections 50 --bytes {6000}000000", 0, "the load generator's copy out of the socket")
    yield Row("fetch-small-feed", FETCH, "(what is read: batches of one record)", LEADER, [], "produce {t} --in-flight 5 --requests {20000} --acks 1", 1)
    yield Row("fetch-small", FETCH, "one batch of one record a request, 1 connection", NONE,
              [cpu_per_request(at_most(1 / 5)), p50(), p99(), rate()], "fetch {t} --max-bytes 1 --requests {20000}", 0, CPU_TCP)


def end_to_end():
    trip = "roundtrip {t} --rate 1000 --requests {10000}"
    halves = [p50(at_most(1)), p99(at_most(1 / 2)), p999(), cpu_per_request(at_most(1 / 5))]
    yield Row("e2e-memory", END, "1,000/s, one consumer (tailing fetches)", MEMORY, halves, trip, bound=CPU_TCP)
    yield Row("e2e-synced", END, "1,000/s, one consumer", SYNCED, [p50(), p99(), p999(), cpu_per_request()], trip, bound=DISK)
    yield Row("e2e-fan", END, "200/s to 50 consumers", MEMORY, [p50(at_most(1)), p99(at_most(1 / 2)), p999(), cpu_per_request()],
              "roundtrip {t} --rate 200 --requests {2000} --consumers 50", bound=CPU_TCP)
    yield Row("e2e-disk", END, "1,000/s while the disk is saturated", MEMORY, [p50(), p99(), p999(at_most(1 / 2))], trip, beside="disk",
              bound="CPU time that the neighbours take")
    yield Row("e2e-disk-synced", END, "1,000/s while the disk is saturated", SYNCED, [p50(), p99(), p999()], trip, beside="disk", bound=DISK)
    yield Row("e2e-cold", END, "1,000/s beside a reader of a cold backlog", MEMORY, [p50(), p99(), p999(at_most(1 / 2))], trip, beside="backlog",
              bound="CPU time that the reader takes")


def compressed():
    base = "produce {t} --partitions 6 --connections 4 --in-flight 5 --feed --lines --records 640 --acks 1 --variants 4"
    for codec in ("lz4", "zstd"):
        yield Row(f"{codec}-kept", COMPRESSED, f"{codec} by the producer, kept", LEADER, [cpu_per_payload(at_most(1 / 2)), speed()],
                  f"{base} --codec {codec} --requests {{6000}}", 6, f"checking the records, which means to decompress {codec}")
        yield Row(f"{codec}-broker", COMPRESSED, f"plain by the producer, {codec} by the topic", LEADER, [cpu_per_payload(at_most(1 / 2)), speed()],
                  f"{base} --requests {{2000}}", 6, f"{codec}'s compression", {"compression.type": codec})


def groups():
    for promise, name in ((MEMORY, "memory"), (SYNCED, "synced")):
        for connections, requests in ((1, 5000), (100, 40000)):
            yield Row(f"commit-{connections}-{name}", GROUPS, f"commits of one offset, {connections} connections, each for its own group", promise,
                      [rate(), *([cpu_per_request()] if promise is MEMORY else []), p50(), p99()],
                      f"commits {{t}} --connections {connections} --requests {{{requests}}} --config {{offsets}}",
                      bound=CPU_TCP if promise is MEMORY else DISK)
    for members in (10, 100):
        yield Row(f"rebalance-{members}", GROUPS, f"a classic group of {members}, whose members send heartbeats every 50 ms", UNLIKE,
                  [plain("another comes, ms", "join_ms"), plain("one leaves, ms", "leave_ms")],
                  f"rebalance {{t}} --members {members} --rounds 7", bound="the members' heartbeats, then the slowest member's round trips")
    yield Row("first-record", GROUPS, "a new classic group until its first record", UNLIKE, [plain("ms", "first_record_ms", target=at_most(1 / 20))],
              "first {t} --rounds 7", bound="one sync; in Kafka `group.initial.rebalance.delay.ms`")


def offsets_config(promise, subject):
    """What makes a promise hold for committed offsets, and undoes that of the row before."""
    usual = {"kafka": {"flush.messages": str((1 << 63) - 1)}, "headwater": {"headwater.acks.all": "disk"}}[subject]
    return ",".join(f"{key}={value}" for key, value in {**usual, **getattr(promise, subject)}.items())


LOADS = [*one_record(), *batches(), *dirty(), *fetches(), *end_to_end(), *compressed(), *groups()]

START, REST, PARTITIONS, TOOLS, KEEP, BUILD = ("Start", "At rest and under load", "Many partitions", "Clients that people use",
                                             "Compaction", "The binary")
ms = lambda key, label, target=None: plain(label, key, target=target)
SCENES = [
    Row("start-fresh", START, "empty directory until Metadata answers", NONE, [ms("ready_ms", "ms", at_most(1 / 100)), plain("CPU, s", "cpu_s")], bound="a few syncs"),
    Row("start-again", START, "restart", NONE, [ms("ready_ms", "ms", at_most(1 / 100))], bound="a few syncs"),
    Row("idle", REST, "idle, no topics", NONE, [plain("memory, MiB", "mib", target=at_most(1 / 25)), plain("% of a core", "percent", target=below(0.1, "%"))]),
    Row("connections", REST, "1,000 idle connections more", NONE, [plain("memory more, MiB", "grown_mib", target=below(16, "MiB")), plain("opened in, ms", "opened_ms")], bound="a task and a socket's state each"),
    Row("loaded", REST, "the most under the loads of this table", NONE, [plain("memory, MiB", "mib", target=at_most(1 / 10))], bound="requests under way: memory grows with connections × their size"),
    Row("partitions-10000", PARTITIONS, "10,000 partitions", NONE, [
        plain("created in, s", "created_s", target=at_most(1 / 15)), plain("memory, MiB", "mib", target=at_most(1 / 10)),
        plain("clean restart until writes are acknowledged, s", "clean_s", target=at_most(1 / 30)),
        plain("the same after kill -9, s", "killed_s", target=at_most(1 / 40))], bound="the file system: folders and files to create, to list and to open"),
    Row("partitions-100000", PARTITIONS, "100,000 partitions (Kafka: not on this machine, it maps two files each)", NONE, [
        plain("created in, s", "created_s"), plain("memory, MiB", "mib"), plain("clean restart until writes are acknowledged, s", "clean_s"),
        plain("the same after kill -9, s", "killed_s")], bound="as above"),
    Row("compaction", KEEP, "compaction of 1 KB records, each key 10 times", NONE, [plain("broker CPU per GB, s", "cpu_gb", target=at_most(1 / 2)), plain("seconds per GB", "s_gb")], bound="copies, hashes of keys, CRC"),
    Row("tool-producer", TOOLS, "kafka-producer-perf-test, 100 B, batch.size=131072, acks=all", MEMORY, [plain("records/s", "records_s", True), plain("broker CPU per million records, s", "cpu_million")], bound="the Java client: it takes the other core and more"),
    Row("tool-producer-1k", TOOLS, "kafka-producer-perf-test, 1 KiB, defaults, acks=all", MEMORY, [plain("records/s", "records_s", True), plain("broker CPU per million records, s", "cpu_million")], bound="the Java client"),
    Row("tool-consumer", TOOLS, "kafka-consumer-perf-test, 100 B", NONE, [plain("records/s while fetching", "records_s", True), plain("broker CPU per million records, s", "cpu_million")], bound="the Java client"),
    Row("tool-e2e", TOOLS, "kafka-e2e-latency, acks=all", MEMORY, [plain("mean, ms", "mean_ms"), plain("p99, ms", "p99_ms")], bound="the Java clients"),
    Row("kcat-produce", TOOLS, "kcat (librdkafka), 100 B lines, acks=all", MEMORY, [plain("MB/s", "mb_s", True), plain("broker CPU per GB, s", "cpu_gb")], bound="kcat: one core of reading lines"),
    Row("kcat-consume", TOOLS, "kcat (librdkafka) reads them", NONE, [plain("MB/s", "mb_s", True), plain("broker CPU per GB, s", "cpu_gb")], bound="kcat"),
    Row("binary", BUILD, "release build, all in one file", NONE, [plain("size, MiB", "mib"), plain("cold build, s", "build_s")]),
]
SECTIONS = [START, REST, ONE, BATCHES, DIRTY, FETCH, END, COMPRESSED, GROUPS, KEEP, PARTITIONS, TOOLS, BUILD]
