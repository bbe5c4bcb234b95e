"""Conversions between types, and moves, which convert nothing."""

from .instruction import Instruction, handles
from .scope import SPECIAL_REGISTERS, Scope
from .source import split_list
from .types import F32, F64, PREDICATE, TYPES, PtxType, bits_type

TO_INTEGRAL = {
    "rni": "nearest_integral",
    "rzi": "truncated",
    "rmi": "rounded_down",
    "rpi": "rounded_up",
}


@handles("cvt")
def convert(scope: Scope, instruction: Instruction) -> str:
    instruction.expect_operands(2)
    if instruction.modifiers == ["rna", "tf32", "f32"]:
        instruction.modifiers = []
        value = scope.read(instruction, instruction.operands[1], F32)
        return scope.write(instruction, instruction.operands[0], bits_type(32), f"tf32_bits({value})")
    if instruction.modifiers == ["rn", "bf16", "f32"]:
        instruction.modifiers = []
        value = scope.read(instruction, instruction.operands[1], F32)
        return scope.write(instruction, instruction.operands[0], bits_type(16), f"bf16_bits({value})")
    source = instruction.take_type()
    target = instruction.take_type()
    value = scope.read(instruction, instruction.operands[1], source, wide=True)
    if source == F32 and instruction.take("ftz"):
        value = f"flush({value})"
    result = converted(instruction, source, target, value)
    return scope.write(instruction, instruction.operands[0], target, result, wide=True)


def converted(instruction: Instruction, source: PtxType, target: PtxType, value: str) -> str:
    """C++ that converts `value`. Each conversion that may round names how, and no other does."""
    if not (source.is_float or source.is_integer) or not (target.is_float or target.is_integer):
        raise instruction.error(f"no conversion from {source} to {target}")
    if source.is_float and (target == source or not target.is_float):
        rounding = instruction.take(*TO_INTEGRAL)
        if rounding is None:
            raise instruction.error("the rounding is missing")
        integral = f"{TO_INTEGRAL[rounding]}({value})"
        return integral if target.is_float else f"to_integer<{target.cpp}>({integral})"
    if source.is_float:
        if target == F32:
            instruction.need("rn")
        return f"{target.cpp}({value})"
    if target in (F32, F64):
        instruction.need("rn")
    return f"{target.cpp}({value})"


@handles("mov")
def move(scope: Scope, instruction: Instruction) -> str:
    type_ = instruction.take_type()
    instruction.expect_operands(2)
    destination, source = instruction.operands
    if type_ == PREDICATE:
        return scope.write(instruction, destination, type_, scope.predicate(instruction, source))
    if destination.startswith("{"):
        return unpack(scope, instruction, type_)
    if source.startswith("{"):
        return pack(scope, instruction, type_)
    bits = bits_type(type_.bits)
    if source in SPECIAL_REGISTERS:
        bits = TYPES[f"u{type_.bits}"]
    return scope.write(instruction, destination, bits, scope.read(instruction, source, bits))


def part_type(instruction: Instruction, whole: PtxType, parts: list[str]) -> PtxType:
    if len(parts) not in (2, 4) or whole.bits // len(parts) < 8:
        raise instruction.error(f"{len(parts)} parts of {whole}")
    return bits_type(whole.bits // len(parts))


def unpack(scope: Scope, instruction: Instruction, type_: PtxType) -> str:
    """Splits a value into parts, the lowest bits first."""
    parts = split_list(instruction.operands[0][1:-1])
    part = part_type(instruction, type_, parts)
    value = scope.read(instruction, instruction.operands[1], bits_type(type_.bits))
    writes = [
        scope.write(instruction, name, part, f"{part.cpp}(whole >> {index * part.bits})")
        for index, name in enumerate(parts)
        if name != "_"
    ]
    return f"{{ const {bits_type(type_.bits).cpp} whole = {value}; {' '.join(writes)} }}"


def pack(scope: Scope, instruction: Instruction, type_: PtxType) -> str:
    """Puts parts together, the lowest bits first."""
    whole = bits_type(type_.bits)
    parts = split_list(instruction.operands[1][1:-1])
    part = part_type(instruction, type_, parts)
    shifted = [
        f"{whole.cpp}({scope.read(instruction, name, part)}) << {index * part.bits}"
        for index, name in enumerate(parts)
    ]
    return scope.write(instruction, instruction.operands[0], whole, " | ".join(shifted))
