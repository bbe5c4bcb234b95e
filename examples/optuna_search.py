"""Optuna chooses settings, `polyak tune --ask-tell` trains them: every batch is one population.

    pip install optuna
    python examples/optuna_search.py --polyak build/release/src/polyak --trials 64 --batch 16

All other options go to polyak: --total-steps 20000 --environment MountainCarContinuous-v0.
"""

import argparse
import json
import shlex
import subprocess
import sys

import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution

# Options of `polyak train`. Trials that differ in none but these train as one population.
SPACE = {
    "learning-rate-actor": FloatDistribution(3e-4, 1e-2, log=True),
    "learning-rate-critic": FloatDistribution(3e-4, 1e-2, log=True),
    "discount": CategoricalDistribution([0.95, 0.98, 0.99]),
    "tau": FloatDistribution(0.004, 0.08, log=True),
    "noise-scale": FloatDistribution(0.02, 0.4),
}


class Trainer:
    """polyak as a process that answers lines of JSON."""

    def __init__(self, command):
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def train(self, trials):
        """The result of each trial: its mean return over the seeds, or that it failed."""
        batch = [{"id": trial.number, "setting": trial.params} for trial in trials]
        try:
            print(json.dumps({"trials": batch}), file=self.process.stdin, flush=True)
        except BrokenPipeError:
            pass  # it ended, and there is no answer
        answer = json.loads(self.process.stdout.readline() or "{}")
        if "results" not in answer:
            sys.exit(answer.get("error", "polyak ended; it says why above"))
        return answer["results"]


def search(trainer, trials, batch):
    # Trials of one batch do not know each other's scores: without this they would be much alike.
    sampler = optuna.samplers.TPESampler(constant_liar=True, seed=1)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    while len(study.trials) < trials:
        asked = [study.ask(SPACE) for _ in range(min(batch, trials - len(study.trials)))]
        for trial, result in zip(asked, trainer.train(asked)):
            if result["status"] == "ok":
                study.tell(trial, result["score"])
            else:
                study.tell(trial, state=optuna.trial.TrialState.FAIL)
        print(f"{len(study.trials)} trials: best return {study.best_value:.1f}", flush=True)
    return study


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--polyak", default="polyak", help="the program [polyak]")
    parser.add_argument("--trials", type=int, default=64, help="settings to try [64]")
    parser.add_argument("--batch", type=int, default=16, help="trials that train at once [16]")
    parser.add_argument("--seeds", default="4", help="agents that every setting trains [4]")
    arguments, options = parser.parse_known_args()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    trainer = Trainer([arguments.polyak, "tune", "--ask-tell", "--seeds", arguments.seeds, *options])
    study = search(trainer, arguments.trials, arguments.batch)
    # The same agents again: as many digits as were asked for, the same seeds and other options.
    setting = [f"--{option}={value}" for option, value in study.best_params.items()]
    train = [arguments.polyak, "train", "--agents", arguments.seeds, *options, *setting]
    print(f"trial {study.best_trial.number} is the best. Its policies:\n  {shlex.join(train)}")


if __name__ == "__main__":
    main()
