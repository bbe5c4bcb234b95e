"""Optuna with its default sampler and pruner looks for settings of PyTorch's DDPG on Pendulum-v1.

Every trial trains several seeds at once, as a trial of `polyak tune` does; its score is their mean
return from 16 start states, which are the same for all trials. It is told along the training, so that
the pruner can stop it. The best setting is trained again with fresh seeds and judged by its regret on
the reference starts.

  python3 -m bench.search.optuna_torch bench/search/pendulum.toml --seconds 360 --json FILE
"""

import argparse
import json
import math
import pathlib
import time

import numpy as np
import optuna
import torch
from optuna.trial import TrialState

from bench.search import space
from bench.search.torch_trial import TorchTrial, TrialSettings

import regret  # isort: skip  # of bench/peers, whose folder torch_trial adds

SEARCH_EPISODES = 16
CLOCKS = {"wall": time.perf_counter, "cpu": time.process_time}
CONFIRMATION_SEED = 1_000_001  # as far from the search's as polyak's are


def search_starts() -> tuple[np.ndarray, np.ndarray]:
    """As Gymnasium draws them; none of the reference starts."""
    generator = np.random.default_rng(0)
    low_and_high = np.array([[np.pi], [1.0]])
    theta, theta_dot = generator.uniform(-low_and_high, low_and_high, (2, SEARCH_EPISODES))
    return theta, theta_dot


class Search:
    """What every trial of a study shares, and what all of them took."""

    def __init__(self, arguments: argparse.Namespace):
        self.space = space.read(arguments.space)
        self.seeds = arguments.seeds
        self.total_steps = arguments.total_steps
        self.report_every = arguments.report_every
        self.starts = search_starts()
        self.clock = CLOCKS[arguments.clock]
        self.environment_steps = 0

    def training(self, setting: dict, seeds: int, seed: int) -> TorchTrial:
        fields = {name.replace("-", "_"): value for name, value in setting.items()}
        return TorchTrial(
            TrialSettings(agents=seeds, seed=seed, total_steps=self.total_steps, **fields)
        )

    def score(self, training: TorchTrial) -> float:
        layers, activation = training.actor_layers(), training.settings.activation
        return float(regret.episode_returns(layers, activation, *self.starts).mean())

    def train(self, trial: optuna.Trial) -> float:
        """The score at the end of a trial's training."""
        training = self.training(trial.params, self.seeds, seed=1)
        settings = training.settings
        per_iteration = settings.environment_steps_per_iteration
        every = max(1, self.report_every // per_iteration)
        while True:
            count = min(every, settings.iterations - training.iterations)
            training.run(count)
            self.environment_steps += count * per_iteration * self.seeds
            if training.iterations == settings.iterations:
                return self.score(training)
            # A policy that has just begun to learn would be judged by its luck.
            steps = training.iterations * per_iteration
            if steps >= settings.learning_starts + self.report_every:
                trial.report(self.score(training), steps)
                if trial.should_prune():
                    raise optuna.TrialPruned

    def run(self, study: optuna.Study, seconds: float) -> None:
        """Trials, the last one begun within so many seconds."""
        end = self.clock() + seconds
        while self.clock() < end:
            trial = study.ask(self.space)
            try:
                score = self.train(trial)
            except optuna.TrialPruned:
                study.tell(trial, state=TrialState.PRUNED)
                continue
            if math.isfinite(score):
                study.tell(trial, score)
            else:
                study.tell(trial, state=TrialState.FAIL)

    def confirm(self, setting: dict, seeds: int) -> list[float]:
        """The regret of each fresh seed."""
        training = self.training(setting, seeds, CONFIRMATION_SEED)
        settings = training.settings
        training.run(settings.iterations)
        steps = settings.iterations * settings.environment_steps_per_iteration
        self.environment_steps += steps * seeds
        return regret.mean_regrets(training.actor_layers(), settings.activation).tolist()


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("space", type=pathlib.Path, help="a file of polyak tune's")
    add("--seconds", type=float, required=True, help="after which no trial begins any more")
    add("--clock", choices=CLOCKS, default="wall", help="whose seconds these are [wall]")
    add("--seeds", type=int, default=4, help="that every setting is trained with [4]")
    add("--confirm-seeds", type=int, default=10, help="fresh ones, of the best setting [10]")
    add("--total-steps", type=int, default=10_000, help="environment steps per agent [10000]")
    add("--report-every", type=int, default=1000, help="environment steps between scores [1000]")
    add("--json", type=pathlib.Path, required=True, help="where the results go")
    arguments = parser.parse_args()
    if arguments.confirm_seeds < 2 or arguments.seeds < 1:
        parser.error("--confirm-seeds is at least 2, --seeds at least 1")
    return arguments


def main() -> None:
    arguments = parse_arguments()
    torch.set_num_threads(1)
    search = Search(arguments)
    study = optuna.create_study(direction="maximize")  # the default sampler and pruner
    search.run(study, arguments.seconds)
    states = [trial.state.name for trial in study.trials]
    regrets = search.confirm(study.best_params, arguments.confirm_seeds)
    report = {
        "versions": f"Optuna {optuna.__version__}, PyTorch {torch.__version__}",
        "sampler": type(study.sampler).__name__,
        "pruner": type(study.pruner).__name__,
        "started": len(states),
        "finished": states.count("COMPLETE"),
        "stopped": states.count("PRUNED"),
        "failed": states.count("FAIL"),
        "environment_steps": search.environment_steps,
        "setting": study.best_params,
        "search_score": study.best_value,
        "regrets": regrets,
    }
    arguments.json.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
