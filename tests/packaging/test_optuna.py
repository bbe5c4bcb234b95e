"""test_optuna.py POLYAK : examples/optuna_search.py searches, in tiny sizes. Needs requirements.txt."""

import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "optuna_search.py"
TINY = (
    "--device cpu --threads 1 --seeds 2 --total-steps 400 --warmup-steps 100 --learning-starts 100 "
    "--batch-size 16 --actor-hidden 8 --critic-hidden 8 --evaluation-episodes 2"
)


def example(polyak, *options):
    command = [sys.executable, EXAMPLE, "--polyak", polyak, *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


def check_search(polyak):
    result = example(polyak, "--trials", "15", "--batch", "6", *TINY.split())
    assert result.returncode == 0, result.stderr
    bests = re.findall(r"^(\d+) trials: best return (-\d+\.\d)$", result.stdout, re.MULTILINE)
    assert [int(trials) for trials, _ in bests] == [6, 12, 15], result.stdout
    returns = [float(value) for _, value in bests]
    assert returns == sorted(returns), result.stdout
    # The command that it ends with trains the same agents again.
    (line,) = re.findall(r"^  (.* train .*)$", result.stdout, re.MULTILINE)
    with tempfile.TemporaryDirectory() as directory:
        run = f"{directory}/run"
        subprocess.run([*shlex.split(line), "--quiet", "--output", run], check=True, capture_output=True)
        evaluation = [polyak, "evaluate", run, "--episodes", "2", "--device", "cpu"]
        text = subprocess.run(evaluation, check=True, capture_output=True, text=True).stdout
    (mean,) = re.findall(r"^all 2 policies: mean return (-\d+\.\d) ", text, re.MULTILINE)
    assert mean == bests[-1][1], (mean, result.stdout)
    print(result.stdout, end="")


def check_refusals(polyak):
    """What polyak says reaches the user, once, and the search ends."""
    for options, reason in (
        (["--no-such-option=3"], "--no-such-option"),
        (["--tau", "2"], "tau"),
        # Known only when a trial is configured: a recurrent policy cannot be batch-normalised.
        (["--policy", "lstm", "--batch-norm"], "batch-norm"),
    ):
        result = example(polyak, *options)
        assert result.returncode == 1, (options, result)
        assert reason in result.stderr and "Traceback" not in result.stderr, result.stderr


def check_spaces():
    """What bench/search compares is a space of Optuna's, too; CI has Optuna only here."""
    sys.path.append(str(ROOT))
    from bench.search import space

    assert len(space.read(ROOT / "bench" / "search" / "pendulum.toml")) >= 8


if __name__ == "__main__":
    check_spaces()
    check_search(sys.argv[1])
    check_refusals(sys.argv[1])
