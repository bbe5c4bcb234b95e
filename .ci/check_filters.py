"""check_filters.py TEST_PROGRAM... : whether every filter that the scripts give to GoogleTest, and every
mutant's killer, still names a test of these programs. A test that was renamed would no longer be left
out, or no longer be run, and nothing else would tell."""

import fnmatch
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
SCRIPTS = (
    ".ci/functions.sh",
    ".ci/lanes/address_sanitizer.sh",
    ".ci/lanes/emulated_orders.sh",
    ".ci/lanes/ptx.sh",
    ".ci/lanes/thread_sanitizer.sh",
    "tests/CMakeLists.txt",
)
# The lines with filters, of which quoted text, or what follows --gtest_filter=, is patterns.
FILTER_LINE = re.compile(r"(left_out|repetitions|agreement=|GTEST_FILTER=|--gtest_filter=)")
PATTERNS = re.compile(r"'([^']*)'|\"([^\"]*)\"|--gtest_filter=(\S+)")


def tests_of(program: str) -> set[str]:
    """The full names, as --gtest_list_tests has them suite by suite."""
    listing = subprocess.run([program, "--gtest_list_tests"], check=True, capture_output=True, text=True)
    names, suite = set(), ""
    for line in listing.stdout.splitlines():
        name = line.split("#")[0].rstrip()
        if name.startswith("  "):
            names.add(suite + name.strip())
        elif name.endswith("."):
            suite = name
    return names


def patterns_of_scripts() -> list[tuple[str, str]]:
    """Where a pattern stands, and the pattern. Those put together from variables are not known here."""
    found = []
    for path in SCRIPTS:
        for number, line in enumerate((ROOT / path).read_text().splitlines(), 1):
            if line.lstrip().startswith("#") or not FILTER_LINE.search(line):
                continue
            for groups in PATTERNS.findall(line):
                patterns = "".join(groups).lstrip("-").rstrip(")").split(":")
                found += [(f"{path}:{number}", p) for p in patterns if p.strip("*+") and "$" not in p]
    return found


def names_a_test(pattern: str, names: set[str]) -> bool:
    """One that ends with a slash is a beginning, which the script completes."""
    whole = pattern + "*" if pattern.endswith("/") else pattern
    whole = whole.replace("[", "[[]")  # GoogleTest knows no sets of characters
    return any(fnmatch.fnmatchcase(name, whole) for name in names)


def main() -> int:
    sys.path.insert(0, str(ROOT / "tests" / "mutants"))
    from mutants import MUTANTS

    names = set().union(*map(tests_of, sys.argv[1:]))
    wanted = patterns_of_scripts()
    wanted += [(mutant.name, p) for mutant in MUTANTS for p in mutant.killer.split(":")]
    lost = [(where, p) for where, p in wanted if not names_a_test(p, names)]
    for where, pattern in lost:
        print(f"{where}: no test is called {pattern}")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
