"""The members of a group, each a process in its client's language, and what they say.

A member is started as `run member TOPIC GROUP [key=value…]` in its client's folder; the keys are `instance` (a static member's name), `assignor`
(`range` or `cooperative`), `protocol` (`consumer` for that of KIP-848), `session` (its timeout in ms, 4000 if it is not given; in the classic
protocol) and `pause` (a file: as long as it exists, the member does not poll; its client has to notice). It says

    owns 0,1,2        its partitions, each time they change ("owns" alone: none)
    read P O          a record was delivered
    done P O          a commit of partition P up to offset O (exclusive) succeeded
    left              SIGTERM was obeyed: a clean good-bye

and commits after each batch, never what it has not read since its partitions were given to it.
"""
import os
import signal
import subprocess
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SESSION_SECONDS = 4


class Member:
    """One process; `heard` of the judge gets what it says, in order of arrival."""

    def __init__(self, client, judge, topic, group, directory, **options):
        self.judge, self.topic, self.group = judge, topic, group
        self.owned, self.changes, self.left = None, [], False
        self.reads = set()  # the partitions that it read from since it has what it has
        # Frozen or not polled: what it fetched or committed before is perhaps told only afterwards.
        self.stale = False
        name = f"{group}-{len(judge.members)}"
        self.pause_file = os.path.join(directory, f"{name}.pause")
        words = [os.path.join(HERE, "..", client, "run"), "member", topic, group, f"pause={self.pause_file}"]
        words += [f"{key}={value}" for key, value in options.items()]
        self.log_path = os.path.join(directory, f"{name}.log")
        with open(self.log_path, "w") as errors:
            self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=errors, stdin=subprocess.DEVNULL, text=True, bufsize=1)
        judge.members.append(self)
        self.ear = threading.Thread(target=self._listen, daemon=True)
        self.ear.start()

    def _listen(self):
        for line in self.process.stdout:
            words = line.split()
            if not words or not line.endswith("\n"):           # killed in the middle of a word
                continue
            if words[0] == "owns":
                self.owned = sorted(int(p) for p in words[1].split(",")) if len(words) > 1 else []
                self.changes.append(self.owned)
                self.reads = set()
            elif words[0] == "left":
                self.left = True
            elif words[0] in ("read", "done"):
                self.reads.add(int(words[1]))
                self.judge.hear(self, words[0], int(words[1]), int(words[2]))

    def signal(self, number):
        self.process.send_signal(number)

    def leave(self):
        """A clean end."""
        self.signal(signal.SIGTERM)
        self.process.wait(20)
        self.ear.join(5)
        if not self.left:
            raise AssertionError(f"no clean end, code {self.process.returncode}: {self.tail()}")

    def kill(self):
        self.signal(signal.SIGKILL)
        self.process.wait(20)
        self.ear.join(5)

    def freeze(self):
        self.stale = True
        self.signal(signal.SIGSTOP)

    def pause(self):
        self.stale = True
        open(self.pause_file, "w").close()

    def resume(self):
        os.remove(self.pause_file)

    def tail(self):
        with open(self.log_path, errors="replace") as log:
            return " | ".join(log.read().splitlines()[-3:])[-400:]

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(20)


class Judge:
    """What all members of one topic's group said: nothing skipped; nothing delivered or committed again after a commit, if `once`."""

    def __init__(self, once=True):
        self.once = once
        self.members, self.lock = [], threading.Lock()
        self.delivered, self.committed, self.wrong = {}, {}, []

    def hear(self, member, word, partition, offset):
        with self.lock:
            stale = not self.once or member and member.stale
            if word == "read":
                if offset < self.committed.get(partition, 0) and not stale:
                    self.wrong.append(f"record {offset} of partition {partition} is delivered after a commit of {self.committed[partition]}")
                self.delivered.setdefault(partition, set()).add(offset)
            else:
                if offset < self.committed.get(partition, 0) and not stale:
                    self.wrong.append(f"partition {partition}: a commit of {offset} after one of {self.committed[partition]}")
                missing = [o for o in range(self.committed.get(partition, 0), offset) if o not in self.delivered.get(partition, ())]
                if missing:
                    self.wrong.append(f"partition {partition}: committed up to {offset} without reading {missing[:3]}")
                self.committed[partition] = max(offset, self.committed.get(partition, 0))

    def verdict(self, ends):
        """`ends`: {partition: end offset}; a list of what is wrong."""
        with self.lock:
            wrong = list(self.wrong[:3])
            for partition, end in ends.items():
                missing = set(range(end)) - self.delivered.get(partition, set())
                if missing:
                    wrong.append(f"partition {partition}: {len(missing)} of {end} records never delivered, first {min(missing)}")
            return wrong

    def all_delivered(self, ends):
        with self.lock:
            return all(len(self.delivered.get(partition, ())) >= end for partition, end in ends.items())


def judge_is_awake():
    """A judge that finds nothing wrong in planted damage is no judge."""
    def says(ends, *heard):
        judge = Judge()
        for words in heard:
            judge.hear(None, *words)
        return judge.verdict(ends)
    good = [("read", 0, 0), ("read", 0, 1), ("done", 0, 2), ("read", 0, 2), ("done", 0, 3)]
    return (not says({0: 3}, *good) and says({0: 4}, *good)
            and says({0: 3}, *good, ("read", 0, 1))                       # committed, and delivered again
            and says({0: 3}, *good, ("done", 0, 2))                       # a commit that goes back
            and says({0: 3}, *good[:3], ("done", 0, 3)))                  # committed without reading


def eventually(what, holds, seconds=30):
    begun = time.monotonic()
    while time.monotonic() < begun + seconds:
        if holds():
            return time.monotonic() - begun
        time.sleep(0.05)
    raise AssertionError(f"never: {what}")
