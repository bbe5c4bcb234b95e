#!/usr/bin/env python3
"""Plants one mistake at a time and looks whether the test that should find it does.

  tests/mutants/run.py [--only PATTERN] [--build DIR]   plant, build, test, restore; a table in the end
  tests/mutants/run.py --list                           the mutants of mutants.py
  tests/mutants/run.py --check                          every text is still there, exactly once

Works in the source tree and in a build directory of it that has been configured with
POLYAK_EMULATOR=ON; a file is restored whatever happens, Ctrl-C included. Exit code 1 if a mutant
survives, does not compile or does not apply, or if a killer fails without any mistake.
"""
import argparse
import fnmatch
import os
import pathlib
import signal
import subprocess
import sys
import time

from mutants import MUTANTS, TARGETS

ROOT = pathlib.Path(__file__).resolve().parents[2]
# A mutant may make a loop endless: that is found, too.
LONGEST_TEST_SECONDS = 600


def occurrences(mutant):
    file = ROOT / mutant.file
    return file.read_text().count(mutant.text) if file.is_file() else 0


def check(mutants):
    """Whether every mutant can be planted; says which cannot."""
    good = True
    names = set()
    for mutant in mutants:
        count = occurrences(mutant)
        if count != 1:
            print(f"{mutant.name}: its text is in {mutant.file} {count} times, not once")
            good = False
        if mutant.name in names or mutant.text == mutant.becomes:
            print(f"{mutant.name}: its name is another's, or it changes nothing")
            good = False
        names.add(mutant.name)
    return good


class Planted:
    """A source file with a mistake, as long as the scope lasts."""

    def __init__(self, mutant):
        self.file = ROOT / mutant.file
        self.original = self.file.read_bytes()
        text = self.original.decode()
        self.mutated = text.replace(mutant.text, mutant.becomes, 1).encode()

    def __enter__(self):
        self.file.write_bytes(self.mutated)

    def __exit__(self, *_):
        self.file.write_bytes(self.original)


def build(directory, target):
    """Whether the target builds; prints why not."""
    result = subprocess.run(["cmake", "--build", directory, "--target", target],
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if result.returncode != 0:
        print("\n".join(result.stdout.splitlines()[-15:]))
    return result.returncode == 0


def run_killer(directory, mutant):
    """'passed', 'failed' or 'ran no test'."""
    binary = pathlib.Path(directory) / TARGETS[mutant.target]
    command = [str(binary.resolve()), f"--gtest_filter={mutant.killer}"]
    try:
        result = subprocess.run(command, env={**os.environ, **mutant.environment}, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                timeout=LONGEST_TEST_SECONDS)
    except subprocess.TimeoutExpired:
        return "failed"
    if "Running 0 tests" in result.stdout:
        return "ran no test"
    return "passed" if result.returncode == 0 else "failed"


def with_sound_killers(directory, mutants):
    """Those whose killer passes as the source stands; one that does not would kill anything."""
    for target in sorted({mutant.target for mutant in mutants}):
        if not build(directory, target):
            return []
    outcomes = {}
    sound = []
    for mutant in mutants:
        killer = (mutant.target, mutant.killer, tuple(mutant.environment.items()))
        if killer not in outcomes:
            outcomes[killer] = run_killer(directory, mutant)
            if outcomes[killer] != "passed":
                print(f"{mutant.killer} {outcomes[killer]} without any mistake", flush=True)
        if outcomes[killer] == "passed":
            sound.append(mutant)
    return sound


def fate_of(directory, mutant):
    with Planted(mutant):
        if not build(directory, mutant.target):
            return "does not compile"
        return {"failed": "killed", "passed": "survived"}.get(run_killer(directory, mutant),
                                                              "its killer ran no test")


def plant_all(directory, mutants):
    """Prints the table; returns whether all were killed."""
    rows = []
    for mutant in mutants:
        started = time.monotonic()
        fate = fate_of(directory, mutant)
        rows.append((mutant.name, mutant.file, mutant.killer, fate))
        print(f"{fate:9} {mutant.name} ({time.monotonic() - started:.0f} s)", flush=True)
    print("\n| mistake | file | test | |\n|---|---|---|---|")
    for name, file, killer, fate in rows:
        print(f"| {name} | `{file}` | `{killer}` | {fate} |")
    killed = sum(row[3] == "killed" for row in rows)
    print(f"\n{killed} of {len(rows)} killed")
    return killed == len(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true", help="print the mutants")
    parser.add_argument("--check", action="store_true", help="look whether all can be planted")
    parser.add_argument("--only", metavar="PATTERN", default="*",
                        help="those whose name or file matches, as in *environments*")
    parser.add_argument("--build", metavar="DIR", default=str(ROOT / "build" / "release"))
    arguments = parser.parse_args()
    # What ends the process must restore the file first.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    chosen = [m for m in MUTANTS if fnmatch.fnmatchcase(m.name, arguments.only)
              or fnmatch.fnmatchcase(m.file, arguments.only)]
    if arguments.list:
        for mutant in chosen:
            print(f"{mutant.file}: {mutant.name}\n    {mutant.target} {mutant.killer}")
        return 0
    if not chosen:
        print(f"no mutant matches {arguments.only}")
        return 1
    if not check(chosen):
        return 1
    if arguments.check:
        return 0
    sound = with_sound_killers(arguments.build, chosen)
    killed = plant_all(arguments.build, sound)
    return 0 if killed and len(sound) == len(chosen) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("interrupted; the source is as it was")
        sys.exit(130)
