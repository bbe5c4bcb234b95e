"""Experiments in which a training is several agents, and the one that evaluates best is what counts.

The agent is chosen by its training's own last evaluation, from start states of its own; what it
is worth is measured afterwards, from the reference starts.
"""

import argparse
import pathlib
import resource
import statistics
import tempfile

from bench.experiments import kinds, stored
from bench.experiments.processes import provenance, provenance_text, run_for_report, tiny

# Below it are seeds by which settings were chosen.
FIRST_SEED = 10_001


def train(experiment: kinds.Chosen, seed: int, arguments, folder: pathlib.Path) -> dict:
    """One training of `polyak train` with the seeds from `seed` on, its agents' regrets, and what it took."""
    options = tiny(experiment.options) if arguments.quick else experiment.options
    starts = stored.QUICK_STARTS if arguments.quick else stored.STARTS
    command = [str(arguments.polyak), "train", f"--output={folder}", f"--seed={seed}"]
    command += [f"--device={arguments.device}", "--quiet", *options, *arguments.options]
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    summary = run_for_report(command, arguments.limit)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    agents = len(summary["agents"])
    policies = [folder / f"policy_{agent}.safetensors" for agent in range(agents)]
    evaluate = [str(arguments.polyak), "evaluate", *map(str, policies), f"--starts={starts}"]
    judged = run_for_report([*evaluate, "--device=cpu"], arguments.limit)["policies"]
    return {
        "seed": seed,
        "chosen": summary["evaluation"]["best_agent"],
        "regrets": [policy["regret"]["mean"] for policy in judged],
        "mean_returns": [agent["evaluation"]["mean_return"] for agent in summary["agents"]],
        "episodes": judged[0]["episodes"],
        "environment_steps": summary["environment_steps"],
        "updates": summary["updates"],
        "seconds": summary["process_wall_seconds"],
        "cpu_seconds": after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime,
        "device": summary["device"],
        "commit": summary["commit"],
        "configuration": summary["configuration"],
    }


def run(experiment: kinds.Chosen, record: dict, arguments: argparse.Namespace, save) -> bool:
    """Trains one seed after the other into `record`, saved after each; False if goals are missed."""
    kind = "cpu" if arguments.device.startswith("cpu") else "cuda"
    info = run_for_report([str(arguments.polyak), "info"], arguments.limit)
    trainings: list[dict] = []
    for _ in range(arguments.seeds or experiment.seeds):
        seed = FIRST_SEED + len(all_regrets(trainings))  # no two agents have the same
        with tempfile.TemporaryDirectory() as folder:
            one = train(experiment, seed, arguments, pathlib.Path(folder) / "run")
        configuration, device = one.pop("configuration"), one.pop("device")
        report = info | {
            "devices": [{"device": kind, "description": device}],
            "build": info["build"] | {"commit": one.pop("commit")},
        }
        trainings.append(one)
        record["results"] = {
            experiment.name: provenance(report)
            | {"configuration": configuration, "trainings": trainings}
        }
        save()
    largest_mean, largest = experiment.goals
    regrets = chosen_regrets(record["results"][experiment.name])
    return statistics.fmean(regrets) <= largest_mean and max(regrets) <= largest


def chosen_regrets(result: dict) -> list[float]:
    """Of each training, the regret of the agent that was chosen."""
    return [training["regrets"][training["chosen"]] for training in result["trainings"]]


def all_regrets(trainings: list[dict]) -> list[float]:
    """Of all agents of all trainings."""
    return [regret for training in trainings for regret in training["regrets"]]


def add_estimates(result: dict) -> None:
    """Adds the mean of the chosen agents, and of all of them, each with its interval, if they are missing."""
    if len(result["trainings"]) < 2 or "chosen_mean" in result:
        return
    from bench.experiments import estimates

    result["chosen_mean"] = estimates.mean_estimate(chosen_regrets(result))
    result["mean"] = estimates.mean_estimate(all_regrets(result["trainings"]))


def markdown(record: dict) -> str:
    """The record as a table: chosen agents, and all of them. A busy machine's seconds are left out."""
    ((name, result),) = record["results"].items()
    trainings = result["trainings"]
    first = trainings[0]

    def row(title: str, estimate: list[float], regrets: list[float]) -> str:
        mean, low, high = estimate
        return (
            f"| {title} | {mean:.2f} ({low:.2f} to {high:.2f}) | {statistics.median(regrets):.2f} | "
            f"{min(regrets):.2f} | {max(regrets):.2f} |"
        )

    def middle(key: str) -> float:
        return statistics.median(training[key] for training in trainings)

    seconds = "" if record.get("busy") else f"{middle('seconds'):.0f} s and "
    return "\n".join(
        (
            f"`--preset {name}`: {len(trainings)} trainings of {len(first['regrets'])} agents, each agent "
            f"of a seed of its own, {first['environment_steps']:,} environment steps and "
            f"{first['updates']:,} updates each; {seconds}{middle('cpu_seconds'):.0f} core seconds a "
            f"training, in the median. Regrets from "
            f"{first['episodes']} start states that chose nothing; means with 95% bootstrap intervals. "
            f"{provenance_text([result])}.",
            "",
            "| agents | mean regret | median | best | worst |",
            "|---|---|---|---|---|",
            row("the best of each training at its end", result["chosen_mean"], chosen_regrets(result)),
            row("all of them", result["mean"], all_regrets(trainings)),
        )
    )
