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


def act(tensors, metadata, observation):
    """The action in environment units: the observation normalised, every layer with its activation,
    then scale and offset."""
    values = observation
    if "observation_mean" in metadata:
        mean, factor = numbers(metadata["observation_mean"]), numbers(metadata["observation_scale"])
        values = [(x - m) * s for x, m, s in zip(values, mean, factor)]
    activations = [ACTIVATIONS[name] for name in metadata["activations"].split(",")]
    for layer in range(len(activations)):
        (outputs, inputs), weight = tensors[f"actor.{layer}.weight"]
        _, bias = tensors[f"actor.{layer}.bias"]
        assert len(values) == inputs
        values = [
            bias[row] + sum(weight[row * inputs + i] * values[i] for i in range(inputs))
            for row in range(outputs)
        ]
        if f"actor.{layer}.norm.weight" in tensors:
            values = normalise(values)
            _, norm_weight = tensors[f"actor.{layer}.norm.weight"]
            _, norm_bias = tensors[f"actor.{layer}.norm.bias"]
            values = [w * x + b for w, x, b in zip(norm_weight, values, norm_bias)]
        values = [activations[layer](x) for x in values]
    scale, offset = numbers(metadata["action_scale"]), numbers(metadata["action_offset"])
    return [o + s * x for o, s, x in zip(offset, scale, values)]


def main():
    path, expected = sys.argv[1], float(sys.argv[2])
    tensors, metadata = read_safetensors(path)
    assert metadata["environment"] == "Pendulum-v1", metadata
    assert "observation_mean" in metadata, metadata
    # The consumer asks for the same observation; near upright the torque is not saturated.
    (torque,) = act(tensors, metadata, [1.0, 0.0, 0.05])
    assert abs(torque - expected) < 1e-4, (torque, expected)
    print(f"Python: torque {torque:.6g}")


main()
