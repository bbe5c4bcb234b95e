"""count_tests.py RESULTS : prints how many tests passed and how many failed, by run_ctest's reports.

A group of tests counts by its own report. One without, because it is a single test or because it died,
counts as one test; so does a group that failed although every test of it passed.
"""

import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path


def count_group(report, group_passed):
    """Passed and failed tests of one of ctest's tests."""
    if not report.is_file():
        return (1, 0) if group_passed else (0, 1)
    cases = list(ElementTree.parse(report).iter("testcase"))
    failed = sum(case.find("failure") is not None for case in cases)
    skipped = sum(case.get("result") != "completed" for case in cases)
    if not group_passed:
        failed = max(failed, 1)
    return len(cases) - failed - skipped, failed


def main():
    passed = failed = 0
    for junit in Path(sys.argv[1]).glob("*.xml"):
        for test in ElementTree.parse(junit).iter("testcase"):
            report = junit.with_suffix("") / f"{test.get('name')}.xml"
            counts = count_group(report, test.get("status") == "run")
            passed, failed = passed + counts[0], failed + counts[1]
    print(passed, failed)


main()
