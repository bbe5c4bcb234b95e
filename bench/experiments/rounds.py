"""Contestants in rounds: polyak beside its peers (bench/peers/), or beside another build of itself.

Every round runs every contestant once as a process of its own, in an order that rotates, so that a
machine that slows down slows all of them. Ratios are of one round each; their interquartile mean over
rounds has a bootstrap interval. Every peer gets the configuration that polyak's own report states. A
contestant that is not installed or cannot run a task is kept with the reason and fails nothing.
"""

import argparse
import statistics
from collections.abc import Callable

from bench.experiments import contestants, kinds
from bench.experiments.contestants import Contestant, run_peer, run_polyak
from bench.experiments.processes import Failure, provenance, tiny

GOAL_REGRET = 20.0


# --- Throughput ----------------------------------------------------------------------------------


def throughput(contestant: Contestant, task: dict, arguments) -> dict:
    """One round of one contestant: its rates, one for each repetition."""
    timed = [f"--seconds={arguments.seconds}", f"--repetitions={arguments.repetitions}"]
    if not contestant.is_polyak:
        options = ["--measure=throughput", *timed]
        report = run_peer(contestant, task.get("configuration"), options, arguments)
        kept = ("description", "updates_per_second", "environment_steps_per_second")
        return {key: report[key] for key in kept}
    options = ["--phases=iteration", *timed, *task["options"]]
    report = run_polyak(contestant, "bench", options, arguments)
    if contestant.ours and "configuration" not in task:
        task |= provenance(report) | {"configuration": report["configuration"]}
    device = report["devices"][0]
    rates = {rate["quantity"]: rate["per_second"] for rate in device["rates"]}
    commit = f", commit {report['build']['commit']}"
    return {
        "description": device["description"] + commit,
        "updates_per_second": rates["updates"],
        "environment_steps_per_second": rates["environment steps"],
    }


def run_task(task: dict, everyone: list[Contestant], rounds: int, arguments, save: Callable) -> None:
    """Rounds of all contestants, kept in `task`, saved after each one's."""
    task["unfinished"] = True
    task["contestants"] = {one.name: {"rounds": [], "not_run": None} for one in everyone}
    for turn in range(rounds):
        # Polyak first in the first round; then the order rotates.
        first = turn % len(everyone)
        for contestant in everyone[first:] + everyone[:first]:
            entry = task["contestants"][contestant.name]
            if entry["not_run"]:
                continue
            try:
                result = throughput(contestant, task, arguments)
            except Failure as failure:
                print(f"{contestant.name}: not run: {failure}", flush=True)
                entry["not_run"] = str(failure)
                save()
                continue
            entry["description"] = result.pop("description")
            if contestant.products:
                settings = contestants.settings_for(contestant, task["configuration"])
                entry["products_per_update"] = contestant.products(settings)
            entry["rounds"].append(result)
            save()
            print(f"{contestant.name}: {rate_of(result):,.0f} updates/s", flush=True)
    del task["unfinished"]
    save()


def rate_of(one_round: dict, quantity: str = "updates_per_second") -> float:
    """The median over the repetitions of a round."""
    return statistics.median(one_round[quantity])


def fastest(entry: dict) -> float:
    """The best repetition of all rounds: what is left when other work on the machine disturbs."""
    return max(max(one["updates_per_second"]) for one in entry["rounds"])


def add_ratios(task: dict) -> None:
    """Names the best of ours as the reference; how many times as fast it is as each other, by SciPy."""
    entries = {n: e for n, e in task["contestants"].items() if e["rounds"] and not e["not_run"]}
    ours = [name for name in entries if name.startswith("polyak")]
    if not ours or "reference" in task or "unfinished" in task:
        return
    from bench.experiments import estimates

    task["reference"] = max(ours, key=lambda name: fastest(entries[name]))
    reference = entries[task["reference"]]["rounds"]
    for entry in entries.values():
        ratios = [rate_of(a) / rate_of(b) for a, b in zip(reference, entry["rounds"], strict=True)]
        enough = len(ratios) > 1
        entry["ratio"] = estimates.interquartile_estimate(ratios) if enough else ratios * 3
        if "products_per_update" in entry:
            ours = entries[task["reference"]]["products_per_update"]
            theirs = entry["products_per_update"]
            entry["ratio_per_product"] = [ratio * ours / theirs for ratio in entry["ratio"]]


# --- Learning ------------------------------------------------------------------------------------


def learning_runs(contestant: Contestant, learning: dict, arguments) -> tuple[str, list[dict]]:
    """One training for each seed; a peer's in processes of their own, as its users run it."""
    goal = f"--threshold={GOAL_REGRET}"
    if contestant.is_polyak:
        options = ["--agents=1", f"--runs={learning['seeds']}", goal]
        report = run_polyak(contestant, "compare", options, arguments)
        learning.setdefault("configuration", report["configuration"])
        return report["devices"][0]["description"], report["devices"][0]["runs"]
    runs = []
    for seed in range(1, learning["seeds"] + 1):
        configuration = learning.get("configuration")
        of_seed = configuration and configuration | {"agents": 1, "seed": seed}
        runs.append(run_peer(contestant, of_seed, ["--measure=learning", goal], arguments))
    return runs[0]["description"], runs


def run_learning(everyone: list[Contestant], seeds: int, arguments) -> dict:
    """The time to a regret of 20 with the default configuration, one agent, over seeds."""
    learning: dict = {"goal_regret": GOAL_REGRET, "seeds": seeds, "contestants": {}}
    for contestant in everyone:
        try:
            description, runs = learning_runs(contestant, learning, arguments)
        except Failure as failure:
            print(f"{contestant.name}: not run: {failure}", flush=True)
            learning["contestants"][contestant.name] = {"not_run": str(failure)}
            continue
        learning["contestants"][contestant.name] = {
            "description": description,
            "setup_seconds": [run["setup_seconds"] for run in runs],
            "seconds_to_goal": [
                run["goal_reached"] and run["goal_reached"]["training_seconds"] for run in runs
            ],
            "final_regrets": [run["final_mean_score"] for run in runs],
        }
    return learning


def run(experiment: kinds.Rounds, record: dict, arguments: argparse.Namespace, save: Callable) -> bool:
    """Measures into `record`; False if polyak ran none of the tasks."""
    everyone = contestants.KINDS[experiment.contestants](arguments)
    if not arguments.only:
        record["results"] = {}
    for name in arguments.only or experiment.usual_tasks:
        task = experiment.tasks[name]
        options = tiny(task.options, experiment.quick) if arguments.quick else task.options
        result = {"title": task.title, "options": list(options)}
        record["results"][name] = result
        run_task(result, everyone, arguments.rounds or experiment.rounds, arguments, save)
    seeds = experiment.learning_seeds if arguments.seeds is None else arguments.seeds
    if seeds:
        record["learning"] = run_learning(everyone, seeds, arguments)
        save()
    return any("configuration" in result for result in record["results"].values())
