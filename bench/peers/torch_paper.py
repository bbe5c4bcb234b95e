#!/usr/bin/env python3
"""The preset `paper` on Pendulum-v1 in PyTorch's own modules, with and without batch normalisation.

Shows what of a learning curve is the algorithm's and what is polyak's: everything that matters here,
BatchNorm1d, its running statistics and their targets, is written a second time. One agent of
Lillicrap et al. 2015 (arXiv 1509.02971, section 7); its regret along the training, as JSON.

bench/peers/torch_paper.py [--seed N] [--steps N] [--batch-norm=0] [--copy-statistics] [--output FILE]
"""

import argparse
import copy
import json
import math
import pathlib

import numpy as np
import regret
import torch
from torch import Tensor, nn

BATCH_SIZE = 64
DISCOUNT = 0.99
TAU = 0.001
NOISE_THETA, NOISE_SIGMA = 0.15, 0.2  # Ornstein-Uhlenbeck, a time step being 1
FINAL_RANGE = 3e-3
CRITIC_WEIGHT_DECAY = 1e-2
MEASUREMENTS = 10


def linear(inputs: int, outputs: int, bound: float | None = None) -> nn.Linear:
    """Weights and biases U(-bound, bound), 1/sqrt(inputs) unless it is given."""
    layer = nn.Linear(inputs, outputs)
    for parameter in layer.parameters():
        nn.init.uniform_(parameter, -(bound or inputs**-0.5), bound or inputs**-0.5)
    return layer


class Actor(nn.Module):
    def __init__(self, norm):
        super().__init__()
        self.layers = nn.Sequential(
            *(norm(3), linear(3, 400), norm(400), nn.ReLU()),
            *(linear(400, 300), norm(300), nn.ReLU(), linear(300, 1, FINAL_RANGE), nn.Tanh()),
        )

    def forward(self, observation: Tensor) -> Tensor:
        return self.layers(observation)


class Critic(nn.Module):
    """The action enters at the second hidden layer; what comes before it is normalised."""

    def __init__(self, norm):
        super().__init__()
        self.before = nn.Sequential(norm(3), linear(3, 400), norm(400), nn.ReLU())
        self.behind = nn.Sequential(linear(401, 300), nn.ReLU(), linear(300, 1, FINAL_RANGE))

    def forward(self, observation: Tensor, action: Tensor) -> Tensor:
        return self.behind(torch.cat([self.before(observation), action], dim=1))[:, 0]


class Pendulum:
    """One Pendulum-v1 of the judge's, actions in [-1, 1]."""

    def __init__(self, generator: np.random.Generator):
        self.generator = generator
        self.reset()

    def reset(self) -> None:
        self.theta, self.theta_dot = self.generator.uniform(-1.0, 1.0, 2) * (math.pi, 1.0)
        self.steps = 0

    def observation(self) -> np.ndarray:
        return np.array([math.cos(self.theta), math.sin(self.theta), self.theta_dot], np.float32)

    def step(self, action: float) -> float:
        self.steps += 1
        self.theta, self.theta_dot, reward = regret.step(
            self.theta, self.theta_dot, regret.TORQUE_LIMIT * action
        )
        return reward


class Training:
    def __init__(self, arguments: argparse.Namespace):
        torch.manual_seed(arguments.seed)
        self.generator = np.random.default_rng(arguments.seed)
        norm = nn.BatchNorm1d if arguments.batch_norm else lambda features: nn.Identity()
        self.statistics_tau = 1.0 if arguments.copy_statistics else TAU
        self.actor, self.critic = Actor(norm), Critic(norm)
        self.targets = copy.deepcopy((self.actor, self.critic))
        for target in self.targets:
            target.eval()
        self.actor_adam = torch.optim.Adam(self.actor.parameters(), 1e-4)
        self.critic_adam = torch.optim.Adam(
            self.critic.parameters(), 1e-3, weight_decay=CRITIC_WEIGHT_DECAY
        )
        self.pendulum, self.noise = Pendulum(self.generator), 0.0
        self.replay = np.zeros((arguments.steps, 8), np.float32)  # o | a | r | o'
        self.stored = 0

    def act_and_store(self) -> None:
        observation = self.pendulum.observation()
        self.actor.eval()
        with torch.no_grad():
            action = self.actor(torch.from_numpy(observation)[None]).item()
        self.actor.train()
        self.noise += -NOISE_THETA * self.noise + NOISE_SIGMA * self.generator.standard_normal()
        action = min(max(action + self.noise, -1.0), 1.0)
        reward = self.pendulum.step(action)
        row = (*observation, action, reward, *self.pendulum.observation())
        self.replay[self.stored] = row
        self.stored += 1
        if self.pendulum.steps == regret.TIME_LIMIT:
            self.pendulum.reset()
            self.noise = 0.0

    def update(self) -> None:
        rows = self.replay[self.generator.integers(0, self.stored, BATCH_SIZE)]
        observation, action, reward, following = torch.from_numpy(rows).split([3, 1, 1, 3], dim=1)
        target_actor, target_critic = self.targets
        with torch.no_grad():
            value = target_critic(following, target_actor(following))
            wanted = reward[:, 0] + DISCOUNT * value
        loss = ((self.critic(observation, action) - wanted) ** 2).mean()
        self.critic_adam.zero_grad()
        loss.backward()
        self.critic_adam.step()

        # The critic normalises by this batch too, but its running statistics stay as they are.
        kept = [statistic.clone() for statistic in self.critic.buffers()]
        loss = -self.critic(observation, self.actor(observation)).mean()
        self.actor_adam.zero_grad()
        loss.backward()
        self.actor_adam.step()
        for statistic, old in zip(self.critic.buffers(), kept):
            statistic.copy_(old)
        self.move_targets()

    @torch.no_grad()
    def move_targets(self) -> None:
        for network, target in zip((self.actor, self.critic), self.targets):
            for new, old in zip(network.parameters(), target.parameters()):
                old.lerp_(new, TAU)
            for new, old in zip(network.buffers(), target.buffers()):
                if new.is_floating_point():  # not the number of batches
                    old.lerp_(new, self.statistics_tau)

    @torch.no_grad()
    def actor_layers(self) -> regret.Layers:
        """In evaluation, with every normalisation a part of the linear layer beside it."""
        layers: regret.Layers = []
        scale, shift = torch.ones(3), torch.zeros(3)
        for module in self.actor.layers:
            if isinstance(module, nn.Linear):
                weight, bias = module.weight, module.bias
                if not layers:  # behind the observation's normalisation
                    weight, bias = weight * scale, bias + weight @ shift
                layers.append((weight, bias))
            elif isinstance(module, nn.BatchNorm1d):
                scale = module.weight / torch.sqrt(module.running_var + module.eps)
                shift = module.bias - module.running_mean * scale
                if layers:
                    weight, bias = layers[-1]
                    layers[-1] = (scale[:, None] * weight, scale * bias + shift)
        return [(weight.numpy()[None], bias.numpy()[None]) for weight, bias in layers]


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=30_000, help="environment steps [30000]")
    parser.add_argument("--batch-norm", type=int, choices=(0, 1), default=1)
    parser.add_argument(
        "--copy-statistics",
        action="store_true",
        help="running statistics of the targets equal the online ones, as in Stable-Baselines3 "
        "[they follow by tau]",
    )
    parser.add_argument("--output", type=pathlib.Path, help="a JSON file")
    arguments = parser.parse_args()
    if arguments.steps < MEASUREMENTS:
        parser.error(f"--steps: at least {MEASUREMENTS}")
    return arguments


def main() -> None:
    arguments = parse_arguments()
    torch.set_num_threads(1)
    training = Training(arguments)
    curve = []
    for step in range(1, arguments.steps + 1):
        training.act_and_store()
        if step >= BATCH_SIZE:
            training.update()
        if step % (arguments.steps // MEASUREMENTS) == 0:
            score = float(regret.mean_regrets(training.actor_layers(), "relu")[0])
            curve.append({"environment_steps": step, "regret": score})
            print(f"{step:,} steps: regret {score:.1f}", flush=True)
    if arguments.output:
        settings = {key: value for key, value in vars(arguments).items() if key != "output"}
        report = {"torch": torch.__version__, **settings, "curve": curve}
        arguments.output.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
