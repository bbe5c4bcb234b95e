"""What rounds measured (rounds.py), as Markdown."""

import statistics

from bench.experiments.processes import provenance_text
from bench.experiments.rounds import fastest, rate_of

PER_PRODUCT = "per product"
COLUMNS = [
    "task",
    "",
    "updates/s",
    "environment steps/s",
    "polyak over it",
    PER_PRODUCT,
    "fastest",
    "polyak over it",
]


def spread(values: list[float], form: str = ",.0f") -> str:
    """The median with the range, if there are several."""
    low, high = min(values), max(values)
    ends = f" ({low:{form}} to {high:{form}})" if len(values) > 1 else ""
    return f"{statistics.median(values):{form}}{ends}"


def task_rows(task: dict) -> list[list[str]]:
    """The cells of a row for every contestant: those of `COLUMNS`."""
    rows = []
    for name, entry in task["contestants"].items():
        if not entry["rounds"] or entry["not_run"]:
            reason = entry["not_run"] or "the time was up"
            rows.append([task["title"], name, f"not run: {reason}"] + [""] * (len(COLUMNS) - 3))
            continue
        steps = [rate_of(one, "environment_steps_per_second") for one in entry["rounds"]]
        ratios = {key: "" for key in ("ratio", "ratio_per_product", "fastest")}
        if "ratio" in entry and name != task["reference"]:
            for key in ("ratio", "ratio_per_product"):
                ratios[key] = ratio_text(entry[key], len(steps)) if key in entry else ""
            best = fastest(task["contestants"][task["reference"]])
            ratios["fastest"] = f"{best / fastest(entry):.3g}"
        rows.append(
            [
                task["title"],
                name,
                spread([rate_of(one) for one in entry["rounds"]]),
                f"{statistics.median(steps):,.0f}",
                ratios["ratio"],
                ratios["ratio_per_product"],
                f"{fastest(entry):,.0f}",
                ratios["fastest"],
            ]
        )
    return rows


def ratio_text(estimate: list[float], rounds: int) -> str:
    """A ratio, with its interval if it is of several rounds."""
    value, low, high = estimate
    return f"{value:.3g}" + (f" ({low:.3g} to {high:.3g})" if rounds > 1 else "")


def task_lines(tasks: list[dict]) -> list[str]:
    """All tasks in one table, without the column of products where all need the same."""
    rows = [row for task in tasks for row in task_rows(task)]
    shown = [i for i, name in enumerate(COLUMNS) if name != PER_PRODUCT or any(row[i] for row in rows)]
    lines = [COLUMNS, ["---"] * len(COLUMNS), *rows]
    return ["| " + " | ".join(line[i] for i in shown) + " |" for line in lines]


def learning_lines(learning: dict) -> list[str]:
    """The time to the goal as a table."""
    lines = [
        "",
        f"One agent with the default configuration, {learning['seeds']} seeds:",
        "",
        f"| | training to regret <= {learning['goal_regret']:g}, s | set-up, s | regret at the end |",
        "|---|---|---|---|",
    ]
    for name, result in learning["contestants"].items():
        if "not_run" in result:
            lines.append(f"| {name} | not run: {result['not_run']} | | |")
            continue
        times = result["seconds_to_goal"]
        reached = [seconds for seconds in times if seconds is not None]
        text = spread(reached, ".3g") if reached else "never"
        text += f"; {len(reached)} of {len(times)} seeds" if len(reached) < len(times) else ""
        setup = statistics.median(result["setup_seconds"])
        regrets = spread(result["final_regrets"], ".1f")
        lines.append(f"| {name} | {text} | {setup:.3g} | {regrets} |")
    return lines


def markdown(record: dict) -> str:
    """The record as tables."""
    tasks = list(record["results"].values())
    measured = [task for task in tasks if "reference" in task]
    rounds = max((len(t["contestants"][t["reference"]]["rounds"]) for t in measured), default=0)
    precision = ", ".join(dict.fromkeys(t["configuration"]["precision"] for t in measured))
    versions = {
        f"{name}: {entry['description']}"
        for task in tasks
        for name, entry in task["contestants"].items()
        if entry["rounds"]
    }
    several = (
        f"Medians over {rounds} rounds with their range; how many times as fast polyak is, as the "
        "interquartile mean of the rounds' ratios with its 95% bootstrap interval"
    )
    how = several if rounds > 1 else "One round; how many times as fast polyak is"
    lines = [
        f"{provenance_text(measured)}; {precision}. {how}; and both for the fastest repetition of all.",
        "",
        *task_lines(tasks),
        *(learning_lines(record["learning"]) if record.get("learning") else []),
        "",
        *(f"- {version}" for version in sorted(versions)),
    ]
    return "\n".join(lines)
