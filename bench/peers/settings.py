"""The training that every contestant runs: names, units and defaults of `polyak train --help`."""

import argparse
import dataclasses
import math

OBSERVATION_SIZE = 3
ACTION_SIZE = 1
TIME_LIMIT = 200  # steps; a time limit is no termination
TRANSITION_SIZE = 2 * OBSERVATION_SIZE + ACTION_SIZE + 1  # o | a | r | o'; Pendulum never terminates

# What else polyak can do and the peers cannot, as its JSON reports say it: with another value it is
# another training.
_FIXED = {
    "environment": "Pendulum-v1",
    "environment-parameter": [],
    "time-limit": 0,
    "exploration": "gaussian",
    "noise-units": "normalised",
    "noise-scale-final": -1.0,
    "noise-ladder": [],
    "final-layer-range": 0.0,
    "critic-action-layer": 0,
    "layer-norm": False,
    "batch-norm": False,
    "policy": "feed-forward",
    "actor-first": False,
    "sampling": "with-replacement",
    "n-step": 1,
    "reward-scale": 1.0,
    "time-limit-terminal": False,
    "normalise-observations": False,
    "learning-rate-decay": "constant",
    "actor-weight-decay": 0.0,
    "critic-weight-decay": 0.0,
    "gradient-clip": 0.0,
}
_OF_ALGORITHM = {
    "ddpg": {
        "algorithm": "ddpg",
        "twin-critics": False,
        "target-noise": 0.0,
        "actor-delay": 1,
        "target-delay": 1,
    },
    "td3": {
        "algorithm": "td3",
        "twin-critics": True,
        "target-noise": 0.2,
        "target-noise-clip": 0.5,
        "actor-delay": 2,
        "target-delay": 2,
    },
}

Stage = tuple[bool, bool]  # (actions are random, updates are made)


@dataclasses.dataclass(frozen=True)
class Settings:
    """One training of Pendulum-v1. Actions and noise are in units of half the action range."""

    agents: int = 1
    seed: int = 1
    environments: int = 8
    total_steps: int = 10_000
    steps_per_iteration: int = 0
    update_to_data: float = 0.25
    warmup_steps: int = 1000
    learning_starts: int = 1000
    noise_scale: float = 0.1
    actor_hidden: tuple[int, ...] = (64, 64)
    critic_hidden: tuple[int, ...] = (64, 64)
    activation: str = "tanh"
    batch_size: int = 128
    replay_capacity: int = 1_000_000
    learning_rate_actor: float = 2e-3
    learning_rate_critic: float = 3e-3
    discount: float = 0.98
    tau: float = 0.02
    adam_beta1: float = 0.9
    adam_beta2: float = 0.999
    adam_epsilon: float = 1e-8

    @property
    def vector_steps_per_iteration(self) -> int:
        """As given, or the fewest after which the updates due are a whole number."""
        if self.steps_per_iteration > 0:
            return self.steps_per_iteration
        per_vector_step = self.update_to_data * self.environments
        for steps in range(1, 1000):
            updates = per_vector_step * steps
            if updates >= 0.5 and abs(updates - round(updates)) <= 1e-6 * updates:
                return steps
        return 1000

    @property
    def environment_steps_per_iteration(self) -> int:
        return self.environments * self.vector_steps_per_iteration

    @property
    def updates_per_iteration(self) -> int:
        return round(self.update_to_data * self.environment_steps_per_iteration)

    @property
    def iterations(self) -> int:
        return math.ceil(self.total_steps / self.environment_steps_per_iteration)

    @property
    def warmup_iterations(self) -> int:
        return math.ceil(self.warmup_steps / self.environment_steps_per_iteration)

    @property
    def first_update_iteration(self) -> int:
        """Iterations before this one make no update."""
        return math.ceil(self.learning_starts / self.environment_steps_per_iteration) - 1

    @property
    def rows(self) -> int:
        """Vector steps that the replay holds: never more than the run makes."""
        share = math.ceil(self.replay_capacity / self.environments)
        return min(share, self.iterations * self.vector_steps_per_iteration)

    def stage(self, iteration: int) -> Stage:
        return iteration < self.warmup_iterations, iteration >= self.first_update_iteration

    def stages(self) -> set[Stage]:
        """All that a training comes through."""
        borders = (0, self.warmup_iterations, self.first_update_iteration)
        return {self.stage(border) for border in borders}

    def split_by_stage(self, first: int, count: int) -> list[tuple[Stage, int]]:
        """Iterations `first` to `first + count` as stretches of one stage each."""
        end = first + count
        inside = {b for b in (self.warmup_iterations, self.first_update_iteration) if first < b < end}
        borders = [first, *sorted(inside), end]
        return [(self.stage(a), b - a) for a, b in zip(borders, borders[1:])]

    def actor_sizes(self) -> tuple[int, ...]:
        return (OBSERVATION_SIZE, *self.actor_hidden, ACTION_SIZE)

    def critic_sizes(self) -> tuple[int, ...]:
        return (OBSERVATION_SIZE + ACTION_SIZE, *self.critic_hidden, 1)


def _widths(text: str) -> tuple[int, ...]:
    return tuple(int(width) for width in text.split(","))


def add_options(parser: argparse.ArgumentParser) -> None:
    """One option for every field, named as on polyak's command line."""
    for field in dataclasses.fields(Settings):
        kind = _widths if isinstance(field.default, tuple) else type(field.default)
        parser.add_argument("--" + field.name.replace("_", "-"), type=kind, default=field.default)


def from_arguments(arguments: argparse.Namespace) -> Settings:
    return Settings(**{f.name: getattr(arguments, f.name) for f in dataclasses.fields(Settings)})


def from_configuration(configuration: dict, algorithm: str = "ddpg") -> Settings:
    """Of one of polyak's JSON reports; ValueError, with the option's name, where no peer of the
    algorithm can train the same."""
    for name, value in (_FIXED | _OF_ALGORITHM[algorithm]).items():
        if configuration.get(name, value) != value:
            raise ValueError(f"{name} is {configuration[name]}; this peer has nothing but {value}")
    values = {}
    for field in dataclasses.fields(Settings):
        name = field.name.replace("_", "-")
        value = configuration[name]
        if isinstance(field.default, tuple):
            value = tuple(value)
        elif isinstance(value, list):
            if len(value) != 1:
                raise ValueError(f"{name}: the peers give every agent the same value")
            value = value[0]
        values[field.name] = value
    return Settings(**values)


def options(settings: Settings) -> list[str]:
    """Those of a peer's command line."""
    words = []
    for field in dataclasses.fields(Settings):
        value = getattr(settings, field.name)
        text = ",".join(str(width) for width in value) if isinstance(value, tuple) else str(value)
        words += ["--" + field.name.replace("_", "-"), text]
    return words
