"""The same search by `polyak tune` and by Optuna with PyTorch, at the same time, each on one core.

Both look through the same space for the same time, with the same number of seeds for every
setting, and train what they found again with as many fresh seeds, judged by regret on the reference
starts. How many trials polyak can finish in that time is found before, by a short search. For Optuna
the time ends when no trial begins any more: its last one, and its confirmation, come on top.

  build/search/bin/python -m bench.search            # bench/results/cpu/search.json, and its table
  build/search/bin/python -m bench.search --write    # that table into docs/results.md

Needs Optuna, PyTorch and SciPy (bench/README.md).
"""

import argparse
import concurrent.futures
import csv
import dataclasses
import datetime
import json
import math
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

from bench.experiments import page, stored
from bench.experiments.processes import Failure

SPACE = pathlib.Path(__file__).with_name("pendulum.toml")
CALIBRATION_TRIALS = 16
CLOCK_NAMES = {"wall": "wall time", "cpu": "CPU time"}
POLYAK, OPTUNA = "polyak tune", "Optuna and PyTorch"


@dataclasses.dataclass(frozen=True)
class Used:
    """What a process took."""

    wall_seconds: float
    cpu_seconds: float


def run_on_core(core: int, command: list[str]) -> Used:
    """Runs a command to its end, on one core; a failure has its last line."""

    print("+", *command, flush=True)
    start = time.perf_counter()
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=stored.PROJECT,
            preexec_fn=lambda: os.sched_setaffinity(0, {core}),
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        lines = output.read().strip().splitlines()
    if process.returncode != 0:
        raise Failure(f"{command[0]}: {lines[-1] if lines else process.returncode}")
    return Used(time.perf_counter() - start, usage.ru_utime + usage.ru_stime)


# --- The contestants -----------------------------------------------------------------------------


def search_polyak(arguments: argparse.Namespace, core: int, trials: int) -> dict:
    """A search of so many trials, confirmation included."""
    with tempfile.TemporaryDirectory() as folder:
        directory = pathlib.Path(folder) / "search"
        command = [str(arguments.polyak), "tune", str(arguments.space), f"--trials={trials}"]
        command += [f"--seeds={arguments.seeds}", "--scheduler=asha", f"--output={directory}"]
        command += ["--confirm=1", f"--confirm-seeds={arguments.confirm_seeds}"]
        command += [f"--starts={stored.STARTS}", f"--total-steps={arguments.total_steps}"]
        command += ["--device=cpu", "--threads=1", "--quiet"]
        used = run_on_core(core, command)
        return polyak_result(directory) | dataclasses.asdict(used)


def polyak_result(directory: pathlib.Path) -> dict:
    """What a search left in its directory."""
    summary = json.loads((directory / "summary.json").read_text())
    with open(directory / "trials.csv") as file:
        trials = list(csv.DictReader(file))
    with open(directory / "confirmations.csv") as file:
        (confirmed,) = csv.DictReader(file)
    states = [trial["status"] for trial in trials]
    steps = sum(int(trial["environment_steps"]) * int(trial["seeds"]) for trial in trials)
    longest = max(int(trial["environment_steps"]) for trial in trials)
    seeds = int(confirmed["seeds"])
    return {
        "started": len(states) - states.count("waiting"),
        **{state: states.count(state) for state in ("finished", "stopped", "failed")},
        "environment_steps": steps + longest * seeds,
        "search_score": float(confirmed["search_score"]),
        "setting": summary["best"]["setting"],
        "regret": interval(
            float(confirmed["regret"]), float(confirmed["regret_standard_error"]), seeds
        ),
    }


def search_optuna(arguments: argparse.Namespace, core: int) -> dict:
    """A search by Optuna, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "report.json"
        command = [sys.executable, "-m", "bench.search.optuna_torch", str(arguments.space)]
        command += [f"--seconds={arguments.seconds}", f"--seeds={arguments.seeds}"]
        command += [f"--confirm-seeds={arguments.confirm_seeds}", f"--json={path}"]
        command += [f"--total-steps={arguments.total_steps}", f"--clock={arguments.clock}"]
        used = run_on_core(core, command)
        report = json.loads(path.read_text())
    regrets = report["regrets"]
    error = statistics.stdev(regrets) / math.sqrt(len(regrets))
    report["regret"] = interval(statistics.fmean(regrets), error, len(regrets))
    return report | dataclasses.asdict(used)


def interval(mean: float, standard_error: float, count: int) -> list[float]:
    """The mean, and the ends of its 95% interval by Student's t."""
    from scipy import stats

    half = float(stats.t.ppf(0.975, count - 1)) * standard_error
    return [mean, mean - half, mean + half]


# --- The comparison ------------------------------------------------------------------------------


def fitting_trials(arguments: argparse.Namespace, core: int) -> int:
    """How many trials polyak should finish in the time, by a short search on the machine as it is."""
    used = run_calibration(arguments, core)
    return max(2, int(arguments.seconds / used * CALIBRATION_TRIALS))


def run_calibration(arguments: argparse.Namespace, core: int) -> float:
    return search_polyak(arguments, core, CALIBRATION_TRIALS)[f"{arguments.clock}_seconds"]


def compare(arguments: argparse.Namespace) -> dict:
    """The record of both."""
    first, second = arguments.cores
    info = subprocess.run(
        [str(arguments.polyak), "info", "--json"], check=True, capture_output=True, text=True
    )
    machine = json.loads(info.stdout)
    trials = arguments.trials or fitting_trials(arguments, first)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        ours = pool.submit(search_polyak, arguments, first, trials)
        theirs = pool.submit(search_optuna, arguments, second)
        results = {POLYAK: ours.result(), OPTUNA: theirs.result()}
    return {
        "experiment": "search",
        "note": arguments.note,
        "machine": machine["machine"],
        "build": machine["build"],
        "time": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "space": SPACE.name if arguments.space == SPACE else str(arguments.space),
        "clock": arguments.clock,
        "seconds": arguments.seconds,
        "seeds": arguments.seeds,
        "confirm_seeds": arguments.confirm_seeds,
        "total_steps": arguments.total_steps,
        "results": results,
    }


def table(record: dict) -> str:
    """A row for each contestant, as Markdown, below what is the same for both."""
    machine = record["machine"]["devices"][0]["name"]
    versions = record["results"][OPTUNA]["versions"]
    lines = [
        f"{record['seconds']:g} s of {CLOCK_NAMES[record['clock']]} for each, on one core each, at the "
        f"same time; {record['seeds']} seeds for every setting, {record['total_steps']:,} environment "
        f"steps; confirmed with {record['confirm_seeds']} fresh seeds, means with 95% intervals. "
        f"{machine}; commit {record['build']['commit']}; {versions}; {record['time'].split('T')[0]}.",
        *([record["note"]] if record["note"] else []),
        "",
        "| | trials started | finished | stopped | best confirmed regret | environment steps "
        "| wall s | CPU s |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, one in record["results"].items():
        value, low, high = one["regret"]
        lines.append(
            f"| {name} | {one['started']} | {one['finished']} | {one['stopped']} | "
            f"{value:.1f} ({low:.1f} to {high:.1f}) | {one['environment_steps']:,} | "
            f"{one['wall_seconds']:.0f} | {one['cpu_seconds']:.0f} |"
        )
    return "\n".join(lines)


def two_cores(text: str) -> tuple[int, int]:
    first, second = (int(core) for core in text.split(","))
    return first, second


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench.search",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--seconds", type=float, default=360.0, help="of each search [360]")
    add(
        "--clock",
        choices=CLOCK_NAMES,
        default="wall",
        help="whose seconds these are; on a machine with other work they should be CPU seconds [wall]",
    )
    add("--trials", type=int, help="of polyak's [as many as should fit]")
    add("--space", type=pathlib.Path, default=SPACE, help="[bench/search/pendulum.toml]")
    add("--seeds", type=int, default=4, help="that every setting is trained with [4]")
    add("--confirm-seeds", type=int, default=10, help="fresh ones, of the best setting [10]")
    add("--total-steps", type=int, default=10_000, help="environment steps per agent [10000]")
    add("--cores", type=two_cores, default=(0, 1), help="polyak's and Optuna's [0,1]")
    add("--polyak", type=pathlib.Path, default=stored.PROJECT / "build/release/src/polyak")
    add("--output", type=pathlib.Path, default=stored.RESULTS, help="[bench/results]")
    add("--write", action="store_true", help="only write docs/results.md, from the record")
    add("--note", default="", help="a remark for the record")
    arguments = parser.parse_args()
    if not (arguments.write or arguments.polyak.exists()):
        parser.error(f"--polyak: there is no {arguments.polyak}; build it with ./run build")
    return arguments


def main() -> int:
    arguments = parse_arguments()
    path = stored.record_path(arguments.output, "search", "cpu")
    if arguments.write:
        return stored.update_between_markers(page.PAGE, "search", table(stored.load(path)), False)
    try:
        record = compare(arguments)
    except Failure as failure:
        print(failure, file=sys.stderr)
        return failure.exit_code
    stored.save(path, record)
    print(table(record))
    return 0


if __name__ == "__main__":
    sys.exit(main())
