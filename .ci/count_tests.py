"""count_tests.py RESULTS : prints how many tests passed and how many failed, by run_ctest's reports, and
then the names of those that failed, a line each.

A group of tests counts by its own report. One without, because it is a single test or because it died,
counts as one test; so does a group that failed although every test of it passed.
"""

import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path


def count_group(report, group_passed):
    """How many tests of one of ctest's tests passed, and the names of those that failed."""
    if not report.is_file():
        return (1, []) if group_passed else (0, [report.stem])
    cases = list(ElementTree.parse(report).iter("testcase"))
    failed = [
        f"{case.get('classname')}.{case.get('name')}"
        for case in cases
        if case.find("failure") is not None
    ]
    skipped = sum(case.get("result") != "completed" for case in cases)
    passed = len(cases) - len(failed) - skipped
    return passed, failed or ([] if group_passed else [report.stem])


def main():
    passed, failed = 0, []
    for junit in Path(sys.argv[1]).glob("*.xml"):
        for test in ElementTree.parse(junit).iter("testcase"):
            report = junit.with_suffix("") / f"{test.get('name')}.xml"
            counts = count_group(report, test.get("status") == "run")
            passed, failed = passed + counts[0], failed + counts[1]
    print(passed, len(failed))
    for name in failed:
        print(name)


main()
