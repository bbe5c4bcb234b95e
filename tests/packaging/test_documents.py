"""test_documents.py POLYAK : every option that a document gives to a command is one of that command's."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMMAND = re.compile(r"(?:\./run|polyak) (train|evaluate|rollout|export|report|watch|bench|compare|signature|info)\b([^`\n#|>]*)")


def main():
    polyak = sys.argv[1]
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("bench/*.md")]
    found, unknown = 0, []
    for page in pages:
        for command, arguments in COMMAND.findall(page.read_text()):
            text = subprocess.run([polyak, command, "--help"], capture_output=True, text=True).stdout
            for option in re.findall(r"--[a-z][a-z0-9-]*", arguments):
                found += 1
                if not re.search(rf"{option}\b(?!-)", text):
                    unknown.append(f"{page.relative_to(ROOT)}: polyak {command} {option}")
    print(f"{found} options of commands in {len(pages)} documents")
    sys.exit("\n".join(unknown) or (found < 30))


main()
