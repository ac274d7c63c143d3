"""A directory goes from Apache Kafka to Headwater and back.

    handover.py WORK [static|standalone|refusal|full…]

Apache Kafka writes topics of every kind (all codecs, transactions, compaction, deleted records, committed offsets). It stops, and
Headwater starts on the same server.properties, must serve exactly the same, adds to every topic, and restarts. Apache Kafka takes
the directory back, must serve exactly what Headwater served, continues its group and its transactional producer, and hands
it over once more. `static` and `standalone` are the two kinds of quorum (kraft.version 0 and 1).

`refusal`: a directory with Apache Kafka's default features is refused by name, and not a byte of its data changes; when the features
are lowered with the reference's own tool, it is served.

`full`: see full.py.
"""
import os
import shutil
import sys
import time

from full import full
from nodes import LOWERED, Nodes
from steps import (DEFAULT_LEVELS, apache_begins, committed_offset, counts, create, difference, everything, fill,
                   headwater_continues, refused, result, settled, some, write, write_transactions)

def back_and_forth(work, quorum):
    nodes = Nodes(os.path.join(work, quorum), quorum)
    nodes.format(LOWERED)
    nodes.start_apache()
    apache_begins(nodes)
    written = settled(nodes)
    records = sum(value[2][0] for value in written.values())
    aborted = written["transactions", 0][2][0] - written["transactions", 0][3][0]
    result(f"{quorum}: Apache Kafka writes", (records < 4500 or aborted != 30) and f"{records} records, {aborted} aborted")
    nodes.stop()

    nodes.start_headwater()
    result(f"{quorum}: Headwater serves the same", difference(everything(nodes), written))
    result(f"{quorum}: Headwater continues", headwater_continues(nodes))
    continued = everything(nodes)
    nodes.stop()
    nodes.start_headwater()
    result(f"{quorum}: the same after its restart", difference(everything(nodes), continued))
    nodes.stop()
    wrong, batches = nodes.dump_log()
    result(f"{quorum}: kafka-dump-log finds nothing wrong", wrong[:5] or batches < 100 and f"only {batches} batches")

    nodes.start_apache()
    result(f"{quorum}: Apache Kafka serves the same", difference(settled(nodes), continued))
    offset = committed_offset(nodes)
    result(f"{quorum}: the group has its offset", offset != 123 and f"{offset}")
    fill(nodes, "apache again")
    write(nodes, "ours", some("apache again", 100), 0)
    write_transactions(nodes, "apache again")
    finished = settled(nodes)
    aborted = finished["transactions", 0][2][0] - finished["transactions", 0][3][0]
    result(f"{quorum}: the transactional producer goes on", aborted != 60 and f"{aborted} aborted records, expected 60")
    nodes.stop()
    result(f"{quorum}: Apache Kafka complains of nothing", nodes.complaints("broker.log")[:5])
    nodes.start_headwater()
    result(f"{quorum}: Headwater serves the same again", difference(everything(nodes), finished))
    nodes.stop()
    result(f"{quorum}: Headwater complains of nothing", nodes.complaints("headwater.log")[:5])


def refusal(work):
    nodes = Nodes(os.path.join(work, "default"), "standalone")
    nodes.format([])
    refused(nodes, "refusal", "formatted by Apache Kafka", DEFAULT_LEVELS)
    nodes.start_apache()
    create(nodes, "t")
    write(nodes, "t", some("apache", 10))
    written = settled(nodes)
    nodes.stop()
    refused(nodes, "refusal", "used by Apache Kafka", DEFAULT_LEVELS)
    nodes.start_apache()
    lower(nodes)
    nodes.stop()
    nodes.start_headwater()
    result("refusal: with lowered features it is served", difference(everything(nodes), written))
    nodes.stop()


def lower(nodes):
    """What the refusal advises."""
    levels = [word for feature in LOWERED[1:] for word in ["--feature", feature]]
    try:
        nodes.tool("org.apache.kafka.tools.FeatureCommand", "downgrade", *levels)
        result("refusal: Apache Kafka lowers its features")
    except AssertionError as error:
        result("refusal: Apache Kafka lowers its features", error)


def main():
    work, parts = sys.argv[1], sys.argv[2:] or ["static", "standalone", "refusal", "full"]
    for part in parts:
        begun = time.monotonic()
        try:
            {"refusal": refusal, "full": full}.get(part, lambda work: back_and_forth(work, part))(work)
        except Exception as error:  # what ends a part is a line of the report
            result(f"{part}: goes on to its end", f"{type(error).__name__}: {error}")
            for name in ["broker.log", "headwater.log"]:
                log = os.path.join(work, "default" if part == "refusal" else part, name)
                if os.path.exists(log):
                    shutil.copyfileobj(open(log, errors="replace"), sys.stdout)
        print(f"  {part}: {time.monotonic() - begun:.0f} s", flush=True)
    print(f"{counts['passed']} passed, {counts['failed']} failed", flush=True)
    sys.stdout.flush()
    os._exit(1 if counts["failed"] else 0)


main()
