"""What the benchmarks of learning share: a population trained by `polyak compare`, and intervals over
its seeds."""

import json
import pathlib
import random
import subprocess
import time
from compact_json import compact_json

PROJECT = pathlib.Path(__file__).resolve().parent.parent
# The start states whose best returns are known: with them regret is measured.
STARTS = PROJECT / "tests" / "data" / "pendulum_v1_starts.json"
RESAMPLES = 5000


def bootstrap_interval(values, statistic, resamples, confidence=0.95):
    """Percentile bootstrap interval of a statistic over seeds; the same for the same values."""
    generator = random.Random(0)
    samples = sorted(statistic(generator.choices(values, k=len(values))) for _ in range(resamples))
    outside = (1.0 - confidence) / 2.0
    return samples[int(outside * resamples)], samples[int((1.0 - outside) * resamples) - 1]


def interquartile_mean(values):
    """The mean of the middle half; seeds at its edges count in part (Agarwal et al. 2021)."""
    ordered, cut = sorted(values), len(values) / 4.0
    total = weights = 0.0
    for index, value in enumerate(ordered):
        weight = min(index + 1.0, len(ordered) - cut) - max(float(index), cut)
        if weight > 0.0:
            total += weight * value
            weights += weight
    return total / weights


def interval_95(scores):
    """Of the interquartile mean."""
    return list(bootstrap_interval(scores, interquartile_mean, RESAMPLES))


def curve_of(report):
    """The interquartile mean and its interval at every measurement; the mean's key is what was
    measured, `regret` or `return`."""
    device = report["devices"][0]
    updates_per_step = report["configuration"]["update-to-data"]
    points = []
    for measurement in device["runs"][0]["measurements"]:
        steps = measurement["environment_steps_per_agent"]
        # Updates come at an even rate once they have begun, so they can be counted from the end.
        left = (device["environment_steps_per_agent"] - steps) * updates_per_step
        points.append(
            {
                "environment_steps": steps,
                "updates": max(0, round(device["updates_per_agent"] - left)),
                "training_seconds": measurement["training_seconds"],
                report["goal"]["score"]: interquartile_mean(measurement["scores"]),
                "interval_95": interval_95(measurement["scores"]),
                "scores": measurement["scores"],
            }
        )
    return points


def add_arguments(parser, seeds):
    """What every benchmark of learning is told."""
    parser.add_argument("--device", default="cpu", help="cpu, cpu:N or cuda [cpu]")
    parser.add_argument(
        "--seeds", type=int, default=seeds, help=f"agents of every population [{seeds}]"
    )
    parser.add_argument("--output", type=pathlib.Path, help="[in bench/results/, by date and device]")
    parser.add_argument("--polyak", nargs=1, help="the program to run [./run, which builds it]")
    parser.add_argument("options", nargs="*", help="further options of polyak, after --")


def parse(parser, least_seeds, suffix=""):
    """The arguments, with enough seeds for an interval and somewhere to write to."""
    arguments = parser.parse_args()
    if arguments.seeds < least_seeds:
        parser.error(f"--seeds: an interval needs at least {least_seeds}")
    if arguments.output is None:
        name = f"{time.strftime('%Y-%m-%d')}-{arguments.device.replace(':', '-')}{suffix}"
        arguments.output = PROJECT / "bench" / "results" / name
    return arguments


def chosen(parser, option, text, known):
    """The names in a comma-separated list, or all of them; an error for any other."""
    names = text.split(",") if text else known
    for name in names:
        if name not in known:
            parser.error(f"{option}: unknown {name!r}; there are {', '.join(known)}")
    return names


def earlier_results(parser, arguments, kind):
    """What `arguments.output` has in KIND.json: one table may be measured in several calls."""
    path = arguments.output / f"{kind}.json"
    if not path.exists():
        return {}
    try:
        report = json.loads(path.read_text())
        device, results = report["device"], report[kind]
        seeds = {result["seeds"] for result in results.values()}
    except (ValueError, KeyError, TypeError, AttributeError):
        parser.error(f"{path}: not written by this program; move it away or give another --output")
    if device != arguments.device or seeds - {arguments.seeds}:
        parser.error(
            f"{path}: has results of --device {device} --seeds {', '.join(map(str, sorted(seeds)))}; "
            "give the same, or another --output"
        )
    return results


def provenance(results):
    """The device, commits and days of results, which may be of several calls."""
    devices = dict.fromkeys(result["device"] for result in results.values())
    commits = dict.fromkeys(result["commit"] for result in results.values())
    days = sorted({result["time"].split("T")[0] for result in results.values()})
    return f"{', '.join(devices)}; commit {', '.join(commits)}; {', '.join(days)}"


def write(arguments, kind, results, markdown, plot):
    """KIND.json, KIND.md and KIND.svg."""
    report = {"device": arguments.device, kind: results}
    (arguments.output / f"{kind}.json").write_text(compact_json(report))
    (arguments.output / f"{kind}.md").write_text(markdown(results))
    plot(results, arguments.output / f"{kind}.svg")


def train(arguments, report_path, *options):
    """Trains one population, measured along its training, and returns `polyak compare`'s report.

    `arguments` has polyak (a command, or None for ./run), device, seeds and the user's options.
    """
    command = [
        *(arguments.polyak or [str(PROJECT / "run")]),
        "compare",
        f"--devices={arguments.device}",
        f"--agents={arguments.seeds}",
        "--whole-curve",
        f"--json={report_path}",
        *options,
        *arguments.options,
    ]
    print("+", " ".join(command), flush=True)
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return json.loads(report_path.read_text())
