"""search_directory.py DIRECTORY [TRIALS] [pbt] : a search's directory as `polyak tune` leaves one, made up.

The scores are a smooth function of the options, with noise that gets less from rung to rung, so that a report of it has
something to show. The same arguments, the same files.
"""

import json
import math
import random
import sys
from pathlib import Path

FIELDS = ["learning_rate_actor", "learning_rate_critic", "tau", "discount", "noise_scale", "algorithm", "target_noise"]
RUNG_STEPS = [1000, 3000, 9000, 27000]
SEEDS = 4
CONFIG = '# A training of polyak\nenvironment = "Pendulum-v1"\nagents = 1\nbatch-size = 100\n'


SPACE = """learning-rate-actor = { log = [3e-5, 1e-2] }
learning-rate-critic = { log = [3e-5, 1e-2] }
tau = { uniform = [0.001, 0.05] }
discount = [0.95, 0.98, 0.99]
noise-scale = { uniform = [0.02, 0.4] }
algorithm = ["ddpg", "td3"]
target-noise = { uniform = [0.05, 0.4], when = { algorithm = "td3" } }
"""


def draw_setting(rng):
    algorithm = rng.choice(["ddpg", "td3"])
    return {
        "learning_rate_actor": round(10 ** rng.uniform(-4.5, -2), 8),
        "learning_rate_critic": round(10 ** rng.uniform(-4.5, -2), 8),
        "tau": round(rng.uniform(0.001, 0.05), 6),
        "discount": rng.choice([0.95, 0.98, 0.99]),
        "noise_scale": round(rng.uniform(0.02, 0.4), 5),
        "algorithm": algorithm,
        "target_noise": round(rng.uniform(0.05, 0.4), 5) if algorithm == "td3" else "",
    }


def quality(setting, steps):
    """The score without noise: how near to good values, and how far it has come."""
    away = (math.log10(setting["learning_rate_critic"]) + 2.7) ** 2 + 0.4 * (
        math.log10(setting["learning_rate_actor"]) + 3
    ) ** 2
    away += 0.6 * (setting["discount"] == 0.95) + 30 * (setting["tau"] - 0.02) ** 2 * 10
    away -= 0.15 * (setting["algorithm"] == "td3")
    learnt = 1 - math.exp(-steps / (3000 * (1 + away)))
    return -1400 + learnt * (1250 - 120 * min(away, 5))


def scored(rng, setting, steps, seeds):
    noise = 30 + 160 * math.exp(-steps / 6000)
    scores = [quality(setting, steps) + rng.gauss(0, noise) for _ in range(seeds)]
    mean = sum(scores) / seeds
    error = math.sqrt(sum((score - mean) ** 2 for score in scores) / (seeds - 1) / seeds)
    return [round(mean, 3), round(error, 3), round(min(scores), 3)]


def table(path, header, rows):
    lines = [",".join(header), *(",".join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n")


def successive_halving(rng, folder, count):
    trials = [
        {"setting": draw_setting(rng), "status": "stopped", "rung": 0, "score": ["", "", ""]} for _ in range(count)
    ]
    alive, rungs = list(range(count)), []
    for rung, steps in enumerate(RUNG_STEPS):
        for trial in list(alive):
            entry = trials[trial]
            if entry["setting"]["learning_rate_critic"] > 5e-3 and rng.random() < 0.25 / (1 + rung):
                entry.update(status="failed", rung=rung, score=["", "", ""])
                rungs.append([rung, steps, trial, "", "", "", 0])
                alive.remove(trial)
                continue
            entry.update(rung=rung, score=scored(rng, entry["setting"], steps, SEEDS))
        alive.sort(key=lambda trial: -trials[trial]["score"][0])
        is_last = rung + 1 == len(RUNG_STEPS)
        kept = alive if is_last else alive[: max(1, len(alive) // 3)]
        rungs += [[rung, steps, trial, *trials[trial]["score"], int(trial in set(kept))] for trial in sorted(alive)]
        alive = kept
    for trial in alive:
        trials[trial]["status"] = "finished"
    rows = [
        [i, t["status"], t["rung"], RUNG_STEPS[t["rung"]], RUNG_STEPS[t["rung"]] // 4, SEEDS, *t["score"],
         *t["setting"].values()]
        for i, t in enumerate(trials)
    ]  # fmt: skip
    table(folder / "rungs.csv", ["rung", "environment_steps", "trial", "score", "standard_error", "worst", "kept"], rungs)
    best = sorted(range(count), key=lambda trial: (-trials[trial]["rung"], -(trials[trial]["score"][0] or -9e9)))[:8]
    return rows, [(trial, trials[trial]["score"], trials[trial]["setting"]) for trial in best]


def population(rng, folder, count):
    members = [draw_setting(rng) for _ in range(count)]
    skill, rows, scores = [0.0] * count, [], []
    for generation in range(12):
        scores = []
        for member, setting in enumerate(members):
            skill[member] += (1 - skill[member]) * max(0.02, 0.3 + quality(setting, 27000) / 2500)
            scores.append(round(-1400 + 1260 * skill[member] + rng.gauss(0, 30), 3))
        order = sorted(range(count), key=lambda member: -scores[member])
        fifth, copies = max(1, count // 5), {}
        if generation < 11:
            copies = {low: rng.choice(order[:fifth]) for low in order[-fifth:]}
        for member, setting in enumerate(members):
            rows.append(
                [generation, 1000 * (generation + 1), member, scores[member], copies.get(member, ""), *setting.values()]
            )
        for low, high in copies.items():
            skill[low], members[low] = skill[high], dict(members[high])
            for name in ("learning_rate_actor", "learning_rate_critic", "tau", "noise_scale"):
                members[low][name] = round(members[low][name] * rng.choice([0.8, 1.25]), 8)
    table(folder / "generations.csv", ["generation", "environment_steps", "member", "score", "copied_from", *FIELDS], rows)
    trials = [
        [member, "finished", 0, 12000, 3000, 1, scores[member], "", scores[member], *members[member].values()]
        for member in range(count)
    ]
    best = sorted(range(count), key=lambda member: -scores[member])[:4]
    return trials, [(member, [scores[member], "", ""], members[member]) for member in best]


def make(folder, count=200, scheduler="asha"):
    rng = random.Random(7)
    folder.mkdir(parents=True, exist_ok=True)
    trials, best = (population if scheduler == "pbt" else successive_halving)(rng, folder, count)
    confirmed = []
    for trial, score, setting in best:
        again, others = scored(rng, setting, 27000, 10), scored(rng, setting, 27000, 10)
        confirmed.append(
            [trial, *score[:2], *again[:2], 10, *others, round(-100 - others[0], 3), others[1], *setting.values()]
        )
    confirmed.sort(key=lambda row: -row[6])
    header = "rank trial search_score search_standard_error again_score again_standard_error seeds score standard_error worst regret".split()
    table(folder / "confirmations.csv", [*header, "regret_standard_error", *FIELDS],
          [[rank, *row] for rank, row in enumerate(confirmed, 1)])  # fmt: skip
    header = "trial status rung environment_steps updates seeds score standard_error worst".split()
    table(folder / "trials.csv", [*header, *FIELDS], trials)
    (folder / "search.json").write_text(json.dumps({"options": {"scheduler": scheduler}}))
    (folder / "summary.json").write_text(json.dumps({"finished": True, "seconds": 83.4}))
    (folder / "config.toml").write_text(CONFIG)
    (folder / "space.toml").write_text(SPACE)
    for name in ("best.toml", "lineage.csv") if scheduler == "pbt" else ("best.toml",):
        (folder / name).write_text(CONFIG)


if __name__ == "__main__":
    make(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 200, *sys.argv[3:4])
