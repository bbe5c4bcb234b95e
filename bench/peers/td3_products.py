"""Multiply-adds of an update of TD3 (Fujimoto et al. 2018) per row of the batch, here and in RLtools.

Both make the same update. RLtools computes the targets once for each critic, though they are the same
for both, and in the actor's pass goes back through the critic to the observations, which nobody needs.
"""

from settings import ACTION_SIZE, Settings

ACTOR_DELAY = 2  # updates of the critics for one of the actor


def _products(sizes: tuple[int, ...]) -> int:
    """Forward through a network, or back to its weights."""
    return sum(inputs * outputs for inputs, outputs in zip(sizes, sizes[1:]))


def _products_back(sizes: tuple[int, ...], inputs: int = 0) -> int:
    """Back to the hidden layers, and to so many of the inputs."""
    return _products(sizes[1:]) + inputs * sizes[1]


def _update(settings: Settings, targets: int, inputs: int) -> float:
    """`targets`: how often they are computed; `inputs`: those of the critic that get gradients."""
    actor, critic = settings.actor_sizes(), settings.critic_sizes()
    of_targets = targets * (_products(actor) + 2 * _products(critic))
    of_critics = 2 * (2 * _products(critic) + _products_back(critic))
    of_actor = 2 * _products(actor) + _products_back(actor)
    of_actor += _products(critic) + _products_back(critic, inputs)
    return of_targets + of_critics + of_actor / ACTOR_DELAY


def of_polyak(settings: Settings) -> float:
    return _update(settings, 1, ACTION_SIZE)


def of_rltools(settings: Settings) -> float:
    return _update(settings, 2, settings.critic_sizes()[0])
