"""Reports as they are committed: one line for each member of the outermost object."""

import json


def compact_json(report: dict) -> str:
    """Few lines, and yet a change of one member shows as one."""
    members = (
        f"{json.dumps(name)}:{json.dumps(value, separators=(',', ':'), ensure_ascii=False)}"
        for name, value in report.items()
    )
    return "{\n" + ",\n".join(members) + "\n}\n"
