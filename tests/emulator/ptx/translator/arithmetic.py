"""Arithmetic on floating-point numbers and integers."""

from .instruction import Instruction, handles
from .scope import Scope
from .types import F32, PtxType, unsigned_type

FLOAT_EXPRESSIONS = {
    "add": "{0} + {1}",
    "sub": "{0} - {1}",
    "mul": "{0} * {1}",
    "fma": "fused_multiply_add({0}, {1}, {2})",
    "div": "{0} / {1}",
    "sqrt": "square_root({0})",
    "rcp": "1 / {0}",
    "min": "minimum({0}, {1})",
    "max": "maximum({0}, {1})",
}
# These round; the others are exact.
ROUNDED = ("add", "sub", "mul", "fma", "div", "sqrt", "rcp")
# A division, a root or a reciprocal names its rounding. The approximations that there are instead, like
# those of transcendental functions, are unknown on purpose: PTX leaves their bits open. But for the
# reciprocal: what begins with it refines it until its bits no longer matter (IeeeArithmetic::quotient).
MUST_NAME_ROUNDING = ("fma", "div", "sqrt", "rcp")
SATURABLE = ("add", "sub", "mul", "fma")


def float_arithmetic(scope: Scope, instruction: Instruction, type_: PtxType) -> str:
    opcode = instruction.opcode
    if opcode not in FLOAT_EXPRESSIONS:
        raise instruction.error(f"unknown opcode {opcode} for {type_}")
    expression = FLOAT_EXPRESSIONS[opcode]
    instruction.expect_operands(2 + expression.count("{") - 1)
    if opcode == "rcp" and type_ == F32 and instruction.take("approx"):
        expression = "approximate_reciprocal({0})"
    elif opcode in MUST_NAME_ROUNDING:
        instruction.need("rn")
    elif opcode in ROUNDED:
        instruction.take("rn")
    flushed = type_ == F32 and instruction.take("ftz") is not None
    saturated = type_ == F32 and opcode in SATURABLE and instruction.take("sat") is not None
    values = [scope.read(instruction, operand, type_) for operand in instruction.operands[1:]]
    if flushed:
        values = [f"flush({value})" for value in values]
    result = expression.format(*values)
    if flushed:
        result = f"flush({result})"
    if saturated:
        result = f"saturate({result})"
    return scope.write(instruction, instruction.operands[0], type_, result)


def float_sign(scope: Scope, instruction: Instruction, type_: PtxType) -> str:
    """neg and abs change one bit, also of what is not a number."""
    instruction.expect_operands(2)
    bits = unsigned_type(type_.bits)
    value = scope.read(instruction, instruction.operands[1], bits)
    sign = 1 << (type_.bits - 1)
    change = f"^ {sign:#x}ull" if instruction.opcode == "neg" else f"& {sign - 1:#x}ull"
    result = f"{value} {change}"
    if type_ == F32 and instruction.take("ftz") is not None:
        result = f"bits(flush(as_f32(u32({result}))))"
    return scope.write(instruction, instruction.operands[0], bits, result)


INTEGER_EXPRESSIONS = {
    "add": "{0} + {1}",
    "sub": "{0} - {1}",
    "min": "{0} < {1} ? {0} : {1}",
    "max": "{0} > {1} ? {0} : {1}",
    "neg": "0 - {0}",
    "abs": "magnitude({0})",
    "div": "divide({0}, {1}, {line})",
    "rem": "remainder({0}, {1}, {line})",
}
# These are the same for signed and unsigned numbers, and may wrap, which C++ lets unsigned ones do.
WRAPPING = ("add", "sub", "neg")


def integer_arithmetic(scope: Scope, instruction: Instruction, type_: PtxType) -> str:
    opcode = instruction.opcode
    if opcode not in INTEGER_EXPRESSIONS or type_.bits < 16:
        raise instruction.error(f"unknown opcode {opcode} for {type_}")
    expression = INTEGER_EXPRESSIONS[opcode]
    instruction.expect_operands(3 if "{1}" in expression else 2)
    if opcode in ("neg", "abs") and not type_.is_signed:
        raise instruction.error(f"unknown type .{type_}")
    operand_type = unsigned_type(type_.bits) if opcode in WRAPPING else type_
    values = [scope.read(instruction, operand, operand_type) for operand in instruction.operands[1:]]
    result = expression.format(*values, line=instruction.line)
    return scope.write(instruction, instruction.operands[0], type_, result)


def integer_product(scope: Scope, instruction: Instruction, type_: PtxType) -> str:
    """mul and mad, of which the low half, the high half or the whole is asked for."""
    with_sum = instruction.opcode == "mad"
    instruction.expect_operands(4 if with_sum else 3)
    part = instruction.need("lo", "hi", "wide")
    if type_.bits < 16 or (part == "wide" and type_.bits == 64):
        raise instruction.error(f"unknown type .{type_}")
    result_type = PtxType(type_.kind, type_.bits * (2 if part == "wide" else 1))
    a, b = (scope.read(instruction, operand, type_) for operand in instruction.operands[1:3])
    name = {"lo": "multiply_low", "hi": "multiply_high", "wide": "multiply_wide"}[part]
    result = f"{name}({a}, {b})"
    if with_sum:
        unsigned = unsigned_type(result_type.bits)
        addend = scope.read(instruction, instruction.operands[3], unsigned)
        result = f"{unsigned.cpp}({result}) + {addend}"
    return scope.write(instruction, instruction.operands[0], result_type, result)


@handles("add", "sub", "mul", "mad", "fma", "div", "rem", "sqrt", "rcp", "min", "max", "neg", "abs")
def arithmetic(scope: Scope, instruction: Instruction) -> str:
    type_ = instruction.take_type()
    if type_.is_float:
        if instruction.opcode in ("neg", "abs"):
            return float_sign(scope, instruction, type_)
        return float_arithmetic(scope, instruction, type_)
    if not type_.is_integer:
        raise instruction.error(f"unknown type .{type_}")
    if instruction.opcode in ("mul", "mad"):
        return integer_product(scope, instruction, type_)
    return integer_arithmetic(scope, instruction, type_)


@handles("copysign")
def copy_sign(scope: Scope, instruction: Instruction) -> str:
    """The sign of the first operand, the rest of the second."""
    type_ = instruction.take_type()
    instruction.expect_operands(3)
    if not type_.is_float:
        raise instruction.error(f"unknown type .{type_}")
    bits = unsigned_type(type_.bits)
    sign, rest = (scope.read(instruction, operand, bits) for operand in instruction.operands[1:])
    mask = f"{1 << (type_.bits - 1):#x}ull"
    return scope.write(
        instruction, instruction.operands[0], bits, f"({sign} & {mask}) | ({rest} & ~{mask})"
    )
