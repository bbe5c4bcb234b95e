"""test_python.py POLYAK : every kind of policy that the program writes acts in Python as it does there.

Trains each for a moment, holds examples/policy.py against the program's own rollouts, and runs the
README's Python as it stands, from a directory that has the training among its runs. Needs
requirements.txt.
"""

import csv
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
from examples.policy import Policy

# So little is learnt that actions are far from their bounds, where every policy would look the same.
SHORT = (
    "--total-steps 600 --warmup-steps 200 --learning-starts 200 --learning-rate-actor 1e-4 "
    "--evaluation-episodes 0 --quiet"
)
KINDS = {
    "tanh": "",
    "relu": "--activation relu --actor-hidden 30,20,10",
    "elu, layer normalisation": "--activation elu --layer-norm",
    "batch normalisation": "--batch-norm",
    "observation normalisation": "--normalise-observations",
    "LSTM": "--policy lstm --recurrent-units 20 --batch-size 16",
    "GRU, normalised, rewards scaled": "--policy gru --recurrent-units 20 --batch-size 16 "
    "--normalise-observations --reward-scale 0.1",
    "another environment": "--environment MountainCarContinuous-v0 --algorithm td3",
}


def readme_python():
    (block,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    return block


def largest_difference(policy, rollout):
    """Between the program's actions, step by step, and Python's on the same observations."""
    rows = list(csv.DictReader(rollout.splitlines()))
    bound = 0.9 * float(policy.metadata["action_scale"])
    assert sum(abs(float(row["action"])) < bound for row in rows) > 100, "nothing to tell apart"
    largest, reward = 0.0, 0.0
    for row in rows:
        if row["step"] == "0":
            policy.reset()
            reward = 0.0
        observation = [float(row[key]) for key in row if key.startswith("observation_")]
        (action,) = policy.act(observation, reward)
        largest = max(largest, abs(action - float(row["action"])))
        reward = float(row["reward"])
    return largest


def output_of(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


def check(polyak, name, options, directory):
    run = directory / "runs" / "first"
    output_of(polyak, "train", *SHORT.split(), *options.split(), "--output", str(run))
    policy = run / "policy.safetensors"
    rollout = output_of(polyak, "rollout", str(policy), "--episodes", "2")
    difference = largest_difference(Policy(policy), rollout)
    assert difference < 1e-4, f"{name}: {difference} from the program's action"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    printed = output_of(sys.executable, "-c", readme_python(), cwd=directory, env=environment)
    assert re.fullmatch(r"return -?\d+\.\d\n", printed), printed
    print(f"{name}: within {difference:.1g}; the README's episode: {printed}", end="")


def main():
    for name, options in KINDS.items():
        with tempfile.TemporaryDirectory() as directory:
            check(sys.argv[1], name, options, Path(directory))


if __name__ == "__main__":
    main()
