#!/usr/bin/env python3
"""What is learnt on other tasks and by other algorithms than the presets' DDPG on Pendulum-v1.

Recurrent policies on the pendulums seen in part (P: the position alone, V: the velocity alone, NoVel:
the velocity shown as zero), with the same settings without a cell beside them; TD3; and
MountainCarContinuous-v0, which needs noise that lasts. One `polyak compare` for each trains all seeds
at once and measures them without noise along the training: the pendulums on the 500 reference starts
(regret against the best that is known when everything is seen), the car on 100 starts (return).
Writes tasks.json, tasks.md (interquartile mean over seeds with a 95% bootstrap interval, environment
steps and updates to a threshold) and tasks.svg (the pendulums' curves). What DIR has of other tasks
stays in them.

Usage: bench/tasks.py [--device cpu|cuda] [--seeds N] [--only V-lstm,...] [--output DIR]
                      [-- POLYAK OPTIONS...]
"""

import argparse
import dataclasses
import subprocess
import sys

import curves_svg
import population_report
from population_report import curve_of, interquartile_mean, interval_95

MEASUREMENTS = 20


@dataclasses.dataclass
class Task:
    """One row: `threshold` is a regret to come below, or a return to exceed."""

    key: str
    name: str
    environment: str
    steps: int
    threshold: float
    options: tuple


# What the preset `recurrent` has, but for the cell; as many transitions as its sequences have.
WITHOUT_CELL = (
    "--update-to-data=0.5",
    "--activation=relu",
    "--reward-scale=0.1",
    "--batch-size=512",
    "--learning-rate-actor=3e-4",
    "--learning-rate-critic=1e-3",
    "--learning-rate-decay=linear",
    "--tau=0.01",
)
LASTING_NOISE = ("--exploration=ornstein-uhlenbeck", "--noise-scale=0.5", "--discount=0.99")


def pendulum(view, kind, *options):
    name = {"lstm": "DDPG, LSTM", "gru": "DDPG, GRU", "plain": "DDPG, feed-forward"}[kind]
    return Task(f"{view}-{kind}", name, f"Pendulum-{view}", 20_000, 50.0, options)


TASKS = (
    pendulum("V", "lstm", "--preset=recurrent"),
    pendulum("V", "gru", "--preset=recurrent", "--policy=gru"),
    pendulum("V", "plain", *WITHOUT_CELL),
    pendulum("P", "lstm", "--preset=recurrent"),
    pendulum("P", "plain", *WITHOUT_CELL),
    pendulum("NoVel", "lstm", "--preset=recurrent"),
    pendulum("NoVel", "plain", *WITHOUT_CELL),
    Task("td3", "TD3, Polyak's defaults", "Pendulum-v1", 20_000, 20.0, ("--algorithm=td3",)),
    Task(
        "car-ou",
        "DDPG, Ornstein-Uhlenbeck noise",
        "MountainCarContinuous-v0",
        40_000,
        90.0,
        LASTING_NOISE,
    ),
    Task(
        "car-gaussian",
        "DDPG, Gaussian noise",
        "MountainCarContinuous-v0",
        40_000,
        90.0,
        ("--noise-scale=0.5", "--discount=0.99"),
    ),
)
PUBLISHED = (
    "recurrent TD3 (pomdp-baselines) on Pendulum-V: returns of -128 to -197 over 10 episodes after "
    "31,000 steps, where the best known mean return on our starts is -135 and regret is what is "
    "missing to it",
    "DDPG (rl-baselines3-zoo) on MountainCarContinuous-v0: 93.5 after 300,000 steps",
)


def train(arguments, task):
    report_path = arguments.output / f"compare-{task.key}.json"
    starts = [f"--starts={population_report.STARTS}"] if task.environment.startswith("Pendulum") else []
    report = population_report.train(
        arguments,
        report_path,
        *task.options,
        f"--environment={task.environment}",
        f"--total-steps={task.steps}",
        f"--measure-every={task.steps // MEASUREMENTS}",
        *starts,
    )
    report_path.unlink()
    return report


def summarise(report, task):
    curve = curve_of(report)
    is_regret = report["goal"]["score"] == "regret"
    reaches = (
        (lambda score: score <= task.threshold)
        if is_regret
        else (lambda score: score >= task.threshold)
    )
    reached = next((point for point in curve if reaches(point[report["goal"]["score"]])), None)
    scores = curve[-1]["scores"]
    return {
        "task": dataclasses.asdict(task),
        "score": report["goal"]["score"],
        "device": report["devices"][0]["description"],
        "commit": report["build"]["commit"],
        "time": report["time"],
        "seeds": len(scores),
        "final": interquartile_mean(scores),
        "interval_95": interval_95(scores),
        "worst_seed": max(scores) if is_regret else min(scores),
        "environment_steps": curve[-1]["environment_steps"],
        "updates": curve[-1]["updates"],
        "to_threshold": reached and [reached["environment_steps"], reached["updates"]],
        "training_seconds": curve[-1]["training_seconds"],
        "configuration": report["configuration"],
        "curve": curve,
    }


def markdown(results):
    first = next(iter(results.values()))
    lines = [
        f"Interquartile mean over {first['seeds']} seeds trained at once, with its 95% bootstrap "
        "interval: regret on the 500 start states of the pendulums (against the best known when "
        "everything is seen), return on 100 of the car. "
        f"{population_report.provenance(results)}.",
        "",
        "| task | trained by | score | at the end | worst seed | steps / updates | to a threshold |",
        "|---" * 7 + "|",
    ]
    for result in results.values():
        task, (low, high) = result["task"], result["interval_95"]
        sign = "<=" if result["score"] == "regret" else ">="
        reached = result["to_threshold"]
        to = f"{reached[0]:,} / {reached[1]:,}" if reached else "not reached"
        lines.append(
            f"| {task['environment']} | {task['name']} | {result['score']} "
            f"| {result['final']:.1f} ({low:.1f} to {high:.1f}) | {result['worst_seed']:.1f} "
            f"| {result['environment_steps']:,} / {result['updates']:,} "
            f"| {sign} {task['threshold']:g}: {to} |"
        )
    return "\n".join([*lines, "", "Published: " + "; ".join(PUBLISHED) + "."]) + "\n"


def plot(results, path):
    chart = curves_svg.Chart("environment steps per agent", "regret (interquartile mean)")
    for key, result in results.items():
        if result["score"] != "regret":
            continue
        chart.add(
            key,
            [
                (point["environment_steps"], point["regret"], *point["interval_95"])
                for point in result["curve"]
            ],
        )
    path.write_text(chart.svg())


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    population_report.add_arguments(parser, seeds=10)
    known = [task.key for task in TASKS]
    parser.add_argument("--only", help="some of " + ", ".join(known))
    arguments = population_report.parse(parser, least_seeds=4, suffix="-tasks")
    arguments.only = population_report.chosen(parser, "--only", arguments.only, known)
    arguments.earlier = population_report.earlier_results(parser, arguments, "tasks")
    return arguments


def main():
    arguments = parse_arguments()
    arguments.output.mkdir(parents=True, exist_ok=True)
    results = arguments.earlier
    for task in TASKS:
        if task.key not in arguments.only:
            continue
        results[task.key] = summarise(train(arguments, task), task)
        results = {other.key: results[other.key] for other in TASKS if other.key in results}
        # After every task: what was measured is not lost if a later one is cut off.
        population_report.write(arguments, "tasks", results, markdown, plot)
    print((arguments.output / "tasks.md").read_text())
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as error:
        print(f"tasks.py: a training failed with exit code {error.returncode}", file=sys.stderr)
        sys.exit(error.returncode)
