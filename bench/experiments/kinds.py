"""The kinds of experiments.

A `Learning` trains populations, one agent for each seed, and measures every agent without
noise along the training. A `Chosen` trains a few agents at a time, of which the best one counts. A
`Timing` runs polyak once for each case and keeps its report. `Rounds` run contestants in turn,
round after round, and compare them within each round.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Training:
    """One population; `thresholds` are regrets to come below, or returns to exceed."""

    name: str
    options: tuple[str, ...]  # of polyak
    steps: int  # environment steps per agent, warm-up included
    thresholds: tuple[float, ...]
    title: str = ""
    environment: str = "Pendulum-v1"
    needs_gpu: bool = False  # left out on the CPU unless asked for


@dataclass(frozen=True)
class Learning:
    """Populations in one table; `goals` are the largest mean regret and that of any seed."""

    title: str
    trainings: tuple[Training, ...]
    seeds: int
    measurements: int  # along each training
    goals: tuple[float, float] | None = None
    published: str = ""


@dataclass(frozen=True)
class Chosen:
    """Trainings of some agents; `goals` are the largest mean regret of those chosen and that of any."""

    title: str
    name: str
    options: tuple[str, ...]  # of polyak
    seeds: int  # trainings
    goals: tuple[float, float]


@dataclass(frozen=True)
class Case:
    """One call of `polyak COMMAND`; `kind` is the device that it is for."""

    name: str
    command: str
    options: tuple[str, ...]
    kinds: tuple[str, ...] = ("cpu", "cuda")
    may_be_refused: bool = False  # a combination that an engine does not have


@dataclass(frozen=True)
class Timing:
    """Calls whose reports are kept; in a sweep one size varies at a time."""

    title: str
    cases: tuple[Case, ...]
    is_sweep: bool = False


@dataclass(frozen=True)
class Task:
    """What contestants do in a round: polyak's options."""

    title: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class Rounds:
    """Contestants are `peers` (PyTorch, JAX), `rltools`, or `binaries` (another build of polyak)."""

    title: str
    contestants: str
    tasks: dict[str, Task]
    usual_tasks: tuple[str, ...]
    rounds: int
    learning_seeds: int = 0  # for the time to a regret of 20; 0 leaves it out
    devices: tuple[str, ...] = ("cpu", "cuda")
    quick: Mapping[str, str] = field(default_factory=dict)  # tiny sizes of its own (processes.TINY)


Experiment = Learning | Chosen | Timing | Rounds


def parts_of(experiment: Experiment) -> list[str]:
    """The names that `--only` takes: trainings, tasks, or the first words of cases."""
    if isinstance(experiment, Chosen):
        return [experiment.name]
    if isinstance(experiment, Learning):
        return [training.name for training in experiment.trainings]
    if isinstance(experiment, Rounds):
        return list(experiment.tasks)
    return list(dict.fromkeys(case.name.split()[0] for case in experiment.cases))
