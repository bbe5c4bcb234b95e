"""The table of experiments: what trains or is timed, on what, how long and how often (kinds.py)."""

from bench.experiments.kinds import Case, Chosen, Experiment, Learning, Rounds, Task, Timing, Training

# --- Learning ------------------------------------------------------------------------------------

PENDULUM = (100.0, 20.0, 15.0)


def preset(name: str, steps: int, *options: str, needs_gpu: bool = False) -> Training:
    """A preset on Pendulum-v1, with the steps that show where it ends."""
    return Training(
        " ".join((name, *options)),
        (f"--preset={name}", *options),
        steps,
        PENDULUM,
        title=f"`{' '.join((name, *options))}`",
        needs_gpu=needs_gpu,
    )


PRESETS = Learning(
    "The presets",
    (
        preset("fast", 20_000),
        preset("best", 260_000),
        preset("paper", 60_000),
        preset("paper", 30_000, "--batch-norm=false"),
        preset("higgsfield", 20_000),
        preset("spinningup", 30_000),
        preset("spinningup", 30_000, "--algorithm=td3"),
        preset("cleanrl", 60_000),
        preset("cleanrl", 60_000, "--algorithm=td3"),
        preset("rlzoo", 20_000),
        preset("rlzoo", 20_000, "--algorithm=td3"),
        preset("rltools", 20_000),
        preset("massive", 2_048_000, needs_gpu=True),
    ),
    seeds=10,
    measurements=40,
    published="mean regrets on 750 starts of their own, rl-baselines3-zoo after 20,000 steps: DDPG "
    "14.0, TD3 13.8, TQC 13.2.",
)

# With the preset named, what environments recommend is left out: options are what they say here.
DEFAULTS = "--preset=fast"
# What the preset `recurrent` has, but for the cell; as many transitions as its sequences have.
WITHOUT_CELL = (
    DEFAULTS,
    "--policy=feed-forward",
    "--update-to-data=0.5",
    "--activation=relu",
    "--reward-scale=0.1",
    "--batch-size=512",
    "--learning-rate-actor=3e-4",
    "--learning-rate-critic=1e-3",
    "--learning-rate-decay=linear",
    "--tau=0.01",
)
CELLS = {
    "lstm": ("DDPG, LSTM", ("--preset=recurrent",)),
    "gru": ("DDPG, GRU", ("--preset=recurrent", "--policy=gru")),
    "plain": ("DDPG, feed-forward", WITHOUT_CELL),
}
CAR = "MountainCarContinuous-v0"
CAR_OPTIONS = (DEFAULTS, "--noise-scale=0.5", "--discount=0.99")


def seen_in_part(view: str, cell: str) -> Training:
    """A pendulum of which P: the position alone, V: the velocity alone, NoVel: no velocity is seen."""
    title, options = CELLS[cell]
    environment = f"Pendulum-{view}"
    return Training(f"{view}-{cell}", options, 20_000, (50.0,), f"{environment}: {title}", environment)


TASKS = Learning(
    "Other tasks and algorithms",
    (
        *(seen_in_part("V", cell) for cell in ("lstm", "gru", "plain")),
        *(seen_in_part("P", cell) for cell in ("lstm", "plain")),
        *(seen_in_part("NoVel", cell) for cell in ("lstm", "plain")),
        Training("td3", ("--algorithm=td3",), 20_000, (20.0,), "Pendulum-v1: TD3, Polyak's defaults"),
        Training(
            "car-ou",
            (*CAR_OPTIONS, "--exploration=ornstein-uhlenbeck"),
            40_000,
            (90.0,),
            f"{CAR}: DDPG, Ornstein-Uhlenbeck noise",
            CAR,
        ),
        Training(
            "car-gaussian",
            (*CAR_OPTIONS, "--exploration=gaussian"),
            40_000,
            (90.0,),
            f"{CAR}: DDPG, Gaussian noise",
            CAR,
        ),
    ),
    seeds=10,
    measurements=20,
    published="recurrent TD3 (pomdp-baselines) on Pendulum-V: returns of -128 to -197 over 10 "
    "episodes after 31,000 steps, where the best known mean return on our starts is -135 and regret "
    f"is what is missing to it; DDPG (rl-baselines3-zoo) on {CAR}: 93.5 after 300,000 steps.",
)

# --- Timing --------------------------------------------------------------------------------------

SMALL = ("--actor-hidden=64,64", "--critic-hidden=64,64", "--batch-size=100")
WIDE = ("--actor-hidden=256,256", "--critic-hidden=256,256", "--batch-size=256")
LARGE = (
    "--actor-hidden=512,256,128",
    "--critic-hidden=512,256,128",
    "--batch-size=32768",
    "--environments=4096",
    "--learning-starts=65536",
    "--warmup-steps=65536",
    "--total-steps=1000000",
    "--update-to-data=0.000244140625",
)
MANY_ENVIRONMENTS = (
    "--environments=1048576",
    "--total-steps=67108864",
    "--replay-capacity=67108864",
    "--learning-starts=2097152",
    "--warmup-steps=2097152",
    "--update-to-data=0.0000019073486328125",
)
ENGINES = ("fused", "layered")
PRECISIONS = ("fp32", "tf32x3", "tf32", "bf16")
UPDATES = "--phases=update,iteration"
SHAPES = {
    "small": (*SMALL, UPDATES),
    "wide": (*WIDE, UPDATES),
    "population": (*SMALL, "--agents=512", UPDATES),
    "large": (*LARGE, UPDATES),
    "environments": (*MANY_ENVIRONMENTS, "--phases=environment-step,vector-step"),
    "default": (),
}


def on_engines(shape: str, precision: str) -> list[Case]:
    """A shape with every engine; fp32 alone where updates are not what counts."""
    if precision != PRECISIONS[0] and UPDATES not in SHAPES[shape]:
        return []
    return [
        Case(
            f"{shape} {engine} {precision}",
            "bench",
            (*SHAPES[shape], f"--engine={engine}", f"--precision={precision}"),
            ("cuda",),
            may_be_refused=(engine, precision) != ("layered", "fp32"),
        )
        for engine in ENGINES
    ]


THROUGHPUT = Timing(
    "Throughput of the goals",
    (
        *(Case(f"{shape} cpu fp32", "bench", SHAPES[shape], ("cpu",)) for shape in ("small", "wide")),
        # The most telling first, for a run that is stopped.
        *(case for how in PRECISIONS for shape in SHAPES for case in on_engines(shape, how)),
    ),
)

SOLVE = Timing(
    "Time to a regret of 20",
    (
        Case("single", "compare", ("--agents=1", "--runs=10")),
        Case("population", "compare", ("--agents=512",), ("cuda",)),
    ),
)


# For each sweep: polyak's options at a value. Warm-up and replay are as short as the point allows: it
# is the rates that count.
def with_environments(count: int) -> tuple[str, ...]:
    """Vector steps of so many environments."""
    updates = 1 if count <= 1_000_000 else 2  # for each vector step; polyak's least ratio is 1e-6
    return (
        f"--environments={count}",
        f"--update-to-data={updates / count!r}",
        f"--total-steps={64 * count}",
        f"--warmup-steps={2 * count}",
        f"--learning-starts={2 * count}",
        "--phases=environment-step,vector-step,iteration",
    )


def with_batch(size: int) -> tuple[str, ...]:
    """Updates of 256-256 networks from batches of a size."""
    return (*WIDE[:2], f"--batch-size={size}", "--phases=sample,update")


def with_width(width: int) -> tuple[str, ...]:
    """Updates of networks with two hidden layers of a width."""
    hidden = f"{width},{width}"
    return (
        f"--actor-hidden={hidden}",
        f"--critic-hidden={hidden}",
        WIDE[2],
        "--phases=act,update",
    )


def with_agents(count: int) -> tuple[str, ...]:
    """Iterations of a population of 64-64 agents."""
    return (*SMALL, f"--agents={count}", "--phases=vector-step,update,iteration")


# Powers of two, and sizes between them at which tiles are cut: cliffs show there first.
SWEEPS = {
    "environments": (with_environments, range(0, 21), (1000, 1_000_000)),
    "batch": (with_batch, range(4, 17), (100, 1000)),
    "width": (with_width, range(4, 11), (65, 400)),
    "agents": (with_agents, range(0, 11), (133,)),
}
SCALING = Timing(
    "Throughput over one size at a time",
    tuple(
        Case(f"{sweep} {value}", "bench", options(value), may_be_refused=True)
        for sweep, (options, powers, between) in SWEEPS.items()
        for value in sorted((*(1 << power for power in powers), *between))
    ),
    is_sweep=True,
)

# --- Rounds --------------------------------------------------------------------------------------

SMALL_TASK = Task("one agent, 64-64, batch 100", SMALL)
WIDE_TASK = Task("one agent, 256-256, batch 256", WIDE)
PEERS = Rounds(
    "The same training in PyTorch and JAX",
    "peers",
    {
        "small": SMALL_TASK,
        "wide": WIDE_TASK,
        "population": Task("512 agents, 64-64, batch 100", (*SMALL, "--agents=512")),
        "data": Task(
            "one agent, 4096 environments, 256-256, batch 4096",
            (
                *WIDE[:2],
                "--batch-size=4096",
                "--environments=4096",
                "--update-to-data=0.00048828125",
                "--total-steps=1000000",
                "--warmup-steps=16384",
                "--learning-starts=16384",
            ),
        ),
    },
    usual_tasks=("small", "wide", "population"),
    rounds=3,
    learning_seeds=10,
)
BINARIES = Rounds(
    "Two builds of polyak side by side",
    "binaries",
    {
        "small": SMALL_TASK,
        "wide": WIDE_TASK,
        "relu": Task("one agent, ReLU, 64-64, batch 100", (*SMALL, "--activation=relu")),
        "td3": Task("one agent, TD3, 64-64, batch 100", (*SMALL, "--algorithm=td3")),
    },
    usual_tasks=("small", "wide"),
    rounds=10,
)
RLTOOLS = Rounds(
    "The same TD3 in RLtools",
    "rltools",
    {
        "small": Task("TD3, 64-64, batch 100", ("--preset=rltools", *SMALL)),
        "wide": Task(
            "TD3, 256-256, batch 256",
            ("--preset=rltools", *WIDE, "--warmup-steps=256", "--learning-starts=257"),
        ),
    },
    usual_tasks=("small", "wide"),
    rounds=5,
    devices=("cpu",),
    quick={"--agents": "1", "--environments": "1", "--update-to-data": "1"},
)

EXPERIMENTS: dict[str, Experiment] = {
    "default": Learning(
        "The default settings",
        (Training("default", (), 10_000, (20.0,), "the defaults"),),
        seeds=20,
        measurements=20,
        goals=(15.0, 60.0),
    ),
    "learning_curve": Learning(
        "The default settings, for a picture",
        (Training("default", (), 20_000, (20.0,), "the defaults"),),
        seeds=10,
        measurements=80,
    ),
    "presets": PRESETS,
    "best": Chosen("The preset `best`", "best", ("--preset=best",), seeds=20, goals=(3.0, 6.0)),
    "tasks": TASKS,
    "throughput": THROUGHPUT,
    "solve": SOLVE,
    "scaling": SCALING,
    "peers": PEERS,
    "rltools": RLTOOLS,
    "binaries": BINARIES,
}
