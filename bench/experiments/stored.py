"""Records of experiments, as bench/results/ keeps them, and text that is written into Markdown."""

import json
import pathlib
import sys

PROJECT = pathlib.Path(__file__).resolve().parents[2]
RESULTS = PROJECT / "bench" / "results"
# The start states whose best returns are known: with them regret is measured.
STARTS = PROJECT / "tests" / "data" / "pendulum_v1_starts.json"
QUICK_STARTS = pathlib.Path(__file__).with_name("quick_starts.json")


def compact_json(report: dict) -> str:
    """One line for each member of the outermost object: few, and yet a change of one shows."""
    members = (
        f"{json.dumps(name)}:{json.dumps(value, separators=(',', ':'), ensure_ascii=False)}"
        for name, value in report.items()
    )
    return "{\n" + ",\n".join(members) + "\n}\n"


def record_path(folder: pathlib.Path, experiment: str, device: str) -> pathlib.Path:
    """Where the newest record of an experiment on a kind of device is: in FOLDER/cpu or FOLDER/cuda."""
    return folder / device.split(":")[0] / f"{experiment}.json"


def load(path: pathlib.Path) -> dict | None:
    """A record, or None if it was never measured."""
    return json.loads(path.read_text()) if path.exists() else None


def save(path: pathlib.Path, record: dict) -> None:
    """Replaces the record at once, so that an interrupted program leaves the one before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text(compact_json(record))
    new.replace(path)


def update_between_markers(path: pathlib.Path, name: str, text: str, check: bool) -> int:
    """Replaces what is between <!-- NAME begin --> and <!-- NAME end -->; with `check` only compares.

    Returns an exit code: 1 if the page is stale or has no such markers.
    """
    begin, end = f"<!-- {name} begin -->\n", f"<!-- {name} end -->\n"
    old = path.read_text()
    if old.count(begin) != 1 or old.count(end) != 1:
        lines = f"{begin.strip()} and {end.strip()}"
        print(f"{path}: needs the lines {lines} once each", file=sys.stderr)
        return 1
    before, rest = old.split(begin)
    after = rest.split(end)[1]
    new = f"{before}{begin}\n{text.strip()}\n\n{end}{after}"
    if new != old and check:
        print(f"{path.name} is stale: write it again with --write", file=sys.stderr)
        return 1
    if new != old:
        path.write_text(new)
    return 0
