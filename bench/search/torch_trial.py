"""PyTorch's training of bench/peers, with what a space may have besides: clipped gradients, scaled
rewards, and learning rates that fall."""

import dataclasses
import pathlib
import sys

import torch
from torch import Tensor

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "peers"))
import settings as peer_settings  # noqa: E402
from torch_ddpg import TorchDdpg  # noqa: E402


@dataclasses.dataclass(frozen=True)
class TrialSettings(peer_settings.Settings):
    """Names, units and defaults of `polyak train --help`."""

    gradient_clip: float = 0.0
    reward_scale: float = 1.0
    learning_rate_decay: str = "constant"

    @property
    def updates(self) -> int:
        """In the whole training."""
        return (self.iterations - self.first_update_iteration) * self.updates_per_iteration


def clip(parameters: list[Tensor], largest: float, agents: bool) -> None:
    """Scales each network's gradients down to a norm; of several, the first dimension is the agent."""
    gradients = [parameter.grad for parameter in parameters]
    if not agents:
        torch.nn.utils.clip_grad_norm_(parameters, largest)
        return
    squares = [gradient.square().flatten(1).sum(1) for gradient in gradients]
    scale = (largest / (sum(squares).sqrt() + 1e-6)).clamp(max=1.0)
    for gradient in gradients:
        gradient.mul_(scale.view(-1, *[1] * (gradient.dim() - 1)))


class TorchTrial(TorchDdpg):
    """A population of one setting on the CPU, launched operation by operation."""

    settings: TrialSettings

    def __init__(self, settings: TrialSettings):
        self.updates = 0
        super().__init__(settings, "eager", torch.device("cpu"))
        self.updates = 0  # those made while it was prepared are undone
        for optimizer in (self.actor_optimizer, self.critic_optimizer):
            optimizer.register_step_pre_hook(self._before_step)

    def _before_step(self, optimizer: torch.optim.Adam, *_) -> None:
        (group,) = optimizer.param_groups
        if self.settings.gradient_clip > 0.0:
            clip(group["params"], self.settings.gradient_clip, bool(self.agents))
        if self.settings.learning_rate_decay == "linear":
            is_actor = optimizer is self.actor_optimizer
            first = (
                self.settings.learning_rate_actor if is_actor else self.settings.learning_rate_critic
            )
            group["lr"] = first * (1.0 - self.updates / self.settings.updates)

    def sample(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        observation, pair, reward, next_observation = super().sample()
        return observation, pair, self.settings.reward_scale * reward, next_observation

    def update(self) -> None:
        super().update()
        self.updates += 1
