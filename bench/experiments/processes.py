"""Running polyak and its peers, each as a process of its own whose JSON report is read."""

import json
import os
import pathlib
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping


class Failure(Exception):
    """A process that could not do its work, with the reason in one line."""

    def __init__(self, reason: str, exit_code: int = 1):
        super().__init__(reason)
        self.exit_code = exit_code


# Sizes of `--quick`, which shows that everything runs.
TINY = {
    "--actor-hidden": "8",
    "--critic-hidden": "8",
    "--batch-size": "8",
    "--environments": "2",
    "--agents": "2",
    "--warmup-steps": "16",
    "--learning-starts": "16",
    "--total-steps": "64",
    "--replay-capacity": "1000",
    "--update-to-data": "0.5",
}


def tiny(options: Iterable[str], changes: Mapping[str, str] | None = None) -> list[str]:
    """polyak's options with tiny sizes instead of theirs, some of them changed, and with few runs."""
    kept = [option for option in options if option.split("=")[0] not in TINY]
    fewer = ["--runs=2" if option.startswith("--runs=") else option for option in kept]
    return fewer + [f"{name}={value}" for name, value in (TINY | dict(changes or {})).items()]


def restricted_to(threads: int) -> Callable[[], None]:
    """For `preexec_fn`: the first so many of the cores that this process may use."""
    cores = sorted(os.sched_getaffinity(0))[:threads]
    return lambda: os.sched_setaffinity(0, cores)


def run_for_report(command: list[str], limit: float | None, threads: int | None = None) -> dict:
    """Runs `command --json=FILE` and returns the report, with `process_wall_seconds` added.

    `limit` is in seconds; `threads` are the cores that the process gets, None for all.
    """
    environment = dict(os.environ)
    if threads:
        environment["OMP_NUM_THREADS"] = str(threads)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "report.json"
        print("+", *command, flush=True)
        start = time.perf_counter()
        try:
            subprocess.run(
                [*command, f"--json={path}"],
                check=True,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=limit,
                env=environment,
                preexec_fn=restricted_to(threads) if threads else None,
            )
        except subprocess.TimeoutExpired as error:
            raise Failure(f"stopped after {limit:g} s") from error
        except subprocess.CalledProcessError as error:
            lines = (error.output or str(error)).strip().splitlines()
            raise Failure(lines[-1] if lines else str(error), error.returncode) from error
        except OSError as error:
            raise Failure(str(error)) from error
        seconds = time.perf_counter() - start
        return json.loads(path.read_text()) | {"process_wall_seconds": seconds}


def provenance(report: dict) -> dict:
    """Where a report of polyak's comes from: device, processor, commit, time."""
    entry = report["devices"][0]
    kind, _, number = entry["device"].partition(":")
    machines = [device for device in report["machine"]["devices"] if device["kind"] == kind]
    machine = machines[int(number or 0) if kind == "cuda" else 0]
    return {
        "device": entry["description"],
        "machine": machine["name"],
        "commit": report["build"]["commit"],
        "time": report["time"],
    }


def provenance_text(results: list[dict]) -> str:
    """The devices, machines, commits and days of results, which may be of several calls."""

    def distinct(key: str) -> str:
        return ", ".join(dict.fromkeys(result[key] for result in results))

    days = ", ".join(sorted({result["time"].split("T")[0] for result in results}))
    device, machine = distinct("device"), distinct("machine")
    where = device if machine in device else f"{machine}: {device}"
    return f"{where}; commit {distinct('commit')}; {days}"
