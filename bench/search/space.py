"""A space of `polyak tune` (docs/tuning-space.md) as Optuna has it."""

import pathlib
import tomllib

from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
)


def distribution(name: str, entry: object) -> BaseDistribution:
    """Of an entry; only the kinds that this comparison needs: lists, and ranges of reals."""
    if isinstance(entry, list):
        return CategoricalDistribution(entry)
    if isinstance(entry, dict) and len(entry) == 1:
        ((kind, (low, high)),) = entry.items()
        if kind in ("log", "uniform"):
            return FloatDistribution(low, high, log=kind == "log")
    raise ValueError(f"{name}: bench.search takes a list, or a range, not {entry}")


def read(path: pathlib.Path) -> dict[str, BaseDistribution]:
    """The distributions by the names of polyak's options."""
    entries = tomllib.loads(path.read_text())
    return {name: distribution(name, entry) for name, entry in entries.items()}
