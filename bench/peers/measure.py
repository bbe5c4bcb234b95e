"""What is measured of a peer, and its command line: the same for all of them.

throughput  whole training iterations per second past the warm-up, as `polyak bench` measures its
            phase "whole training"
learning    one training from start to end, the regret measured on the way with the clock stopped,
            as `polyak compare` does it
"""

import argparse
import json
import pathlib
import time
from collections.abc import Callable
from typing import Protocol

import settings as peer_settings
from settings import Settings

CHECK_MAX_MEAN_REGRET = 30.0  # a policy that does not learn is above 800


class Peer(Protocol):
    """A training in some framework."""

    name: str

    # Whatever is compiled or captured is so once the object exists: its time is the set-up.

    def describe(self) -> str:
        """Versions and device, in one line."""

    def run(self, iterations: int) -> None:
        """Runs the next iterations of the training and waits for the device."""

    def actor_layers(self) -> list:
        """The online actors' parameters (regret.Layers); asked of those that `learning` measures."""


def timed(peer: Peer, iterations: int) -> float:
    start = time.perf_counter()
    peer.run(iterations)
    return time.perf_counter() - start


def iterations_lasting(peer: Peer, seconds: float) -> int:
    iterations = 1
    while True:
        measured = timed(peer, iterations)
        if measured >= 0.5 * seconds:
            return max(1, int(iterations * seconds / measured))
        iterations *= 2


def throughput(peer: Peer, settings: Settings, arguments: argparse.Namespace) -> dict:
    # As many iterations as `polyak bench` makes before it measures.
    peer.run(max(settings.warmup_iterations, settings.first_update_iteration) + 1)
    iterations = iterations_lasting(peer, arguments.seconds)
    seconds = [timed(peer, iterations) for _ in range(arguments.repetitions)]
    rates = [iterations / one for one in seconds]
    updates = settings.agents * settings.updates_per_iteration
    steps = settings.agents * settings.environment_steps_per_iteration
    return {
        "iterations_per_repetition": iterations,
        "updates_per_second": [rate * updates for rate in rates],
        "environment_steps_per_second": [rate * steps for rate in rates],
    }


def learning(peer: Peer, settings: Settings, arguments: argparse.Namespace) -> dict:
    import regret  # which needs NumPy

    steps_per_iteration = settings.environment_steps_per_iteration
    every = max(1, -(-arguments.measure_every // steps_per_iteration))
    measurements = []
    training_seconds, done = 0.0, 0
    while done < settings.iterations:
        iterations = min(every, settings.iterations - done)
        training_seconds += timed(peer, iterations)
        done += iterations
        regrets = regret.mean_regrets(peer.actor_layers(), settings.activation)
        measurements.append(
            {
                "environment_steps_per_agent": done * steps_per_iteration,
                "training_seconds": training_seconds,
                "mean_score": float(regrets.mean()),
                "scores": regrets.tolist(),
            }
        )
    reached = next((m for m in measurements if m["mean_score"] <= arguments.threshold), None)
    return {
        "training_seconds": training_seconds,
        "final_mean_score": measurements[-1]["mean_score"],
        "goal_reached": reached and {key: reached[key] for key in reached if key != "scores"},
        "measurements": measurements,
    }


def parse_arguments(description: str, add_options: Callable) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("--measure", choices=["throughput", "learning"], default="throughput")
    parser.add_argument("--check", action="store_true", help="learning, and fail if it did not")
    parser.add_argument("--device", choices=["auto", "cuda", "cpu"], default="auto")
    parser.add_argument("--precision", choices=["fp32", "tf32"], default="fp32")
    parser.add_argument("--repetitions", type=int, default=7, help="timed repetitions")
    parser.add_argument("--seconds", type=float, default=0.3, help="length of one repetition")
    parser.add_argument("--measure-every", type=int, default=500, help="environment steps per agent")
    parser.add_argument("--threshold", type=float, default=20.0, help="mean regret that is the goal")
    parser.add_argument("--json", type=pathlib.Path, help="write the results to a file")
    add_options(parser)
    peer_settings.add_options(parser)
    arguments = parser.parse_args()
    if arguments.check:
        arguments.measure = "learning"
    return arguments


def print_summary(report: dict) -> None:
    print(f"{report['name']}: {report['description']}")
    if report["measure"] == "throughput":
        for quantity in ("updates_per_second", "environment_steps_per_second"):
            values = sorted(report[quantity])
            print(
                f"  {quantity.replace('_', ' ')}: median {values[len(values) // 2]:,.0f}, "
                f"{values[0]:,.0f} to {values[-1]:,.0f}"
            )
        return
    scores = report["measurements"][-1]["scores"]
    print(f"  mean regret {report['final_mean_score']:.2f}, worst agent {max(scores):.2f}")
    reached = report["goal_reached"]
    if reached:
        steps = reached["environment_steps_per_agent"]
        print(f"  goal reached after {reached['training_seconds']:.3g} s, {steps} steps per agent")
    else:
        print("  goal not reached")


def main(description: str, make_peer: Callable, add_options: Callable = lambda parser: None) -> int:
    """`make_peer(settings, arguments)` builds the training. Returns the exit code."""
    arguments = parse_arguments(description, add_options)
    settings = peer_settings.from_arguments(arguments)
    start = time.perf_counter()
    peer = make_peer(settings, arguments)
    setup_seconds = time.perf_counter() - start
    measure = throughput if arguments.measure == "throughput" else learning
    report = {
        "name": peer.name,
        "description": peer.describe(),
        "measure": arguments.measure,
        "precision": arguments.precision,
        "setup_seconds": setup_seconds,
        **measure(peer, settings, arguments),
    }
    print_summary(report)
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n")
    learned = report.get("final_mean_score", 0.0) <= CHECK_MAX_MEAN_REGRET
    return 1 if arguments.check and not learned else 0
