#!/usr/bin/env python3
"""How throughput grows with environments, batch, width and agents, so that cliffs show.

Runs `polyak bench` once for each point and writes scaling.csv after each, and scaling.png at the
end if matplotlib is installed. A point that does not run (no memory, an engine that does not
support it) is written down with the reason, and the sweep goes on.

Usage: bench/scaling.py --device cuda [--sweeps environments,batch,width,agents] [--quick]
"""

import argparse
import csv
import json
import pathlib
import subprocess
import sys
import tempfile
import time

PROJECT = pathlib.Path(__file__).resolve().parent.parent
FIELDS = [
    "sweep",
    "value",
    "engine",
    "precision",
    "quantity",
    "median",
    "lowest",
    "highest",
    "error",
]

# For each sweep: what is on its axis, its largest value, and the rest of the training at a value.
# Warm-up and replay are kept as short as the point allows: it is the rates that count.


def environments_options(count: int) -> list[str]:
    updates = 1 if count <= 1_000_000 else 2  # for each vector step; polyak's least ratio is 1e-6
    return [
        f"--environments={count}",
        f"--update-to-data={updates / count!r}",
        f"--total-steps={64 * count}",
        f"--warmup-steps={2 * count}",
        f"--learning-starts={2 * count}",
        "--phases=environment-step,vector-step,iteration",
    ]


def batch_options(size: int) -> list[str]:
    hidden = ["--actor-hidden=256,256", "--critic-hidden=256,256"]
    return [*hidden, f"--batch-size={size}", "--phases=sample,update"]


def width_options(width: int) -> list[str]:
    hidden = [f"--actor-hidden={width},{width}", f"--critic-hidden={width},{width}"]
    return [*hidden, "--batch-size=256", "--phases=act,update"]


def agents_options(count: int) -> list[str]:
    hidden = ["--actor-hidden=64,64", "--critic-hidden=64,64"]
    return [
        *hidden,
        f"--agents={count}",
        "--batch-size=100",
        "--phases=vector-step,update,iteration",
    ]


SWEEPS = {
    "environments": (environments_options, 1 << 20),
    "batch": (batch_options, 65536),
    "width": (width_options, 1024),
    "agents": (agents_options, 1024),
}
SMALLEST = {"environments": 1, "batch": 16, "width": 16, "agents": 1}
# Between powers of two lie the sizes at which tiles are cut; cliffs show there first.
BETWEEN = {
    "environments": [1000, 1_000_000],
    "batch": [100, 1000],
    "width": [65, 400],
    "agents": [133],
}


def values_of(sweep: str, most: int, dense: bool) -> list[int]:
    values, step = [], 2 if dense else 4
    value = SMALLEST[sweep]
    while value <= most:
        values.append(value)
        value *= step
    return sorted({*values, most, *(v for v in BETWEEN[sweep] if v <= most)})


def bench(sweep: str, value: int, arguments: argparse.Namespace) -> list[dict]:
    """The rows of one point: one for each rate, or one that says why there is none."""
    options, _ = SWEEPS[sweep]
    common = {"sweep": sweep, "value": value}
    common |= {"engine": arguments.engine, "precision": arguments.precision}
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "report.json"
        command = [
            str(arguments.polyak),
            "bench",
            f"--devices={arguments.device}",
            f"--engine={arguments.engine}",
            f"--precision={arguments.precision}",
            "--repetitions=5",
            f"--seconds={arguments.seconds}",
            f"--json={path}",
            *options(value),
        ]
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=arguments.limit,
            )
        except subprocess.TimeoutExpired:
            return [{**common, "error": f"stopped after {arguments.limit} s"}]
        if done.returncode != 0:
            return [{**common, "error": (done.stderr.strip().splitlines() or ["?"])[-1]}]
        rates = json.loads(path.read_text())["devices"][0]["rates"]
    return [
        {
            **common,
            "quantity": f"{rate['phase']}: {rate['quantity']}",
            **{key: rate[key] for key in ("median", "lowest", "highest")},
        }
        for rate in rates
    ]


def write_csv(path: pathlib.Path, rows: list[dict]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, FIELDS)
        writer.writeheader()
        writer.writerows(rows)


def plot(path: pathlib.Path, rows: list[dict], title: str) -> None:
    """One panel per sweep, both axes logarithmic; nothing without matplotlib."""
    try:
        import matplotlib
    except ImportError:
        print("no scaling.png: matplotlib is not installed")
        return
    matplotlib.use("Agg")
    import matplotlib.pyplot as pyplot

    sweeps = list(dict.fromkeys(row["sweep"] for row in rows))
    figure, panels = pyplot.subplots(1, len(sweeps), figsize=(5 * len(sweeps), 4), squeeze=False)
    for axes, sweep in zip(panels[0], sweeps):
        measured = [row for row in rows if row["sweep"] == sweep and "quantity" in row]
        for quantity in dict.fromkeys(row["quantity"] for row in measured):
            points = [row for row in measured if row["quantity"] == quantity]
            middle = [point["median"] for point in points]
            below = [point["median"] - point["lowest"] for point in points]
            above = [point["highest"] - point["median"] for point in points]
            values = [point["value"] for point in points]
            axes.errorbar(values, middle, [below, above], marker=".", capsize=2, label=quantity)
        axes.set(xscale="log", yscale="log", xlabel=sweep, ylabel="per second")
        axes.grid(True, which="major", linewidth=0.3)
        axes.legend(fontsize=7)
    figure.suptitle(title)
    figure.savefig(path, dpi=150, bbox_inches="tight")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--device", required=True, help="cuda, cpu or cpu:N")
    parser.add_argument("--engine", default="auto", help="[auto]")
    parser.add_argument("--precision", default="fp32", help="[fp32]")
    parser.add_argument("--sweeps", default=",".join(SWEEPS), help=f"[{','.join(SWEEPS)}]")
    parser.add_argument(
        "--quick", action="store_true", help="every other point, up to 1/64 of the size"
    )
    parser.add_argument("--seconds", type=float, default=0.1, help="length of a repetition [0.1]")
    parser.add_argument("--limit", type=float, default=120, help="seconds for one point [120]")
    parser.add_argument("--polyak", type=pathlib.Path, default=PROJECT / "build/release/src/polyak")
    parser.add_argument("--output", type=pathlib.Path, help="[bench/results/DATE-DEVICE]")
    arguments = parser.parse_args()
    arguments.sweeps = arguments.sweeps.split(",")
    for sweep in arguments.sweeps:
        if sweep not in SWEEPS:
            parser.error(f"--sweeps: '{sweep}' is none of {', '.join(SWEEPS)}")
    if not arguments.polyak.exists():
        parser.error(f"--polyak: there is no {arguments.polyak}; build it with ./run build")
    if arguments.output is None:
        name = f"{time.strftime('%Y-%m-%d')}-{arguments.device.replace(':', '-')}"
        arguments.output = PROJECT / "bench" / "results" / name
    return arguments


def main() -> int:
    arguments = parse_arguments()
    arguments.output.mkdir(parents=True, exist_ok=True)
    rows = []
    for sweep in arguments.sweeps:
        most = SWEEPS[sweep][1] // (64 if arguments.quick else 1)
        for value in values_of(sweep, most, dense=not arguments.quick):
            added = bench(sweep, value, arguments)
            rows += added
            for row in added:
                result = row.get("error") or f"{row['quantity']} {row['median']:,.0f}/s"
                print(f"{sweep} {value}: {result}", flush=True)
            write_csv(arguments.output / "scaling.csv", rows)
    title = f"{arguments.device}, engine {arguments.engine}, {arguments.precision}"
    plot(arguments.output / "scaling.png", rows, title)
    measured = sum("quantity" in row for row in rows)
    print(f"{measured} rates in {arguments.output / 'scaling.csv'}")
    return 0 if measured else 1


if __name__ == "__main__":
    sys.exit(main())
