#!/usr/bin/env python3
"""What every preset learns on Pendulum-v1, over many seeds trained at once.

For each preset one `polyak compare --preset NAME` measures every agent without noise on the 500
reference starts along its training. Writes presets.json, presets.md (interquartile mean of the
regret over seeds with a 95% bootstrap interval, environment steps and updates to thresholds) and
presets.svg (the curves). What DIR has of other presets stays in them.

Usage: bench/presets.py [--device cpu|cuda] [--seeds N] [--presets fast,paper,...] [--steps N]
                        [--output DIR] [-- POLYAK OPTIONS...]
"""

import argparse
import math
import subprocess
import sys

import curves_svg
import population_report

# A preset, perhaps with options, and its environment steps per agent: enough to see where each ends
# on Pendulum-v1, warm-up included.
STEPS = {
    "fast": 20_000,
    "paper": 60_000,
    "paper --batch-norm=false": 30_000,
    "higgsfield": 20_000,
    "spinningup": 30_000,
    "cleanrl": 60_000,
    "rlzoo": 20_000,
    "rltools": 20_000,
    "massive": 2_048_000,
}
NEEDS_A_GPU = ("massive",)  # left out on the CPU unless asked for
MEASUREMENTS = 40
THRESHOLDS = (100.0, 20.0, 15.0)
PUBLISHED = (
    ("DDPG, rl-baselines3-zoo, 20,000 steps", 14.0),
    ("TD3, rl-baselines3-zoo, 20,000 steps", 13.8),
    ("TQC, rl-baselines3-zoo, 20,000 steps", 13.2),
)


def train(arguments, preset):
    """Runs the training of one preset and returns `polyak compare`'s report."""
    steps = arguments.steps or STEPS[preset]
    report_path = arguments.output / "compare.json"
    name, *options = preset.split()
    report = population_report.train(
        arguments,
        report_path,
        f"--preset={name}",
        *options,
        f"--total-steps={steps}",
        f"--measure-every={max(1, steps // MEASUREMENTS)}",
        f"--starts={population_report.STARTS}",
    )
    report_path.unlink()
    return report


def summarise(report):
    curve = population_report.curve_of(report)
    device = report["devices"][0]
    thresholds = {}
    for threshold in THRESHOLDS:
        reached = next((point for point in curve if point["regret"] <= threshold), None)
        thresholds[f"{threshold:g}"] = reached and {
            key: reached[key] for key in ("environment_steps", "updates", "training_seconds")
        }
    return {
        "device": device["description"],
        "commit": report["build"]["commit"],
        "time": report["time"],
        "seeds": len(curve[-1]["scores"]),
        "starts": report["goal"]["starts"],
        "regret": curve[-1]["regret"],
        "interval_95": curve[-1]["interval_95"],
        "best_regret": min(point["regret"] for point in curve),
        "worst_seed": max(curve[-1]["scores"]),
        "environment_steps": curve[-1]["environment_steps"],
        "updates": curve[-1]["updates"],
        "training_seconds": device["runs"][0]["training_seconds"],
        "thresholds": thresholds,
        "configuration": report["configuration"],
        "curve": curve,
    }


def threshold_text(reached):
    if reached is None:
        return "not reached"
    return f"{reached['environment_steps']:,} / {reached['updates']:,}"


def markdown(results):
    first = next(iter(results.values()))
    # A CPU's seconds say as much of what else it had to do.
    is_gpu = not first["device"].startswith("cpu")
    heads = [f"to {threshold:g}" for threshold in THRESHOLDS]
    heads += ["training of all seeds"] if is_gpu else []
    lines = [
        f"Regret on {first['starts']} start states of Pendulum-v1: interquartile mean over "
        f"{first['seeds']} seeds trained at once, with its 95% bootstrap interval, at the end and "
        f"at its best along the training; environment steps / updates until it is at a threshold. "
        f"{population_report.provenance(results)}.",
        "",
        f"| preset | regret | best | worst seed | steps / updates | {' | '.join(heads)} |",
        "|---" * (5 + len(heads)) + "|",
    ]
    for preset, result in results.items():
        low, high = result["interval_95"]
        last = [threshold_text(result["thresholds"][f"{t:g}"]) for t in THRESHOLDS]
        last += [f"{result['training_seconds']:.3g} s"] if is_gpu else []
        lines.append(
            f"| `{preset}` | {result['regret']:.1f} ({low:.1f} to {high:.1f}) "
            f"| {result['best_regret']:.1f} | {result['worst_seed']:.1f} "
            f"| {result['environment_steps']:,} / {result['updates']:,} | {' | '.join(last)} |"
        )
    published = "; ".join(f"{name}: {regret}" for name, regret in PUBLISHED)
    lines += ["", f"Published mean regrets, on 750 starts of their own: {published}."]
    return "\n".join(lines) + "\n"


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    population_report.add_arguments(parser, seeds=10)
    parser.add_argument("--presets", help="some of them [all that the device is fit for]")
    parser.add_argument("--steps", type=int, help="environment steps [a number for each preset]")
    arguments = population_report.parse(parser, least_seeds=4, suffix="-presets")
    if arguments.presets is None and arguments.device != "cuda":
        arguments.presets = ",".join(name for name in STEPS if name not in NEEDS_A_GPU)
    arguments.presets = population_report.chosen(
        parser, "--presets", arguments.presets, list(STEPS)
    )
    arguments.earlier = population_report.earlier_results(parser, arguments, "presets")
    return arguments


def plot(results, path):
    chart = curves_svg.Chart("environment steps per agent", "regret (interquartile mean)")
    for preset, result in results.items():
        chart.add(
            preset,
            [
                (point["environment_steps"], point["regret"], *point["interval_95"])
                for point in result["curve"]
            ],
        )
    path.write_text(chart.svg())


def main():
    arguments = parse_arguments()
    arguments.output.mkdir(parents=True, exist_ok=True)
    results = arguments.earlier
    for preset in arguments.presets:
        results[preset] = summarise(train(arguments, preset))
        results = {name: results[name] for name in STEPS if name in results}
        # After every preset: what was measured is not lost if a later one is cut off.
        population_report.write(arguments, "presets", results, markdown, plot)
    print((arguments.output / "presets.md").read_text())
    return 0 if all(math.isfinite(result["regret"]) for result in results.values()) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as error:
        print(f"presets.py: a training failed with exit code {error.returncode}", file=sys.stderr)
        sys.exit(error.returncode)
