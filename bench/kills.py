#!/usr/bin/env python3
"""Kills a training again and again at random moments, resumes it each time, and compares it with one
that was never interrupted: policies, metrics.csv and evaluations.csv, times aside, and the checkpoint's tensors.

    bench/kills.py build/release/src/polyak --kills 500 -- --agents 4 --total-steps 20000

What stands behind -- are options of `polyak train`. Exit code 1 if anything differs.
"""

import argparse
import json
import random
import signal
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def tables(run: Path) -> list[list[str]]:
    lines = []
    for name in ("metrics.csv", "evaluations.csv"):
        rows = [line.split(",") for line in (run / name).read_text().splitlines()]
        seconds = rows[0].index("seconds")
        lines += [row[:seconds] + row[seconds + 1 :] for row in rows]
    return lines


def tensors(run: Path) -> dict[str, bytes]:
    content = (run / "checkpoint.safetensors").read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    values = content[8 + length :]
    header = json.loads(content[8 : 8 + length])
    header.pop("__metadata__")
    # Means of a report that is not finished depend on how its time was sliced, in their last digits.
    header.pop("unreported.means")
    return {name: values[slice(*entry["data_offsets"])] for name, entry in header.items()}


def policies(run: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in run.glob("policy*.safetensors")}


def differences(run: Path, whole: Path) -> list[str]:
    parts = {"tables": tables, "checkpoint.safetensors": tensors, "policies": policies}
    return [name for name, part in parts.items() if part(run) != part(whole)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("polyak", type=Path)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    words = sys.argv[1:]
    split = words.index("--") if "--" in words else len(words)
    arguments, options = parser.parse_args(words[:split]), words[split + 1 :]
    random.seed(arguments.seed)
    with tempfile.TemporaryDirectory() as name:
        whole, run = Path(name, "whole"), Path(name, "run")
        common = ["--quiet", "--checkpoint-interval", "0.02"]
        train = [arguments.polyak.resolve(), "train", *common]
        new = [*train, *options, "--output"]
        begin = time.monotonic()
        subprocess.run([*new, whole], check=True, stdout=subprocess.DEVNULL)
        longest = time.monotonic() - begin
        kills, trainings, begun = 0, 0, False
        while kills < arguments.kills or begun:
            command = [*train, "--resume", run] if begun else [*new, run]
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            if kills < arguments.kills:
                time.sleep(random.uniform(0, longest / 4))
                process.send_signal(signal.SIGKILL)
            errors = process.communicate()[1].decode()
            begun = (run / "checkpoint.safetensors").exists()
            if process.returncode == -signal.SIGKILL:
                kills += 1
            elif process.returncode == 0 or "the training is finished" in errors:
                trainings += 1
                if different := differences(run, whole):
                    print(f"after {kills} kills differ: {', '.join(different)}")
                    return 1
                begun = False
            else:
                print(f"after {kills} kills: exit code {process.returncode}: {errors}")
                return 1
            if not begun:
                subprocess.run(["rm", "-rf", run], check=True)
        print(f"{kills} kills of {trainings} trainings: all as the one that was never interrupted")
    return 0


if __name__ == "__main__":
    sys.exit(main())
