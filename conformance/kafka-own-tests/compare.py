"""Compares what ran with the list of a suite.

    compare.py classes LIST                           the classes that have tests which must pass
    compare.py results LIST EXPECT OUT CLASSES        OUT: JUnit's reports; ends with: N passed, N failed

A list has sections, `[passes]` and any number of `[waits for …]`; a line in them is a test, as the suites' lists write it. Each test that
passes on Apache Kafka (EXPECT) must be in exactly one section, so that none is forgotten. A test under `[passes]` that did not pass, or did
not run, fails the run; so does one that waits and passed, since the list would be wrong. Of one under `[depends on …]` either is accepted.
"""
import glob
import os
import sys
import xml.etree.ElementTree


def read_list(path):
    """{test: section}, and the tests that stand in it twice."""
    section, sections, twice = None, {}, []
    with open(path) as file:
        for line in file:
            line = line.strip()
            if line.startswith("["):
                section = line.strip("[]")
            elif line and not line.startswith("#"):
                if line in sections:
                    twice.append(line)
                sections[line] = section
    return sections, twice


def simple_class(test):
    return test.split("(")[0].split(".")[-2]


def reports(folder):
    """{test: (outcome, why)}; of two runs of a test the failed one counts."""
    found = {}
    for path in glob.glob(os.path.join(folder, "**", "*.xml"), recursive=True):
        for case in xml.etree.ElementTree.parse(path).getroot().iter("testcase"):
            name = f"{case.get('classname')}.{case.get('name')}"
            bad = [child for child in case if child.tag in ("failure", "error")]
            outcome = "failed" if bad else "skipped" if case.find("skipped") is not None else "passed"
            if outcome != "skipped" and found.get(name, ("", ""))[0] != "failed":
                found[name] = (outcome, " ".join((bad[0].get("message") or bad[0].text or "").split())[:300] if bad else "")
    return found


def results(list_path, expect_path, folder, classes):
    sections, twice = read_list(list_path)
    with open(expect_path) as file:
        expected = {line.strip() for line in file if line.strip()}
    found, passed, failed = reports(folder), 0, 0
    complaints = [f"stands in the list twice: {test}" for test in twice]
    complaints += [f"is in no section of the list: {test}" for test in sorted(expected - set(sections))]
    complaints += [f"does not pass on Apache Kafka either: {test}" for test in sorted(set(sections) - expected)]
    for test, section in sorted(sections.items()):
        outcome, why = found.get(test, ("did not run", ""))
        if simple_class(test) not in classes or section.startswith("depends on"):
            continue
        if section == "passes":
            good, what = outcome == "passed", f"{test}: {outcome} {why}"
        else:
            good, what = outcome != "passed", f"{test} passes now, and stands under [{section}]"
            if good:
                continue
        passed, failed = passed + good, failed + (not good)
        print(f"ok {test}" if good else f"FAIL {what}")
    for complaint in complaints:
        print(f"FAIL {complaint}")
    print(f"{passed} passed, {failed + len(complaints)} failed")


def main():
    what, list_path = sys.argv[1:3]
    if what == "classes":
        sections, _ = read_list(list_path)
        print(" ".join(sorted({simple_class(test) for test, section in sections.items() if section == "passes"})))
    else:
        results(list_path, *sys.argv[3:5], sys.argv[5].split())


main()
