"""Reads a policy file with nothing but Python's standard library and acts with it."""

import json
import math
import struct
import sys


def read_safetensors(path):
    """The tensors of a safetensors file as (shape, flat list of floats), and its metadata."""
    with open(path, "rb") as file:
        content = file.read()
    (header_length,) = struct.unpack_from("<Q", content)
    header = json.loads(content[8 : 8 + header_length])
    metadata = header.pop("__metadata__")
    data = content[8 + header_length :]
    tensors = {}
    for name, entry in header.items():
        assert entry["dtype"] == "F32", name
        begin, end = entry["data_offsets"]
        assert end - begin == 4 * math.prod(entry["shape"]), name
        tensors[name] = (entry["shape"], struct.unpack(f"<{(end - begin) // 4}f", data[begin:end]))
    return tensors, metadata


def numbers(text):
    return [float(word) for word in text.strip("[]").replace(",", " ").split()]


ACTIVATIONS = {
    "identity": lambda x: x,
    "relu": lambda x: max(x, 0.0),
    "tanh": math.tanh,
    "elu": lambda x: x if x > 0.0 else math.expm1(x),
}


def normalise(values):
    mean = sum(values) / len(values)
    variance = sum((x - mean) ** 2 for x in values) / len(values)
    return [(x - mean) / math.sqrt(variance + 1e-5) for x in values]


def product(tensors, name, values):
    (outputs, inputs), weight = tensors[f"{name}.weight"]
    _, bias = tensors[f"{name}.bias"]
    assert len(values) == inputs
    return [
        bias[row] + sum(weight[row * inputs + i] * values[i] for i in range(inputs))
        for row in range(outputs)
    ]


def sigmoid(x):
    return 0.5 * math.tanh(0.5 * x) + 0.5


def step_cell(tensors, metadata, observation, memory):
    """One step of PyTorch's LSTM or GRU, from what the memory holds to the next hidden and cell."""
    units = tensors["cell.recurrent.weight"][0][1]
    hidden, cell = memory.get("hidden", [0.0] * units), memory.get("cell", [0.0] * units)
    action = memory.get("action", [0.0] * int(metadata["action_size"]))
    reward = float(metadata["reward_scale"]) * memory.get("reward", 0.0)
    x = product(tensors, "cell.input", observation + action + [reward])
    u = product(tensors, "cell.recurrent", hidden)
    for unit in range(units):
        xs, us = x[unit::units], u[unit::units]
        sums = [a + b for a, b in zip(xs, us)]
        if metadata["cell"] == "lstm":
            keep = sigmoid(sums[1]) * cell[unit]
            cell[unit] = keep + sigmoid(sums[0]) * math.tanh(sums[2])
            hidden[unit] = sigmoid(sums[3]) * math.tanh(cell[unit])
        else:
            z, n = sigmoid(sums[1]), math.tanh(xs[2] + sigmoid(sums[0]) * us[2])
            hidden[unit] = (1.0 - z) * n + z * hidden[unit]
    memory.update(hidden=hidden, cell=cell)


def act(tensors, metadata, observation, memory):
    """The action in environment units: the observation normalised, a recurrent policy's cell, every
    layer with its activation, then scale and offset. An episode begins with an empty memory; the
    caller writes each step's reward into it."""
    values = observation
    if "observation_mean" in metadata:
        mean, factor = numbers(metadata["observation_mean"]), numbers(metadata["observation_scale"])
        values = [(x - m) * s for x, m, s in zip(values, mean, factor)]
    if "cell" in metadata:
        step_cell(tensors, metadata, values, memory)
        values = memory["hidden"] + values
    activations = [ACTIVATIONS[name] for name in metadata["activations"].split(",")]
    for layer in range(len(activations)):
        values = product(tensors, f"actor.{layer}", values)
        if f"actor.{layer}.norm.weight" in tensors:
            values = normalise(values)
            _, norm_weight = tensors[f"actor.{layer}.norm.weight"]
            _, norm_bias = tensors[f"actor.{layer}.norm.bias"]
            values = [w * x + b for w, x, b in zip(norm_weight, values, norm_bias)]
        values = [activations[layer](x) for x in values]
    memory["action"] = values
    scale, offset = numbers(metadata["action_scale"]), numbers(metadata["action_offset"])
    return [o + s * x for o, s, x in zip(offset, scale, values)]


def main():
    path, expected = sys.argv[1], [float(word) for word in sys.argv[2:]]
    tensors, metadata = read_safetensors(path)
    assert metadata["environment"] == "Pendulum-v1", metadata
    assert "observation_mean" in metadata, metadata
    assert expected, "no torques to compare with"
    memory = {}
    # The consumer asks for the same observation, step by step; near upright the torque is not
    # saturated.
    for step, torque_there in enumerate(expected):
        (torque,) = act(tensors, metadata, [1.0, 0.0, 0.05], memory)
        memory["reward"] = -0.5
        assert abs(torque - torque_there) < 1e-4, (step, torque, torque_there)
        print(f"Python: torque {torque:.6g}")


main()
