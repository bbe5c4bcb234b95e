"""The tables of docs/results.md, from the records in bench/results/. What was not measured is said to
be so, with the command that measures it."""

import dataclasses
import json
import pathlib
from collections.abc import Callable

from bench import training_costs
from bench.experiments import chosen, kinds, learning, round_tables, rounds, stored, table

PAGE = stored.PROJECT / "docs" / "results.md"
COMMAND = "python3 -m bench.experiments run"
DEVICES = (("GPU", "cuda"), ("CPU", "cpu"))


def link(path: pathlib.Path) -> str:
    """To a record, from the page."""
    return f"[{path.parent.name}/{path.name}](../bench/results/{path.parent.name}/{path.name})"


# --- Goals ---------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Figure:
    """One measured figure of a goal."""

    value: str
    how: str  # engine and precision, or device
    source: dict  # the result that it is of
    of_floor: str = ""


@dataclasses.dataclass(frozen=True)
class Goal:
    """What is to be reached, the experiment that measures it, and how to find it in its record."""

    name: str
    reach: str
    experiment: str
    device: str
    figures: Callable[[dict, pathlib.Path], list[Figure]]


def rate_of(result: dict, phase: str, quantity: str) -> dict | None:
    """One rate of a report of `polyak bench`."""
    rates = result.get("rates", [])
    return next((r for r in rates if r["phase"] == phase and r["quantity"] == quantity), None)


def updates(shape: str) -> Callable:
    """Updates per second of a shape: the best engine of each precision, or the CPU's."""

    def figures(record: dict, path: pathlib.Path) -> list[Figure]:
        best: dict[str, tuple[float, str, dict]] = {}
        for name, result in record["results"].items():
            case, engine, precision = name.split()
            rate = rate_of(result, "sample, update", "updates")
            if case == shape and rate and rate["median"] > best.get(precision, (0.0,))[0]:
                best[precision] = (rate["median"], engine, result)
        return [
            Figure(
                f"{rate:,.0f} updates/s{share_of_product(rate, result, path, shape)}",
                result["device"] if engine == "cpu" else f"{engine}, {precision}",
                result,
                update_floor(result, precision, rate),
            )
            for precision, (rate, engine, result) in best.items()
        ]

    return figures


def update_floor(result: dict, precision: str, rate: float) -> str:
    """The share of what arithmetic and memory allow; nothing for a device without known rates."""
    device = training_costs.find_device(result["device"])
    if device is None:
        return ""
    return f"{rate / training_costs.updates_floor(result['configuration'], device, precision):.1%}"


def share_of_product(rate: float, result: dict, path: pathlib.Path, shape: str) -> str:
    """The matrix rate of whole updates over that of cuBLAS's large product on the same device."""
    micro = path.with_name("micro.json")
    if shape != "large" or not micro.exists():
        return ""
    operations = json.loads(micro.read_text())["operations"]
    ceiling = next(o for o in operations if o["operation"].startswith("large product"))
    training = training_costs.Training.from_configuration(result["configuration"])
    reached = rate * sum(stage.operations for stage in training.update())
    return f", {reached / ceiling['median_rate']:.0%} of cuBLAS's fp32 rate"


def environment_steps(phase: str, quantity: str) -> Callable:
    """Steps per second of very many environments, with each engine."""

    def figures(record: dict, _path: pathlib.Path) -> list[Figure]:
        found = []
        for name, result in record["results"].items():
            rate = rate_of(result, phase, quantity)
            if not rate or not name.startswith("environments "):
                continue
            device, of_floor = training_costs.find_device(result["device"]), ""
            if device and phase == "environment step":
                of_floor = f"{rate['median'] / training_costs.environment_steps_floor(device):.1%}"
            elif device:
                floor = training_costs.vector_steps_floor(result["configuration"], device, "fp32")
                of_floor = f"{rate['median'] / floor:.1%}"
            value = f"{rate['median']:.3g} steps/s"
            found.append(Figure(value, name.split()[1], result, of_floor))
        return found

    return figures


def solving(record: dict, _path: pathlib.Path) -> list[Figure]:
    """The time of single trainings to the goal, a median over seeds; what a population solves."""
    result = record["results"].get("single", {})
    if "runs" not in result:
        return []
    seeds, seconds = len(result["runs"]), result["to_goal"]["training_seconds"]
    if seconds is None:
        value = f"{result['to_goal']['runs_reached']} of {seeds} seeds reached it"
    else:
        spread = f"{seconds['lowest']:.3g} to {seconds['highest']:.3g}, {seeds} seeds"
        value = f"{seconds['median']:.3g} s ({spread})"
    figures = [Figure(value, result["device"], result)]
    population = record["results"].get("population", {})
    if "runs" in population:
        figures.append(Figure(solved_text(population), population["device"], population))
    return figures


def solved_text(result: dict) -> str:
    """How many of a population are good at once, and how many become so per second."""
    agents, goal = result["configuration"]["agents"], result["to_goal"]
    return (
        f"{goal['agents_solved_per_second']:,.0f} agents solved per second, "
        f"{goal['agents_at_the_end']} of {agents} are at the end"
    )


GOALS = (
    Goal("one agent, 256-256, batch 256", "50,000 updates/s", "throughput", "cuda", updates("wide")),
    Goal("one agent, 64-64, batch 100", "100,000 updates/s", "throughput", "cuda", updates("small")),
    Goal(
        "512 agents, 64-64, batch 100",
        "4,000,000 updates/s in all",
        "throughput",
        "cuda",
        updates("population"),
    ),
    Goal("512-256-128, batch 32768", "70% of cuBLAS's rate", "throughput", "cuda", updates("large")),
    Goal(
        "environment steps alone, in a fused loop",
        "10^11 steps/s",
        "throughput",
        "cuda",
        environment_steps("environment step", "environment steps"),
    ),
    Goal(
        "act, step and store every transition",
        "80% of memory bandwidth",
        "throughput",
        "cuda",
        environment_steps("act, step, store", "stored transitions"),
    ),
    Goal("Pendulum-v1 to regret <= 20, GPU", "0.1 s of training", "solve", "cuda", solving),
    Goal("the same, one CPU core", "0.4 s of training", "solve", "cpu:1", solving),
    Goal(
        "one CPU thread, 64-64, batch 100",
        "11,000 updates/s",
        "throughput",
        "cpu:1",
        updates("small"),
    ),
)


def origin(result: dict) -> str:
    """Machine, commit and day of a result."""
    return ", ".join((result["machine"], result["commit"], result["time"].split("T")[0]))


def goal_rows(goal: Goal, records: pathlib.Path) -> list[str]:
    """A row for every figure of a goal, or one that says how to measure it."""
    path = stored.record_path(records, goal.experiment, goal.device)
    record = stored.load(path)
    figures = goal.figures(record, path) if record else []
    if not figures:
        command = f"{COMMAND} {goal.experiment} --device {goal.device}"
        return [f"| {goal.name} | {goal.reach} | not measured yet: `{command}` | | | |"]
    return [
        f"| {goal.name} | {goal.reach} | {f.value} | {f.how} | {f.of_floor} | "
        f"{link(path)}: {origin(f.source)} |"
        for f in figures
    ]


# --- The page ------------------------------------------------------------------------------------


def timing_markdown(record: dict) -> str:
    """Every rate, and every time to a goal, of a record of timings."""
    lines = ["| case | | per second or seconds |", "|---|---|---|"]
    for name, result in record["results"].items():
        if "not_run" in result:
            lines.append(f"| {name} | not run: {result['not_run']} | |")
        for rate in result.get("rates", []):
            lines.append(f"| {name} | {rate['phase']}: {rate['quantity']} | {rate['median']:,.0f} |")
        if result.get("to_goal"):
            seconds = result["to_goal"]["training_seconds"]
            text = f"{seconds['median']:.3g} s" if seconds else "not reached"
            lines.append(f"| {name} | training to the goal | {text} |")
            if result["configuration"]["agents"] > 1:
                lines.append(f"| {name} | of the population | {solved_text(result)} |")
    return "\n".join(lines)


def add_estimates(name: str, record: dict) -> bool:
    """Adds the intervals that a record lacks; False without SciPy, where it stays without them."""
    adders = {
        kinds.Learning: learning.add_estimates,
        kinds.Chosen: chosen.add_estimates,
        kinds.Rounds: rounds.add_ratios,
    }
    add = adders.get(type(table.EXPERIMENTS[name]))
    try:
        for result in record["results"].values() if add else []:
            add(result)
    except ModuleNotFoundError:
        return False
    return True


def record_text(name: str, record: dict) -> str:
    """A record as Markdown."""
    kind = type(table.EXPERIMENTS[name])
    writers = {
        kinds.Learning: learning.markdown,
        kinds.Chosen: chosen.markdown,
        kinds.Rounds: round_tables.markdown,
    }
    text = writers.get(kind, timing_markdown)(record)
    return f"**{record['note']}**\n\n{text}" if record["note"] else text


def section(name: str, records: pathlib.Path) -> list[str]:
    """An experiment's heading, and its table for each kind of device."""
    experiment = table.EXPERIMENTS[name]
    lines = [f"## {experiment.title}", ""]
    for title, device in DEVICES:
        if isinstance(experiment, kinds.Rounds) and device not in experiment.devices:
            continue
        path = stored.record_path(records, name, device)
        record = stored.load(path)
        if record is None:
            lines += [f"{title}: not measured yet: `{COMMAND} {name} --device {device}`", ""]
            continue
        if not add_estimates(name, record):
            raise SystemExit(f"{path}: its intervals need SciPy (bench/requirements.txt)")
        lines += [f"{title}, {link(path)}. {record_text(name, record)}", ""]
    if isinstance(experiment, kinds.Learning) and experiment.published:
        lines += [f"Published: {experiment.published}", ""]
    if (PAGE.parent / "pictures" / f"{name}.svg").exists():
        lines += [f"![{experiment.title}](pictures/{name}.svg)", ""]
    return lines


def tables(records: pathlib.Path) -> str:
    """All of the page between its markers."""
    lines = [
        "## Speed against the goals",
        "",
        "The floor is what arithmetic and memory alone would take on the same device "
        "([bench/floors.md](../bench/floors.md)).",
        "",
        "| goal | reach | measured | with | of the floor | from |",
        "|---|---|---|---|---|---|",
        *(row for goal in GOALS for row in goal_rows(goal, records)),
        "",
    ]
    for name in ("default", "presets", "best", "tasks", "peers", "rltools"):
        lines += section(name, records)
    return "\n".join(lines)
