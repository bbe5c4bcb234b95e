"""How good a policy is, the same judge for every contestant: noise-free episodes of Pendulum-v1
from fixed starts, in float64 NumPy, against the best return known for each start."""

import json
import pathlib

import numpy as np

STARTS = pathlib.Path(__file__).resolve().parents[2] / "tests" / "data" / "pendulum_v1_starts.json"
ACTIVATIONS = {
    "tanh": np.tanh,
    "relu": lambda x: np.maximum(x, 0.0),
    "elu": lambda x: np.where(x > 0.0, x, np.expm1(np.minimum(x, 0.0))),
}
TIME_LIMIT = 200
TORQUE_LIMIT = 2.0

# One linear layer of every agent: weight [agents, outputs, inputs] and bias [agents, outputs].
Layers = list[tuple[np.ndarray, np.ndarray]]


def policy_actions(layers: Layers, activation: str, observations: np.ndarray) -> np.ndarray:
    """Actions in [-1, 1], [agents, starts, 1], for observations [agents, starts, 3]."""
    x = observations
    for index, (weight, bias) in enumerate(layers):
        x = x @ weight.transpose(0, 2, 1) + bias[:, None, :]
        x = np.tanh(x) if index + 1 == len(layers) else ACTIVATIONS[activation](x)
    return x


def step(theta, theta_dot, torque):
    """One step of Pendulum-v1 (Gymnasium 1.4.0): theta and theta_dot after it, and the reward."""
    angle = (theta + np.pi) % (2.0 * np.pi) - np.pi
    reward = -(angle**2 + 0.1 * theta_dot**2 + 0.001 * torque**2)
    theta_dot = np.clip(theta_dot + (15.0 * np.sin(theta) + 3.0 * torque) * 0.05, -8.0, 8.0)
    return theta + theta_dot * 0.05, theta_dot, reward


def episode_returns(
    layers: Layers, activation: str, theta: np.ndarray, theta_dot: np.ndarray
) -> np.ndarray:
    """Undiscounted returns [agents, starts] of whole episodes."""
    agents = layers[0][0].shape[0]
    layers = [(weight.astype(np.float64), bias.astype(np.float64)) for weight, bias in layers]
    theta = np.broadcast_to(theta, (agents, len(theta))).copy()
    theta_dot = np.broadcast_to(theta_dot, theta.shape).copy()
    returns = np.zeros(theta.shape)
    for _ in range(TIME_LIMIT):
        observations = np.stack([np.cos(theta), np.sin(theta), theta_dot], axis=-1)
        torque = TORQUE_LIMIT * policy_actions(layers, activation, observations)[..., 0]
        theta, theta_dot, rewards = step(theta, theta_dot, torque)
        returns += rewards
    return returns


def mean_regrets(layers: Layers, activation: str) -> np.ndarray:
    """Every agent's regret [agents]: the mean over the reference starts of best return - return."""
    starts = json.loads(STARTS.read_text())
    returns = episode_returns(
        layers, activation, np.array(starts["theta"]), np.array(starts["thetadot"])
    )
    return (np.array(starts["best_return"]) - returns).mean(axis=1)
