"""What an update and a vector step consist of on a GPU, and the least that they can take.

For each stage: floating-point operations, bytes, dependent steps; from these and the device's rates
the floor (nothing but the slower of arithmetic and memory, on the whole chip, no latency at all) and
a predicted time for each engine.
"""

import csv
import dataclasses
import math
import pathlib

LAYERED_KERNELS = pathlib.Path(__file__).resolve().parent / "layered_kernels.csv"

FLOAT = 4  # bytes
OBSERVATION, ACTION = 3, 1  # Pendulum-v1
ROW = OBSERVATION + ACTION + 2
# Pendulum-v1: sine by polynomial, wrapping, clipping, cost: about 30 multiply-adds.
ENVIRONMENT_STEP_OPERATIONS = 60.0


# Seconds, by the blocks of a cluster. These and Device's latencies are of an H200, measured on
# 2026-11-29 (bench/results/cuda/latencies.json).
CLUSTER_BARRIERS = {2: 0.19e-6, 4: 0.19e-6, 8: 0.20e-6, 16: 0.20e-6}


@dataclasses.dataclass(frozen=True)
class Device:
    """Data-sheet rates (dense) and measured latencies; seconds, bytes, operations."""

    name: str
    memory_bandwidth: float
    multiprocessors: int = 132
    clock: float = 1.98e9
    fp32: float = 67e12
    tf32: float = 494e12
    bf16: float = 989e12
    l2_bytes_per_clock: float = 64.0  # of one multiprocessor
    shared_bytes_per_clock: float = 128.0  # of one multiprocessor
    graph_node: float = 0.50e-6  # from an empty kernel's start to that of the next in a CUDA graph
    small_kernel: float = 1.0e-6  # first load, barriers and last store of a kernel: an assumption
    block_barrier: float = 0.015e-6  # of 256 threads
    grid_barrier: float = 1.03e-6  # of a cooperative launch over the whole chip
    memory_latency: float = 0.35e-6
    message: float = 0.19e-6  # a store to another block of the cluster, and the wait for it

    def rate(self, precision: str) -> float:
        return {
            "fp32": self.fp32,
            "tf32": self.tf32,
            "tf32x3": self.tf32 / 3.0,
            "bf16": self.bf16,
        }[precision]


DEVICES = {
    "H100": Device("H100 SXM", memory_bandwidth=3.35e12),
    "H200": Device("H200", memory_bandwidth=4.8e12),
}


@dataclasses.dataclass(frozen=True)
class Network:
    sizes: tuple[int, ...]

    def layers(self) -> list[tuple[int, int]]:
        return list(zip(self.sizes[:-1], self.sizes[1:], strict=True))

    def parameters(self) -> int:
        return sum((inputs + 1) * outputs for inputs, outputs in self.layers())

    def products(self, rows: int) -> float:
        """Operations of one pass: forwards, or backwards to the weights."""
        return sum(2.0 * rows * inputs * outputs for inputs, outputs in self.layers())

    def backward_products(self, rows: int) -> float:
        """Operations backwards to the hidden layers."""
        return sum(2.0 * rows * inputs * outputs for inputs, outputs in self.layers()[1:])

    def activations(self, rows: int) -> float:
        """Bytes that one pass writes and the next one reads."""
        return 2.0 * FLOAT * rows * sum(self.sizes[1:])


@dataclasses.dataclass(frozen=True)
class Stage:
    """A part of an update (or a vector step) of one agent."""

    name: str
    operations: float  # of matrix products
    memory_bytes: float  # that come from or go to device memory
    cached_bytes: float  # that stay in the L2 cache or in shared memory
    steps: int  # that depend on each other, each over the whole batch
    tiles: float  # 32 x 32 tiles of its widest product: how many multiprocessors it can use
    exchanges: int = 0  # between an agent's blocks, where each has rows of the batch to itself


@dataclasses.dataclass(frozen=True)
class Training:
    agents: int
    environments: int
    batch: int
    actor: Network
    critic: Network

    @staticmethod
    def from_configuration(configuration: dict) -> "Training":
        """`configuration` as polyak's JSON reports have it."""
        actor = (OBSERVATION, *configuration["actor-hidden"], ACTION)
        critic = (OBSERVATION + ACTION, *configuration["critic-hidden"], 1)
        return Training(
            configuration["agents"],
            configuration["environments"],
            configuration["batch-size"],
            Network(actor),
            Network(critic),
        )

    def update(self) -> list[Stage]:
        actor, critic, batch = self.actor, self.critic, self.batch
        layers_a, layers_c = len(actor.layers()), len(critic.layers())

        def tiles(network: Network) -> float:
            return math.ceil(batch / 32) * math.ceil(max(network.sizes[1:]) / 32)

        def adam(network: Network) -> float:
            return 9.0 * FLOAT * network.parameters()  # reads g, p, m, v, target; writes 4 of them

        sampled = batch * (ROW + OBSERVATION) * FLOAT
        gathered = batch * (2 * OBSERVATION + OBSERVATION + ACTION + 1) * FLOAT
        weights_a, weights_c = FLOAT * actor.parameters(), FLOAT * critic.parameters()
        wide = max(tiles(critic), tiles(actor))
        return [
            Stage("sample", 0.0, sampled, gathered, 1, math.ceil(batch / 128)),
            Stage(
                "target actor and critic",
                actor.products(batch) + critic.products(batch),
                0.0,
                weights_a + weights_c + actor.activations(batch) + critic.activations(batch),
                layers_a + layers_c,
                wide,
            ),
            Stage(
                "critic forward",
                critic.products(batch),
                0.0,
                weights_c + critic.activations(batch),
                layers_c,
                wide,
            ),
            Stage(
                "critic backward",
                critic.backward_products(batch),
                0.0,
                weights_c + critic.activations(batch),
                layers_c - 1,
                wide,
            ),
            Stage(
                "critic weight gradients, Adam, Polyak",
                critic.products(batch),
                0.0,
                critic.activations(batch) + adam(critic),
                2,
                critic.parameters() / 1024,
                exchanges=2,  # of the gradients' sums and of the new parameters
            ),
            Stage(
                "actor pass (actor, critic, and back)",
                actor.products(batch)
                + critic.products(batch)
                + critic.backward_products(batch)
                + 2.0 * batch * ACTION * critic.sizes[1]
                + actor.backward_products(batch),
                0.0,
                2.0 * (weights_a + weights_c + actor.activations(batch) + critic.activations(batch)),
                2 * layers_a + 2 * layers_c - 1,
                wide,
            ),
            Stage(
                "actor weight gradients, Adam, Polyak",
                actor.products(batch),
                0.0,
                actor.activations(batch) + adam(actor),
                2,
                actor.parameters() / 1024,
                exchanges=2,
            ),
        ]

    def vector_step(self) -> list[Stage]:
        environments, layers = self.environments, len(self.actor.layers())
        # State, episode's steps and return, rows written: read and written. Action, observation.
        stepped = 2 * (2 * FLOAT + 4 + FLOAT + 8) + (ACTION + OBSERVATION) * FLOAT
        stored = (ACTION + 2 + ROW) * FLOAT
        tiles = math.ceil(environments / 32) * math.ceil(max(self.actor.sizes[1:]) / 32)
        return [
            Stage(
                "act",
                self.actor.products(environments),
                0.0,
                FLOAT * self.actor.parameters() + self.actor.activations(environments),
                layers,
                tiles,
            ),
            Stage("step and store", 0.0, environments * (stepped + stored), 0.0, 1, environments / 128),
        ]


# --- Times ---------------------------------------------------------------------------------------


def floor_seconds(stage: Stage, agents: int, device: Device, precision: str) -> float:
    """The slower of arithmetic and memory for all agents, on the whole chip, without latency."""
    l2 = device.multiprocessors * device.l2_bytes_per_clock * device.clock
    shared = device.multiprocessors * device.shared_bytes_per_clock * device.clock
    # A population's agents stay within one multiprocessor each, one agent goes through the L2.
    cached = shared if agents >= device.multiprocessors else l2
    return agents * max(
        stage.operations / device.rate(precision),
        stage.memory_bytes / device.memory_bandwidth,
        stage.cached_bytes / cached,
    )


PRODUCT_EFFICIENCY = 0.7  # of a rate on the data sheet, in a good kernel


def layered_seconds(stage: Stage, agents: int, device: Device, precision: str) -> float:
    """The work of the kernels alone; a product uses as many multiprocessors as tiles."""
    share = min(1.0, max(1.0, stage.tiles * agents) / device.multiprocessors)
    rate = PRODUCT_EFFICIENCY * device.rate(precision) * share
    return agents * max(
        stage.operations / rate,
        (stage.memory_bytes + stage.cached_bytes) / device.memory_bandwidth
        if agents * stage.cached_bytes > 50e6
        else 0.0,
    )


def layered_kernels(training: Training, part: str) -> int:
    """Kernels of a "vector_step" or an "update" of networks with the deeper one's layers, as captured
    from the program; a test of the program holds the table against its graphs."""
    layers = max(len(training.actor.layers()), len(training.critic.layers())) - 1
    with LAYERED_KERNELS.open() as file:
        counts = {int(row["hidden_layers"]): int(row[part]) for row in csv.DictReader(file)}
    return counts[layers]


def layered_latency(training: Training, device: Device, part: str) -> float:
    """Kernels one after another in a graph."""
    return layered_kernels(training, part) * (device.graph_node + device.small_kernel)


def fused_seconds(stage: Stage, agents: int, device: Device, precision: str, blocks: int) -> float:
    """`blocks` multiprocessors per agent; agents beyond the chip wait. In a cluster each block has rows of
    the batch to itself and waits for the others only to learn; beyond one, the blocks of the whole grid
    share the features and wait for each other after every step."""
    if blocks in CLUSTER_BARRIERS:
        exchange = CLUSTER_BARRIERS[blocks] + device.message
        barriers = stage.steps * device.block_barrier + stage.exchanges * exchange
    else:
        barriers = stage.steps * (device.block_barrier if blocks == 1 else device.grid_barrier)
    rate = PRODUCT_EFFICIENCY * device.rate(precision) * blocks / device.multiprocessors
    cached = blocks * device.l2_bytes_per_clock * device.clock
    waiting = device.memory_latency if stage.memory_bytes else 0.0
    work = max(stage.operations / rate, stage.cached_bytes / cached)
    turns = math.ceil(agents * blocks / device.multiprocessors)
    return turns * (work + waiting + barriers)


def best_blocks(stages: list[Stage], agents: int, device: Device, precision: str) -> int:
    """Per agent, for the shortest time of all stages together."""
    sizes = [1, 2, 4, 8, 16, device.multiprocessors]
    return min(sizes, key=lambda n: total(stages, fused_seconds, agents, device, precision, n))


def total(stages, seconds, *arguments) -> float:
    return sum(seconds(stage, *arguments) for stage in stages)


def updates_floor(configuration: dict, device: Device, precision: str) -> float:
    """Updates per second over all agents if every stage took its floor."""
    training = Training.from_configuration(configuration)
    arguments = (training.agents, device, precision)
    return training.agents / total(training.update(), floor_seconds, *arguments)


def vector_steps_floor(configuration: dict, device: Device, precision: str) -> float:
    """Environment steps per second over all agents, acting and storing included."""
    training = Training.from_configuration(configuration)
    steps = training.agents * training.environments
    arguments = (training.agents, device, precision)
    return steps / total(training.vector_step(), floor_seconds, *arguments)


def environment_steps_floor(device: Device) -> float:
    """Steps per second in a loop that stores nothing."""
    return device.fp32 / ENVIRONMENT_STEP_OPERATIONS


def find_device(description: str) -> Device | None:
    """By a name such as "NVIDIA H100 80GB HBM3"; None where no rates are known."""
    return next((device for key, device in DEVICES.items() if key in description), None)
