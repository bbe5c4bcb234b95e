"""test_export.py POLYAK : what `polyak export` writes acts as the policy does, of every kind.

Trains each kind for a moment. The C header, compiled, must give the actions of the program's own
rollouts to the bit; ONNX Runtime and, where it is installed, PyTorch must come within 1e-6 of the
range of actions. Policies of another program's environment, with several actions, are made here; the
header is the judge of them. Needs requirements.txt and a C compiler.
"""

import csv
import ctypes
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnxruntime
from safetensors.numpy import save_file
from test_python import KINDS, SHORT, output_of

try:
    import torch
except ImportError:
    torch = None

TOLERANCE = 1e-6
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]
FLAGS = ["-std=c99", *WARNINGS, "-Os", "-ffreestanding", "-nostdlib", "-shared", "-fPIC"]
Floats = ctypes.POINTER(ctypes.c_float)


def floats(array):
    return array.ctypes.data_as(Floats)


class InC:
    """The exported header, compiled. Its functions are only in the header: a file gives them names."""

    def __init__(self, directory, recurrent, sizes):
        source, library = directory / "shared.c", directory / "policy.so"
        memory = "policy_memory *memory, " if recurrent else ""
        source.write_text(
            '#include "policy.h"\n'
            f"void act({memory}const float *observation, float *action);\n"
            f"void act({memory}const float *observation, float *action) {{\n"
            f"  policy_act({'memory, ' if recurrent else ''}observation, action);\n}}\n"
        )
        # Without undefined symbols: it calls nothing, not even memcpy.
        command = [os.environ.get("CC", "cc"), *FLAGS, "-Wl,-z,defs", "-o", library, source]
        subprocess.run(command, check=True)
        self.library, self.recurrent, self.sizes = ctypes.CDLL(str(library)), recurrent, sizes

    def begin(self):
        self.memory = np.zeros(sum(self.sizes["state"]) + 1, np.float32)

    def act(self, observation, reward):
        action = np.empty(self.sizes["action"], np.float32)
        self.memory[-1] = reward
        memory = [floats(self.memory)] if self.recurrent else []
        self.library.act(*memory, floats(observation), floats(action))
        return action


class InOnnx:
    def __init__(self, directory, recurrent, sizes):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(
            str(directory / "policy.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self.inputs = [value.name for value in self.session.get_inputs()]
        self.outputs = [value.name for value in self.session.get_outputs()]
        assert recurrent == ("hidden" in self.inputs), self.inputs
        assert all(value.shape[0] == "batch" for value in self.session.get_inputs())
        self.names = [name for name in self.inputs if name not in ("observation", "previous_reward")]
        self.sizes = sizes

    def begin(self):
        self.state = {
            name: np.zeros((1, size), np.float32)
            for name, size in zip(self.names, self.sizes["state"], strict=True)
        }

    def act(self, observation, reward):
        given = {"observation": observation[None], **self.state}
        if self.names:
            given["previous_reward"] = np.full((1, 1), reward, np.float32)
        outputs = self._run(given)
        twice = self._run({name: np.repeat(value, 2, axis=0) for name, value in given.items()})
        assert np.abs(twice["action"] - outputs["action"]).max() < 1e-4, "a batch acts otherwise"
        self.state = {name: outputs[f"next_{name}"] for name in self.names}
        return outputs["action"][0]

    def _run(self, given):
        return dict(zip(self.outputs, self.session.run(None, given), strict=True))


class InTorch:
    def __init__(self, directory, recurrent, sizes):
        self.recurrent, names = recurrent, {}
        exec((directory / "policy.py").read_text(), names)
        self.policy = names["Policy"]()

    def begin(self):
        self.state = self.policy.initial_state(1) if self.recurrent else None

    def act(self, observation, reward):
        with torch.no_grad():
            observation = torch.from_numpy(observation)
            if not self.recurrent:
                return self.policy(observation).numpy()
            reward = torch.full((1, 1), float(reward))
            action, self.state = self.policy(observation[None], self.state, reward)
            return action[0].numpy()


def sizes_of(directory):
    """Of action and state, from the ONNX model, whose batch may be of any size."""
    session = onnxruntime.InferenceSession(str(directory / "policy.onnx"))
    columns = {value.name: value.shape[1] for value in session.get_inputs() + session.get_outputs()}
    state = [columns[name] for name in ("hidden", "cell", "previous_action") if name in columns]
    return {"observation": columns["observation"], "action": columns["action"], "state": state}


def exported(polyak, policy, directory):
    """The judge, the program's bits in C, and everything that must come close to it."""
    output_of(
        polyak, "export", str(policy), "--onnx", str(directory / "policy.onnx"),
        "--c-header", str(directory / "policy.h"), "--torch", str(directory / "policy.py"),
    )  # fmt: skip
    sizes = sizes_of(directory)
    readers = [InOnnx] + ([InTorch] if torch else [])
    recurrent = bool(sizes["state"])
    return InC(directory, recurrent, sizes), [reader(directory, recurrent, sizes) for reader in readers]


def episodes_of(rollout):
    """Each a list of observation, the program's action, and reward."""
    episodes = {}
    for row in csv.DictReader(rollout.splitlines()):
        names = [name for name in row if name.startswith("observation_")]
        observation = np.array([row[name] for name in names], np.float32)
        step = observation, np.float32(row["action"]), np.float32(row["reward"])
        episodes.setdefault(row["episode"], []).append(step)
    return episodes.values()


def check_trained(polyak, name, options, directory):
    run = directory / "run"
    output_of(polyak, "train", *SHORT.split(), *options.split(), "--output", str(run))
    judge, others = exported(polyak, run / "policy.safetensors", directory)
    rollout = output_of(polyak, "rollout", str(run / "policy.safetensors"), "--episodes", "2")
    scale = 1.0 if "MountainCar" in options else 2.0
    largest = [0.0] * len(others)
    for episode in episodes_of(rollout):
        for policy in (judge, *others):
            policy.begin()
        reward = 0.0
        for observation, action, next_reward in episode:
            (own,) = judge.act(observation, reward)
            assert own == action, f"{name}: {own!r} in C, {action!r} in the program"
            for i, other in enumerate(others):
                difference = abs(float(other.act(observation, reward)[0]) - float(own))
                largest[i] = max(largest[i], difference / scale)
            reward = next_reward
    report(name, largest)


def report(name, differences):
    readers = ["ONNX Runtime", "PyTorch"][: len(differences)]
    distances = [f"{who} {value:.1e}" for who, value in zip(readers, differences, strict=True)]
    print(f"{name}: the header has the program's bits; of the range of actions,", *distances)
    assert max(differences) < TOLERANCE, f"{name}: {differences}"


def made_policy(cell, activation, layer_norm, path):
    """Of an environment that the program does not know: 5 observations, 3 actions."""
    random = np.random.default_rng(7)
    units = 24 if cell else 0
    layers = [(5 + units, 40), (40, 30), (30, 3)]
    tensors = {}

    def linear(name, inputs, outputs):
        bound = inputs**-0.5
        tensors[f"{name}.weight"] = random.uniform(-bound, bound, (outputs, inputs)).astype(np.float32)
        tensors[f"{name}.bias"] = random.uniform(-bound, bound, outputs).astype(np.float32)

    for i, (inputs, outputs) in enumerate(layers):
        linear(f"actor.{i}", inputs, outputs)
        if layer_norm and i < 2:
            tensors[f"actor.{i}.norm.weight"] = random.uniform(0.5, 1.5, outputs).astype(np.float32)
            tensors[f"actor.{i}.norm.bias"] = random.uniform(-0.5, 0.5, outputs).astype(np.float32)
    metadata = {
        "format": "polyak policy", "format_version": "3" if cell else "2", "environment": "Arm-v3",
        "environment_parameters": "length=1.5", "observation_size": "5", "action_size": "3",
        "activations": f"{activation},{activation},tanh", "action_scale": "2,0.5,30",
        "action_offset": "0.25,-1,0", "observation_mean": "0.1,0.2,-0.3,0,1",
        "observation_scale": "1.5,2,0.5,1,0.7",
    }  # fmt: skip
    if cell:
        gates = {"lstm": 4, "gru": 3}[cell]
        linear("cell.input", 5 + 3 + 1, gates * units)
        linear("cell.recurrent", units, gates * units)
        metadata |= {"cell": cell, "reward_scale": "0.3"}
    save_file(tensors, path, metadata)


def check_made(polyak, cell, activation, layer_norm, directory):
    made_policy(cell, activation, layer_norm, directory / "made.safetensors")
    judge, others = exported(polyak, directory / "made.safetensors", directory)
    random = np.random.default_rng(3)
    scale, largest = np.array([2.0, 0.5, 30.0]), [0.0] * len(others)
    for policy in (judge, *others):
        policy.begin()
    for _ in range(100):
        observation, reward = random.normal(size=5).astype(np.float32), np.float32(random.normal())
        own = judge.act(observation, reward)
        for i, other in enumerate(others):
            largest[i] = max(largest[i], np.max(np.abs(other.act(observation, reward) - own) / scale))
    norm = ", layer normalisation" if layer_norm else ""
    report(f"3 actions, {cell or 'no cell'}, {activation}{norm}", largest)


def main():
    if not torch:
        print("without PyTorch, which is not installed")
    for name, options in KINDS.items():
        with tempfile.TemporaryDirectory() as directory:
            check_trained(sys.argv[1], name, options, Path(directory))
    for cell, activation, layer_norm in (
        (None, "relu", True), (None, "elu", False), (None, "identity", False),
        ("lstm", "tanh", False), ("gru", "elu", True),
    ):  # fmt: skip
        with tempfile.TemporaryDirectory() as directory:
            check_made(sys.argv[1], cell, activation, layer_norm, Path(directory))


if __name__ == "__main__":
    main()
