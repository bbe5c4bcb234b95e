"""One instruction of PTX, taken apart, and the table of those that the translator knows."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from .errors import TranslationError
from .source import Statement, split_list
from .types import TYPES, PtxType

if TYPE_CHECKING:
    from .scope import Scope

GUARDED = re.compile(r"@(!?)(%?[\w$]+)\s+(.*)$", re.DOTALL)


class Instruction:
    """opcode, modifiers and operands. A handler takes the modifiers that it understands; one that is
    left over is unknown, and with it the instruction."""

    def __init__(self, statement: Statement) -> None:
        self.statement = statement
        text = statement.text
        self.guard: tuple[bool, str] | None = None  # whether negated, and the predicate
        match = GUARDED.match(text)
        if match:
            self.guard = (match[1] == "!", match[2])
            text = match[3]
        name, _, operands = text.replace("\n", " ").replace("\t", " ").partition(" ")
        self.opcode, *self.modifiers = name.split(".")
        self.operands = split_list(operands)

    def error(self, reason: str) -> TranslationError:
        return TranslationError(reason, self.statement.text, self.statement.line)

    @property
    def line(self) -> int:
        return self.statement.line

    def take(self, *names: str) -> str | None:
        """Removes the first modifier that has one of these names and returns it."""
        for modifier in self.modifiers:
            if modifier in names:
                self.modifiers.remove(modifier)
                return modifier
        return None

    def need(self, *names: str) -> str:
        taken = self.take(*names)
        if taken is None:
            raise self.error("one of ." + ", .".join(names) + " is missing")
        return taken

    def take_type(self) -> PtxType:
        """The last modifier, which is a type."""
        name = self.modifiers.pop() if self.modifiers else ""
        if name not in TYPES:
            raise self.error(f"unknown type .{name}")
        return TYPES[name]

    def expect_operands(self, *counts: int) -> None:
        if len(self.operands) not in counts:
            raise self.error(f"{len(self.operands)} operands")

    def expect_no_modifiers(self) -> None:
        if self.modifiers:
            raise self.error(f"unknown modifier .{self.modifiers[0]}")


Handler = Callable[["Scope", Instruction], str]
HANDLERS: dict[str, Handler] = {}


def handles(*opcodes: str) -> Callable[[Handler], Handler]:
    """Enters a function into the table: it turns instructions with these opcodes into C++."""

    def enter(handler: Handler) -> Handler:
        for opcode in opcodes:
            HANDLERS[opcode] = handler
        return handler

    return enter


def translate_instruction(scope: "Scope", statement: Statement) -> str:
    """The C++ statement of one instruction."""
    instruction = Instruction(statement)
    handler = HANDLERS.get(instruction.opcode)
    if handler is None:
        raise instruction.error(f"unknown opcode {instruction.opcode}")
    code = handler(scope, instruction)
    instruction.expect_no_modifiers()
    if instruction.guard is None:
        return code
    negated, predicate = instruction.guard
    return f"if ({'!' if negated else ''}{scope.predicate(instruction, predicate)}) {{ {code} }}"
