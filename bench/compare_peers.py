#!/usr/bin/env python3
"""Polyak and the same training in PyTorch and JAX (bench/peers/), in one go on this machine.

throughput: whole training iterations, in rounds: every round runs every contestant once as a
process of its own, in an order that rotates, so that a machine that slows down slows all of them.
Ratios are of one round each; their median and range are reported.
learning: the default configuration, one agent, several seeds: the time until the mean regret
is <= 20.

Every contestant gets the configuration that polyak's own report states. Writes peers.json and
peers.md. What is not installed or not supported is listed with the reason and does not fail the
rest.

Usage: bench/compare_peers.py --device cuda|cpu [--tasks small,wide,...] [--rounds N]
       python3 -m venv build/peers      # once; bench/README.md says more, and about GPUs
       build/peers/bin/pip install -r bench/peers/requirements-torch.txt \\
           -r bench/peers/requirements-jax.txt
"""

import argparse
import dataclasses
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import peers_report

PROJECT = pathlib.Path(__file__).resolve().parent.parent
PEERS = PROJECT / "bench" / "peers"
sys.path.insert(0, str(PEERS))
import settings as peer_settings  # noqa: E402
from compact_json import compact_json

SMALL = ["--actor-hidden=64,64", "--critic-hidden=64,64", "--batch-size=100"]
WIDE = ["--actor-hidden=256,256", "--critic-hidden=256,256", "--batch-size=256"]
TASKS = {
    "small": ("one agent, 64-64, batch 100", SMALL),
    "wide": ("one agent, 256-256, batch 256", WIDE),
    "population": ("{agents} agents, 64-64, batch 100", [*SMALL, "--agents={agents}"]),
    "data": (
        "one agent, 4096 environments, 256-256, batch 4096",
        [
            *WIDE[:2],
            "--batch-size=4096",
            "--environments=4096",
            "--update-to-data=0.00048828125",
            "--total-steps=1000000",
            "--warmup-steps=16384",
            "--learning-starts=16384",
        ],
    ),
}
GOAL_REGRET = 20.0


@dataclasses.dataclass(frozen=True)
class Contestant:
    name: str
    is_polyak: bool
    options: tuple[str, ...]  # after the program's name


class Failure(Exception):
    """A contestant that could not run, with the reason in one line."""


def contestants(arguments: argparse.Namespace) -> list[Contestant]:
    precision = f"--precision={arguments.precision}"
    if arguments.device == "cuda":
        ours = [
            Contestant(f"polyak {engine}", True, (f"--engine={engine}", precision))
            for engine in ("fused", "layered")
        ]
    else:
        ours = [Contestant("polyak", True, ())]
    peers = [
        Contestant("PyTorch compiled", False, ("torch_ddpg.py", "--mode=compiled")),
        Contestant("PyTorch eager", False, ("torch_ddpg.py", "--mode=eager")),
        Contestant("JAX", False, ("jax_ddpg.py",)),
    ]
    device = (f"--device={arguments.device}", precision)
    return ours + [dataclasses.replace(p, options=(*p.options, *device)) for p in peers]


# --- Running one process -------------------------------------------------------------------------


def restricted_to(threads: int):
    """On a CPU every contestant gets the same cores."""
    cores = sorted(os.sched_getaffinity(0))[:threads]
    return lambda: os.sched_setaffinity(0, cores)


def run_process(command: list[str], arguments: argparse.Namespace) -> float:
    """Runs to the end; returns the wall time of the whole process in seconds."""
    on_cpu = arguments.device == "cpu"
    environment = dict(os.environ)
    if on_cpu:
        environment["OMP_NUM_THREADS"] = str(arguments.threads)
    start = time.perf_counter()
    try:
        subprocess.run(
            command,
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=arguments.limit,
            env=environment,
            preexec_fn=restricted_to(arguments.threads) if on_cpu else None,
        )
    except subprocess.TimeoutExpired as error:
        raise Failure(f"stopped after {arguments.limit} s") from error
    except (subprocess.CalledProcessError, OSError) as error:
        lines = (getattr(error, "output", None) or str(error)).strip().splitlines()
        raise Failure(lines[-1] if lines else str(error)) from error
    return time.perf_counter() - start


def run_and_read(command: list[str], arguments: argparse.Namespace) -> dict:
    """The JSON report of a contestant, with `process_wall_seconds` added."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "report.json"
        seconds = run_process([*command, f"--json={path}"], arguments)
        report = json.loads(path.read_text())
    report["process_wall_seconds"] = seconds
    return report


def polyak_device(arguments: argparse.Namespace) -> str:
    return "cuda" if arguments.device == "cuda" else f"cpu:{arguments.threads}"


def peer_command(contestant: Contestant, arguments: argparse.Namespace) -> list[str]:
    script, *options = contestant.options
    return [arguments.python, str(PEERS / script), *options]


# --- Throughput ----------------------------------------------------------------------------------


def polyak_throughput(contestant: Contestant, options: list[str], arguments) -> dict:
    command = [
        str(arguments.polyak),
        "bench",
        f"--devices={polyak_device(arguments)}",
        "--phases=iteration",
        f"--seconds={arguments.seconds}",
        f"--repetitions={arguments.repetitions}",
        *contestant.options,
        *options,
    ]
    report = run_and_read(command, arguments)
    device = report["devices"][0]
    rates = {rate["quantity"]: rate["per_second"] for rate in device["rates"]}
    return {
        "description": device["description"],
        "updates_per_second": rates["updates"],
        "environment_steps_per_second": rates["environment steps"],
        "process_wall_seconds": report["process_wall_seconds"],
        "report": {key: report[key] for key in ("machine", "build", "configuration")},
    }


def peer_throughput(contestant: Contestant, configuration: dict, arguments) -> dict:
    command = [
        *peer_command(contestant, arguments),
        "--measure=throughput",
        f"--seconds={arguments.seconds}",
        f"--repetitions={arguments.repetitions}",
        *peer_settings.options_from_configuration(configuration),
    ]
    return run_and_read(command, arguments)


def run_task(name: str, all_contestants: list[Contestant], arguments) -> dict:
    """Rounds of all contestants. Polyak runs first; its report fixes the configuration."""
    title, options = TASKS[name]
    options = [option.format(agents=arguments.agents) for option in options]
    task = {
        "name": name,
        "title": title.format(agents=arguments.agents),
        "options": options,
        "configuration": None,
        "contestants": {c.name: {"rounds": [], "not_run": None} for c in all_contestants},
    }
    for turn in range(arguments.rounds):
        # Polyak's engines first in the first round; then the order rotates.
        order = all_contestants[turn:] + all_contestants[:turn]
        for contestant in order:
            entry = task["contestants"][contestant.name]
            if entry["not_run"]:
                continue
            print(f"{name}, round {turn + 1}: {contestant.name}", flush=True)
            try:
                result = run_contestant(contestant, options, task, arguments)
            except Failure as failure:
                print(f"  not run: {failure}", flush=True)
                entry["not_run"] = str(failure)
                continue
            entry["description"] = result.pop("description")
            entry["rounds"].append(result)
            median = statistics.median(result["updates_per_second"])
            print(f"  {median:,.0f} updates/s", flush=True)
    return task


def run_contestant(contestant: Contestant, options: list[str], task: dict, arguments) -> dict:
    if contestant.is_polyak:
        result = polyak_throughput(contestant, options, arguments)
        report = result.pop("report")
        task["configuration"] = task["configuration"] or report["configuration"]
        task.setdefault("machine", report["machine"])
        task.setdefault("build", report["build"])
        return result
    if task["configuration"] is None:
        raise Failure("no engine of polyak ran this task")
    return peer_throughput(contestant, task["configuration"], arguments)


# --- Learning ------------------------------------------------------------------------------------


def polyak_learning(contestant: Contestant, arguments) -> dict:
    command = [
        str(arguments.polyak),
        "compare",
        f"--devices={polyak_device(arguments)}",
        "--agents=1",
        f"--runs={arguments.seeds}",
        f"--threshold={GOAL_REGRET}",
        *contestant.options,
    ]
    report = run_and_read(command, arguments)
    device = report["devices"][0]
    return {
        "description": device["description"],
        "configuration": report["configuration"],
        "setup_seconds": [run["setup_seconds"] for run in device["runs"]],
        "seconds_to_goal": [seconds_to_goal(run) for run in device["runs"]],
        "final_regrets": [run["final_mean_score"] for run in device["runs"]],
    }


def peer_learning(contestant: Contestant, configuration: dict, arguments) -> dict:
    """Each seed in a process of its own, as its users run it: each compiles anew."""
    runs = []
    for seed in range(1, arguments.seeds + 1):
        configuration = {**configuration, "agents": 1, "seed": seed}
        command = [
            *peer_command(contestant, arguments),
            "--measure=learning",
            f"--threshold={GOAL_REGRET}",
            *peer_settings.options_from_configuration(configuration),
        ]
        runs.append(run_and_read(command, arguments))
    return {
        "description": runs[0]["description"],
        "setup_seconds": [run["setup_seconds"] for run in runs],
        "seconds_to_goal": [seconds_to_goal(run) for run in runs],
        "final_regrets": [run["final_mean_score"] for run in runs],
    }


def seconds_to_goal(run: dict) -> float | None:
    return run["goal_reached"] and run["goal_reached"]["training_seconds"]


def run_learning(all_contestants: list[Contestant], arguments) -> dict:
    results, configuration = {}, None
    for contestant in all_contestants:
        print(f"learning: {contestant.name}", flush=True)
        try:
            if contestant.is_polyak:
                result = polyak_learning(contestant, arguments)
                configuration = configuration or result.pop("configuration")
            elif configuration is None:
                raise Failure("no engine of polyak trained")
            else:
                result = peer_learning(contestant, configuration, arguments)
        except Failure as failure:
            print(f"  not run: {failure}", flush=True)
            result = {"not_run": str(failure)}
        results[contestant.name] = result
    return {"goal_regret": GOAL_REGRET, "seeds": arguments.seeds, "contestants": results}


# --- The command line ----------------------------------------------------------------------------


def parse_arguments() -> argparse.Namespace:
    peers_python = PROJECT / "build" / "peers" / "bin" / "python"
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--device", choices=["cuda", "cpu"], required=True)
    parser.add_argument("--tasks", default="small,wide,population", help=f"of {','.join(TASKS)}")
    parser.add_argument("--agents", type=int, default=512, help="of the population [512]")
    parser.add_argument("--precision", choices=["fp32", "tf32"], default="fp32", help="[fp32]")
    parser.add_argument("--rounds", type=int, default=3, help="[3]")
    parser.add_argument("--seconds", type=float, default=0.3, help="length of a repetition [0.3]")
    parser.add_argument("--repetitions", type=int, default=5, help="in each round [5]")
    parser.add_argument("--seeds", type=int, default=10, help="for learning; 0 leaves it out [10]")
    parser.add_argument("--threads", type=int, default=1, help="cores, on the CPU [1]")
    parser.add_argument("--limit", type=float, default=300, help="seconds for one process [300]")
    parser.add_argument("--polyak", type=pathlib.Path, default=PROJECT / "build/release/src/polyak")
    parser.add_argument(
        "--python",
        default=str(peers_python) if peers_python.exists() else sys.executable,
        help="that has PyTorch and JAX [build/peers/bin/python if it exists]",
    )
    parser.add_argument("--note", default="", help="a remark for the report's head")
    parser.add_argument("--output", type=pathlib.Path, help="[bench/results/DATE-DEVICE-peers]")
    arguments = parser.parse_args()
    arguments.tasks = arguments.tasks.split(",")
    for name in arguments.tasks:
        if name not in TASKS:
            parser.error(f"--tasks: '{name}' is none of {', '.join(TASKS)}")
    if not arguments.polyak.exists():
        parser.error(f"--polyak: there is no {arguments.polyak}; build it with ./run build")
    if arguments.output is None:
        name = f"{time.strftime('%Y-%m-%d')}-{arguments.device}-peers"
        arguments.output = PROJECT / "bench" / "results" / name
    return arguments


def main() -> int:
    arguments = parse_arguments()
    arguments.output.mkdir(parents=True, exist_ok=True)
    everyone = contestants(arguments)
    load_before = os.getloadavg()[0]
    tasks = [run_task(name, everyone, arguments) for name in arguments.tasks]
    learning = run_learning(everyone, arguments) if arguments.seeds > 0 else None
    described = next((task for task in tasks if "machine" in task), None)
    if described is None:
        print("compare_peers.py: no engine of polyak ran any task", file=sys.stderr)
        return 1
    machine = described["machine"]["devices"]
    kind = "cuda" if arguments.device == "cuda" else "cpu"
    where = next(device["name"] for device in machine if device["kind"] == kind)
    if kind == "cpu":
        where += f", {arguments.threads} core{'s' if arguments.threads > 1 else ''}"
    report = {
        "kind": "peers",
        "format": 1,
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "where": where,
        "note": arguments.note,
        "device": arguments.device,
        "precision": arguments.precision,
        "load_average": [load_before, os.getloadavg()[0]],
        "machine": described["machine"],
        "build": described["build"],
        "tasks": [{k: v for k, v in t.items() if k not in ("machine", "build")} for t in tasks],
        "learning": learning,
    }
    (arguments.output / "peers.json").write_text(compact_json(report))
    table = peers_report.markdown(report)
    (arguments.output / "peers.md").write_text(table)
    print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
