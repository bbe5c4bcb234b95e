"""Tests of bench/: `python3 -m unittest tests/bench/test_experiments.py` from the project's folder.

Those of estimates need SciPy, that of pictures matplotlib; they are skipped, with the reason, where
these are missing. That polyak has the table's presets and options is tested where POLYAK names a
built program.
"""

import contextlib
import importlib.util
import io
import math
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import unittest.mock
from argparse import Namespace

from bench.experiments import __main__ as program
from bench.experiments import (
    chosen,
    contestants,
    kinds,
    learning,
    page,
    processes,
    round_tables,
    rounds,
    stored,
    table,
    timing,
)
from bench.experiments.processes import Failure, run_for_report

needs_scipy = unittest.skipUnless(importlib.util.find_spec("scipy"), "SciPy is not installed")
needs_matplotlib = unittest.skipUnless(
    importlib.util.find_spec("matplotlib"), "matplotlib is not installed"
)
POLYAK = os.environ.get("POLYAK", "")


def records() -> list[tuple[str, dict]]:
    """Every committed record with its experiment's name."""
    paths = sorted(stored.RESULTS.glob("*/*.json"))
    return [(path.stem, stored.load(path)) for path in paths if path.stem in table.EXPERIMENTS]


@needs_scipy
class Estimates(unittest.TestCase):
    """Against values worked out by hand."""

    def test_interquartile_mean_leaves_out_whole_quarters(self):
        from bench.experiments.estimates import interquartile_estimate

        self.assertEqual(interquartile_estimate([1, 2, 3, 4, 5, 6, 7, 800])[0], 4.5)
        # Of ten, a quarter is two whole values: 3 to 8 are left.
        self.assertEqual(interquartile_estimate([-90, 2, 3, 4, 5, 6, 7, 8, 9, 1000])[0], 5.5)
        self.assertEqual(interquartile_estimate([8.0, 2.0, 5.0])[0], 5.0)

    def test_the_mean_of_two_values_has_their_range_as_its_interval(self):
        from bench.experiments.estimates import mean_estimate

        # A quarter of all resamples is twice the lower value, a quarter twice the higher one.
        self.assertEqual(mean_estimate([1.0, 3.0]), [2.0, 1.0, 3.0])

    def test_an_interval_is_the_percentile_bootstrap_of_the_binomial(self):
        from bench.experiments.estimates import mean_estimate

        # Means of resamples of 100 coins are binomial: 95% of them lie within 0.5 -+ 0.1.
        value, low, high = mean_estimate([0.0] * 50 + [1.0] * 50)
        self.assertEqual(value, 0.5)
        self.assertAlmostEqual(low, 0.4, delta=0.011)
        self.assertAlmostEqual(high, 0.6, delta=0.011)

    def test_one_value_has_no_interval(self):
        from bench.experiments.estimates import mean_estimate

        with self.assertRaisesRegex(ValueError, "two values, not 1"):
            mean_estimate([1.0])

    def test_committed_intervals_are_those_of_the_committed_scores(self):
        from bench.experiments.estimates import interquartile_estimate, mean_estimate

        checked = 0
        for name, record in records():
            if not isinstance(table.EXPERIMENTS[name], kinds.Learning):
                continue
            for result in record["results"].values():
                last = result["curve"][-1]
                for kept, again in (
                    (last["estimate"], interquartile_estimate(last["scores"])),
                    (result["mean"], mean_estimate(last["scores"])),
                ):
                    checked += 1
                    for a, b in zip(kept, again, strict=True):
                        self.assertTrue(math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9), (a, b))
        self.assertGreater(checked, 0)


class Table(unittest.TestCase):
    """That the table's entries can be run."""

    def arguments(self) -> Namespace:
        """Those of `run` that commands are made from."""
        return Namespace(
            **{"polyak": POLYAK, "device": "cpu", "options": [], "seeds": None, "steps": None},
            **{"repetitions": 5, "seconds": 0.1, "only": None, "quick": False},
        )

    def test_names_within_an_experiment_are_distinct(self):
        for name, experiment in table.EXPERIMENTS.items():
            if isinstance(experiment, kinds.Learning):
                names = [training.name for training in experiment.trainings]
            elif isinstance(experiment, kinds.Chosen):
                names = [experiment.name]
            elif isinstance(experiment, kinds.Timing):
                names = [case.name for case in experiment.cases]
            else:
                names = list(experiment.usual_tasks)
                self.assertLessEqual(set(names), set(experiment.tasks))
            self.assertEqual(len(names), len(set(names)), name)

    def test_only_a_gpu_trains_what_needs_one_unless_it_is_named(self):
        arguments = self.arguments()
        names = [t.name for t in learning.chosen_trainings(table.PRESETS, arguments)]
        self.assertNotIn("massive", names)
        arguments.only = ["massive"]
        names = [t.name for t in learning.chosen_trainings(table.PRESETS, arguments)]
        self.assertEqual(names, ["massive"])

    @unittest.skipUnless(POLYAK, "POLYAK does not name a built program")
    def test_polyak_takes_every_option(self):
        """With one more, which no program has, it names that one and no other."""
        arguments = self.arguments()
        commands = []
        for experiment in table.EXPERIMENTS.values():
            if isinstance(experiment, kinds.Learning):
                commands += [
                    learning.command_of(training, experiment, arguments)
                    for training in experiment.trainings
                ]
            elif isinstance(experiment, kinds.Chosen):
                commands += [[POLYAK, "train", *experiment.options]]
            elif isinstance(experiment, kinds.Timing) and not experiment.is_sweep:
                commands += [timing.command_of(case, arguments) for case in experiment.cases]
            elif isinstance(experiment, kinds.Rounds):
                commands += [[POLYAK, "bench", *t.options] for t in experiment.tasks.values()]
        for command in commands:
            done = subprocess.run([*command, "--no-such"], capture_output=True, text=True)
            self.assertEqual(done.returncode, 2, command)
            self.assertIn("no-such", done.stderr, command)

    @unittest.skipUnless(POLYAK, "POLYAK does not name a built program")
    def test_polyak_takes_every_tiny_size(self):
        for options in ((), *table.SHAPES.values()):
            tiny = [option for option in processes.tiny(options) if "--phases" not in option]
            done = subprocess.run([POLYAK, "info", *tiny], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_no_seeds_are_for_rounds_alone(self):
        def parse(*names: str) -> Namespace:
            words = ["bench.experiments", "run", *names, "--seeds=0", "--polyak=/dev/null"]
            with unittest.mock.patch("sys.argv", words):
                return program.parse_arguments()

        self.assertEqual(parse("peers").seeds, 0)
        for names in (["default"], ["peers", "default"]):
            with self.assertRaises(SystemExit), contextlib.redirect_stderr(io.StringIO()):
                parse(*names)

    @unittest.skipUnless(POLYAK, "POLYAK does not name a built program")
    def test_polyak_has_every_preset(self):
        for training in table.PRESETS.trainings:
            name = training.options[0].removeprefix("--preset=")
            done = subprocess.run([POLYAK, "info", "--preset", name], capture_output=True)
            self.assertEqual(done.returncode, 0, name)


class Chosen(unittest.TestCase):
    """Trainings of several agents."""

    @unittest.skipUnless(POLYAK, "POLYAK does not name a built program")
    def test_the_agent_that_its_training_found_best_is_the_one_that_counts(self):
        experiment = table.EXPERIMENTS["best"]
        arguments = Namespace(polyak=POLYAK, device="cpu", options=[], seeds=2, quick=True, limit=60.0)
        record = {"results": {}}
        chosen.run(experiment, record, arguments, lambda: None)
        result = record["results"]["best"]
        self.assertEqual([one["seed"] for one in result["trainings"]], [10_001, 10_003])  # two agents
        for training in result["trainings"]:
            returns = training["mean_returns"]
            self.assertEqual(returns[training["chosen"]], max(returns))
        result |= {"chosen_mean": [1.0, 0.5, 1.5], "mean": [2.0, 1.0, 3.0]}
        self.assertIn("its end | 1.00 (0.50 to 1.50)", chosen.markdown(record))

    def test_intervals_that_are_there_need_no_scipy(self):
        one = {"chosen": 0, "regrets": [1.0, 2.0]}
        result = {"trainings": [one, one], "chosen_mean": [1.0, 0.5, 1.5], "mean": [2.0, 1.0, 3.0]}
        with unittest.mock.patch.dict(sys.modules, {"bench.experiments.estimates": None}):
            chosen.add_estimates(result)
        self.assertEqual(result["chosen_mean"], [1.0, 0.5, 1.5])

    def test_neither_the_first_nor_the_lowest_regret_is_the_chosen_one_s(self):
        trainings = [{"chosen": 1, "regrets": [1.0, 3.0]}, {"chosen": 1, "regrets": [5.0, 4.0]}]
        self.assertEqual(chosen.chosen_regrets({"trainings": trainings}), [3.0, 4.0])


class Page(unittest.TestCase):
    """That docs/results.md follows from the records alone."""

    def test_the_page_is_what_the_records_say(self):
        text = page.tables(stored.RESULTS)
        self.assertEqual(stored.update_between_markers(page.PAGE, "results", text, True), 0)

    def test_without_records_every_goal_names_its_command(self):
        text = page.tables(pathlib.Path("/nowhere"))
        self.assertEqual(text.count("| not measured yet:"), len(page.GOALS))

    def test_a_stale_page_is_refused_and_then_written(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "page.md"
            path.write_text("a\n<!-- x begin -->\nold\n<!-- x end -->\nb\n")
            self.assertEqual(stored.update_between_markers(path, "x", "new", True), 1)
            self.assertEqual(stored.update_between_markers(path, "x", "new", False), 0)
            self.assertEqual(path.read_text(), "a\n<!-- x begin -->\n\nnew\n\n<!-- x end -->\nb\n")

    def test_a_training_without_a_goal_has_no_line(self):
        one, many = ({"configuration": {"agents": agents}} for agents in (1, 512))
        missed = {"training_seconds": None}
        results = {
            "none": one | {"to_goal": None},
            "missed": one | {"to_goal": missed},
            "reached": one | {"to_goal": {"training_seconds": {"median": 2.0}}},
            "population": many
            | {"to_goal": missed | {"agents_solved_per_second": 403.5, "agents_at_the_end": 494}},
        }
        lines = page.timing_markdown({"results": results}).splitlines()[2:]
        self.assertEqual(
            lines,
            [
                "| missed | training to the goal | not reached |",
                "| reached | training to the goal | 2 s |",
                "| population | training to the goal | not reached |",
                "| population | of the population | 404 agents solved per second, 494 of 512 are at "
                "the end |",
            ],
        )

    def test_a_threshold_is_reached_from_the_right_side(self):
        curve = [{"estimate": [value, 0.0, 0.0]} for value in (30.0, 20.0, 10.0)]
        self.assertIs(learning.first_at({"score": "regret", "curve": curve}, 20.0), curve[1])
        self.assertIs(learning.first_at({"score": "return", "curve": curve}, 25.0), curve[0])
        self.assertIsNone(learning.first_at({"score": "return", "curve": curve}, 31.0))

    def test_without_scipy_what_was_measured_stays_as_it_is(self):
        program = (
            "import sys; sys.modules['scipy'] = None\n"
            "from bench.experiments import page\n"
            "record = {'results': {'x': {'curve': [{'scores': [1.0, 2.0]}]}}}\n"
            "print(page.add_estimates('presets', record), record['results']['x'])\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=stored.PROJECT, capture_output=True, text=True
        )
        self.assertEqual(done.stdout, "False {'curve': [{'scores': [1.0, 2.0]}]}\n", done.stderr)

    def test_a_table_is_over_one_number_of_seeds(self):
        record = {"results": {"fast": {"curve": [{"scores": [1.0, 2.0]}]}}}
        learning.refuse_other_seeds(record, ["fast", "paper"], 3)
        learning.refuse_other_seeds(record, ["paper"], 2)
        with self.assertRaisesRegex(Failure, "'fast' over 2 seeds, not 3"):
            learning.refuse_other_seeds(record, ["paper"], 3)


class Rounds(unittest.TestCase):
    """Two contestants whose rates are known."""

    def task(self) -> dict:
        """Ours is twice as fast in both rounds."""

        def entry(*rates: float) -> dict:
            return {
                "rounds": [{"updates_per_second": [rate, rate, rate + 1]} for rate in rates],
                "not_run": None,
            }

        absent = {"rounds": [], "not_run": "no module"}
        return {
            "contestants": {
                "polyak": entry(200.0, 100.0),
                "baseline": entry(100.0, 50.0),
                "JAX": absent,
            }
        }

    @needs_scipy
    def test_ratios_are_of_one_round_each(self):
        task = self.task()
        rounds.add_ratios(task)
        self.assertEqual(task["reference"], "polyak")
        self.assertEqual(task["contestants"]["baseline"]["ratio"], [2.0, 2.0, 2.0])
        self.assertNotIn("ratio", task["contestants"]["JAX"])

    def test_one_round_has_neither_range_nor_interval(self):
        def entry(rate: float, rounds: int) -> dict:
            one = {"updates_per_second": [rate], "environment_steps_per_second": [4 * rate]}
            return {"rounds": [one] * rounds, "not_run": None, "ratio": [2.0, 2.0, 2.0]}

        for count, row in ((1, "| x | JAX | 50 | 200 | 2 | 50 | 2 |"), (2, "50 (50 to 50)")):
            both = {"polyak": entry(100.0, count), "JAX": entry(50.0, count)}
            task = {"title": "x", "contestants": both, "reference": "polyak"}
            self.assertIn(row, round_tables.task_lines([task])[3])

    def test_who_did_not_get_a_turn_says_so(self):
        absent = {"JAX": {"rounds": [], "not_run": None}}
        rows = round_tables.task_lines([{"title": "x", "contestants": absent}])[2:]
        self.assertEqual(rows, ["| x | JAX | not run: the time was up |  |  |  |  |"])

    @needs_scipy
    def test_a_ratio_per_product_counts_what_each_computes(self):
        task = self.task()
        task["contestants"]["polyak"]["products_per_update"] = 30.0
        task["contestants"]["baseline"]["products_per_update"] = 40.0
        rounds.add_ratios(task)
        self.assertEqual(task["contestants"]["baseline"]["ratio_per_product"], [1.5, 1.5, 1.5])

    def test_products_are_those_of_the_committed_comparison(self):
        for width, of_polyak, of_rltools in ((64, 49_920, 63_200), (256, 764_928, 965_504)):
            settings = contestants.peer_settings.Settings(
                actor_hidden=(width, width), critic_hidden=(width, width)
            )
            self.assertEqual(contestants.td3_products.of_polyak(settings), of_polyak)
            self.assertEqual(contestants.td3_products.of_rltools(settings), of_rltools)

    def test_a_peer_refuses_what_only_polyak_can(self):
        path = stored.record_path(stored.RESULTS, "peers", "cpu")
        configuration = stored.load(path)["results"]["small"]["configuration"]
        settings = contestants.peer_settings.from_configuration(configuration)
        self.assertEqual(settings.actor_hidden, (64, 64))
        for name, value in (("algorithm", "td3"), ("layer-norm", True), ("seed", [1, 2])):
            with self.assertRaisesRegex(ValueError, name):
                contestants.peer_settings.from_configuration(configuration | {name: value})
        with self.assertRaisesRegex(ValueError, "actor-delay"):
            td3 = configuration | {"algorithm": "td3", "actor-delay": 3}
            contestants.peer_settings.from_configuration(td3, "td3")

    def test_rltools_is_asked_for_where_and_how_it_can_be(self):
        for words, reason in (
            ([], "--rltools: rltools needs a checkout"),
            (["--rltools=/dev"], "/dev is no checkout"),
            (["--device=cuda"], "--device: rltools is for cpu"),
        ):
            line = ["bench.experiments", "run", "rltools", "--polyak=/dev/null", *words]
            said = io.StringIO()
            with (
                unittest.mock.patch("sys.argv", line),
                self.assertRaises(SystemExit) as end,
                contextlib.redirect_stderr(said),
            ):
                program.parse_arguments()
            self.assertEqual(end.exception.code, 2)
            self.assertIn(reason, said.getvalue())

    def test_an_unfinished_task_has_no_ratios(self):
        task = self.task() | {"unfinished": True}
        del task["contestants"]["baseline"]["rounds"][1]
        rounds.add_ratios(task)
        self.assertNotIn("reference", task)

    def test_every_contestant_runs_once_a_round_in_an_order_that_rotates(self):
        order = []
        original = rounds.throughput
        rounds.throughput = lambda contestant, task, arguments: (
            order.append(contestant.name)
            or {
                "description": "",
                "updates_per_second": [1.0],
                "environment_steps_per_second": [1.0],
            }
        )
        try:
            everyone = [contestants.Contestant(name, True, name == "a", ()) for name in "ab"]
            task, kept = {}, []
            rounds.run_task(task, everyone, 3, Namespace(), lambda: kept.append("unfinished" in task))
        finally:
            rounds.throughput = original
        self.assertEqual(order, list("abbaab"))
        self.assertEqual(kept, [True] * 6 + [False])


class Processes(unittest.TestCase):
    """What becomes of a process that fails, and of a report."""

    def test_provenance_names_the_device_that_ran(self):
        devices = [{"kind": kind, "name": name} for kind, name in zip(("cuda", "cuda", "cpu"), "abc")]
        for device, name in (("cuda", "a"), ("cuda:1", "b"), ("cpu", "c"), ("cpu:4", "c")):
            report = {
                "devices": [{"device": device, "description": ""}],
                "machine": {"devices": devices},
                "build": {"commit": ""},
                "time": "",
            }
            self.assertEqual(processes.provenance(report)["machine"], name)

    def test_the_last_line_is_the_reason(self):
        with self.assertRaisesRegex(Failure, "^not like this$") as caught:
            run_for_report(["sh", "-c", "echo first; echo not like this >&2; exit 2"], None)
        self.assertEqual(caught.exception.exit_code, 2)

    def test_a_limit_ends_it(self):
        with self.assertRaisesRegex(Failure, "stopped after 0.1 s"):
            run_for_report(["sh", "-c", "sleep 5"], 0.1)

    def test_a_program_that_is_not_there(self):
        with self.assertRaisesRegex(Failure, "No such file"):
            run_for_report(["/no/such/program"], None)


class Pictures(unittest.TestCase):
    """That they are the same for the same figures, and small."""

    def test_committed_pictures_are_small_and_complete(self):
        for name in ("learning_curve", "swing_up"):
            text = (page.PAGE.parent / "pictures" / f"{name}.svg").read_text()
            self.assertLess(len(text), 60_000)
            self.assertTrue(text.rstrip().endswith("</svg>"))
            self.assertIsNone(re.search(r"<dc:date>", text))

    @needs_matplotlib
    def test_the_same_figures_give_the_same_file(self):
        from bench.experiments import plots

        record = stored.load(stored.record_path(stored.RESULTS, "learning_curve", "cpu"))
        with tempfile.TemporaryDirectory() as folder:
            paths = [pathlib.Path(folder) / name for name in ("a.svg", "b.svg")]
            for path in paths:
                plots.learning_curve(record["results"]["default"], path)
            self.assertEqual(*(path.read_text() for path in paths))


if __name__ == "__main__":
    unittest.main()
