"""A member of a group that runs until SIGTERM; what it says stands in groups/members.py."""
import os
import signal
import time

from confluent_kafka import Consumer, KafkaException, TopicPartition


def main(topic, group, options):
    owned, running = [], [True]
    signal.signal(signal.SIGTERM, lambda *_: running.clear())

    def say(*words):
        print(*words, flush=True)

    def changed(partitions):
        owned[:] = sorted(partitions)
        say("owns", ",".join(map(str, owned)))

    def assign(_, partitions):
        changed({*owned, *(each.partition for each in partitions)})

    def lose(_, partitions):
        changed(set(owned) - {each.partition for each in partitions})

    session = int(options.get("session", 4000))
    protocol = {
        "heartbeat.interval.ms": 300, "session.timeout.ms": session,
        "partition.assignment.strategy": "cooperative-sticky" if options.get("assignor") == "cooperative" else "range",
    } if options.get("protocol") != "consumer" else {"group.protocol": "consumer"}
    consumer = Consumer({
        "bootstrap.servers": os.environ["BOOTSTRAP"], "group.id": group, "enable.auto.commit": False, "auto.offset.reset": "earliest",
        "fetch.wait.max.ms": 100, "max.poll.interval.ms": max(session, 5000), **protocol,
        **({"group.instance.id": options["instance"]} if "instance" in options else {})})
    consumer.subscribe([topic], on_assign=assign, on_revoke=lose, on_lost=lose)
    while running:
        positions = {}
        for message in consumer.consume(200, 0.1):
            if not message.error() and message.partition() in owned:
                say("read", message.partition(), message.offset())
                positions[message.partition()] = message.offset() + 1
        if positions:
            try:
                consumer.commit(offsets=[TopicPartition(topic, *each) for each in positions.items()], asynchronous=False)
            except KafkaException:                             # no longer a member: somebody else reads them again
                continue
            for each in positions.items():
                say("done", *each)
        while os.path.exists(options["pause"]):
            time.sleep(0.05)
    consumer.close()
    say("left")
