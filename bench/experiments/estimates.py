"""Estimates over seeds or rounds with their uncertainty, from SciPy.

The interquartile mean and its percentile bootstrap are those of Agarwal et al. 2021, "Deep
Reinforcement Learning at the Edge of the Statistical Precipice" (and of rliable): a mean without the
lowest and the highest quarter of the values, each quarter rounded down to whole values. Their bootstrap
is stratified over tasks; here every estimate is of one task, so that seeds are what is drawn.
"""

from collections.abc import Callable, Sequence

import numpy as np
from scipy import stats

RESAMPLES = 10_000
CONFIDENCE = 0.95

Estimate = list[float]  # the value, and the ends of its interval


def interquartile_mean(values: np.ndarray, axis: int = -1) -> np.ndarray:
    """The mean of the middle half along an axis."""
    return stats.trim_mean(values, 0.25, axis=axis)


def with_interval(values: Sequence[float], statistic: Callable) -> Estimate:
    """The statistic and its 95% interval, the same for the same values; needs two of them."""
    if len(values) < 2:
        raise ValueError(f"an interval needs at least two values, not {len(values)}")
    sample = np.asarray(values, dtype=float)
    interval = stats.bootstrap(
        (sample,),
        statistic,
        n_resamples=RESAMPLES,
        confidence_level=CONFIDENCE,
        method="percentile",
        vectorized=True,
        random_state=np.random.default_rng(0),
    ).confidence_interval
    return [float(statistic(sample, axis=-1)), float(interval.low), float(interval.high)]


def interquartile_estimate(values: Sequence[float]) -> Estimate:
    """The interquartile mean with its interval."""
    return with_interval(values, interquartile_mean)


def mean_estimate(values: Sequence[float]) -> Estimate:
    """The mean with its interval."""
    return with_interval(values, np.mean)
