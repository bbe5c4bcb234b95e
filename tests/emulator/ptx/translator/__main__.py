"""python3 -m translator INPUT.ptx OUTPUT.cpp : translates one file. Exit code 1, a line that says why
and no output if it has an instruction that the translator does not know."""

import sys
from pathlib import Path

from .emit import translate
from .errors import TranslationError


def main(arguments: list[str]) -> int:
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    source, output = (Path(argument) for argument in arguments)
    try:
        code = translate(source.read_text())
    except TranslationError as error:
        print(f"{source}: {error}", file=sys.stderr)
        return 1
    output.write_text(code)
    return 0


sys.exit(main(sys.argv[1:]))
