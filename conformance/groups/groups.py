"""What happens to consumer groups in real life, with members of every client as processes; see run.

    groups.py DIR CLIENT[/SCENE]…      against the broker at $BOOTSTRAP; prints `ok CLIENT NAME` or `FAIL CLIENT NAME why`, then the sum
"""
import concurrent.futures
import os
import random
import signal
import sys
import threading
import time

from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from members import SESSION_SECONDS, Judge, Member, eventually, judge_is_awake

BOOTSTRAP = os.environ["BOOTSTRAP"]
PARTITIONS = 6
AT_ONCE = 3
LONG_SESSION_MS = 30_000
# What a client can do; what it cannot, it cannot with the reference either (see FINDINGS.md):
# static, cooperative; consumer: it speaks the consumer protocol of KIP-848;
# poll: it leaves by itself when it is not polled for 5 s; thaw: it comes back after it was frozen; once: it does not deliver again what it
# committed; lag: in the end all it read is committed.
CLIENTS = {
    "confluent-kafka": {"static", "cooperative", "poll", "thaw", "once", "lag", "consumer"},
    "java": {"static", "cooperative", "poll", "thaw", "once", "lag", "consumer"},
    "franz-go": {"static", "cooperative", "thaw", "once", "lag", "consumer"},
    "sarama": {"static", "thaw", "once", "lag"},
    "kafka-go": {"thaw", "once", "lag"},
    "kafka-python": {"static", "cooperative", "poll", "thaw", "once", "lag"},
    "aiokafka": {"static", "poll", "thaw", "lag"},
    "kafkajs": {"once", "lag"},
    "platformatic": set(),
}

# Each scene, and what a client needs for it.
SCENES = {
    "dynamic": set(), "static": {"static"}, "cooperative": {"cooperative"}, "consumer": {"consumer"},
    "migrated": {"consumer"},
}


class Writer(threading.Thread):
    """Writes a record to each partition every 20 ms until it is stopped."""

    def __init__(self, topic):
        super().__init__(daemon=True)
        self.topic, self.stopping = topic, False
        self.producer = Producer({"bootstrap.servers": BOOTSTRAP, "enable.idempotence": True, "linger.ms": 2})
        self.start()

    def run(self):
        while not self.stopping:
            for partition in range(PARTITIONS):
                self.producer.produce(self.topic, b"x", partition=partition)
            self.producer.poll(0)
            time.sleep(0.02)
        self.producer.flush(30)

    def stop(self):
        self.stopping = True
        self.join(40)


class Scene:
    """A topic, a group and its members, with records coming all the time."""

    def __init__(self, client, word, directory):
        self.client, self.directory = client, directory
        self.topic = f"{client}-{word}-{random.getrandbits(32):08x}"
        self.group = f"group-{self.topic}"
        self.judge, self.admin = Judge("once" in CLIENTS[client]), AdminClient({"bootstrap.servers": BOOTSTRAP})
        self.admin.create_topics([NewTopic(self.topic, PARTITIONS, 1)])[self.topic].result(30)
        eventually("the topic is listed", lambda: self.topic in self.admin.list_topics(timeout=10).topics)
        self.writer = Writer(self.topic)

    def join(self, **options):
        return Member(self.client, self.judge, self.topic, self.group, self.directory, **options)

    def described(self):
        """The partitions of each member, as the broker tells them; none unless the group is stable."""
        found = self.admin.describe_consumer_groups([self.group], request_timeout=10)[self.group].result(15)
        if found.state.name != "STABLE":
            return []
        return sorted(sorted(each.partition for each in member.assignment.topic_partitions) for member in found.members)

    def shared(self, *members, seconds=80):
        """Waits until exactly these members have the same number of partitions each, and say so themselves."""
        each = PARTITIONS // len(members)
        def holds():
            owned = [member.owned for member in members]
            if any(owns is None or len(owns) != each for owns in owned) or sorted(sum(owned, [])) != list(range(PARTITIONS)):
                return False
            return self.described() == sorted(owned)
        try:
            took = eventually(f"{len(members)} members with {each} partitions each", holds, seconds)
        except AssertionError as error:
            said = [(member.owned, member.tail()) for member in members]
            raise AssertionError(f"{error}: they say {said}, the broker {self.described()}") from None
        for member in members:
            member.stale = False
        # A Java consumer that is frozen while it asks for its offsets ends with UnknownMemberIdException, with any broker.
        eventually("they read from all of them", lambda: all(member.reads >= set(member.owned) for member in members))
        return took

    def finish(self):
        """No record is skipped, none is delivered after its commit, and nothing is left uncommitted."""
        self.writer.stop()
        reader = Consumer({"bootstrap.servers": BOOTSTRAP, "group.id": "none"})
        ends = {p: reader.get_watermark_offsets(TopicPartition(self.topic, p), 20)[1] for p in range(PARTITIONS)}
        reader.close()
        try:
            eventually("everything is delivered", lambda: self.judge.all_delivered(ends), 60)
        except AssertionError:
            return "; ".join(self.judge.verdict(ends)) or "not delivered"
        if "lag" not in CLIENTS[self.client]:
            return "; ".join(self.judge.verdict(ends))
        def no_lag():
            asked = [ConsumerGroupTopicPartitions(self.group)]
            found = self.admin.list_consumer_group_offsets(asked)[self.group].result(15).topic_partitions
            return {each.partition: each.offset for each in found} == ends
        eventually("no lag", no_lag, 60)
        return "; ".join(self.judge.verdict(ends))

    def end(self):
        self.writer.stopping = True
        for each in self.judge.members:
            each.end()


def dynamic(scene, abilities, **protocol):
    """Three members join, one leaves, one is killed, one is frozen, one is not polled."""
    one = scene.join(**protocol)
    scene.shared(one)
    yield "a member has all partitions"
    two, three = scene.join(**protocol), scene.join(**protocol)
    scene.shared(one, two, three)
    yield "three members share them"
    three.leave()
    scene.shared(one, two)
    yield "one leaves"
    three = scene.join(**protocol)
    scene.shared(one, two, three)
    three.kill()
    took = scene.shared(one, two)
    if took < SESSION_SECONDS / 4:
        raise AssertionError(f"a killed member was missed after {took:.1f} s")
    yield "one is killed"
    two.freeze()
    scene.shared(one)
    two.signal(signal.SIGCONT)
    if "thaw" not in abilities:
        two.end()
        two = scene.join(**protocol)
    scene.shared(one, two)
    yield "one is frozen beyond its session, and comes back"
    if "poll" in abilities:
        two.pause()
        scene.shared(one)
        two.resume()
        scene.shared(one, two)
        yield "one does not poll for longer than it may, and comes back"
    why = scene.finish()
    if why:
        raise AssertionError(why)
    yield "nothing skipped" + ", nothing twice" * ("once" in abilities) + ", no lag" * ("lag" in abilities)


def static(scene):
    """A member with a name comes back within its session, and nobody notices; beyond it the others take over."""
    long = {"session": LONG_SESSION_MS}                        # some clients need seconds to start
    one, two = scene.join(instance="one", **long), scene.join(instance="two", **long)
    scene.shared(one, two)
    owned, changes = one.owned, len(two.changes)
    for name, end, options in (
            ("a static member comes back unnoticed", Member.leave, long),
            ("a static member comes back after a kill", Member.kill, long),
            ("a static member comes back with another session timeout", Member.leave, {})):
        end(one)
        one = scene.join(instance="one", **options)
        scene.shared(one, two)
        if one.owned != owned or len(two.changes) != changes:
            raise AssertionError(f"{name}: owned {owned} before and {one.owned} after; the other {two.changes}")
        yield name
    one.leave()
    scene.shared(two)
    yield "a static member stays away"
    why = scene.finish()
    if why:
        raise AssertionError(why)
    yield "nothing skipped, nothing twice, no lag"


def cooperative(scene):
    """What does not move stays where it is, and is read on."""
    one = scene.join(assignor="cooperative")
    scene.shared(one)
    two = scene.join(assignor="cooperative")
    scene.shared(one, two)
    least = set(one.owned)
    if any(not least <= set(each) for each in one.changes):
        raise AssertionError(f"what stays was taken: {one.changes}")
    yield "only what moves is taken"
    two.kill()
    scene.shared(one)
    if any(not least <= set(each) for each in one.changes):
        raise AssertionError(f"what stays was taken: {one.changes}")
    yield "a killed member's partitions are added"
    why = scene.finish()
    if why:
        raise AssertionError(why)
    yield "nothing skipped, nothing twice, no lag"


def migrated(scene):
    """Members of the classic protocol become members of the other one, one by one, and back; nobody stops reading."""
    old, new = {}, {"protocol": "consumer"}
    one, two = scene.join(**old), scene.join(**old)
    scene.shared(one, two)
    three = scene.join(**new)
    scene.shared(one, two, three)
    yield "a member of the consumer protocol joins two of the classic one"
    one.leave()
    one = scene.join(**new)
    scene.shared(one, two, three)
    two.leave()
    scene.shared(one, three)
    yield "the classic ones leave"
    two = scene.join(**old)
    scene.shared(one, two, three)
    for each in (one, three):
        each.leave()
    scene.shared(two)
    yield "and one comes back"
    why = scene.finish()
    if why:
        raise AssertionError(why)
    yield "nothing skipped, nothing twice, no lag"


def play(client, word, directory):
    """Plays one scene; a list of (name, seconds, why)."""
    abilities, results, begun = CLIENTS[client], [], time.monotonic()
    scene = None
    try:
        scene = Scene(client, word, directory)
        new = {"protocol": "consumer"}
        steps = {"dynamic": lambda: dynamic(scene, abilities), "static": lambda: static(scene), "cooperative": lambda: cooperative(scene),
                 "consumer": lambda: dynamic(scene, abilities, **new), "migrated": lambda: migrated(scene)}
        for name in steps[word]():
            results.append((client, f"{word}: {name}", time.monotonic() - begun, ""))
            begun = time.monotonic()
    except Exception as error:
        results.append((client, f"{word}: after {len(results)} steps", 0, f"{type(error).__name__}: {error}".replace("\n", " ")[:600]))
    finally:
        if scene:
            scene.end()
    return results


def main():
    directory, wanted = sys.argv[1], [(each + "/").split("/")[:2] for each in sys.argv[2:] or CLIENTS]
    passed, failed = (1, 0) if judge_is_awake() else (0, 1)
    print("ok planted losses and doubles are found" if passed else "FAIL the judge does not find planted damage", flush=True)
    scenes = [(client, word) for client, only in wanted for word, needs in SCENES.items()
              if needs <= CLIENTS[client] and only in ("", word)]
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for done in concurrent.futures.as_completed([pool.submit(play, *scene, directory) for scene in scenes]):
            for client, name, seconds, why in done.result():
                print(f"FAIL {client} {name}: {why}" if why else f"ok {client} {name} ({seconds:.1f} s)", flush=True)
                passed, failed = passed + (not why), failed + bool(why)
    print(f"{passed} passed, {failed} failed", flush=True)
    os._exit(1 if failed else 0)


main()
