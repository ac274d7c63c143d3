"""What a consumer group has to do, whatever the client in Python: the client's checks.py brings an adapter.

The adapter is a class `member(group, topic, reset="earliest", instance=None, cooperative=False)` with

    poll()          waits about 0.1 s; a list of (partition, offset, value); raises NoOffset for reset="none"
    partitions()    the sorted list of partitions it has now
    commit()        commits what was polled
    close()
    assigned, revoked     the lists of partitions that each rebalance gave and took, in order
"""
import time

from checks import check, equal, fresh, true


class NoOffset(Exception):
    """No committed offset, and none is to be made up."""


def until(what, holds, *members, seconds=20):
    """Polls the members until `holds()`; returns what they read."""
    found, end = [], time.monotonic() + seconds
    while not holds():
        true(time.monotonic() < end, f"never: {what}; partitions {[each.partitions() for each in members]}")
        for each in members:
            found.extend(each.poll())
    return found


def read(count, *members, seconds=20):
    """Reads `count` records with the members, and makes sure that there is no further one for a moment."""
    found, end = [], time.monotonic() + seconds
    while len(found) < count:
        true(time.monotonic() < end, f"{len(found)} of {count} records")
        for each in members:
            found.extend(each.poll())
    for each in members:
        found.extend(each.poll())
    return found


def numbers(count, partitions, start=0):
    """Records (key, value, headers, timestamp, partition) for checks' `send`."""
    return [(b"k", b"%d" % i, None, None, i % partitions) for i in range(start, start + count)]


def same(found, start, end):
    equal(sorted(int(value) for _, _, value in found), list(range(start, end)), "values")


def register(member, create, send, static=True, cooperative=True):
    """Registers the checks; `create` and `send` are the client's own."""
    @check
    def group_reads_all():
        topic = create("group", 3)
        send(topic, numbers(300, 3))
        one = member(fresh("group"), topic)
        found = read(300, one)
        same(found, 0, 300)
        for partition in range(3):
            equal([offset for p, offset, _ in found if p == partition], list(range(100)), "offsets")
        one.close()

    @check
    def group_resumes():
        topic, group = create("resume", 2), fresh("resume")
        send(topic, numbers(100, 2))
        for start in (0, 100, 200):
            one = member(group, topic)
            same(read(100, one), start, start + 100)
            one.commit()
            one.close()
            send(topic, numbers(100, 2, start + 100))

    @check
    def group_without_commit_reads_again():
        topic, group = create("again", 1), fresh("again")
        send(topic, numbers(50, 1))
        for _ in range(2):
            one = member(group, topic)
            same(read(50, one), 0, 50)
            one.close()

    @check
    def group_two_members():
        """Each record is read by one of two; when one leaves, the other goes on where it was."""
        topic, group = create("two", 4), fresh("two")
        one, two = member(group, topic), member(group, topic)
        until("two partitions each", lambda: len(one.partitions()) == len(two.partitions()) == 2, one, two)
        equal(sorted(one.partitions() + two.partitions()), [0, 1, 2, 3])
        send(topic, numbers(400, 4))
        same(read(400, one, two), 0, 400)
        for each in (one, two):
            each.commit()
        one.close()
        until("all partitions", lambda: two.partitions() == [0, 1, 2, 3], two)
        send(topic, numbers(400, 4, 400))
        same(read(400, two), 400, 800)
        two.close()

    @check
    def group_reset_policies():
        topic = create("reset", 1)
        send(topic, numbers(10, 1))
        one = member(fresh("none"), topic, reset="none")
        try:
            until("the error", lambda: False, one)
        except NoOffset:
            pass
        one.close()
        one = member(fresh("latest"), topic, reset="latest")
        until("its partition", lambda: one.partitions() == [0], one)
        found, sent = [], 10
        while not found:                                       # where the end is, is asked some time after the join
            true(sent < 100, "nothing new is read")
            send(topic, numbers(1, 1, sent))
            found, sent = one.poll(), sent + 1
        true(int(found[0][2]) >= 10, f"an old record: {found[0]}")
        one.close()

    if static:
        @check
        def group_static_member():
            """A member with a name comes back to its partitions, and the other hears nothing of it."""
            topic, group = create("static", 4), fresh("static")
            one, two = member(group, topic, instance="one"), member(group, topic, instance="two")
            until("two partitions each", lambda: len(one.partitions()) == len(two.partitions()) == 2, one, two)
            before, rebalances = one.partitions(), len(two.assigned)
            one.close()
            one = member(group, topic, instance="one")
            until("the same partitions", lambda: one.partitions() == before, one, two)
            send(topic, numbers(100, 4))
            same(read(100, one, two), 0, 100)
            equal((len(two.assigned), two.partitions()), (rebalances, sorted({0, 1, 2, 3} - set(before))), "the other")
            one.close()
            two.close()

    if cooperative:
        @check
        def group_cooperative():
            """Only the partitions that move are revoked."""
            topic, group = create("cooperative", 4), fresh("cooperative")
            one = member(group, topic, cooperative=True)
            until("all partitions", lambda: one.partitions() == [0, 1, 2, 3], one)
            two = member(group, topic, cooperative=True)
            until("two partitions each", lambda: len(one.partitions()) == len(two.partitions()) == 2, one, two)
            equal(sorted(p for each in one.revoked for p in each), two.partitions(), "revoked")
            send(topic, numbers(400, 4))
            same(read(400, one, two), 0, 400)
            one.commit()
            two.commit()
            two.close()
            until("all partitions", lambda: one.partitions() == [0, 1, 2, 3], one)
            send(topic, numbers(100, 4, 400))
            same(read(100, one), 400, 500)
            one.close()
