#!/usr/bin/env python3
"""How well and how fast the default configuration learns Pendulum-v1, over many seeds.

Trains a population of independent agents with one command (`polyak compare`), measures every agent
without noise on the 500 reference starts, and reports the mean regret with a 95% interval, the
worst seed, environment steps, updates and seconds. Writes learning.json and learning.md, and
learning.png if matplotlib is installed. Exit code 1 if the goals are missed: mean regret <= 15, no
seed above 60.

Usage: bench/learning.py [--device cpu|cuda] [--seeds N] [--output DIR] [-- POLYAK OPTIONS...]
"""

import argparse
import statistics
import subprocess
import sys

import population_report
from compact_json import compact_json

MOST_MEAN_REGRET = 15.0
MOST_REGRET_OF_A_SEED = 60.0
SOLVED_REGRET = 20.0


def first_time_solved(measurements, agent):
    """(environment steps, seconds) of the agent's first measurement at or below SOLVED_REGRET."""
    for measurement in measurements:
        if measurement["scores"][agent] <= SOLVED_REGRET:
            return measurement["environment_steps_per_agent"], measurement["training_seconds"]
    return None


def summarise(report):
    """The figures of the report that this benchmark is about."""
    device = report["devices"][0]
    run = device["runs"][0]
    measurements = run["measurements"]
    regrets = measurements[-1]["scores"]
    low, high = population_report.bootstrap_interval(regrets, statistics.fmean, 20_000)
    solved = [first_time_solved(measurements, agent) for agent in range(len(regrets))]
    return {
        "device": device["description"],
        "seeds": len(regrets),
        "starts": report["goal"]["starts"],
        "mean_regret": statistics.fmean(regrets),
        "mean_regret_interval_95": [low, high],
        "median_regret": statistics.median(regrets),
        "worst_regret": max(regrets),
        "environment_steps_per_agent": device["environment_steps_per_agent"],
        "updates_per_agent": device["updates_per_agent"],
        "training_seconds": run["training_seconds"],
        "population_solved": run["goal_reached"],
        "process_seconds_to_solve": device["to_goal"]["process_seconds"],
        "agents_solved_per_second": device["to_goal"]["agents_solved_per_second"],
        "memory_bytes": device["memory_bytes"],
        "agents_solved": sum(one is not None for one in solved),
        "median_environment_steps_to_solve": median_or_none(solved, 0),
        "goals_met": statistics.fmean(regrets) <= MOST_MEAN_REGRET
        and max(regrets) <= MOST_REGRET_OF_A_SEED,
    }


def median_or_none(solved, index):
    values = [one[index] for one in solved if one is not None]
    return statistics.median(values) if len(values) == len(solved) else None


def in_seconds(value):
    return "not reached" if value is None else f"{value:.3g} s"


def markdown(summary, report):
    """The summary as a table, with what it was measured on."""
    low, high = summary["mean_regret_interval_95"]
    reached = summary["population_solved"]
    solved_text = (
        f"{reached['training_seconds']:.3g} s, {reached['environment_steps_per_agent']} steps"
        if reached
        else "not reached"
    )
    rows = [
        ("seeds", f"{summary['seeds']}, trained at once"),
        ("mean regret over seeds", f"{summary['mean_regret']:.2f} (95%: {low:.2f} to {high:.2f})"),
        ("median, worst seed", f"{summary['median_regret']:.2f}, {summary['worst_regret']:.2f}"),
        ("environment steps per agent", summary["environment_steps_per_agent"]),
        ("updates per agent", summary["updates_per_agent"]),
        ("training of all agents", f"{summary['training_seconds']:.3g} s"),
        (f"until the mean regret is <= {SOLVED_REGRET:g}", solved_text),
        ("the same for the whole process", in_seconds(summary["process_seconds_to_solve"])),
        ("agents solved per second", f"{summary['agents_solved_per_second']:.3g}"),
        ("memory", f"{summary['memory_bytes'] / 2**20:.0f} MiB"),
        ("agents that were solved at some time", summary["agents_solved"]),
    ]
    lines = [
        f"Regret on {summary['starts']} start states of Pendulum-v1; {summary['device']}; commit "
        f"{report['build']['commit']}; {report['time']}.",
        "",
        "| | |",
        "|---|---|",
        *(f"| {name} | {value} |" for name, value in rows),
    ]
    return "\n".join(lines) + "\n"


def plot(report, path):
    """Regret against environment steps, one line per seed; nothing without matplotlib."""
    try:
        import matplotlib
    except ImportError:
        return
    matplotlib.use("Agg")
    import matplotlib.pyplot as pyplot

    measurements = report["devices"][0]["runs"][0]["measurements"]
    steps = [measurement["environment_steps_per_agent"] for measurement in measurements]
    figure, axes = pyplot.subplots(figsize=(6, 4))
    for agent in range(len(measurements[0]["scores"])):
        axes.plot(steps, [m["scores"][agent] for m in measurements], color="0.7", linewidth=0.8)
    axes.plot(steps, [m["mean_score"] for m in measurements], color="C0", label="mean over seeds")
    axes.axhline(SOLVED_REGRET, color="C3", linewidth=0.8, linestyle="--", label="solved")
    axes.set(xlabel="environment steps per agent", ylabel="regret", yscale="log")
    axes.legend()
    figure.savefig(path, dpi=150, bbox_inches="tight")


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    population_report.add_arguments(parser, seeds=20)
    parser.add_argument("--measure-every", type=int, default=500, help="environment steps [500]")
    return population_report.parse(parser, least_seeds=2)


def main():
    arguments = parse_arguments()
    arguments.output.mkdir(parents=True, exist_ok=True)
    report_path = arguments.output / "learning.json"
    report = population_report.train(
        arguments,
        report_path,
        f"--measure-every={arguments.measure_every}",
        f"--starts={population_report.STARTS}",
    )
    summary = summarise(report)
    report_path.write_text(compact_json({"summary": summary, **report}))
    table = markdown(summary, report)
    (arguments.output / "learning.md").write_text(table)
    plot(report, arguments.output / "learning.png")
    print(table)
    if not summary["goals_met"]:
        print(
            f"missed: mean regret <= {MOST_MEAN_REGRET:g} and no seed above "
            f"{MOST_REGRET_OF_A_SEED:g}",
            file=sys.stderr,
        )
    return 0 if summary["goals_met"] else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as error:
        print(
            f"learning.py: the training failed with exit code {error.returncode}", file=sys.stderr
        )
        sys.exit(error.returncode)
