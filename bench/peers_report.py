"""The table of a comparison with the peers, from what compare_peers.py measured (peers.json)."""

import statistics


def spread(values: list[float], form: str = ",.0f") -> str:
    low, high = min(values), max(values)
    return f"{statistics.median(values):{form}} ({low:{form}} to {high:{form}})"


def round_medians(entry: dict, quantity: str) -> list[float]:
    return [statistics.median(one[quantity]) for one in entry["rounds"]]


def fastest(entry: dict, quantity: str) -> float:
    """The best repetition of all rounds: what is left when other work on the machine disturbs."""
    return max(max(one[quantity]) for one in entry["rounds"])


def best_polyak(task: dict) -> str | None:
    ours = {
        name: fastest(entry, "updates_per_second")
        for name, entry in task["contestants"].items()
        if name.startswith("polyak") and entry["rounds"]
    }
    return max(ours, key=ours.get) if ours else None


def task_rows(task: dict) -> list[str]:
    best = best_polyak(task)
    rows = []
    for name, entry in task["contestants"].items():
        if not entry["rounds"]:
            rows.append(f"| {task['title']} | {name} | not run: {entry['not_run']} | | | | |")
            continue
        updates = round_medians(entry, "updates_per_second")
        steps = statistics.median(round_medians(entry, "environment_steps_per_second"))
        fast = fastest(entry, "updates_per_second")
        ratio, fast_ratio = "1", "1"
        if best and name != best:
            ours = task["contestants"][best]
            pairs = zip(round_medians(ours, "updates_per_second"), updates)
            ratio = spread([a / b for a, b in pairs], ".1f")
            fast_ratio = f"{fastest(ours, 'updates_per_second') / fast:.1f}"
        rows.append(
            f"| {task['title']} | {name} | {spread(updates)} | {steps:,.0f} | {ratio} | "
            f"{fast:,.0f} | {fast_ratio} |"
        )
    return rows


def learning_rows(learning: dict) -> list[str]:
    rows = []
    for name, result in learning["contestants"].items():
        if "not_run" in result:
            rows.append(f"| {name} | not run: {result['not_run']} | | |")
            continue
        times = result["seconds_to_goal"]
        reached = [seconds for seconds in times if seconds is not None]
        text = spread(reached, ".3g") if reached else "never"
        if len(reached) < len(times):
            text += f"; {len(reached)} of {len(times)} seeds"
        rows.append(
            f"| {name} | {text} | {statistics.median(result['setup_seconds']):.3g} | "
            f"{spread(result['final_regrets'], '.1f')} |"
        )
    return rows


def markdown(report: dict) -> str:
    lines = [
        f"{report['where']}; precision {report['precision']}; commit {report['build']['commit']}; "
        f"{report['time']}.",
        "",
    ]
    if report["note"]:
        lines += [f"**{report['note']}**", ""]
    lines += [
        "Medians over rounds with their range; how many times faster polyak is, round by round; "
        "and both again for the fastest repetition of all.",
        "",
        "| task | | updates/s | environment steps/s | polyak over it | fastest | polyak over it |",
        "|---|---|---|---|---|---|---|",
    ]
    for task in report["tasks"]:
        lines += task_rows(task)
    if report["learning"]:
        lines += [
            "",
            f"One agent with the default configuration, {report['learning']['seeds']} seeds:",
            "",
            f"| | training to regret <= {report['learning']['goal_regret']:g}, s | set-up, s | regret at the end |",
            "|---|---|---|---|",
            *learning_rows(report["learning"]),
        ]
    versions = {
        entry["description"]
        for task in report["tasks"]
        for entry in task["contestants"].values()
        if "description" in entry
    }
    lines += ["", *(f"- {version}" for version in sorted(versions))]
    return "\n".join(lines) + "\n"
