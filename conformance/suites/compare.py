"""Compares a suite's run with our list of its tests.

    compare.py LIST EXPECT OUTPUT headwater|apache       ends with: N passed, N failed
    compare.py pattern LIST                              Go's tests that have to pass, as a pattern
    compare.py skip LIST                                 the numbers of librdkafka's tests that would wait for their time limits

A list has sections, `[passes]` and any number of `[waits for …]`; each test that passes on Apache Kafka in the same harness (EXPECT) must be in
exactly one of them. OUTPUT is what the suite's script printed with EXPECT: a line `failed: NAME` for each test of EXPECT that did not pass, and
the sum. A test under `[passes]` that failed fails the run; so does one that waits and passed, since the list would be wrong. For Apache
Kafka every test counts as one that passes.
"""
import re
import sys


def read_list(path):
    """{test: section}, and what stands in it twice."""
    section, sections, twice = None, {}, []
    with open(path) as file:
        for line in (line.strip() for line in file):
            if line.startswith("[") and line.endswith("]"):
                section = line[1:-1]
            elif line and not line.startswith("#"):
                if line in sections:
                    twice.append(line)
                sections[line] = section
    return sections, twice


def choose(what, path):
    tests = read_list(path)[0].items()
    if what == "pattern":
        return "|".join(sorted({re.split(r"[./]", test)[1] for test, section in tests if section == "passes"}))
    return ",".join(sorted({test[:4] for test, section in tests if section not in ("passes", "waits for security")}))


def main():
    if sys.argv[1] in ("pattern", "skip"):
        print(choose(*sys.argv[1:3]))
        return
    list_path, expect_path, output_path, kind = sys.argv[1:]
    sections, twice = read_list(list_path)
    with open(expect_path) as file:
        expected = {line.strip() for line in file if line.strip()}
    with open(output_path, errors="replace") as file:
        output = file.read()
    bad = {name.strip() for name in re.findall(r"^  failed: (.*?)(?: \(did not run\))?$", output, re.M)}
    complaints = [f"stands in the list twice: {test}" for test in twice]
    complaints += [f"is in no section of the list: {test}" for test in sorted(expected - set(sections))]
    complaints += [f"does not pass on Apache Kafka either: {test}" for test in sorted(set(sections) - expected)]
    ended = re.search(r"^PASS (\d+) FAIL (\d+) SKIP \d+$", output, re.M)
    if not ended or int(ended[1]) + int(ended[2]) != len(expected):
        complaints.append("the suite did not come to its sum")
        bad = expected
    passed = 0
    for test, section in sorted(sections.items()):
        if section == "passes" or kind == "apache":
            passed += test not in bad
            if test in bad:
                complaints.append(test)
        elif test not in bad:
            complaints.append(f"{test} passes now, and stands under [{section}]")
    for complaint in complaints:
        print(f"FAIL {complaint}")
    print(f"{passed} passed, {len(complaints)} failed")


main()
