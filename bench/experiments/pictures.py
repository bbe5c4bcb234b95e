"""The pictures of README.md and docs/: learning curves from records, a pendulum from a new policy."""

import argparse
import json
import pathlib
import subprocess
import tempfile

from bench.experiments import kinds, stored, table, timing

PICTURES = stored.PROJECT / "docs" / "pictures"
HANGING = {"theta": [3.0], "thetadot": [0.0]}  # not straight down, where it might take either side
SWING_UP_STEPS = 100
# The settings of docs/results.md for a low regret: the pendulum comes to stand straight.
PATIENT = (
    "--environments=1",
    "--total-steps=20000",
    "--update-to-data=1",
    "--learning-rate-decay=linear",
    "--discount=0.99",
)


def draw_records(records: pathlib.Path) -> None:
    """Curves of learning and of sweeps on the CPU as NAME.svg, on a GPU as NAME_cuda.svg."""
    from bench.experiments import plots

    for path in sorted(records.glob("*/*.json")):
        name, record = path.stem, stored.load(path)
        picture = PICTURES / f"{name}{'_cuda' if path.parent.name == 'cuda' else ''}.svg"
        experiment = table.EXPERIMENTS.get(name)
        if isinstance(experiment, kinds.Timing) and experiment.is_sweep:
            plots.sweeps(timing.sweep_rows(record), picture)
        elif isinstance(experiment, kinds.Learning) and len(experiment.trainings) > 1:
            plots.curves(record["results"], picture)
        elif name == "learning_curve":
            plots.learning_curve(record["results"]["default"], picture)


def draw_swing_up(polyak: pathlib.Path, picture: pathlib.Path) -> None:
    """Trains one agent and draws how it swings the pendulum up from below."""
    with tempfile.TemporaryDirectory() as folder:
        run, starts = (pathlib.Path(folder) / name for name in ("run", "starts"))
        starts.write_text(json.dumps(HANGING))
        train = [polyak, "train", "--device=cpu", *PATIENT, f"--output={run}"]
        rollout = [polyak, "rollout", run / "policy.safetensors", f"--starts={starts}"]
        shown = [f"--time-limit={SWING_UP_STEPS}", f"--animate={picture}"]
        for command in (train, [*rollout, *shown]):
            subprocess.run(command, check=True, capture_output=True)


def draw(arguments: argparse.Namespace) -> int:
    """All pictures; the exit code."""
    PICTURES.mkdir(exist_ok=True)
    draw_swing_up(arguments.polyak, PICTURES / "swing_up.svg")
    draw_records(arguments.output)
    return 0
