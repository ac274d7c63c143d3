"""Compares the output of a client's checks with its allow-list and prints the sum that counts.

usage: tally.py headwater|apache ALLOW_LIST OUTPUT

A check of the list that failed or did not run counts as failed. A failed check that is not on the list is a known
gap: it is shown, and not counted. A passed check that is not on the list counts as failed too, so that the list
cannot fall behind. A line `- NAME` is a gap of Headwater's: Apache Kafka has to pass it.
"""
import sys


def main():
    allowed = [line.split("#")[0].strip() for line in open(sys.argv[2])]
    if sys.argv[1] == "apache":
        allowed = [name.removeprefix("- ") for name in allowed]
    allowed = [name for name in allowed if name and not name.startswith("- ")]
    outcome = {}
    for line in open(sys.argv[3], errors="replace"):
        word, _, rest = line.rstrip("\n").partition(" ")
        if word in ("ok", "FAIL") and rest:
            outcome[rest.split(" ", 1)[0]] = (word, rest)
    passed = failed = 0
    for name in allowed:
        word, rest = outcome.get(name, ("FAIL", f"{name} did not run"))
        if word == "ok":
            passed += 1
        else:
            failed += 1
            print("FAIL", rest)
    for name, (word, rest) in outcome.items():
        if name in allowed:
            continue
        if word == "ok":
            failed += 1
            print(f"FAIL {name} passes, but does not stand on the allow-list")
        else:
            print("known gap:", rest)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
