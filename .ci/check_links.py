"""check_links.py FILE... : every link of these Markdown files to a file of the project, or to a
heading of one, leads somewhere. Prints those that do not; exit code 1 if there are any."""

import re
import sys
from pathlib import Path

LINK = re.compile(r'\]\(([^)\s]+)\)|(?:src|href)="([^"]+)"')
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


def anchors(path):
    """What GitHub makes of a file's headings."""
    headings = re.findall(r"^#+ +(.*)$", path.read_text(), re.MULTILINE)
    words = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings]
    return {heading.replace(" ", "-") for heading in words}


def broken_links(path):
    for match in LINK.finditer(CODE.sub("", path.read_text())):
        link = match[1] or match[2]
        if re.match(r"[a-z]+:", link):
            continue
        file, _, anchor = link.partition("#")
        target = path.parent / file if file else path
        if not target.exists() or (anchor and anchor not in anchors(target)):
            yield link


def main():
    broken = [f"{name}: {link}" for name in sys.argv[1:] for link in broken_links(Path(name))]
    print("\n".join(broken), end="\n" if broken else "")
    sys.exit(1 if broken else 0)


main()
