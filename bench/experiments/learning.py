"""Experiments of learning: what populations learn over seeds, as records and as a Markdown table."""

import argparse
import statistics

from bench.experiments import kinds, stored
from bench.experiments.processes import Failure, provenance, provenance_text, run_for_report, tiny


def command_of(training: kinds.Training, experiment: kinds.Learning, arguments) -> list[str]:
    """`polyak compare` over all seeds at once, measured along the whole training."""
    steps = arguments.steps or training.steps
    starts = stored.QUICK_STARTS if arguments.quick else stored.STARTS
    sizes = (f"--agents={arguments.seeds or experiment.seeds}", f"--total-steps={steps}")
    options = (*sizes, *training.options)
    return [
        str(arguments.polyak),
        "compare",
        f"--devices={arguments.device}",
        "--whole-curve",
        *(tiny(options) if arguments.quick else options),
        f"--environment={training.environment}",
        f"--measure-every={max(1, steps // experiment.measurements)}",
        *([f"--starts={starts}"] if training.environment.startswith("Pendulum") else []),
        *arguments.options,
    ]


def curve_of(report: dict) -> list[dict]:
    """Every measurement of the first run: steps and updates per agent, seconds, scores of the seeds."""
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
                "scores": measurement["scores"],
            }
        )
    return points


def result_of(report: dict, training: kinds.Training) -> dict:
    """What is kept of a report of `polyak compare`."""
    device = report["devices"][0]
    return provenance(report) | {
        "title": training.title,
        "score": report["goal"]["score"],
        "starts": report["goal"]["starts"],
        "thresholds": list(training.thresholds),
        "configuration": report["configuration"],
        "memory_bytes": device["memory_bytes"],
        "to_goal": device["to_goal"],
        "curve": curve_of(report),
    }


def add_estimates(result: dict) -> None:
    """Adds what SciPy computes: the interquartile mean along the curve, and the mean at its end."""
    if "mean" in result:
        return
    from bench.experiments import estimates

    for point in result["curve"]:
        point["estimate"] = estimates.interquartile_estimate(point["scores"])
    result["mean"] = estimates.mean_estimate(result["curve"][-1]["scores"])


def chosen_trainings(experiment: kinds.Learning, arguments) -> list[kinds.Training]:
    """Those asked for; without a wish all that the device is fit for."""
    on_gpu = arguments.device.startswith("cuda")
    return [
        training
        for training in experiment.trainings
        if (training.name in arguments.only if arguments.only else on_gpu or not training.needs_gpu)
    ]


def run(experiment: kinds.Learning, record: dict, arguments: argparse.Namespace, save) -> bool:
    """Trains into `record`, saved after every training; False if the experiment's goals are missed."""
    trainings = chosen_trainings(experiment, arguments)
    refuse_other_seeds(record, [one.name for one in trainings], arguments.seeds or experiment.seeds)
    for training in trainings:
        command = command_of(training, experiment, arguments)
        result = result_of(run_for_report(command, arguments.limit), training)
        results = record["results"] | {training.name: result}
        order = [one.name for one in experiment.trainings if one.name in results]
        record["results"] = {name: results[name] for name in order}
        save()
    return goals_met(experiment, record)


def refuse_other_seeds(record: dict, names: list[str], seeds: int) -> None:
    """One table is over one number of seeds, also if it is measured in several calls."""
    for name, result in record["results"].items():
        kept = len(result["curve"][-1]["scores"])
        if name not in names and kept != seeds:
            raise Failure(
                f"the record has '{name}' over {kept} seeds, not {seeds}: give --seeds {kept} "
                "or another --output",
                2,
            )


def goals_met(experiment: kinds.Learning, record: dict) -> bool:
    """Whether mean and worst seed of every training are within the goals, if there are any."""
    if experiment.goals is None:
        return True
    largest_mean, largest = experiment.goals
    return all(
        statistics.fmean(scores) <= largest_mean and max(scores) <= largest
        for scores in (result["curve"][-1]["scores"] for result in record["results"].values())
    )


# --- The table -----------------------------------------------------------------------------------


def is_reached(result: dict, score: float, threshold: float) -> bool:
    """A regret has come down to a threshold, or a return up to it."""
    return score <= threshold if result["score"] == "regret" else score >= threshold


def first_at(result: dict, threshold: float) -> dict | None:
    """The first point whose interquartile mean reaches a threshold."""
    points = result["curve"]
    return next((p for p in points if is_reached(result, p["estimate"][0], threshold)), None)


def estimate_text(estimate: list[float]) -> str:
    """As 11.65 (10.67 to 12.63)."""
    value, low, high = estimate
    return f"{value:.4g} ({low:.4g} to {high:.4g})"


def row(result: dict, with_seconds: bool) -> str:
    """One training as a row of the table."""
    last = result["curve"][-1]
    middle = [point["estimate"][0] for point in result["curve"]]
    best, worst = (min, max) if result["score"] == "regret" else (max, min)
    sign = "<=" if result["score"] == "regret" else ">="
    reached = []
    for threshold in result["thresholds"]:
        point = first_at(result, threshold)
        text = f"{point['environment_steps']:,} / {point['updates']:,}" if point else "not reached"
        reached.append(f"{sign} {threshold:g}: {text}")
    cells = [
        result["title"],
        result["score"],
        estimate_text(last["estimate"]),
        estimate_text(result["mean"]),
        f"{worst(last['scores']):.1f}",
        f"{best(middle):.1f}",
        f"{last['environment_steps']:,} / {last['updates']:,}",
        "<br>".join(reached),
        *([f"{last['training_seconds']:.3g} s"] if with_seconds else []),
    ]
    return f"| {' | '.join(cells)} |"


def speed_line(result: dict) -> str:
    """How long the population takes to a mean at its goal."""
    goal, scores = result["to_goal"], [point["scores"] for point in result["curve"]]
    solved = sum(
        any(is_reached(result, score, result["thresholds"][-1]) for score in of_seed)
        for of_seed in zip(*scores, strict=True)
    )
    reached = goal["training_seconds"]
    text = "not reached"
    if reached:
        steps = goal["environment_steps_per_agent"]["median"]
        text = f"after {reached['median']:.3g} s of training all seeds, {steps:,.0f} steps of each"
    return (
        f"The mean over seeds at {result['thresholds'][-1]:g}: {text}; {solved} of {len(scores[0])} "
        f"seeds were there at some time; {goal['agents_solved_per_second']:.3g} agents solved per "
        f"second; {result['memory_bytes'] / 2**20:.0f} MiB."
    )


def markdown(record: dict) -> str:
    """The record as a table. A busy machine's seconds are left out."""
    results = list(record["results"].values())
    with_seconds = not record.get("busy")
    seeds = ", ".join(sorted({str(len(r["curve"][-1]["scores"])) for r in results}))
    starts = {r["starts"] for r in results}
    heads = [
        *(
            "training",
            "score",
            "interquartile mean",
            "mean",
            "worst seed",
            "best along the training",
        ),
        *("steps / updates", "steps / updates to a score"),
        *(["all seeds"] if with_seconds else []),
    ]
    lines = [
        f"{seeds} seeds trained at once, each measured without noise from "
        f"{' or '.join(str(count) for count in sorted(starts))} start states; interquartile mean and "
        f"mean over seeds with 95% bootstrap intervals; steps and updates are per agent. "
        f"{provenance_text(results)}.",
        "",
        f"| {' | '.join(heads)} |",
        "|---" * len(heads) + "|",
        *(row(result, with_seconds) for result in results),
    ]
    if with_seconds and len(results) == 1:
        lines += ["", speed_line(results[0])]
    return "\n".join(lines)
