#!/usr/bin/env python3
"""RLtools' own TD3 on Pendulum-v1, compiled for the settings against a checkout. Throughput only.

bench/peers/rltools_td3.py --rltools ~/rl-tools [--blas openblas|mkl|generic] --total-steps N ...
"""

import argparse
import functools
import os
import pathlib
import subprocess
import sys
import tempfile
from typing import NoReturn

import measure
from settings import Settings

SOURCE = pathlib.Path(__file__).with_suffix(".cpp")
COMPILER = ("g++", "-std=c++17", "-O3", "-march=native", "-ffast-math")
ACTIVATIONS = {"relu": "RELU", "tanh": "TANH"}
# OpenBLAS 0.3.21 takes kernels of 2004 on some newer processors; these are of the instruction sets.
OPENBLAS_KERNELS = (("avx512f", "SkylakeX"), ("avx2", "Haswell"))


def refuse(text: str) -> NoReturn:
    print(f"{SOURCE.stem}: {text}", file=sys.stderr)
    sys.exit(2)


def mkl_options() -> list[str]:
    """MKL without threads, from this Python's packages."""
    prefix = pathlib.Path(sys.prefix)
    libraries = []
    for name in ("mkl_intel_lp64", "mkl_sequential", "mkl_core"):
        found = sorted((prefix / "lib").glob(f"lib{name}.so*"))
        if not found:
            sys.exit(f"MKL is not installed for {sys.executable}: pip install mkl-devel")
        libraries.append(str(found[-1]))
    # MKL loads the kernels for the processor itself, beside the library that it was linked with.
    linking = ["-Wl,--no-as-needed", *libraries, f"-Wl,-rpath,{prefix / 'lib'}"]
    return ["-DRL_TOOLS_BACKEND_ENABLE_MKL", f"-I{prefix / 'include'}", *linking]


def blas_options(blas: str) -> list[str]:
    """The compiler's."""
    if blas == "mkl":
        return mkl_options()
    return ["-DRL_TOOLS_BACKEND_ENABLE_OPENBLAS", "-lopenblas"] if blas == "openblas" else []


def check(settings: Settings, arguments: argparse.Namespace) -> None:
    """Ends the program, with the option's name, where RLtools' loop cannot do what is asked."""
    if arguments.measure != "throughput":
        refuse(
            "--measure: RLtools gives away no policy during a training; only its throughput is measured"
        )
    if arguments.device == "cuda" or arguments.precision != "fp32":
        refuse("--device, --precision: RLtools trains on the CPU in fp32 here")
    if not (arguments.rltools / "include" / "rl_tools").is_dir():
        refuse(f"--rltools: {arguments.rltools} has no include/rl_tools: not a checkout of RLtools")
    if settings.agents != 1 or settings.environments != 1:
        refuse("--agents, --environments: one agent with one environment here")
    if settings.vector_steps_per_iteration != 1 or settings.updates_per_iteration != 1:
        refuse("--update-to-data: RLtools makes one update after each step")
    if settings.actor_hidden != settings.critic_hidden or len(set(settings.actor_hidden)) != 1:
        refuse("--actor-hidden, --critic-hidden: all hidden layers have one width")
    if settings.learning_rate_actor != settings.learning_rate_critic:
        refuse("--learning-rate-actor, --learning-rate-critic: one rate for both networks")
    if settings.activation not in ACTIVATIONS:
        refuse(f"--activation: one of {', '.join(ACTIVATIONS)}")


def macros(settings: Settings) -> dict[str, object]:
    """What rltools_td3.cpp wants to know, without PEER_."""
    return {
        "LEARNING_RATE": settings.learning_rate_actor,
        "ADAM_BETA1": settings.adam_beta1,
        "ADAM_BETA2": settings.adam_beta2,
        "ADAM_EPSILON": settings.adam_epsilon,
        "DISCOUNT": settings.discount,
        "BATCH_SIZE": settings.batch_size,
        "TAU": settings.tau,
        "WARMUP_STEPS": settings.warmup_steps,
        "LEARNING_STARTS": max(1, settings.learning_starts),
        "REPLAY_CAPACITY": settings.rows,
        "WIDTH": settings.actor_hidden[0],
        "HIDDEN_LAYERS": len(settings.actor_hidden),
        "ACTIVATION": ACTIVATIONS[settings.activation],
        "NOISE_SCALE": settings.noise_scale,
        "SEED": settings.seed,
    }


def compile_program(settings: Settings, arguments: argparse.Namespace, program: pathlib.Path) -> None:
    defines = [f"-DPEER_{name}={value}" for name, value in macros(settings).items()]
    include = f"-I{arguments.rltools / 'include'}"
    command = [*COMPILER, include, *defines, str(SOURCE), "-o", str(program)]
    result = subprocess.run(
        command + blas_options(arguments.blas), capture_output=True, text=True, check=False
    )
    if result.returncode:
        lines = result.stderr.splitlines()
        first = next((line for line in lines if "error" in line or "cannot find" in line), "no reason")
        sys.exit(f"{SOURCE.name} did not compile against {arguments.rltools}: {first.strip()}")


@functools.cache
def openblas_environment() -> dict[str, str]:
    """One thread, unless the caller says how many; kernels that use the processor."""
    environment = dict(os.environ)
    environment.setdefault("OPENBLAS_NUM_THREADS", os.environ.get("OMP_NUM_THREADS", "1"))
    flags = pathlib.Path("/proc/cpuinfo").read_text().split()
    kernels = next((name for flag, name in OPENBLAS_KERNELS if flag in flags), None)
    if kernels:
        environment.setdefault("OPENBLAS_CORETYPE", kernels)
    return environment


class RlToolsTd3:
    """The compiled program, which makes as many environment steps as it is told."""

    def __init__(self, settings: Settings, arguments: argparse.Namespace):
        check(settings, arguments)
        self.name = "rltools"
        self._blas = {"openblas": "OpenBLAS", "mkl": "MKL", "generic": "no BLAS"}[arguments.blas]
        self._revision = subprocess.run(
            ["git", "-C", str(arguments.rltools), "rev-parse", "--short=7", "HEAD"],
            capture_output=True,
            text=True,
            check=False,
        ).stdout.strip()
        with tempfile.TemporaryDirectory() as folder:
            program = pathlib.Path(folder) / "rltools_td3"
            compile_program(settings, arguments, program)
            self._process = subprocess.Popen(
                [str(program)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=openblas_environment(),
            )
            self._wait_for("ready")

    def _wait_for(self, word: str) -> None:
        answer = self._process.stdout.readline().strip()
        if answer != word:
            sys.exit(f"{SOURCE.stem} ended with code {self._process.wait()} instead of saying '{word}'")

    def describe(self) -> str:
        threads = openblas_environment()["OPENBLAS_NUM_THREADS"]
        blas = self._blas
        if blas == "OpenBLAS":
            kernels = openblas_environment().get("OPENBLAS_CORETYPE", "its own choice of")
            blas += f" ({kernels} kernels, threads: {threads})"
        return f"RLtools {self._revision or 'of unknown commit'}, TD3, {blas}"

    def run(self, iterations: int) -> None:
        self._process.stdin.write(f"{iterations}\n")
        self._process.stdin.flush()
        self._wait_for("done")


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rltools", type=pathlib.Path, required=True, help="a checkout of RLtools")
    parser.add_argument("--blas", choices=["openblas", "mkl", "generic"], default="openblas")


if __name__ == "__main__":
    sys.exit(measure.main(__doc__.splitlines()[0], RlToolsTd3, add_options))
