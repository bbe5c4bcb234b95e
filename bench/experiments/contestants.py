"""Who takes part in rounds (rounds.py), each as a process of its own, on the same cores.

Polyak comes first, because its report states the configuration that the others get (bench/peers/).
"""

import argparse
import dataclasses
import sys
from collections.abc import Callable

from bench.experiments import stored
from bench.experiments.processes import Failure, run_for_report

PEERS = stored.PROJECT / "bench" / "peers"
sys.path.append(str(PEERS))
import settings as peer_settings  # noqa: E402
import td3_products  # noqa: E402


def peers_python() -> str:
    """That of build/peers if it exists, else the one that runs this."""
    python = stored.PROJECT / "build" / "peers" / "bin" / "python"
    return str(python) if python.exists() else sys.executable


@dataclasses.dataclass(frozen=True)
class Contestant:
    """A program with its first arguments; `ours` are what the others are held against."""

    name: str
    is_polyak: bool
    ours: bool
    command: tuple[str, ...]
    options: tuple[str, ...] = ()
    algorithm: str = "ddpg"
    # Multiply-adds of an update per row of the batch, where contestants need different ones.
    products: Callable[[peer_settings.Settings], float] | None = None


def binaries(arguments: argparse.Namespace) -> list[Contestant]:
    """Two builds of polyak."""
    return [
        Contestant("polyak", True, True, (str(arguments.polyak),)),
        Contestant("baseline", True, False, (str(arguments.baseline),)),
    ]


def frameworks(arguments: argparse.Namespace) -> list[Contestant]:
    """Polyak, with each engine on a GPU, and DDPG in JAX and PyTorch."""
    polyak = (str(arguments.polyak),)
    precision = f"--precision={arguments.precision}"
    ours = [Contestant("polyak", True, True, polyak)]
    if arguments.device == "cuda":
        ours = [
            Contestant(f"polyak {engine}", True, True, polyak, (f"--engine={engine}", precision))
            for engine in ("fused", "layered")
        ]
    options = (f"--device={arguments.device.split(':')[0]}", precision)
    programs = {
        "JAX": ("jax_ddpg.py",),
        "PyTorch compiled": ("torch_ddpg.py", "--mode=compiled"),
        "PyTorch eager": ("torch_ddpg.py", "--mode=eager"),
    }
    return ours + [
        Contestant(name, False, False, (arguments.python, str(PEERS / script), *more), options)
        for name, (script, *more) in programs.items()
    ]


def rltools(arguments: argparse.Namespace) -> list[Contestant]:
    """Polyak's TD3 and RLtools', whose products come from a BLAS."""
    script = (arguments.python, str(PEERS / "rltools_td3.py"), f"--rltools={arguments.rltools}")
    polyak = (str(arguments.polyak),)
    return [
        Contestant("polyak", True, True, polyak, (), "td3", td3_products.of_polyak),
        *(
            Contestant(
                f"RLtools, {name}",
                False,
                False,
                (*script, f"--blas={blas}"),
                (),
                "td3",
                td3_products.of_rltools,
            )
            for name, blas in (("OpenBLAS", "openblas"), ("MKL", "mkl"))
        ),
    ]


KINDS = {"binaries": binaries, "peers": frameworks, "rltools": rltools}


def threads_of(arguments: argparse.Namespace) -> int | None:
    """On a CPU every contestant gets the same cores: one, or N of cpu:N."""
    device, _, threads = arguments.device.partition(":")
    return int(threads or 1) if device == "cpu" else None


def run_polyak(contestant: Contestant, command: str, options: list[str], arguments) -> dict:
    """The report of one of polyak's subcommands."""
    threads = threads_of(arguments)
    device = f"cpu:{threads}" if threads else arguments.device
    line = [*contestant.command, command, f"--devices={device}", *contestant.options, *options]
    return run_for_report([*line, *arguments.options], arguments.limit, threads)


def settings_for(contestant: Contestant, configuration: dict) -> peer_settings.Settings:
    """A configuration of polyak's as the contestant has it; Failure if it cannot."""
    try:
        return peer_settings.from_configuration(configuration, contestant.algorithm)
    except ValueError as error:
        raise Failure(str(error)) from error


def run_peer(contestant: Contestant, configuration: dict | None, options: list[str], arguments) -> dict:
    """The report of a peer that trains with polyak's configuration."""
    if configuration is None:
        raise Failure("polyak did not run it")
    line = [*contestant.command, *contestant.options, *options]
    line += peer_settings.options(settings_for(contestant, configuration))
    return run_for_report(line, arguments.limit, threads_of(arguments))
