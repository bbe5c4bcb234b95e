"""What the benchmarks of learning share: a population trained by `polyak compare`, and intervals over
its seeds."""

import json
import pathlib
import random
import subprocess

PROJECT = pathlib.Path(__file__).resolve().parent.parent


def bootstrap_interval(values, statistic, resamples, confidence=0.95):
    """Percentile bootstrap interval of a statistic over seeds; the same for the same values."""
    generator = random.Random(0)
    samples = sorted(statistic(generator.choices(values, k=len(values))) for _ in range(resamples))
    outside = (1.0 - confidence) / 2.0
    return samples[int(outside * resamples)], samples[int((1.0 - outside) * resamples) - 1]


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
