"""A member of a group that runs until SIGTERM; what it says stands in groups/members.py."""
import asyncio
import os
import signal

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition, errors
from aiokafka.coordinator.assignors.range import RangePartitionAssignor


def say(*words):
    print(*words, flush=True)


class Listener(ConsumerRebalanceListener):
    async def on_partitions_revoked(self, revoked):
        if revoked:
            say("owns")

    async def on_partitions_assigned(self, assigned):
        say("owns", ",".join(str(p) for p in sorted(each.partition for each in assigned)))


async def work(consumer, found):
    positions = {}
    for records in found.values():
        for each in records:
            say("read", each.partition, each.offset)
            positions[each.partition] = each.offset + 1
            topic = each.topic
    if not positions:
        return
    try:
        await consumer.commit({TopicPartition(topic, p): o for p, o in positions.items()})
    except (errors.KafkaError, errors.IllegalStateError):      # no longer a member: somebody else reads them again
        return
    for each in positions.items():
        say("done", *each)


async def consume(topic, group, options):
    running = [True]
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.clear)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=os.environ["BOOTSTRAP"], group_id=group, group_instance_id=options.get("instance"), enable_auto_commit=False,
        auto_offset_reset="earliest", fetch_max_wait_ms=100, heartbeat_interval_ms=300, session_timeout_ms=int(options.get("session", 4000)), max_poll_interval_ms=5000,
        partition_assignment_strategy=(RangePartitionAssignor,))
    consumer.subscribe([topic], listener=Listener())
    await consumer.start()
    while running:
        await work(consumer, await consumer.getmany(timeout_ms=100))
        while os.path.exists(options["pause"]):
            await asyncio.sleep(0.05)
    await consumer.stop()
    say("left")


def main(topic, group, options):
    asyncio.run(consume(topic, group, options))
