"""Comparisons, selections, logic, shifts and fields of bits."""

from .instruction import Instruction, handles
from .scope import Scope
from .types import F32, PREDICATE, U32, PtxType, bits_type

ORDERED = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
UNSIGNED = {"lo": "<", "ls": "<=", "hi": ">", "hs": ">="}


def comparison(instruction: Instruction, operator: str, type_: PtxType, a: str, b: str) -> str:
    """A C++ condition. Of floats, the plain operators are false where one is not a number, and those
    that end with u are true then."""
    if type_.is_float:
        unordered = f"is_unordered({a}, {b})"
        if operator in ("nan", "num"):
            return unordered if operator == "nan" else f"!{unordered}"
        if operator == "ne":
            return f"(!{unordered} && {a} != {b})"
        if operator in ORDERED:
            return f"({a} {ORDERED[operator]} {b})"
        if operator.endswith("u") and operator[:-1] in ORDERED:
            return f"({unordered} || {a} {ORDERED[operator[:-1]]} {b})"
    elif operator in ORDERED and (type_.is_integer or operator in ("eq", "ne")):
        return f"({a} {ORDERED[operator]} {b})"
    elif operator in UNSIGNED and type_.kind == "u":
        return f"({a} {UNSIGNED[operator]} {b})"
    raise instruction.error(f"unknown comparison .{operator} for {type_}")


@handles("setp")
def set_predicate(scope: Scope, instruction: Instruction) -> str:
    """Compares, and combines the result with a third operand where there is one. A second destination
    gets the opposite comparison."""
    type_ = instruction.take_type()
    instruction.expect_operands(3, 4)
    operator = instruction.modifiers.pop(0)
    combination = instruction.take("and", "or", "xor")
    if (combination is not None) != (len(instruction.operands) == 4):
        raise instruction.error("a combination takes one predicate")
    flushed = type_ == F32 and instruction.take("ftz") is not None
    a, b = (scope.read(instruction, operand, type_) for operand in instruction.operands[1:3])
    if flushed:
        a, b = f"flush({a})", f"flush({b})"
    condition = comparison(instruction, operator, type_, a, b)
    suffix = ""
    if combination is not None:
        third = scope.predicate(instruction, instruction.operands[3])
        suffix = f" {LOGIC[combination]} {third}"
    destination, _, opposite = instruction.operands[0].partition("|")
    if not opposite:
        return scope.write(instruction, destination, PREDICATE, condition + suffix)
    # The operands may be among the destinations.
    first = scope.write(instruction, destination, PREDICATE, "first")
    second = scope.write(instruction, opposite, PREDICATE, "second")
    return (
        f"{{ const bool first = {condition}{suffix}; const bool second = !{condition}{suffix}; "
        f"{first} {second} }}"
    )


@handles("selp")
def select(scope: Scope, instruction: Instruction) -> str:
    type_ = bits_type(instruction.take_type().bits)
    instruction.expect_operands(4)
    destination, a, b, predicate = instruction.operands
    value = (
        f"{scope.predicate(instruction, predicate)} ? {scope.read(instruction, a, type_)} : "
        f"{scope.read(instruction, b, type_)}"
    )
    return scope.write(instruction, destination, type_, value)


LOGIC = {"and": "&", "or": "|", "xor": "^"}


@handles("and", "or", "xor")
def bitwise(scope: Scope, instruction: Instruction) -> str:
    type_ = instruction.take_type()
    instruction.expect_operands(3)
    if type_.kind not in ("b", "pred"):
        raise instruction.error(f"unknown type .{type_}")
    if type_ == PREDICATE:
        a, b = (scope.predicate(instruction, operand) for operand in instruction.operands[1:])
    else:
        a, b = (scope.read(instruction, operand, type_) for operand in instruction.operands[1:])
    return scope.write(
        instruction, instruction.operands[0], type_, f"({a} {LOGIC[instruction.opcode]} {b})"
    )


@handles("not")
def complement(scope: Scope, instruction: Instruction) -> str:
    type_ = instruction.take_type()
    instruction.expect_operands(2)
    if type_.kind not in ("b", "pred"):
        raise instruction.error(f"unknown type .{type_}")
    value = scope.read(instruction, instruction.operands[1], type_)
    sign = "!" if type_ == PREDICATE else "~"
    return scope.write(instruction, instruction.operands[0], type_, f"{sign}{value}")


@handles("shl", "shr")
def shift(scope: Scope, instruction: Instruction) -> str:
    """By the whole width or more it leaves nothing, or copies of the sign."""
    type_ = instruction.take_type()
    instruction.expect_operands(3)
    left = instruction.opcode == "shl"
    if type_.bits < 16 or type_.is_float or (left and type_.kind != "b"):
        raise instruction.error(f"unknown type .{type_}")
    value = scope.read(instruction, instruction.operands[1], type_)
    amount = scope.read(instruction, instruction.operands[2], U32)
    name = "shift_left" if left else "shift_right"
    return scope.write(instruction, instruction.operands[0], type_, f"{name}({value}, {amount})")


@handles("bfi")
def insert_field(scope: Scope, instruction: Instruction) -> str:
    """Replaces a field of the second operand by the low bits of the first."""
    type_ = instruction.take_type()
    instruction.expect_operands(5)
    if type_.kind != "b" or type_.bits < 32:
        raise instruction.error(f"unknown type .{type_}")
    destination, field, rest, position, length = instruction.operands
    arguments = [scope.read(instruction, operand, type_) for operand in (field, rest)]
    arguments += [scope.read(instruction, operand, U32) for operand in (position, length)]
    return scope.write(instruction, destination, type_, f"insert_field({', '.join(arguments)})")
