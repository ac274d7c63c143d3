"""A member of a group that runs until SIGTERM; what it says stands in groups/members.py."""
import os
import signal
import time

from kafka import ConsumerRebalanceListener, KafkaConsumer, TopicPartition, errors
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.coordinator.assignors.range import RangePartitionAssignor
from kafka.structs import OffsetAndMetadata


def say(*words):
    print(*words, flush=True)


def main(topic, group, options):
    running, owned = [True], []
    signal.signal(signal.SIGTERM, lambda *_: running.clear())

    def look():
        now = sorted(each.partition for each in consumer.assignment())
        if now != owned:
            owned[:] = now
            say("owns", ",".join(map(str, owned)))

    class Listener(ConsumerRebalanceListener):
        def on_partitions_assigned(self, _):
            look()

        def on_partitions_revoked(self, _):
            pass

        def on_partitions_lost(self, _):
            pass

    strategy = CooperativeStickyAssignor if options.get("assignor") == "cooperative" else RangePartitionAssignor
    consumer = KafkaConsumer(
        bootstrap_servers=os.environ["BOOTSTRAP"], group_id=group, group_instance_id=options.get("instance"), enable_auto_commit=False,
        auto_offset_reset="earliest", fetch_max_wait_ms=100, heartbeat_interval_ms=300, session_timeout_ms=int(options.get("session", 4000)), max_poll_interval_ms=5000,
        partition_assignment_strategy=[strategy])
    consumer.partitions_for_topic(topic)                       # see FINDINGS.md
    consumer.subscribe([topic], listener=Listener())
    while running:
        positions = {}
        for records in consumer.poll(100).values():
            for each in records:
                say("read", each.partition, each.offset)
                positions[each.partition] = each.offset + 1
        look()
        if positions:
            try:
                consumer.commit({TopicPartition(topic, p): OffsetAndMetadata(o, "", -1) for p, o in positions.items()})
            except errors.KafkaError:                          # no longer a member: somebody else reads them again
                continue
            for each in positions.items():
                say("done", *each)
        while os.path.exists(options["pause"]):
            time.sleep(0.05)
    consumer.close()
    say("left")
