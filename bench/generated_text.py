"""Text that scripts write into Markdown, between <!-- NAME begin --> and <!-- NAME end -->."""

import pathlib
import sys


def update_between_markers(path: pathlib.Path, name: str, text: str, check: bool) -> int:
    """Replaces what is between the markers; with `check` only compares. Returns an exit code."""
    begin, end = f"<!-- {name} begin -->\n", f"<!-- {name} end -->\n"
    old = path.read_text()
    if old.count(begin) != 1 or old.count(end) != 1:
        print(
            f"{path}: needs the lines {begin.strip()} and {end.strip()} once each", file=sys.stderr
        )
        return 1
    before, rest = old.split(begin)
    _, after = rest.split(end)
    new = f"{before}{begin}\n{text.strip()}\n\n{end}{after}"
    if new == old:
        return 0
    if check:
        script = pathlib.Path(sys.argv[0]).name
        print(f"{path.name} is stale: run bench/{script} --write", file=sys.stderr)
        return 1
    path.write_text(new)
    return 0
