"""The benchmarks as one program over a table of experiments (table.py).

  list                what there is, and what of it was measured where
  run NAME...         runs experiments; their records go to bench/results/DEVICE/NAME.json
  report              what was measured, as Markdown; --write puts it into docs/results.md, --check
                      fails if that page has something else
  pictures            draws the pictures of README.md and docs/ again, from records and a new policy

`run` computes intervals with SciPy (without it, it keeps what was measured, and `report` adds them
where there is SciPy); `pictures` draws with matplotlib (bench/requirements.txt); the rest needs nothing
but Python.

  python3 -m bench.experiments run default --device cpu
  python3 -m bench.experiments run presets --only fast,rlzoo --seeds 20 --output /tmp/results
  python3 -m bench.experiments run binaries --baseline old/polyak --rounds 10
"""

import argparse
import pathlib
import sys

from bench.experiments import (
    chosen,
    contestants,
    kinds,
    learning,
    page,
    pictures,
    rounds,
    stored,
    table,
    timing,
)
from bench.experiments.processes import Failure

RUNNERS = {
    kinds.Learning: learning.run,
    kinds.Chosen: chosen.run,
    kinds.Timing: timing.run,
    kinds.Rounds: rounds.run,
}


def list_experiments(arguments: argparse.Namespace) -> int:
    """One line for each experiment."""
    for name, experiment in table.EXPERIMENTS.items():
        measured = [
            device
            for device in ("cpu", "cuda")
            if stored.record_path(arguments.output, name, device).exists()
        ]
        print(f"{name:15} {experiment.title}; measured: {', '.join(measured) or 'nowhere'}")
    return 0


def record_for(name: str, path: pathlib.Path, arguments: argparse.Namespace) -> dict:
    """The record to write into: that of an earlier call if this one measures a part anew."""
    earlier = stored.load(path) if arguments.only else None
    record = earlier or {"experiment": name, "note": "", "busy": False, "results": {}}
    return record | {
        "note": arguments.note or record["note"],
        "busy": arguments.busy or record["busy"],
    }


def run_experiments(arguments: argparse.Namespace) -> int:
    """Runs every named experiment, even if one before it failed."""
    status = 0
    for name in arguments.names:
        if not run_experiment(name, arguments):
            print(f"{name}: failed, or missed its goals", file=sys.stderr)
            status = 1
    return status


def run_experiment(name: str, arguments: argparse.Namespace) -> bool:
    """Runs one experiment, keeps what it measured, and prints its table; False if it failed."""
    experiment = table.EXPERIMENTS[name]
    path = stored.record_path(arguments.output, name, arguments.device)
    record = record_for(name, path, arguments)

    def save() -> None:
        page.add_estimates(name, record)
        stored.save(path, record)

    try:
        passed = RUNNERS[type(experiment)](experiment, record, arguments, save)
    except Failure as failure:
        print(f"{name}: {failure}", file=sys.stderr)
        return False
    if not page.add_estimates(name, record):
        print(f"{path}: without intervals, as SciPy is missing; `report` adds them where it is not")
    elif record["results"]:
        print(page.record_text(name, record))
    return passed


def report(arguments: argparse.Namespace) -> int:
    """Prints, writes or checks the tables of docs/results.md."""
    if not (arguments.write or arguments.check):
        print(page.tables(arguments.output))
        return 0
    text = page.tables(arguments.output)
    return stored.update_between_markers(page.PAGE, "results", text, arguments.check)


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """Options of `run`; each experiment takes those that mean something to it."""
    add = parser.add_argument
    add("names", nargs="+", choices=table.EXPERIMENTS, metavar="NAME", help="see `list`")
    add("--device", default="cpu", help="cpu, cpu:N (threads), cuda or cuda:N [cpu]")
    add("--only", type=lambda text: text.split(","), help="trainings, cases or tasks: a part")
    add("--seeds", type=int, help="of each training [as the table says]")
    add("--steps", type=int, help="environment steps of each training [as the table says]")
    add("--rounds", type=int, help="of all contestants [as the table says]")
    add("--repetitions", type=int, default=5, help="of a timing, at least 5 [5]")
    add("--seconds", type=float, default=0.3, help="length of a repetition [0.3]")
    add("--limit", type=float, help="seconds for one process [none]")
    add("--polyak", type=pathlib.Path, default=stored.PROJECT / "build/release/src/polyak")
    add("--baseline", type=pathlib.Path, help="binaries: the other build of polyak")
    add("--rltools", type=pathlib.Path, help="rltools: a checkout of github.com/rl-tools/rl-tools")
    add(
        "--python",
        default=contestants.peers_python(),
        help="peers: the Python that has PyTorch and JAX",
    )
    add("--precision", choices=["fp32", "tf32"], default="fp32", help="peers: of products [fp32]")
    add("--quick", action="store_true", help="tiny sizes: shows that everything runs, not how fast")
    add("--note", default="", help="a remark for the report")
    add("--busy", action="store_true", help="the machine has other work: its seconds say nothing")
    add("--options", nargs=argparse.REMAINDER, default=[], help="the rest goes to polyak")


def parse_arguments() -> argparse.Namespace:
    """The command line; whatever cannot be done ends with code 2."""
    parser = argparse.ArgumentParser(
        prog="bench.experiments",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    lister = commands.add_parser("list", help="the experiments")
    lister.set_defaults(function=list_experiments)
    runner = commands.add_parser("run", help="run experiments")
    runner.set_defaults(function=run_experiments)
    add_run_options(runner)
    reporter = commands.add_parser("report", help="what was measured, as Markdown")
    reporter.set_defaults(function=report)
    reporter.add_argument("--write", action="store_true", help="put it into docs/results.md")
    reporter.add_argument("--check", action="store_true", help="fail if docs/results.md is stale")
    drawer = commands.add_parser("pictures", help="draw the pictures of README.md and docs/")
    drawer.set_defaults(function=pictures.draw)
    drawer.add_argument(
        "--polyak", type=pathlib.Path, default=stored.PROJECT / "build/release/src/polyak"
    )
    for command in (lister, runner, reporter, drawer):
        command.add_argument(
            "--output",
            type=pathlib.Path,
            default=stored.RESULTS,
            help="of the records [bench/results]",
        )
    arguments = parser.parse_args()
    if arguments.command == "run":
        check_run(runner, arguments)
    return arguments


def check_run(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """Ends the program if what `run` was asked cannot be done."""
    if arguments.device.split(":")[0] not in ("cpu", "cuda"):
        parser.error(f"--device: '{arguments.device}' is none of cpu, cpu:N, cuda and cuda:N")
    if "peers" in arguments.names and arguments.device.startswith("cuda:"):
        parser.error("--device: peers take the first GPU; CUDA_VISIBLE_DEVICES says which that is")
    of_rounds = all(isinstance(table.EXPERIMENTS[name], kinds.Rounds) for name in arguments.names)
    without_learning = of_rounds and arguments.seeds == 0
    if arguments.seeds is not None and arguments.seeds < 2 and not without_learning:
        parser.error("--seeds: an interval needs at least 2 (0 leaves learning out of peers)")
    if not arguments.polyak.exists():
        parser.error(f"--polyak: there is no {arguments.polyak}; build it with ./run build")
    if "binaries" in arguments.names and not (arguments.baseline and arguments.baseline.exists()):
        parser.error("--baseline: binaries needs the other build of polyak")
    for name in arguments.names:
        experiment = table.EXPERIMENTS[name]
        kind = arguments.device.split(":")[0]
        if isinstance(experiment, kinds.Rounds) and kind not in experiment.devices:
            parser.error(f"--device: {name} is for {' and '.join(experiment.devices)}")
        known = kinds.parts_of(experiment)
        for part in arguments.only or []:
            if part not in known:
                parser.error(f"--only: {name} has no '{part}'; it has {', '.join(known)}")
    check_rltools(parser, arguments)


def check_rltools(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """Ends the program if there is no checkout of RLtools where one is needed."""
    if "rltools" not in arguments.names:
        return
    if arguments.rltools is None:
        parser.error(
            "--rltools: rltools needs a checkout (git clone https://github.com/rl-tools/rl-tools)"
        )
    if not (arguments.rltools / "include" / "rl_tools").is_dir():
        parser.error(f"--rltools: {arguments.rltools} is no checkout: it has no include/rl_tools")
    if arguments.precision != "fp32":
        parser.error("--precision: rltools is for fp32")


if __name__ == "__main__":
    arguments = parse_arguments()
    sys.exit(arguments.function(arguments))
