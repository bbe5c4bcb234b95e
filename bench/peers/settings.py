"""The training that every contestant runs: names, units and defaults of `polyak train --help`."""

import argparse
import dataclasses
import math

OBSERVATION_SIZE = 3
ACTION_SIZE = 1
TIME_LIMIT = 200  # steps; a time limit is no termination
TRANSITION_SIZE = (
    2 * OBSERVATION_SIZE + ACTION_SIZE + 1
)  # o | a | r | o'; Pendulum never terminates

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
        inside = {
            b for b in (self.warmup_iterations, self.first_update_iteration) if first < b < end
        }
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


def options_from_configuration(configuration: dict) -> list[str]:
    """The peers' options for the `configuration` of one of polyak's JSON reports."""
    options = []
    for field in dataclasses.fields(Settings):
        name = field.name.replace("_", "-")
        value = configuration[name]
        if isinstance(field.default, tuple):
            value = ",".join(str(width) for width in value)
        elif isinstance(value, list):
            if len(value) != 1:
                raise ValueError(f"{name}: the peers give every agent the same value")
            value = value[0]
        options += [f"--{name}", str(value)]
    return options
