"""Consumer groups as librdkafka speaks them; checks.py loads this file."""
import time

import groups
from checks import BOOTSTRAP, check, equal, fresh, true
from confluent_kafka import Consumer, ConsumerGroupState, ConsumerGroupTopicPartitions, KafkaError, KafkaException, TopicPartition


class Member:
    """One consumer; see lib/groups.py."""

    def __init__(self, group, topic, reset="earliest", instance=None, cooperative=False):
        self.assigned, self.revoked = [], []
        more = {"group.instance.id": instance} if instance else {}
        self.consumer = Consumer({
            "bootstrap.servers": BOOTSTRAP, "group.id": group, "enable.auto.commit": False, "fetch.wait.max.ms": 100,
            "auto.offset.reset": "error" if reset == "none" else reset, "heartbeat.interval.ms": 200,
            "session.timeout.ms": 10000, "partition.assignment.strategy": "cooperative-sticky" if cooperative else "range",
            **more})
        self.consumer.subscribe([topic], on_assign=self._assign, on_revoke=self._revoke)

    def _assign(self, _, partitions):
        self.assigned.append(sorted(each.partition for each in partitions))

    def _revoke(self, _, partitions):
        self.revoked.append(sorted(each.partition for each in partitions))

    def poll(self):
        found = []
        for message in self.consumer.consume(500, 0.1):
            if message.error():
                if message.error().code() == KafkaError._AUTO_OFFSET_RESET:
                    raise groups.NoOffset
                raise KafkaException(message.error())
            found.append((message.partition(), message.offset(), message.value()))
        return found

    def partitions(self):
        return sorted(each.partition for each in self.consumer.assignment())

    def commit(self):
        try:
            self.consumer.commit(asynchronous=False)
        except KafkaException as error:                        # this member had nothing to commit
            if error.args[0].code() != KafkaError._NO_OFFSET:
                raise

    def close(self):
        self.consumer.close()


def register(admin, create, send):
    """Registers the checks; the arguments are what checks.py has for its own."""
    groups.register(Member, create, send)

    def described(group):
        return admin().describe_consumer_groups([group])[group].result(20)

    def offsets(group):
        found = admin().list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)])[group].result(20)
        return {each.partition: (each.offset, each.metadata) for each in found.topic_partitions}

    def code(futures):
        """The error code of the only future (0: none)."""
        try:
            list(futures.values())[0].result(20)
            return 0
        except KafkaException as error:
            return error.args[0].code()

    @check
    def describe_and_list_groups():
        topic, group = create("describe", 2), fresh("described")
        one = Member(group, topic, instance="here")
        groups.until("its partitions", lambda: one.partitions() == [0, 1], one)
        found = described(group)
        equal((found.state, found.partition_assignor, found.is_simple_consumer_group), (ConsumerGroupState.STABLE, "range", False))
        equal([(member.group_instance_id, member.client_id) for member in found.members], [("here", "rdkafka")])
        equal([(each.topic, each.partition) for each in found.members[0].assignment.topic_partitions], [(topic, 0), (topic, 1)])
        equal(found.coordinator.id, 1, "coordinator")
        for states, listed in [(set(), True), ({ConsumerGroupState.STABLE}, True), ({ConsumerGroupState.EMPTY}, False)]:
            names = [each.group_id for each in admin().list_consumer_groups(states=states).result(20).valid]
            equal(group in names, listed, f"listed with {states}")
        equal(code(admin().delete_consumer_groups([group])), KafkaError.NON_EMPTY_GROUP)
        one.close()

    @check
    def committed_offsets():
        topic, group = create("committed", 2), fresh("offsets")
        send(topic, groups.numbers(100, 2))
        wanted = [ConsumerGroupTopicPartitions(group, [TopicPartition(topic, 0, 7, metadata="why"), TopicPartition(topic, 1, 50)])]
        equal(code(admin().alter_consumer_group_offsets(wanted)), 0)
        found = offsets(group)
        equal((found[0], found[1][0]), ((7, "why"), 50))
        one = Member(group, topic)
        equal(sorted(int(value) for _, _, value in groups.read(43, one)), list(range(14, 100, 2)))
        found = admin().alter_consumer_group_offsets(wanted)[group]
        try:
            errors = [each.error and each.error.code() for each in found.result(20).topic_partitions]
        except KafkaException as error:
            errors = [error.args[0].code()]
        equal(set(errors), {KafkaError.UNKNOWN_MEMBER_ID}, "with a member")
        one.close()
        equal(described(group).state, ConsumerGroupState.EMPTY)

    @check
    def delete_groups():
        topic, group = create("delete", 1), fresh("deleted")
        send(topic, groups.numbers(10, 1))
        one = Member(group, topic)
        groups.read(10, one)
        one.commit()
        one.close()
        equal(code(admin().delete_consumer_groups([group])), 0)
        equal(code(admin().delete_consumer_groups([group])), KafkaError.GROUP_ID_NOT_FOUND)
        true(group not in [each.group_id for each in admin().list_consumer_groups().result(20).valid], "still listed")
        equal(offsets(group), {})
        one = Member(group, topic)
        groups.same(groups.read(10, one), 0, 10)
        one.close()

    @check
    def assigned_with_automatic_commits():
        """Partitions by hand, offsets by the group: close commits, and is quick."""
        topic, group = create("assigned", 1), fresh("assigned")
        send(topic, groups.numbers(10, 1))
        one = Consumer({"bootstrap.servers": BOOTSTRAP, "group.id": group, "auto.offset.reset": "earliest"})
        one.assign([TopicPartition(topic, 0)])
        equal(len(one.consume(10, 20)), 10, "records")
        begun = time.monotonic()
        one.close()
        true(time.monotonic() - begun < 5, "close is slow")
        equal(offsets(group)[0][0], 10, "committed")
