"""Experiments of speed: one call of polyak for each case, and what of its report is kept."""

import argparse

from bench.experiments import kinds, stored
from bench.experiments.processes import Failure, provenance, run_for_report, tiny

REFUSED = 2  # polyak's exit code for what cannot be done as asked


def command_of(case: kinds.Case, arguments: argparse.Namespace) -> list[str]:
    """`polyak bench` or `polyak compare` for a case."""
    timed = [f"--repetitions={arguments.repetitions}", f"--seconds={arguments.seconds}"]
    judged = [f"--starts={stored.QUICK_STARTS}"] if arguments.quick else []
    return [
        str(arguments.polyak),
        case.command,
        f"--devices={arguments.device}",
        *(timed if case.command == "bench" else judged),
        *(tiny(case.options) if arguments.quick else case.options),
        *arguments.options,
    ]


def result_of(report: dict) -> dict:
    """Provenance, configuration, and the rates, or the runs without their curves."""
    device = report["devices"][0]
    kept = provenance(report) | {"configuration": report["configuration"]}
    if report["kind"] == "bench":
        return kept | {"rates": device["rates"]}
    runs = [{k: v for k, v in run.items() if k != "measurements"} for run in device["runs"]]
    return kept | {"goal": report["goal"], "to_goal": device["to_goal"], "runs": runs}


def run(experiment: kinds.Timing, record: dict, arguments: argparse.Namespace, save) -> bool:
    """Measures into `record`, saved after every case; False if one failed that must not, or all did."""
    kind, passed = arguments.device.split(":")[0], True
    for case in experiment.cases:
        name = case.name
        if kind not in case.kinds or (arguments.only and name.split()[0] not in arguments.only):
            continue
        try:
            result = result_of(run_for_report(command_of(case, arguments), arguments.limit))
        except Failure as failure:
            refused = case.may_be_refused and (failure.exit_code == REFUSED or experiment.is_sweep)
            passed = passed and refused
            result = {"not_run": str(failure)}
            print(f"{name}: not run: {failure}", flush=True)
        for rate in result.get("rates", []):
            print(f"{name}: {rate['phase']}: {rate['median']:,.0f} {rate['quantity']}/s", flush=True)
        record["results"][name] = result
        save()
    return passed and any("not_run" not in result for result in record["results"].values())


def sweep_rows(record: dict) -> list[dict]:
    """Of a sweep's record: a row for every rate, with the size that varied."""
    return [
        {
            "sweep": name.split()[0],
            "value": int(name.split()[1]),
            "quantity": f"{rate['phase']}: {rate['quantity']}",
            **{key: rate[key] for key in ("median", "lowest", "highest")},
        }
        for name, result in record["results"].items()
        for rate in result.get("rates", [])
    ]
