"""Contestants in rounds: polyak beside its peers (bench/peers/), or beside another build of itself.

Every round runs every contestant once as a process of its own, in an order that rotates, so that a
machine that slows down slows all of them. Ratios are of one round each; their interquartile mean over
rounds has a bootstrap interval. Every peer gets the configuration that polyak's own report states. A
contestant that is not installed or cannot run a task is kept with the reason and fails nothing.
"""

import argparse
import dataclasses
import statistics
import sys
from collections.abc import Callable

from bench.experiments import kinds, stored, table
from bench.experiments.processes import Failure, provenance, provenance_text, run_for_report, tiny

PEERS = stored.PROJECT / "bench" / "peers"
sys.path.append(str(PEERS))
import settings as peer_settings  # noqa: E402

GOAL_REGRET = 20.0


def peers_python() -> str:
    """That of build/peers if it exists, else the one that runs this."""
    python = stored.PROJECT / "build" / "peers" / "bin" / "python"
    return str(python) if python.exists() else sys.executable


@dataclasses.dataclass(frozen=True)
class Contestant:
    """A program with its first arguments; `ours` are what the others are held against."""

    name: str
    is_polyak: bool
    ours: bool
    command: tuple[str, ...]
    options: tuple[str, ...] = ()


def contestants(kind: str, arguments: argparse.Namespace) -> list[Contestant]:
    """Of an experiment; polyak's come first, because their report fixes the configuration."""
    polyak = (str(arguments.polyak),)
    if kind == "binaries":
        baseline = (str(arguments.baseline),)
        return [
            Contestant("polyak", True, True, polyak),
            Contestant("baseline", True, False, baseline),
        ]
    precision = f"--precision={arguments.precision}"
    ours = [Contestant("polyak", True, True, polyak)]
    if arguments.device == "cuda":
        ours = [
            Contestant(f"polyak {engine}", True, True, polyak, (f"--engine={engine}", precision))
            for engine in ("fused", "layered")
        ]
    options = (f"--device={arguments.device.split(':')[0]}", precision)
    programs = {
        "JAX": ("jax_ddpg.py",),
        "PyTorch compiled": ("torch_ddpg.py", "--mode=compiled"),
        "PyTorch eager": ("torch_ddpg.py", "--mode=eager"),
    }
    return ours + [
        Contestant(name, False, False, (arguments.python, str(PEERS / script), *more), options)
        for name, (script, *more) in programs.items()
    ]


def threads_of(arguments: argparse.Namespace) -> int | None:
    """On a CPU every contestant gets the same cores: one, or N of cpu:N."""
    device, _, threads = arguments.device.partition(":")
    return int(threads or 1) if device == "cpu" else None


def run_polyak(contestant: Contestant, command: str, options: list[str], arguments) -> dict:
    """The report of one of polyak's subcommands."""
    threads = threads_of(arguments)
    device = f"cpu:{threads}" if threads else arguments.device
    line = [*contestant.command, command, f"--devices={device}", *contestant.options, *options]
    return run_for_report([*line, *arguments.options], arguments.limit, threads)


def run_peer(contestant: Contestant, configuration: dict | None, options: list[str], arguments) -> dict:
    """The report of a peer that trains with polyak's configuration."""
    if configuration is None:
        raise Failure("polyak did not run it")
    line = [*contestant.command, *contestant.options, *options]
    line += peer_settings.options_from_configuration(configuration)
    return run_for_report(line, arguments.limit, threads_of(arguments))


# --- Throughput ----------------------------------------------------------------------------------


def throughput(contestant: Contestant, task: dict, arguments) -> dict:
    """One round of one contestant: its rates, one for each repetition."""
    timed = [f"--seconds={arguments.seconds}", f"--repetitions={arguments.repetitions}"]
    if not contestant.is_polyak:
        options = ["--measure=throughput", *timed]
        report = run_peer(contestant, task.get("configuration"), options, arguments)
        kept = ("description", "updates_per_second", "environment_steps_per_second")
        return {key: report[key] for key in kept}
    sizes = tiny(task["options"]) if arguments.quick else task["options"]
    options = ["--phases=iteration", *timed, *sizes]
    report = run_polyak(contestant, "bench", options, arguments)
    if contestant.ours and "configuration" not in task:
        task |= provenance(report) | {"configuration": report["configuration"]}
    device = report["devices"][0]
    rates = {rate["quantity"]: rate["per_second"] for rate in device["rates"]}
    commit = f", commit {report['build']['commit']}"
    return {
        "description": device["description"] + commit,
        "updates_per_second": rates["updates"],
        "environment_steps_per_second": rates["environment steps"],
    }


def run_task(task: dict, everyone: list[Contestant], rounds: int, arguments, save: Callable) -> None:
    """Rounds of all contestants, kept in `task`, saved after each one's."""
    task["unfinished"] = True
    task["contestants"] = {one.name: {"rounds": [], "not_run": None} for one in everyone}
    for turn in range(rounds):
        # Polyak first in the first round; then the order rotates.
        first = turn % len(everyone)
        for contestant in everyone[first:] + everyone[:first]:
            entry = task["contestants"][contestant.name]
            if entry["not_run"]:
                continue
            try:
                result = throughput(contestant, task, arguments)
            except Failure as failure:
                print(f"{contestant.name}: not run: {failure}", flush=True)
                entry["not_run"] = str(failure)
                save()
                continue
            entry["description"] = result.pop("description")
            entry["rounds"].append(result)
            save()
            print(f"{contestant.name}: {rate_of(result):,.0f} updates/s", flush=True)
    del task["unfinished"]
    save()


def rate_of(one_round: dict, quantity: str = "updates_per_second") -> float:
    """The median over the repetitions of a round."""
    return statistics.median(one_round[quantity])


def fastest(entry: dict) -> float:
    """The best repetition of all rounds: what is left when other work on the machine disturbs."""
    return max(max(one["updates_per_second"]) for one in entry["rounds"])


def add_ratios(task: dict) -> None:
    """Names the best of ours as the reference; how many times as fast it is as each other, by SciPy."""
    entries = {n: e for n, e in task["contestants"].items() if e["rounds"] and not e["not_run"]}
    ours = [name for name in entries if name.startswith("polyak")]
    if not ours or "reference" in task or "unfinished" in task:
        return
    from bench.experiments import estimates

    task["reference"] = max(ours, key=lambda name: fastest(entries[name]))
    reference = entries[task["reference"]]["rounds"]
    for entry in entries.values():
        ratios = [rate_of(a) / rate_of(b) for a, b in zip(reference, entry["rounds"], strict=True)]
        enough = len(ratios) > 1
        entry["ratio"] = estimates.interquartile_estimate(ratios) if enough else ratios * 3


# --- Learning ------------------------------------------------------------------------------------


def learning_runs(contestant: Contestant, learning: dict, arguments) -> tuple[str, list[dict]]:
    """One training for each seed; a peer's in processes of their own, as its users run it."""
    goal = f"--threshold={GOAL_REGRET}"
    if contestant.is_polyak:
        options = ["--agents=1", f"--runs={learning['seeds']}", goal]
        report = run_polyak(contestant, "compare", options, arguments)
        learning.setdefault("configuration", report["configuration"])
        return report["devices"][0]["description"], report["devices"][0]["runs"]
    runs = []
    for seed in range(1, learning["seeds"] + 1):
        configuration = learning.get("configuration")
        of_seed = configuration and configuration | {"agents": 1, "seed": seed}
        runs.append(run_peer(contestant, of_seed, ["--measure=learning", goal], arguments))
    return runs[0]["description"], runs


def run_learning(everyone: list[Contestant], seeds: int, arguments) -> dict:
    """The time to a regret of 20 with the default configuration, one agent, over seeds."""
    learning: dict = {"goal_regret": GOAL_REGRET, "seeds": seeds, "contestants": {}}
    for contestant in everyone:
        try:
            description, runs = learning_runs(contestant, learning, arguments)
        except Failure as failure:
            print(f"{contestant.name}: not run: {failure}", flush=True)
            learning["contestants"][contestant.name] = {"not_run": str(failure)}
            continue
        learning["contestants"][contestant.name] = {
            "description": description,
            "setup_seconds": [run["setup_seconds"] for run in runs],
            "seconds_to_goal": [
                run["goal_reached"] and run["goal_reached"]["training_seconds"] for run in runs
            ],
            "final_regrets": [run["final_mean_score"] for run in runs],
        }
    return learning


def run(experiment: kinds.Rounds, record: dict, arguments: argparse.Namespace, save: Callable) -> bool:
    """Measures into `record`; False if polyak ran none of the tasks."""
    everyone = contestants(experiment.contestants, arguments)
    if not arguments.only:
        record["results"] = {}
    for name in arguments.only or experiment.usual_tasks:
        task = experiment.tasks[name]
        result = {"title": task.title, "options": list(task.options)}
        record["results"][name] = result
        run_task(result, everyone, arguments.rounds or experiment.rounds, arguments, save)
    seeds = experiment.learning_seeds if arguments.seeds is None else arguments.seeds
    if seeds:
        record["learning"] = run_learning(everyone, seeds, arguments)
        save()
    return any("configuration" in result for result in record["results"].values())


# --- The tables ----------------------------------------------------------------------------------


def spread(values: list[float], form: str = ",.0f") -> str:
    """The median with the range, if there are several."""
    low, high = min(values), max(values)
    ends = f" ({low:{form}} to {high:{form}})" if len(values) > 1 else ""
    return f"{statistics.median(values):{form}}{ends}"


def task_rows(task: dict) -> list[str]:
    """A row for every contestant."""
    rows = []
    for name, entry in task["contestants"].items():
        if not entry["rounds"] or entry["not_run"]:
            reason = entry["not_run"] or "the time was up"
            rows.append(f"| {task['title']} | {name} | not run: {reason} | | | | |")
            continue
        steps = [rate_of(one, "environment_steps_per_second") for one in entry["rounds"]]
        ratio, fast_ratio = "", ""
        if "ratio" in entry and name != task["reference"]:
            value, low, high = entry["ratio"]
            ratio = f"{value:.3g}" + (f" ({low:.3g} to {high:.3g})" if len(steps) > 1 else "")
            fast_ratio = f"{fastest(task['contestants'][task['reference']]) / fastest(entry):.3g}"
        rows.append(
            f"| {task['title']} | {name} | {spread([rate_of(one) for one in entry['rounds']])} | "
            f"{statistics.median(steps):,.0f} | {ratio} | {fastest(entry):,.0f} | {fast_ratio} |"
        )
    return rows


def learning_lines(learning: dict) -> list[str]:
    """The time to the goal as a table."""
    lines = [
        "",
        f"One agent with the default configuration, {learning['seeds']} seeds:",
        "",
        f"| | training to regret <= {learning['goal_regret']:g}, s | set-up, s | regret at the end |",
        "|---|---|---|---|",
    ]
    for name, result in learning["contestants"].items():
        if "not_run" in result:
            lines.append(f"| {name} | not run: {result['not_run']} | | |")
            continue
        times = result["seconds_to_goal"]
        reached = [seconds for seconds in times if seconds is not None]
        text = spread(reached, ".3g") if reached else "never"
        text += f"; {len(reached)} of {len(times)} seeds" if len(reached) < len(times) else ""
        setup = statistics.median(result["setup_seconds"])
        regrets = spread(result["final_regrets"], ".1f")
        lines.append(f"| {name} | {text} | {setup:.3g} | {regrets} |")
    return lines


def markdown(record: dict) -> str:
    """The record as tables."""
    tasks = list(record["results"].values())
    measured = [task for task in tasks if "reference" in task]
    rounds = max((len(t["contestants"][t["reference"]]["rounds"]) for t in measured), default=0)
    precision = ", ".join(dict.fromkeys(t["configuration"]["precision"] for t in measured))
    versions = {
        f"{name}: {entry['description']}"
        for task in tasks
        for name, entry in task["contestants"].items()
        if entry["rounds"]
    }
    several = (
        f"Medians over {rounds} rounds with their range; how many times as fast polyak is, as the "
        "interquartile mean of the rounds' ratios with its 95% bootstrap interval"
    )
    how = several if rounds > 1 else "One round; how many times as fast polyak is"
    lines = [
        f"{provenance_text(measured)}; {precision}. {how}; and both for the fastest repetition of all.",
        "",
        "| task | | updates/s | environment steps/s | polyak over it | fastest | polyak over it |",
        "|---|---|---|---|---|---|---|",
        *(row for task in tasks for row in task_rows(task)),
        *(learning_lines(record["learning"]) if record.get("learning") else []),
        "",
        *(f"- {version}" for version in sorted(versions)),
    ]
    return "\n".join(lines)
