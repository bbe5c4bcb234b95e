"""A trained policy in Python: NumPy, safetensors, and nothing of Polyak.

    policy = Policy("runs/NAME/policy.safetensors")
    policy.reset()                                  # before every episode
    action = policy.act(observation)                # at every step, in the environment's own units
    action = policy.act(observation, reward)        # recurrent policies see the last step's reward
"""

import numpy as np
from safetensors import safe_open

ACTIVATIONS = {
    "identity": lambda x: x,
    "tanh": np.tanh,
    "relu": lambda x: np.maximum(x, 0.0),
    "elu": lambda x: np.where(x > 0.0, x, np.expm1(np.minimum(x, 0.0))),
}


def sigmoid(x):
    return 0.5 * np.tanh(0.5 * x) + 0.5


class Policy:
    """Every kind that `polyak train` writes; docs/policies.md describes the file."""

    def __init__(self, path):
        with safe_open(path, "np") as file:
            self.metadata = file.metadata()
            self.tensors = {name: file.get_tensor(name) for name in file.keys()}
        self.environment = self.metadata["environment"]
        self.activations = self.metadata["activations"].split(",")
        self.reset()

    def reset(self):
        """Begins an episode: what a recurrent policy remembers is zero."""
        self.last_action = np.zeros(int(self.metadata["action_size"]))
        if "cell" in self.metadata:
            self.hidden = self.cell = np.zeros(self.tensors["cell.recurrent.weight"].shape[1])

    def act(self, observation, reward=0.0):
        """The action [action_size] for an observation [observation_size]."""
        x = np.asarray(observation, float)
        if "observation_mean" in self.metadata:
            x = (x - self._numbers("observation_mean")) * self._numbers("observation_scale")
        if "cell" in self.metadata:
            scaled_reward = float(self.metadata["reward_scale"]) * reward
            self._step_cell(np.concatenate([x, self.last_action, [scaled_reward]]))
            x = np.concatenate([self.hidden, x])
        for layer, activation in enumerate(self.activations):
            x = ACTIVATIONS[activation](self._layer(f"actor.{layer}", x))
        self.last_action = x
        return self._numbers("action_offset") + self._numbers("action_scale") * x

    def _layer(self, name, x):
        x = self._linear(name, x)
        if f"{name}.norm.weight" in self.tensors:  # PyTorch's LayerNorm
            x = (x - x.mean()) / np.sqrt(x.var() + 1e-5)
            x = x * self.tensors[f"{name}.norm.weight"] + self.tensors[f"{name}.norm.bias"]
        return x

    def _step_cell(self, x):
        """PyTorch's LSTM or GRU."""
        inputs, states = self._linear("cell.input", x), self._linear("cell.recurrent", self.hidden)
        if self.metadata["cell"] == "lstm":
            i, f, g, o = np.split(inputs + states, 4)
            self.cell = sigmoid(f) * self.cell + sigmoid(i) * np.tanh(g)
            self.hidden = sigmoid(o) * np.tanh(self.cell)
        else:
            (r, z, n), (state_r, state_z, state_n) = np.split(inputs, 3), np.split(states, 3)
            z = sigmoid(z + state_z)
            n = np.tanh(n + sigmoid(r + state_r) * state_n)
            self.hidden = (1.0 - z) * n + z * self.hidden

    def _linear(self, name, x):
        return self.tensors[f"{name}.weight"] @ x + self.tensors[f"{name}.bias"]

    def _numbers(self, key):
        return np.array(self.metadata[key].split(","), float)
