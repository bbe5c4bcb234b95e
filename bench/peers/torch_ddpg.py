#!/usr/bin/env python3
"""DDPG on Pendulum-v1 in PyTorch, all of it on the device.

--mode eager     operations are launched one by one
--mode compiled  torch.compile, and on a GPU a whole iteration is captured in one CUDA graph

bench/peers/torch_ddpg.py --mode eager|compiled --measure throughput|learning [--check] ...
"""

import math
import sys

import measure
import torch
import torch.nn.functional as F
from settings import ACTION_SIZE, OBSERVATION_SIZE, TIME_LIMIT, TRANSITION_SIZE, Settings, Stage
from torch import Tensor, nn

ACTIVATIONS = {"tanh": torch.tanh, "relu": torch.relu, "elu": F.elu}


class Linear(nn.Module):
    """A linear layer of one agent ([rows, inputs] to [rows, outputs]), or one for each of many
    agents, their number the first dimension of everything.

    The weight is [outputs, inputs], or [agents, inputs, outputs]: as each product has its gradient in
    memory, which Adam's fused kernel takes for the parameter's own order."""

    def __init__(self, agents: tuple[int, ...], inputs: int, outputs: int, device: torch.device):
        super().__init__()
        bound = inputs**-0.5  # of weights and biases: U(-1/sqrt(inputs), 1/sqrt(inputs))
        shape = (*agents, inputs, outputs) if agents else (outputs, inputs)
        weight = torch.empty(shape, device=device)
        bias = torch.empty(*agents, outputs, device=device)
        self.weight = nn.Parameter(weight.uniform_(-bound, bound))
        self.bias = nn.Parameter(bias.uniform_(-bound, bound))

    def forward(self, x: Tensor) -> Tensor:
        if self.weight.dim() == 2:
            return F.linear(x, self.weight, self.bias)
        return torch.baddbmm(self.bias.unsqueeze(-2), x, self.weight)


class Network(nn.Module):
    def __init__(self, agents, sizes: tuple[int, ...], activation: str, device: torch.device):
        super().__init__()
        self.layers = nn.ModuleList(
            Linear(agents, inputs, outputs, device) for inputs, outputs in zip(sizes, sizes[1:])
        )
        self.activation = ACTIVATIONS[activation]

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers[:-1]:
            x = self.activation(layer(x))
        return self.layers[-1](x)


class Pendulum:
    """Pendulum-v1 (Gymnasium 1.4.0), vectorised; every tensor is changed in place."""

    def __init__(self, shape: tuple[int, ...], device: torch.device):
        limits = torch.tensor([math.pi, 1.0], device=device)
        self.limits = limits  # of theta and theta_dot at the start of an episode
        self.state = (torch.rand(*shape, 2, device=device) * 2.0 - 1.0) * limits
        self.episode_steps = torch.zeros(shape, dtype=torch.int32, device=device)

    def observe(self) -> Tensor:
        theta, theta_dot = self.state.unbind(-1)
        return torch.stack([theta.cos(), theta.sin(), theta_dot], dim=-1)

    def step(self, action: Tensor) -> tuple[Tensor, Tensor]:
        """Reward and next observation for actions in [-1, 1]; then resets what is at its end."""
        theta, theta_dot = self.state.unbind(-1)
        torque = 2.0 * action[..., 0]
        angle = torch.remainder(theta + math.pi, 2.0 * math.pi) - math.pi
        reward = -(angle**2 + 0.1 * theta_dot**2 + 0.001 * torque**2)
        speed = (theta_dot + (15.0 * theta.sin() + 3.0 * torque) * 0.05).clamp(-8.0, 8.0)
        self.state.copy_(torch.stack([theta + speed * 0.05, speed], dim=-1))
        next_observation = self.observe()
        self.episode_steps += 1
        ended = self.episode_steps >= TIME_LIMIT
        fresh = (torch.rand_like(self.state) * 2.0 - 1.0) * self.limits
        self.state.copy_(torch.where(ended.unsqueeze(-1), fresh, self.state))
        self.episode_steps.masked_fill_(ended, 0)
        return reward, next_observation


class TorchDdpg:
    """A population that trains on one device. Counters live there too, so that a captured graph can
    be replayed and nothing waits for the host."""

    def __init__(self, settings: Settings, mode: str, device: torch.device):
        self.name = f"torch-{mode}"
        self.settings, self.device = settings, device
        torch.manual_seed(settings.seed)
        agents = () if settings.agents == 1 else (settings.agents,)
        self.agents = agents

        def networks(sizes: tuple[int, ...]) -> tuple[Network, Network]:
            online = Network(agents, sizes, settings.activation, device)
            target = Network(agents, sizes, settings.activation, device).requires_grad_(False)
            target.load_state_dict(online.state_dict())
            return online, target

        self.actor, self.actor_target = networks(settings.actor_sizes())
        self.critic, self.critic_target = networks(settings.critic_sizes())
        self.actor_optimizer = self._adam(self.actor, settings.learning_rate_actor)
        self.critic_optimizer = self._adam(self.critic, settings.learning_rate_critic)

        self.environment = Pendulum((*agents, settings.environments), device)
        rows = settings.rows
        shape = (*agents, rows, settings.environments, TRANSITION_SIZE)
        self.replay = torch.zeros(shape, device=device)
        # Where each agent's transitions begin when all replays are one list.
        first = torch.arange(settings.agents, device=device) * rows * settings.environments
        self.first_transition = first.unsqueeze(-1) if agents else first
        self.vector_steps = torch.zeros(1, dtype=torch.int64, device=device)

        self.iterations = 0
        self._graphs: dict[Stage, torch.cuda.CUDAGraph] = {}
        if mode == "compiled":
            self.vector_step = torch.compile(self.vector_step)
            self.sample = torch.compile(self.sample)
            self.critic_loss = torch.compile(self.critic_loss)
            self.actor_loss = torch.compile(self.actor_loss)
        self._prepare(captures=mode == "compiled" and device.type == "cuda")

    def _adam(self, network: Network, learning_rate: float) -> torch.optim.Adam:
        settings = self.settings
        return torch.optim.Adam(
            network.parameters(),
            lr=learning_rate,
            betas=(settings.adam_beta1, settings.adam_beta2),
            eps=settings.adam_epsilon,
            fused=True,
            capturable=self.device.type == "cuda",
        )

    @torch.no_grad()
    def vector_step(self, warmup: bool) -> None:
        """Every environment acts, steps and stores."""
        observation = self.environment.observe()
        shape = (*observation.shape[:-1], ACTION_SIZE)
        if warmup:
            action = torch.rand(shape, device=self.device) * 2.0 - 1.0
        else:
            noise = self.settings.noise_scale * torch.randn(shape, device=self.device)
            action = (self.actor(observation).tanh() + noise).clamp(-1.0, 1.0)
        reward, next_observation = self.environment.step(action)
        transition = torch.cat([observation, action, reward[..., None], next_observation], dim=-1)
        row = self.vector_steps % self.settings.rows
        self.replay.index_copy_(-3, row, transition.unsqueeze(-3))
        self.vector_steps += 1

    @torch.no_grad()
    def sample(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """o, (o, a), r, o' of one batch for every agent."""
        shape = (*self.agents, self.settings.batch_size)
        held = self.vector_steps.clamp(max=self.settings.rows) * self.settings.environments
        index = torch.randint(2**62, shape, device=self.device) % held + self.first_transition
        batch = self.replay.view(-1, TRANSITION_SIZE)[index]
        pair = batch[..., : OBSERVATION_SIZE + ACTION_SIZE]
        reward = batch[..., OBSERVATION_SIZE + ACTION_SIZE]
        return batch[..., :OBSERVATION_SIZE], pair, reward, batch[..., -OBSERVATION_SIZE:]

    def critic_loss(self, pair: Tensor, reward: Tensor, next_observation: Tensor) -> Tensor:
        """The sum over agents of the mean squared temporal-difference error."""
        with torch.no_grad():
            next_action = self.actor_target(next_observation).tanh()
            next_pair = torch.cat([next_observation, next_action], dim=-1)
            next_value = self.critic_target(next_pair).squeeze(-1)
            target = reward + self.settings.discount * next_value
        error = self.critic(pair).squeeze(-1) - target
        return error.square().mean(dim=-1).sum()

    def actor_loss(self, observation: Tensor) -> Tensor:
        policy_pair = torch.cat([observation, self.actor(observation).tanh()], dim=-1)
        return -self.critic(policy_pair).squeeze(-1).mean(dim=-1).sum()

    def learn(self, loss: Tensor, network: Network, target: Network, optimizer) -> None:
        """Adam, then the target's step towards the network."""
        parameters = list(network.parameters())
        for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters)):
            assert gradient.stride() == parameter.stride()
            parameter.grad = gradient
        optimizer.step()
        with torch.no_grad():
            torch._foreach_lerp_(list(target.parameters()), parameters, self.settings.tau)

    def update(self) -> None:
        """One update (Lillicrap et al. 2015, algorithm 1): critic, then actor, then targets."""
        observation, pair, reward, next_observation = self.sample()
        loss = self.critic_loss(pair, reward, next_observation)
        self.learn(loss, self.critic, self.critic_target, self.critic_optimizer)
        loss = self.actor_loss(observation)
        self.learn(loss, self.actor, self.actor_target, self.actor_optimizer)

    def iteration(self, stage: Stage) -> None:
        warmup, learns = stage
        for _ in range(self.settings.vector_steps_per_iteration):
            self.vector_step(warmup)
        if learns:
            for _ in range(self.settings.updates_per_iteration):
                self.update()

    def run(self, iterations: int) -> None:
        for stage, count in self.settings.split_by_stage(self.iterations, iterations):
            self._run_stage(stage, count)
        self.iterations += iterations
        if self.device.type == "cuda":
            torch.cuda.synchronize()

    def _run_stage(self, stage: Stage, count: int) -> None:
        graph = self._graphs.get(stage)
        for _ in range(count):
            if graph:
                graph.replay()
            else:
                self.iteration(stage)

    def _prepare(self, captures: bool) -> None:
        """Compiles and captures by running every stage, then restores the training's start."""
        networks = (self.actor, self.actor_target, self.critic, self.critic_target)
        tensors = [p.detach() for network in networks for p in network.parameters()]
        environment = self.environment
        tensors += [self.replay, self.vector_steps, environment.state, environment.episode_steps]
        saved = [tensor.clone() for tensor in tensors]
        for stage in self.settings.stages():
            if captures:
                self._capture(stage)
            else:
                self.iteration(stage)
        for tensor, value in zip(tensors, saved):
            tensor.copy_(value)
        for optimizer in (self.actor_optimizer, self.critic_optimizer):
            for state in optimizer.state.values():
                for tensor in state.values():
                    tensor.zero_()

    def _capture(self, stage: Stage) -> None:
        """Records an iteration, after three on another stream as PyTorch's documentation asks."""
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(3):
                self.iteration(stage)
        torch.cuda.current_stream().wait_stream(stream)
        self._graphs[stage] = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graphs[stage]):
            self.iteration(stage)

    def describe(self) -> str:
        device = self.device.type
        if device == "cuda":
            device = f"cuda {torch.cuda.get_device_name()}"
        return f"PyTorch {torch.__version__}, {device}"

    def actor_layers(self) -> list:
        layers = []
        for layer in self.actor.layers:
            weight, bias = layer.weight.detach(), layer.bias.detach()
            if self.agents:
                weight = weight.transpose(-1, -2)
            else:
                weight, bias = weight.unsqueeze(0), bias.unsqueeze(0)
            layers.append((weight.cpu().numpy(), bias.cpu().numpy()))
        return layers


def add_mode(parser) -> None:
    parser.add_argument("--mode", choices=["eager", "compiled"], default="eager")


def make_peer(settings: Settings, arguments) -> TorchDdpg:
    device = arguments.device
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    precision = {"fp32": "highest", "tf32": "high"}[arguments.precision]
    torch.set_float32_matmul_precision(precision)
    return TorchDdpg(settings, arguments.mode, torch.device(device))


if __name__ == "__main__":
    sys.exit(measure.main(__doc__.splitlines()[0], make_peer, add_mode))
