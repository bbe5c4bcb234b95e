"""Tests of bench/search: `python3 -m unittest tests/bench/test_search.py` from the project's folder.

What needs SciPy, Optuna or PyTorch is skipped where these are missing; that polyak takes the spaces is
tested where POLYAK names a built program.
"""

import argparse
import contextlib
import importlib.util
import io
import json
import math
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import unittest.mock

from bench.experiments import stored
from bench.search import __main__ as program

FOLDER = stored.PROJECT / "bench" / "search"
POLYAK = os.environ.get("POLYAK", "")
TINY = (
    "--device=cpu --threads=1 --seeds=2 --total-steps=400 --warmup-steps=256 --learning-starts=256 "
    "--actor-hidden=8 --critic-hidden=8 --evaluation-episodes=1 --quiet"
)


def needs(*packages: str):
    missing = [package for package in packages if not importlib.util.find_spec(package)]
    return unittest.skipIf(missing, f"not installed: {', '.join(missing)}")


class Comparison(unittest.TestCase):
    @needs("scipy")
    def test_an_interval_is_student_s(self):
        # t of 9 degrees of freedom is 2.262.
        mean, low, high = program.interval(10.0, 2.0, 10)
        self.assertEqual(mean, 10.0)
        self.assertAlmostEqual(low, 10.0 - 4.524, places=3)
        self.assertAlmostEqual(high, 10.0 + 4.524, places=3)

    @needs("scipy")
    def test_what_a_search_left_is_counted(self):
        with tempfile.TemporaryDirectory() as folder:
            directory = pathlib.Path(folder)
            directory.joinpath("trials.csv").write_text(
                "trial,status,environment_steps,seeds\n"
                "0,finished,900,4\n1,stopped,300,4\n2,failed,300,4\n3,waiting,0,4\n"
            )
            directory.joinpath("confirmations.csv").write_text(
                "search_score,seeds,regret,regret_standard_error\n-140,10,10,2\n"
            )
            summary = {"best": {"setting": {"tau": "0.1"}}}
            directory.joinpath("summary.json").write_text(json.dumps(summary))
            result = program.polyak_result(directory)
        self.assertEqual(
            [result[key] for key in ("started", "finished", "stopped", "failed")], [3, 1, 1, 1]
        )
        self.assertEqual(result["environment_steps"], 4 * 1500 + 10 * 900)
        self.assertEqual(result["regret"][0], 10.0)
        self.assertEqual(result["setting"], {"tau": "0.1"})

    def test_as_many_trials_as_fit(self):
        arguments = unittest.mock.Mock(seconds=60.0)
        with unittest.mock.patch.object(program, "run_calibration", return_value=30.0):
            self.assertEqual(program.fitting_trials(arguments, 0), 2 * program.CALIBRATION_TRIALS)

    def test_a_failure_has_its_last_line(self):
        command = [sys.executable, "-c", "import sys; print('first'); sys.exit('the reason')"]
        core = min(os.sched_getaffinity(0))
        refused = self.assertRaisesRegex(program.Failure, "the reason")
        with contextlib.redirect_stdout(io.StringIO()), refused:
            program.run_on_core(core, command)


class Spaces(unittest.TestCase):
    @unittest.skipUnless(POLYAK, "POLYAK names no program")
    def test_polyak_takes_them(self):
        for path, environment in (
            ("pendulum.toml", "Pendulum-v1"),
            ("one_stream.toml", "Pendulum-v1"),
            ("best.toml", "Pendulum-v1"),
            ("mountain_car_continuous.toml", "MountainCarContinuous-v0"),
        ):
            with tempfile.TemporaryDirectory() as folder:
                command = [POLYAK, "tune", str(FOLDER / path), f"--environment={environment}"]
                command += [*TINY.split(), "--trials=2", "--confirm=0", f"--output={folder}/search"]
                result = subprocess.run(command, capture_output=True, text=True)
            self.assertEqual(result.returncode, 0, result.stderr)
            (options,) = re.findall(r"^Searching (\d+) options", result.stdout, re.MULTILINE)
            self.assertGreaterEqual(int(options), 8)

    @needs("optuna")
    def test_optuna_has_the_same(self):
        from optuna.distributions import CategoricalDistribution, FloatDistribution

        from bench.search import space

        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "space.toml"
            path.write_text(
                "tau = { log = [1e-3, 0.1] }\n"
                "discount = { uniform = [0.9, 1.0] }\n"
                "batch-size = [64, 128]\n"
            )
            self.assertEqual(
                space.read(path),
                {
                    "tau": FloatDistribution(1e-3, 0.1, log=True),
                    "discount": FloatDistribution(0.9, 1.0),
                    "batch-size": CategoricalDistribution([64, 128]),
                },
            )
            path.write_text("tau = { log = [1e-3, 0.1], grid = 3 }\n")
            with self.assertRaisesRegex(ValueError, "tau"):
                space.read(path)


@needs("optuna", "torch")
class TorchTrials(unittest.TestCase):
    def trial(self, **changes):
        from bench.search.torch_trial import TorchTrial, TrialSettings

        settings = {"agents": 3, "total_steps": 240, "warmup_steps": 80, "learning_starts": 80}
        return TorchTrial(TrialSettings(**settings | {"batch_size": 8} | changes))

    def search(self, folder: str, **changes):
        from bench.search.optuna_torch import Search

        path = pathlib.Path(folder) / "space.toml"
        path.write_text("batch-size = [8, 16]\n")
        arguments = {"space": path, "seeds": 2, "total_steps": 2000, "report_every": 200}
        return Search(argparse.Namespace(**{"clock": "wall"} | arguments | changes))

    def test_scores_are_reported_once_something_is_learnt_and_hopeless_trials_stop(self):
        import optuna

        study = optuna.create_study(pruner=optuna.pruners.ThresholdPruner(upper=0.0))
        with tempfile.TemporaryDirectory() as folder:
            search = self.search(folder)
        scores = unittest.mock.patch.object(search, "score", side_effect=[-1.0, -2.0, 3.0])
        with scores, self.assertRaises(optuna.TrialPruned):
            search.train(study.ask(search.space))
        self.assertEqual(study.trials[0].intermediate_values, {1200: -1.0, 1400: -2.0, 1600: 3.0})
        self.assertEqual(search.environment_steps, 1600 * 2)

    def test_every_end_of_a_trial_is_told(self):
        import optuna

        ends = [-5.0, math.nan, optuna.TrialPruned]
        with tempfile.TemporaryDirectory() as folder:
            search = self.search(folder)
        search.clock = iter([0.0, 1.0, 2.0, 3.0, 11.0]).__next__
        study = optuna.create_study(direction="maximize")
        with unittest.mock.patch.object(search, "train", side_effect=ends):
            search.run(study, seconds=10.0)
        states = [trial.state.name for trial in study.trials]
        self.assertEqual(states, ["COMPLETE", "FAIL", "PRUNED"])
        self.assertEqual(study.best_value, -5.0)

    def test_gradients_are_clipped_agent_by_agent(self):
        import torch

        from bench.search.torch_trial import clip

        weight, bias = torch.zeros(2, 1, 2), torch.zeros(2, 1)
        weight.grad = torch.tensor([[[3.0, 0.0]], [[0.3, 0.0]]])
        bias.grad = torch.tensor([[4.0], [0.4]])  # norms 5 and 0.5
        clip([weight, bias], 1.0, agents=True)
        torch.testing.assert_close(weight.grad, torch.tensor([[[0.6, 0.0]], [[0.3, 0.0]]]))
        torch.testing.assert_close(bias.grad, torch.tensor([[0.8], [0.4]]))

    def test_learning_rates_fall_in_a_line(self):
        trial = self.trial(learning_rate_decay="linear", learning_rate_actor=1.0)
        self.assertEqual(trial.settings.updates, 42)
        trial.run(trial.settings.iterations)
        self.assertEqual(trial.updates, 42)
        (group,) = trial.actor_optimizer.param_groups
        self.assertAlmostEqual(group["lr"], 1 / 42)  # of the last update

    def test_rewards_are_scaled(self):
        import torch

        rewards = []
        for scale in (1.0, 0.5):
            trial = self.trial(reward_scale=scale)
            trial.run(10)
            torch.manual_seed(0)
            rewards.append(trial.sample()[2])
        torch.testing.assert_close(0.5 * rewards[0], rewards[1])


if __name__ == "__main__":
    unittest.main()
