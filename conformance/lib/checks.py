"""The frame of the Python clients' checks: a check is a function; one line of output for each, then the sum.

    ok NAME
    FAIL NAME why
    N passed, N failed
"""
import os
import random
import signal
import sys
import time

BOOTSTRAP = os.environ.get("BOOTSTRAP", "127.0.0.1:9092")
CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]
SECONDS_PER_CHECK = 60
_checks = []


class TooSlow(Exception):
    pass


def check(function):
    """Registers `function` as a check under its name."""
    _checks.append((function.__name__, function))
    return function


def check_each(values):
    """One check for each value, named `function-value`."""
    def register(function):
        for value in values:
            _checks.append((f"{function.__name__}-{value}", lambda value=value: function(value)))
        return function
    return register


def equal(found, expected, what="value"):
    if found != expected:
        raise AssertionError(f"{what}: found {str(found)[:200]!r}, expected {str(expected)[:200]!r}")


def true(condition, why):
    if not condition:
        raise AssertionError(why)


def fresh(word):
    """A topic name nobody used before."""
    return f"{word}-{random.getrandbits(40):010x}"


def _alarm(*_):
    raise TooSlow(f"not done within {SECONDS_PER_CHECK} s")


def run(only=None):
    """Runs the checks whose name contains `only`; the exit code is 1 when one failed."""
    signal.signal(signal.SIGALRM, _alarm)
    passed = failed = 0
    for name, function in _checks:
        if only and only not in name:
            continue
        begun = time.monotonic()
        try:
            signal.alarm(SECONDS_PER_CHECK)
            function()
            print(f"ok {name}", flush=True)
            passed += 1
        except Exception as error:  # every failure of a check is a line of the report
            why = f"{type(error).__name__}: {error}".replace("\n", " ")
            print(f"FAIL {name} {why[:400]}", flush=True)
            failed += 1
        finally:
            signal.alarm(0)
        if os.environ.get("TIMES"):
            print(f"  {time.monotonic() - begun:.2f} s", flush=True)
    print(f"{passed} passed, {failed} failed", flush=True)
    sys.exit(1 if failed else 0)


# The stream that one client writes and another reads (conformance/crossing): record i has one of seven keys and a
# value that follows from i, so the reader can tell every byte.
def crossing_key(i):
    return b"k%d" % (i % 7)


def crossing_value(i):
    return b"%d:" % i + b"x" * (i * 31 % 97)


class CrossingReader:
    """Checks the stream of `count` records: every byte, no record twice, order per key."""

    def __init__(self, count):
        self.count, self.next_of_key, self.seen = count, {}, 0

    def take(self, key, value):
        i = self.next_of_key.get(key, int(key[1:]))
        equal(value, crossing_value(i), f"value of record {i} of {key!r}")
        self.next_of_key[key] = i + 7
        self.seen += 1

    def done(self):
        return self.seen >= self.count

    def finish(self):
        equal(self.seen, self.count, "records")
        equal(len(self.next_of_key), min(7, self.count), "keys")
        print(f"{self.seen} records, every byte and the order of each key as written")
