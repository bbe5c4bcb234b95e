#!/usr/bin/env python3
"""The tables of docs/results.md, from the newest files in bench/results/. What was not measured is
said to be so, with the command that measures it.

Usage: bench/results_tables.py            prints the tables
       bench/results_tables.py --write    puts them into docs/results.md
       bench/results_tables.py --check    exit code 1 if docs/results.md has others
"""

import argparse
import dataclasses
import json
import pathlib
import sys

import training_costs
from generated_text import update_between_markers

PROJECT = pathlib.Path(__file__).resolve().parent.parent
RESULTS = PROJECT / "bench" / "results"
PAGE = PROJECT / "docs" / "results.md"
PRECISIONS = ("fp32", "tf32x3", "tf32", "bf16")
ENGINES = ("fused", "layered")


# --- Finding results -----------------------------------------------------------------------------


def newest(pattern: str, accept=lambda report: True) -> tuple[pathlib.Path, dict] | None:
    """The report in the last folder by name (they begin with the date) that has such a file."""
    for path in sorted(RESULTS.glob(f"*/{pattern}"), reverse=True):
        report = json.loads(path.read_text())
        if accept(report):
            return path, report
    return None


def address(path: pathlib.Path) -> str:
    """Of a file, as a link on the page."""
    return f"../{path.relative_to(PROJECT)}"


def link(path: pathlib.Path) -> str:
    return f"[{path.parent.name}]({address(path)})"


def on_gpu(report: dict) -> bool:
    return not report["devices"][0]["description"].startswith("cpu")


# --- Goals ---------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Figure:
    """One measured figure of a goal."""

    value: str
    how: str  # engine and precision
    of_floor: str
    source: str


@dataclasses.dataclass(frozen=True)
class Goal:
    name: str
    reach: str
    measured_by: str  # the command
    figures: list[Figure]


def rate_of(report: dict, phase: str, quantity: str) -> dict | None:
    rates = report["devices"][0]["rates"]
    return next((r for r in rates if r["phase"] == phase and r["quantity"] == quantity), None)


def update_figures(name: str) -> list[Figure]:
    """The best engine of each precision."""
    figures = []
    for precision in PRECISIONS:
        best = None
        for engine in ENGINES:
            found = newest(f"bench-{name}-{engine}-{precision}.json")
            rate = found and rate_of(found[1], "sample, update", "updates")
            if rate and (best is None or rate["median"] > best[0]["median"]):
                best = (rate, engine, *found)
        if best:
            rate, engine, path, report = best
            figures.append(
                Figure(
                    f"{rate['median']:,.0f} updates/s"
                    + (share_of_product(path, report) if name == "large" else ""),
                    f"{engine}, {precision}",
                    update_floor(report, precision, rate["median"]),
                    link(path),
                )
            )
    return figures


def update_floor(report: dict, precision: str, measured: float) -> str:
    device = training_costs.find_device(report["devices"][0]["description"])
    if device is None:
        return "unknown device"
    return f"{measured / training_costs.updates_floor(report['configuration'], device, precision):.1%}"


def share_of_product(figure_path: pathlib.Path, report: dict) -> str:
    """The matrix rate of whole updates over that of cuBLAS's large product on the same device."""
    micro = figure_path.with_name("micro.json")
    rate = rate_of(report, "sample, update", "updates")
    if not micro.exists() or rate is None:
        return ""
    operations = json.loads(micro.read_text())["operations"]
    ceiling = next(o for o in operations if o["operation"].startswith("large product"))
    training = training_costs.Training.from_configuration(report["configuration"])
    reached = rate["median"] * sum(stage.operations for stage in training.update())
    return f", {reached / ceiling['median_rate']:.0%} of cuBLAS's fp32 rate"


def environment_figures(phase: str, quantity: str) -> list[Figure]:
    figures = []
    for engine in ENGINES:
        found = newest(f"bench-environments-{engine}-fp32.json")
        rate = found and rate_of(found[1], phase, quantity)
        if not rate:
            continue
        path, report = found
        device = training_costs.find_device(report["devices"][0]["description"])
        of_floor = "unknown device"
        if device and phase == "environment step":
            of_floor = f"{rate['median'] / training_costs.environment_steps_floor(device):.1%}"
        elif device:
            floor = training_costs.vector_steps_floor(report["configuration"], device, "fp32")
            of_floor = f"{rate['median'] / floor:.1%}"
        figures.append(Figure(f"{rate['median']:.3g} steps/s", engine, of_floor, link(path)))
    return figures


def solving_figures(device: str) -> list[Figure]:
    def accept(report: dict) -> bool:
        return any(entry["device"] == device for entry in report["devices"])

    found = newest("compare-single*.json", accept)
    if not found:
        return []
    path, report = found
    entry = next(entry for entry in report["devices"] if entry["device"] == device)
    runs = len(entry["runs"])
    seconds = entry["to_goal"]["training_seconds"]
    if seconds is None:
        reached = entry["to_goal"]["runs_reached"]
        return [
            Figure(f"{reached} of {runs} seeds reached it", entry["description"], "", link(path))
        ]
    spread = f"{seconds['lowest']:.3g} to {seconds['highest']:.3g}, {runs} seeds"
    value = f"{seconds['median']:.3g} s ({spread})"
    return [Figure(value, entry["description"], "", link(path))]


def cpu_figures(name: str) -> list[Figure]:
    found = newest(f"bench-{name}-cpu-fp32.json")
    rate = found and rate_of(found[1], "sample, update", "updates")
    if not rate:
        return []
    path, report = found
    description = report["devices"][0]["description"]
    return [Figure(f"{rate['median']:,.0f} updates/s", description, "", link(path))]


def goals() -> list[Goal]:
    throughput = "bench/gpu.sh build throughput"
    stored = "act, step, store"
    return [
        Goal(
            "one agent, 256-256, batch 256", "50,000 updates/s", throughput, update_figures("wide")
        ),
        Goal(
            "one agent, 64-64, batch 100", "100,000 updates/s", throughput, update_figures("small")
        ),
        Goal(
            "512 agents, 64-64, batch 100",
            "4,000,000 updates/s in all",
            throughput,
            update_figures("population"),
        ),
        Goal(
            "512-256-128, batch 32768", "70% of cuBLAS's rate", throughput, update_figures("large")
        ),
        Goal(
            "environment steps alone, in a fused loop",
            "10^11 steps/s",
            throughput,
            environment_figures("environment step", "environment steps"),
        ),
        Goal(
            "act, step and store every transition",
            "80% of memory bandwidth",
            throughput,
            environment_figures(stored, "stored transitions"),
        ),
        Goal(
            "Pendulum-v1 to regret <= 20, GPU",
            "0.1 s of training",
            "bench/gpu.sh build compare",
            solving_figures("cuda"),
        ),
        Goal(
            "the same, one CPU core",
            "0.4 s of training",
            "bench/cpu.sh",
            solving_figures("cpu:1"),
        ),
        Goal(
            "one CPU thread, 64-64, batch 100",
            "11,000 updates/s",
            "bench/cpu.sh",
            cpu_figures("small"),
        ),
    ]


def goals_table() -> list[str]:
    lines = [
        "| goal | reach | measured | with | of the floor | from |",
        "|---|---|---|---|---|---|",
    ]
    for goal in goals():
        if not goal.figures:
            lines.append(
                f"| {goal.name} | {goal.reach} | not measured yet: `{goal.measured_by}` | | | |"
            )
        for figure in goal.figures:
            lines.append(
                f"| {goal.name} | {goal.reach} | {figure.value} | {figure.how} | "
                f"{figure.of_floor} | {figure.source} |"
            )
    return lines


# --- Learning and peers --------------------------------------------------------------------------


def learning_lines() -> list[str]:
    lines = []
    for device, accept in (("GPU", on_gpu), ("CPU", lambda report: not on_gpu(report))):
        found = newest("learning.json", accept)
        if not found:
            lines += [f"{device}: not measured yet: `bench/gpu.sh build learning`", ""]
            continue
        path, _ = found
        table = path.with_name("learning.md").read_text().strip()
        lines += [f"{device}, {link(path)}. {table}", ""]
    return lines


def peers_lines() -> list[str]:
    lines = []
    for device, command in (
        ("cuda", "bench/gpu.sh build peers"),
        ("cpu", "bench/compare_peers.py --device cpu"),
    ):
        found = newest("peers.json", lambda report, device=device: report["device"] == device)
        name = "GPU" if device == "cuda" else "CPU"
        if not found:
            lines += [f"{name}: not measured yet: `{command}`", ""]
            continue
        path, _ = found
        lines += [f"{name}, {link(path)}: {path.with_name('peers.md').read_text().strip()}", ""]
    return lines


def curves_lines(kind: str) -> list[str]:
    """Of presets or tasks: the tables and curves that bench/KIND.py wrote."""
    lines = []
    for device, command in (("GPU", f"gpu.sh build {kind}"), ("CPU", f"{kind}.py")):
        found = newest(
            f"{kind}.json", lambda report, gpu=device == "GPU": (report["device"] == "cuda") == gpu
        )
        if not found:
            lines += [f"{device}: not measured yet: `bench/{command}`", ""]
            continue
        path, _ = found
        curves = address(path.with_name(f"{kind}.svg"))
        table = path.with_name(f"{kind}.md").read_text().strip()
        lines += [f"{device}, {link(path)} ([curves]({curves})). {table}", ""]
    return lines


def tables() -> str:
    lines = [
        "## Speed against the goals",
        "",
        "The floor is what arithmetic and memory alone would take on the same device "
        "([bench/floors.md](../bench/floors.md)).",
        "",
        *goals_table(),
        "",
        "## Learning",
        "",
        *learning_lines(),
        "## The presets",
        "",
        *curves_lines("presets"),
        "## Other tasks and algorithms",
        "",
        *curves_lines("tasks"),
        "## The same training in PyTorch and JAX",
        "",
        *peers_lines(),
    ]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="put the tables into docs/results.md")
    parser.add_argument("--check", action="store_true", help="fail if docs/results.md has others")
    arguments = parser.parse_args()
    if arguments.write or arguments.check:
        return update_between_markers(PAGE, "results", tables(), arguments.check)
    print(tables())
    return 0


if __name__ == "__main__":
    sys.exit(main())
