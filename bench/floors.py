"""What an update and a vector step must cost at least on a GPU, and what our engines should take, as
tables; training_costs.py says how both are computed. Bench results are held against these floors.

Usage: python3 -m bench.floors                                 the tables for the goals
       python3 -m bench.floors --report FILE    figures of a report of `polyak bench` over its floors
       python3 -m bench.floors --write | --check
                                           (re)writes floors.md, or fails if it is stale
"""

import argparse
import json
import pathlib
import sys

from bench.experiments.stored import update_between_markers
from bench.training_costs import (
    DEVICES,
    ENVIRONMENT_STEP_OPERATIONS,
    Device,
    Stage,
    Training,
    best_blocks,
    environment_steps_floor,
    find_device,
    floor_seconds,
    fused_seconds,
    layered_kernels,
    layered_latency,
    layered_seconds,
    total,
    updates_floor,
)

FLOORS = pathlib.Path(__file__).resolve().parent / "floors.md"


def goal(agents: int, environments: int, batch: int, *hidden: int) -> dict:
    return {
        "agents": agents,
        "environments": environments,
        "batch-size": batch,
        "actor-hidden": list(hidden),
        "critic-hidden": list(hidden),
    }


GOALS = {
    "one agent, 256-256, batch 256": goal(1, 8, 256, 256, 256),
    "one agent, 64-64, batch 100": goal(1, 8, 100, 64, 64),
    "512 agents, 64-64, batch 100": goal(512, 8, 100, 64, 64),
    "one agent, 512-256-128, batch 32768": goal(1, 4096, 32768, 512, 256, 128),
}


def microseconds(seconds: float) -> str:
    return f"{1e6 * seconds:.3g}"


def stage_table(configuration: dict, device: Device) -> list[str]:
    training = Training.from_configuration(configuration)
    agents = training.agents

    def blocks(precision: str) -> int:
        return best_blocks(training.update(), agents, device, precision)

    lines = [
        "| stage, microseconds | MFLOP | KiB | steps | floor fp32 | floor tf32 | layered fp32 | "
        f"fused fp32 ({blocks('fp32')}) | fused tf32 ({blocks('tf32')}) |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    columns = [
        (floor_seconds, "fp32"),
        (floor_seconds, "tf32"),
        (layered_seconds, "fp32"),
        (fused_seconds, "fp32", blocks("fp32")),
        (fused_seconds, "tf32", blocks("tf32")),
    ]

    def times(stages: list[Stage], latency: float) -> list[float]:
        def time(seconds, precision: str, *more) -> float:
            waiting = latency if seconds is layered_seconds else 0.0
            return total(stages, seconds, agents, device, precision, *more) + waiting

        return [time(*column) for column in columns]

    def row(name: str, stages: list[Stage], latency: float = 0.0) -> str:
        cells = [
            f"{agents * sum(stage.operations for stage in stages) / 1e6:.3g}",
            f"{agents * sum(s.memory_bytes + s.cached_bytes for s in stages) / 1024:.3g}",
            str(sum(stage.steps for stage in stages)),
            *(microseconds(seconds) for seconds in times(stages, latency)),
        ]
        return f"| {name} | {' | '.join(cells)} |"

    for stage in training.update():
        lines.append(row(stage.name, [stage]))
    kernels = layered_kernels(training, "update")
    latency = layered_latency(training, device, "update")
    lines.append(f"| {kernels} kernels after each other | | | | | | {microseconds(latency)} | | |")
    lines.append(row("**one update of every agent**", training.update(), latency))
    step_latency = layered_latency(training, device, "vector_step")
    lines.append(row("one vector step of every agent", training.vector_step(), step_latency))
    rates = [agents / seconds for seconds in times(training.update(), latency)]
    lines.append("| updates/s | | | | " + " | ".join(f"{rate:,.0f}" for rate in rates) + " |")
    return lines


def environment_lines(device: Device) -> list[str]:
    """Environment steps alone: arithmetic in a fused loop, memory when every step is written."""
    stage = Training.from_configuration(goal(1, 1, 1, 64, 64)).vector_step()[1]
    operations = ENVIRONMENT_STEP_OPERATIONS
    return [
        "| environment steps alone | bound | floor, steps/s |",
        "|---|---|---|",
        f"| in a fused loop | {operations:.0f} fp32 operations | "
        f"{environment_steps_floor(device):.2g} |",
        f"| every step stored | {stage.memory_bytes:.0f} bytes | "
        f"{device.memory_bandwidth / stage.memory_bytes:.2g} |",
    ]


def tables(device: Device) -> str:
    lines = []
    for name, configuration in GOALS.items():
        lines += [f"### {name}", "", *stage_table(configuration, device), ""]
    lines += ["### environment steps", "", *environment_lines(device)]
    return "\n".join(lines) + "\n"


def report_table(path: pathlib.Path) -> str:
    """Measured rates of a bench report over the floors of the same configuration and device."""
    report = json.loads(path.read_text())
    configuration = report["configuration"]
    precision = configuration.get("precision", "fp32")
    lines = ["| device | updates/s | floor | measured / floor |", "|---|---|---|---|"]
    for entry in report["devices"]:
        device = find_device(entry["description"])
        rate = next((r for r in entry["rates"] if r["phase"] == "sample, update"), None)
        if rate is None or device is None:
            lines.append(f"| {entry['description']} | {rate and rate['median']} | unknown | |")
            continue
        floor = updates_floor(configuration, device, precision)
        measured = rate["median"]
        lines.append(
            f"| {entry['description']} | {measured:,.0f} | {floor:,.0f} | {measured / floor:.1%} |"
        )
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--device", choices=sorted(DEVICES), default="H200")
    parser.add_argument("--report", type=pathlib.Path, help="a JSON report of polyak bench")
    parser.add_argument("--write", action="store_true", help="rewrite the tables in floors.md")
    parser.add_argument("--check", action="store_true", help="fail if those tables are stale")
    arguments = parser.parse_args()
    if arguments.report:
        print(report_table(arguments.report), end="")
        return 0
    text = tables(DEVICES[arguments.device])
    if arguments.write or arguments.check:
        return update_between_markers(FLOORS, "floors", text, arguments.check)
    print(text, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
