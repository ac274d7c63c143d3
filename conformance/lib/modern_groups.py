"""What a group of the consumer protocol (KIP-848) has to do, whatever the client in Python; see groups.py.

The adapter is a class `member(group, topic, protocol="consumer", instance=None, pattern=False)` with what groups.py says.
`configure(group, name, value)` sets a configuration of a group; `doomed(group, topic)` starts a process with a member
of the consumer protocol that prints a line when it has a partition, and waits to be killed; `kind(group)` gives the
group's type ("consumer" or "classic") and its state.
"""
import time

import groups
from checks import check, equal, fresh, true


def register(member, create, send, configure, doomed, kind):
    """Registers the checks."""
    def quick(word):
        group = fresh(word)
        configure(group, "consumer.heartbeat.interval.ms", "300")
        return group

    def share(one, two):
        groups.until("two partitions each", lambda: len(one.partitions()) == len(two.partitions()) == 2, one, two)
        equal(sorted(one.partitions() + two.partitions()), [0, 1, 2, 3])

    @check
    def consumer_protocol_two_members():
        topic, group = create("modern-two", 4), quick("modern-two")
        two = member(group, topic)
        groups.until("all partitions", lambda: two.partitions() == [0, 1, 2, 3], two)
        one = member(group, topic)
        share(one, two)
        equal(sorted(p for each in two.revoked for p in each), one.partitions(), "only what moves is revoked")
        send(topic, groups.numbers(400, 4))
        groups.same(groups.read(400, one, two), 0, 400)
        for each in (one, two):
            each.commit()
        equal(kind(group), ("consumer", "stable"))
        one.close()
        groups.until("all partitions", lambda: two.partitions() == [0, 1, 2, 3], two)
        send(topic, groups.numbers(400, 4, 400))
        groups.same(groups.read(400, two), 400, 800)
        two.close()
        equal(kind(group), ("consumer", "empty"))

    @check
    def consumer_protocol_three_members():
        topic, group = create("modern-three", 5), quick("modern-three")
        members = [member(group, topic) for _ in range(3)]
        groups.until("a fair share", lambda: sorted(len(each.partitions()) for each in members) == [1, 2, 2], *members)
        send(topic, groups.numbers(500, 5))
        groups.same(groups.read(500, *members), 0, 500)
        for each in members:
            each.commit()
        members.pop().close()
        groups.until("all partitions", lambda: sorted(p for each in members for p in each.partitions()) == list(range(5)), *members)
        send(topic, groups.numbers(100, 5, 500))
        groups.same(groups.read(100, *members), 500, 600)
        for each in members:
            each.close()

    @check
    def consumer_protocol_static_member():
        """A member with a name comes back to its partitions, and the other hears nothing of it."""
        topic, group = create("modern-static", 4), quick("modern-static")
        one, two = member(group, topic, instance="one"), member(group, topic, instance="two")
        share(one, two)
        before, rebalances = one.partitions(), len(two.assigned)
        one.close()
        one = member(group, topic, instance="one")
        groups.until("the same partitions", lambda: one.partitions() == before, one, two)
        send(topic, groups.numbers(100, 4))
        groups.same(groups.read(100, one, two), 0, 100)
        equal((len(two.assigned), two.partitions()), (rebalances, sorted({0, 1, 2, 3} - set(before))), "the other")
        one.close()
        two.close()

    @check
    def consumer_protocol_killed_member():
        """Nobody says good-bye: after its session the partitions are another's."""
        topic, group = create("modern-killed", 4), quick("modern-killed")
        configure(group, "consumer.session.timeout.ms", "3000")
        one, other = member(group, topic), doomed(group, topic)
        try:
            groups.until("a half", lambda: len(one.partitions()) == 2, one)
            begun = time.monotonic()
        finally:
            other.kill()
            other.wait()
        groups.until("all partitions", lambda: one.partitions() == [0, 1, 2, 3], one)
        true(time.monotonic() - begun > 2, "it was not missed, it left")
        send(topic, groups.numbers(100, 4))
        groups.same(groups.read(100, one), 0, 100)
        one.close()

    @check
    def consumer_protocol_pattern():
        word = fresh("pattern")
        first = create(word + "-a", 1)
        send(first, groups.numbers(10, 1))
        one = member(quick("modern-pattern"), f"^.*{word}-[a-c]-.*", pattern=True)
        groups.same(groups.read(10, one), 0, 10)
        second = create(word + "-b", 1)
        send(second, groups.numbers(10, 1, 10))
        groups.same(groups.read(10, one), 10, 20)
        one.close()

    @check
    def group_goes_up_and_down():
        """Members of both protocols in one group: it becomes one of consumers, and a classic one again."""
        topic, group = create("mixed", 4), quick("mixed")
        send(topic, groups.numbers(100, 4))
        old = member(group, topic, protocol="classic")
        groups.same(groups.read(100, old), 0, 100)
        old.commit()
        equal(kind(group), ("classic", "stable"))
        one = member(group, topic)
        share(old, one)
        equal(kind(group)[0], "consumer")
        send(topic, groups.numbers(200, 4, 100))
        groups.same(groups.read(200, old, one), 100, 300)
        old.commit()
        one.commit()
        one.close()
        groups.until("all partitions", lambda: old.partitions() == [0, 1, 2, 3], old)
        equal(kind(group)[0], "classic")
        send(topic, groups.numbers(100, 4, 300))
        groups.same(groups.read(100, old), 300, 400)
        old.close()
