"""test_documents.py POLYAK : every option that a document gives to a command is one of that command's, and
./run knows, and lists in its help, the commands that POLYAK has."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def output_of(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def commands_in(help_text: str) -> list[str]:
    """The names in a list of commands, a line each."""
    return re.findall(r"^  ([a-z]+)  ", help_text, re.MULTILINE)


def what_run_lacks(commands: list[str]) -> list[str]:
    script = (ROOT / "run").read_text()
    (known,) = re.findall(r"^    (train \|[a-z |]+)\)$", script, re.MULTILINE)
    listed = [name for name in commands_in(output_of(str(ROOT / "run"), "help")) if name in known.split(" | ")]
    lacking = [f"./run does not know: {name}" for name in commands if name not in known.split(" | ")]
    lacking += [f"./run help does not list: {name}" for name in commands if name not in listed]
    return lacking + [f"polyak has no command {name}" for name in known.split(" | ") if name not in commands]


def main():
    polyak = sys.argv[1]
    commands = commands_in(output_of(polyak, "--help").split("Subcommands:")[1])
    called = re.compile(rf"(?:\./run|polyak) ({'|'.join(commands)})\b([^`\n#|>]*)")
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("bench/*.md")]
    found, wrong = 0, what_run_lacks(commands)
    for page in pages:
        for command, arguments in called.findall(page.read_text()):
            text = output_of(polyak, command, "--help")
            for option in re.findall(r"--[a-z][a-z0-9-]*", arguments):
                found += 1
                if not re.search(rf"{option}\b(?!-)", text):
                    wrong.append(f"{page.relative_to(ROOT)}: polyak {command} {option}")
    print(f"{found} options of {len(commands)} commands in {len(pages)} documents")
    sys.exit("\n".join(wrong) or (found < 30))


main()
