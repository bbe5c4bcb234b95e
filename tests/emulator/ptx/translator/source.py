"""Splits a PTX file into its variables and functions, and functions into statements."""

import bisect
import re
from dataclasses import dataclass, field

from .errors import TranslationError
from .types import TYPES


@dataclass(frozen=True)
class Statement:
    """kind: "{", "}", "label" or "text" (an instruction or a declaration, without its semicolon)."""

    kind: str
    text: str
    line: int


@dataclass(frozen=True)
class Variable:
    """Memory with a name. count: elements in all, 0 if the launch decides (dynamic shared memory)."""

    space: str
    alignment: int
    element_bits: int
    name: str
    count: int
    values: tuple[int, ...] = ()

    @property
    def bytes(self) -> int:
        return self.count * self.element_bits // 8


@dataclass
class Function:
    """A kernel (`is_kernel`) or a device function; the bodies of declarations are empty."""

    name: str
    is_kernel: bool
    results: list[Variable]
    parameters: list[Variable]
    line: int
    body: list[Statement] = field(default_factory=list)


@dataclass
class Module:
    variables: list[Variable] = field(default_factory=list)
    functions: list[Function] = field(default_factory=list)


FUNCTION_HEAD = re.compile(r"(?:\.(?:visible|weak|extern)\s+)*\.(entry|func)\b")
FUNCTION = re.compile(
    FUNCTION_HEAD.pattern + r"\s*(?:\(([^)]*)\)\s*)?([\w$]+)\s*(?:\(([^)]*)\))?(.*)$", re.DOTALL
)
# What may stand between a function's parameters and its body: none changes what it computes.
FUNCTION_DIRECTIVE = re.compile(r"\.(?:maxntid|reqntid|minnctapersm|maxnreg)[\s\d,]+|\.noreturn\s*")
VARIABLE = re.compile(
    r"(?:\.(?:visible|weak|extern)\s+)*\.(global|shared|local|const|param)\s+(?:\.align\s+(\d+)\s+)?"
    r"\.(\w+)\s+([\w$%]+)\s*((?:\[\d*\])*)\s*(?:=\s*\{([\s\d,-]*)\})?$"
)
LABEL = re.compile(r"[$A-Za-z_%][\w$]*$")
TOKEN = re.compile(r'"[^"]*"|[{};:]')
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
# Directives that end with their line, without a semicolon.
LINE_DIRECTIVE = re.compile(r"^[ \t]*\.(?:version|target|address_size)\b.*$", re.MULTILINE)


class _Lines:
    """Finds the line of a place in a text."""

    def __init__(self, source: str) -> None:
        self._ends = [match.start() for match in re.finditer("\n", source)]

    def line(self, offset: int) -> int:
        return bisect.bisect_left(self._ends, offset) + 1


def split_statements(source: str) -> list[Statement]:
    """The statements in order. Braces within one (vectors, initial values) stay in its text."""
    source = COMMENT.sub(lambda comment: re.sub(r"[^\n]", " ", comment[0]), source)
    source = LINE_DIRECTIVE.sub("", source)
    lines = _Lines(source)
    statements: list[Statement] = []
    start = depth = 0
    for token in TOKEN.finditer(source):
        raw = source[start : token.start()]
        text = raw.strip()
        if token[0] == "{" and (depth > 0 or (text and not FUNCTION_HEAD.match(text))):
            depth += 1
            continue
        if depth > 0:
            depth -= token[0] == "}"
            continue
        if token[0] not in "{};" and not (token[0] == ":" and LABEL.match(text)):
            continue
        line = lines.line(start + len(raw) - len(raw.lstrip()))
        if text:
            statements.append(Statement("label" if token[0] == ":" else "text", text, line))
        if token[0] in "{}":
            statements.append(Statement(token[0], "", lines.line(token.start())))
        start = token.end()
    return statements


def split_list(text: str) -> list[str]:
    """The parts between commas that no bracket encloses."""
    parts = [""]
    depth = 0
    for character in text:
        depth += character in "{[("
        depth -= character in "}])"
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts] if text.strip() else []


def parse_variable(text: str, line: int) -> Variable:
    match = VARIABLE.match(text)
    if match is None or match[3] not in TYPES:
        raise TranslationError("unknown declaration", text, line)
    space, alignment, type_name, name, dimensions, values = match.groups()
    count = 1
    for size in re.findall(r"\[(\d*)\]", dimensions):
        count *= int(size or 0)
    bits = TYPES[type_name].bits
    numbers = tuple(int(value) for value in values.split(",")) if values else ()
    return Variable(space, int(alignment or bits // 8), bits, name, count, numbers)


def parse_function(text: str, line: int) -> Function:
    match = FUNCTION.match(text)
    if match is None or FUNCTION_DIRECTIVE.sub("", match[5]).strip():
        raise TranslationError("unknown function head", text, line)
    kind, results, name, parameters, _ = match.groups()
    return Function(
        name,
        kind == "entry",
        [parse_variable(one, line) for one in split_list(results or "")],
        [parse_variable(one, line) for one in split_list(parameters or "")],
        line,
    )


def parse_module(source: str) -> Module:
    module = Module()
    function: Function | None = None
    depth = 0
    for statement in split_statements(source):
        depth += (statement.kind == "{") - (statement.kind == "}")
        if depth > 0 and function is not None:
            function.body.append(statement)
        elif statement.kind == "}" and function is not None:
            function.body.append(statement)
            function = None
        elif FUNCTION_HEAD.match(statement.text):
            function = parse_function(statement.text, statement.line)
            module.functions.append(function)
        else:
            module.variables.append(parse_variable(statement.text, statement.line))
    return module
