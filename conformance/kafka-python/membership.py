"""Consumer groups as kafka-python speaks them; checks.py loads this file."""
import groups
from checks import BOOTSTRAP, check, equal, fresh, true
from kafka import ConsumerRebalanceListener, KafkaConsumer, TopicPartition, errors
from kafka.coordinator.assignors.range import RangePartitionAssignor
from kafka.structs import OffsetAndMetadata


class Member(ConsumerRebalanceListener):
    """One consumer; see lib/groups.py."""

    def __init__(self, group, topic, reset="earliest", instance=None):
        self.assigned, self.revoked = [], []
        self.consumer = KafkaConsumer(
            bootstrap_servers=BOOTSTRAP, group_id=group, group_instance_id=instance, enable_auto_commit=False,
            auto_offset_reset=reset, fetch_max_wait_ms=100, heartbeat_interval_ms=200, session_timeout_ms=10000,
            partition_assignment_strategy=[RangePartitionAssignor])
        self.consumer.partitions_for_topic(topic)            # without metadata the leader assigns nothing; see FINDINGS.md
        self.consumer.subscribe([topic], listener=self)

    def on_partitions_assigned(self, assigned):
        self.assigned.append(sorted(each.partition for each in assigned))

    def on_partitions_revoked(self, revoked):
        self.revoked.append(sorted(each.partition for each in revoked))

    def poll(self):
        try:
            return [(record.partition, record.offset, record.value)
                    for records in self.consumer.poll(100).values() for record in records]
        except errors.NoOffsetForPartitionError as error:
            raise groups.NoOffset from error

    def partitions(self):
        return sorted(each.partition for each in self.consumer.assignment())

    def commit(self):
        self.consumer.commit()

    def close(self):
        self.consumer.close()


def register(admin, create, send):
    """Registers the checks; the arguments are what checks.py has for its own."""
    groups.register(Member, create, send, cooperative=False)  # see FINDINGS.md

    def state(group):
        return admin().describe_groups([group])[group]["group_state"]

    @check
    def describe_and_list_groups():
        topic, group = create("describe", 2), fresh("described")
        one = Member(group, topic, instance="here")
        groups.until("its partitions", lambda: one.partitions() == [0, 1], one)
        found = admin().describe_groups([group])[group]
        equal((found["group_state"], found["protocol_type"], found["protocol_data"]), ("Stable", "consumer", "range"))
        equal([(member["group_instance_id"], member["client_id"]) for member in found["members"]],
              [("here", one.consumer.config["client_id"])])
        assigned = found["members"][0]["member_assignment"]["assigned_partitions"]
        equal([(each["topic"], each["partitions"]) for each in assigned], [(topic, [0, 1])])
        for states, listed in [(None, True), (["Stable"], True), (["Empty"], False)]:
            names = [each["group_id"] for each in admin().list_groups(states_filter=states)]
            equal(group in names, listed, f"listed with {states}")
        equal(admin().delete_groups([group])[group], "NonEmptyGroupError")
        one.close()

    @check
    def committed_offsets():
        topic, group = create("committed", 2), fresh("offsets")
        send(topic, groups.numbers(100, 2))
        zero, first = TopicPartition(topic, 0), TopicPartition(topic, 1)
        wanted = {zero: OffsetAndMetadata(7, "why", None), first: OffsetAndMetadata(50, "", None)}
        equal({each: error.errno for each, error in admin().alter_group_offsets(group, wanted).items()}, {zero: 0, first: 0})
        found = admin().list_group_offsets({group: None})[group]
        equal({each: (o.offset, o.metadata) for each, o in found.items()}, {zero: (7, "why"), first: (50, "")})
        one = Member(group, topic)
        equal(sorted(int(value) for _, _, value in groups.read(43, one)), list(range(14, 100, 2)))
        equal(admin().alter_group_offsets(group, wanted)[zero], errors.UnknownMemberIdError, "with a member")
        equal(admin().delete_group_offsets(group, [zero])[zero], errors.GroupSubscribedToTopicError, "with a member")
        one.close()
        equal(state(group), "Empty")
        equal(admin().delete_group_offsets(group, [zero])[zero].errno, 0)
        equal([each for each, o in admin().list_group_offsets({group: None})[group].items() if o.offset >= 0], [first])

    @check
    def delete_groups():
        topic, group = create("delete", 1), fresh("deleted")
        send(topic, groups.numbers(10, 1))
        one = Member(group, topic)
        groups.read(10, one)
        one.commit()
        one.close()
        equal(admin().delete_groups([group])[group], "OK")
        equal(admin().delete_groups([group])[group], "GroupIdNotFoundError")
        true(group not in [each["group_id"] for each in admin().list_groups()], "still listed")
        equal(admin().list_group_offsets({group: None})[group], {})
        one = Member(group, topic)
        groups.same(groups.read(10, one), 0, 10)
        one.close()
