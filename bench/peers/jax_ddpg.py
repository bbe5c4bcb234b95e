#!/usr/bin/env python3
"""DDPG on Pendulum-v1 in JAX: everything inside one jitted loop, agents by vmap.

bench/peers/jax_ddpg.py --measure throughput|learning [--check] [--agents N] ...
"""

import functools
import sys
from typing import NamedTuple

import jax
import jax.numpy as jnp
import measure
import numpy as np
from jax import lax
from settings import ACTION_SIZE, OBSERVATION_SIZE, TIME_LIMIT, TRANSITION_SIZE, Settings

ACTIVATIONS = {"tanh": jnp.tanh, "relu": jax.nn.relu, "elu": jax.nn.elu}


class Network(NamedTuple):
    """Parameters with their target and Adam's moments; each a list of (weight, bias)."""

    parameters: list
    target: list
    first_moment: list
    second_moment: list


class Training(NamedTuple):
    """Everything that one agent is."""

    key: jax.Array
    actor: Network
    critic: Network
    updates: jax.Array
    replay: jax.Array  # [rows, environments, TRANSITION_SIZE]
    vector_steps: jax.Array
    state: jax.Array  # [environments, 2]: theta, theta_dot
    episode_steps: jax.Array  # [environments]


# --- Networks ------------------------------------------------------------------------------------


def make_network(key: jax.Array, sizes: tuple[int, ...]) -> Network:
    """Weights and biases U(-1/sqrt(inputs), 1/sqrt(inputs))."""
    layers = []
    for inputs, outputs in zip(sizes, sizes[1:]):
        key, weight_key, bias_key = jax.random.split(key, 3)
        bound = inputs**-0.5
        weight = jax.random.uniform(weight_key, (inputs, outputs), jnp.float32, -bound, bound)
        bias = jax.random.uniform(bias_key, (outputs,), jnp.float32, -bound, bound)
        layers.append((weight, bias))
    zeros = jax.tree.map(jnp.zeros_like, layers)
    # A copy each: buffers that are given back to be overwritten must not be shared.
    return Network(layers, jax.tree.map(jnp.copy, layers), zeros, jax.tree.map(jnp.copy, zeros))


def forward(layers: list, activation, x: jax.Array) -> jax.Array:
    for weight, bias in layers[:-1]:
        x = activation(x @ weight + bias)
    weight, bias = layers[-1]
    return x @ weight + bias


def adam_and_polyak(
    network: Network, gradient: list, updates: jax.Array, learning_rate: float, settings: Settings
) -> Network:
    """One step of Adam (Kingma & Ba 2015), then the target's step towards the network."""
    beta1, beta2 = settings.adam_beta1, settings.adam_beta2
    t = (updates + 1).astype(jnp.float32)
    rate = learning_rate / (1.0 - beta1**t)
    correction = lax.rsqrt(1.0 - beta2**t)

    def decay(beta, moment, value):
        return beta * moment + (1.0 - beta) * value

    first = jax.tree.map(lambda m, g: decay(beta1, m, g), network.first_moment, gradient)
    second = jax.tree.map(lambda v, g: decay(beta2, v, g * g), network.second_moment, gradient)
    parameters = jax.tree.map(
        lambda p, m, v: p - rate * m / (jnp.sqrt(v) * correction + settings.adam_epsilon),
        network.parameters,
        first,
        second,
    )
    target = jax.tree.map(lambda t, p: t + settings.tau * (p - t), network.target, parameters)
    return Network(parameters, target, first, second)


# --- Pendulum-v1 (Gymnasium 1.4.0) ---------------------------------------------------------------


def reset(key: jax.Array, count: int) -> jax.Array:
    limits = jnp.array([jnp.pi, 1.0])
    return jax.random.uniform(key, (count, 2), jnp.float32, -1.0, 1.0) * limits


def observe(state: jax.Array) -> jax.Array:
    theta, theta_dot = state[:, 0], state[:, 1]
    return jnp.stack([jnp.cos(theta), jnp.sin(theta), theta_dot], axis=-1)


def step(state: jax.Array, action: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Next state and reward for an action in [-1, 1]."""
    theta, theta_dot = state[:, 0], state[:, 1]
    torque = 2.0 * action[:, 0]
    angle = jnp.mod(theta + jnp.pi, 2.0 * jnp.pi) - jnp.pi
    reward = -(angle**2 + 0.1 * theta_dot**2 + 0.001 * torque**2)
    speed = jnp.clip(theta_dot + (15.0 * jnp.sin(theta) + 3.0 * torque) * 0.05, -8.0, 8.0)
    return jnp.stack([theta + speed * 0.05, speed], axis=-1), reward


# --- The algorithm, for one agent ----------------------------------------------------------------


def vector_step(training: Training, settings: Settings, warmup: bool) -> Training:
    """Every environment acts, steps and stores; those at the time limit start anew."""
    key, action_key, reset_key = jax.random.split(training.key, 3)
    observation = observe(training.state)
    shape = (settings.environments, ACTION_SIZE)
    if warmup:
        action = jax.random.uniform(action_key, shape, jnp.float32, -1.0, 1.0)
    else:
        policy = forward(training.actor.parameters, ACTIVATIONS[settings.activation], observation)
        noise = settings.noise_scale * jax.random.normal(action_key, shape)
        action = jnp.clip(jnp.tanh(policy) + noise, -1.0, 1.0)
    state, reward = step(training.state, action)
    transition = jnp.concatenate([observation, action, reward[:, None], observe(state)], axis=-1)
    row = training.vector_steps % settings.rows
    replay = lax.dynamic_update_index_in_dim(training.replay, transition, row, 0)
    episode_steps = training.episode_steps + 1
    ended = episode_steps >= TIME_LIMIT
    state = jnp.where(ended[:, None], reset(reset_key, settings.environments), state)
    return training._replace(
        key=key,
        replay=replay,
        vector_steps=training.vector_steps + 1,
        state=state,
        episode_steps=jnp.where(ended, 0, episode_steps),
    )


def update(training: Training, settings: Settings) -> Training:
    """One update (Lillicrap et al. 2015, algorithm 1): critic, then actor, then targets."""
    activation = ACTIVATIONS[settings.activation]
    key, sample_key = jax.random.split(training.key)
    held = jnp.minimum(training.vector_steps, settings.rows) * settings.environments
    index = jax.random.randint(sample_key, (settings.batch_size,), 0, held)
    batch = training.replay.reshape(-1, TRANSITION_SIZE)[index]
    observation = batch[:, :OBSERVATION_SIZE]
    pair = batch[:, : OBSERVATION_SIZE + ACTION_SIZE]
    reward = batch[:, OBSERVATION_SIZE + ACTION_SIZE]
    next_observation = batch[:, -OBSERVATION_SIZE:]

    def act(layers, at):
        return jnp.tanh(forward(layers, activation, at))

    def value(layers, at):
        return forward(layers, activation, at)[:, 0]

    next_action = act(training.actor.target, next_observation)
    next_pair = jnp.concatenate([next_observation, next_action], axis=-1)
    target = reward + settings.discount * value(training.critic.target, next_pair)

    def critic_loss(layers):
        return jnp.mean((value(layers, pair) - target) ** 2)

    gradient = jax.grad(critic_loss)(training.critic.parameters)
    rate = settings.learning_rate_critic
    critic = adam_and_polyak(training.critic, gradient, training.updates, rate, settings)

    def actor_loss(layers):
        policy_pair = jnp.concatenate([observation, act(layers, observation)], axis=-1)
        return -jnp.mean(value(critic.parameters, policy_pair))

    gradient = jax.grad(actor_loss)(training.actor.parameters)
    rate = settings.learning_rate_actor
    actor = adam_and_polyak(training.actor, gradient, training.updates, rate, settings)
    return training._replace(key=key, actor=actor, critic=critic, updates=training.updates + 1)


def iteration(training: Training, settings: Settings, warmup: bool, learns: bool) -> Training:
    def step_once(carry, _):
        return vector_step(carry, settings, warmup), None

    def update_once(carry, _):
        return update(carry, settings), None

    training, _ = lax.scan(step_once, training, length=settings.vector_steps_per_iteration)
    if learns:
        training, _ = lax.scan(update_once, training, length=settings.updates_per_iteration)
    return training


# --- The population ------------------------------------------------------------------------------


def make_training(key: jax.Array, settings: Settings) -> Training:
    key, actor_key, critic_key, reset_key = jax.random.split(key, 4)
    return Training(
        key=key,
        actor=make_network(actor_key, settings.actor_sizes()),
        critic=make_network(critic_key, settings.critic_sizes()),
        updates=jnp.int32(0),
        replay=jnp.zeros((settings.rows, settings.environments, TRANSITION_SIZE), jnp.float32),
        vector_steps=jnp.int32(0),
        state=reset(reset_key, settings.environments),
        episode_steps=jnp.zeros(settings.environments, jnp.int32),
    )


class JaxDdpg:
    """A population that trains on one device; the host is asked only between calls of run()."""

    def __init__(self, settings: Settings):
        self.name = "jax"
        self.settings = settings
        # vmap for one agent would only make the compiler remove its dimension again.
        batched = (lambda function: function) if settings.agents == 1 else jax.vmap
        keys = jax.random.split(jax.random.key(settings.seed), settings.agents)
        make = jax.jit(batched(functools.partial(make_training, settings=settings)))
        self.training = make(keys[0] if settings.agents == 1 else keys)
        self.iterations = 0
        self._loops = {stage: self._compile(batched, *stage) for stage in settings.stages()}

    def _compile(self, batched, warmup: bool, learns: bool):
        """A loop over iterations of one stage; its argument is overwritten by its result."""
        one = batched(
            functools.partial(iteration, settings=self.settings, warmup=warmup, learns=learns)
        )

        def loop(training, count):
            return lax.fori_loop(0, count, lambda _, carry: one(carry), training)

        return jax.jit(loop, donate_argnums=0).lower(self.training, 1).compile()

    def describe(self) -> str:
        device = jax.devices()[0]
        return f"JAX {jax.__version__}, {device.platform} {device.device_kind}"

    def run(self, iterations: int) -> None:
        for stage, count in self.settings.split_by_stage(self.iterations, iterations):
            self.training = self._loops[stage](self.training, count)
        self.iterations += iterations
        jax.block_until_ready(self.training)

    def actor_layers(self) -> list:
        layers = []
        for weight, bias in self.training.actor.parameters:
            weight, bias = np.asarray(weight), np.asarray(bias)
            if self.settings.agents == 1:
                weight, bias = weight[None], bias[None]
            layers.append((weight.swapaxes(1, 2), bias))
        return layers


def make_peer(settings: Settings, arguments) -> JaxDdpg:
    if arguments.device != "auto":
        jax.config.update("jax_platforms", arguments.device)
    # JAX multiplies fp32 matrices in TF32 on GPUs unless told otherwise.
    precision = {"fp32": "highest", "tf32": "tensorfloat32"}[arguments.precision]
    jax.config.update("jax_default_matmul_precision", precision)
    return JaxDdpg(settings)


if __name__ == "__main__":
    sys.exit(measure.main(__doc__.splitlines()[0], make_peer))
