"""The names that a function of PTX can use, and how the generated C++ reads and writes them."""

import re
from dataclasses import dataclass

from .instruction import Instruction
from .types import PREDICATE, PtxType, bits_type

# Special registers, all of 32 bits.
SPECIAL_REGISTERS = {
    "%laneid": "self().lane",
    "%cluster_ctarank": "self().rank_in_cluster",
    "%cluster_nctarank": "volume(self().cluster_dimensions)",
    **{f"%tid.{axis}": f"threadIdx.{axis}" for axis in "xyz"},
    **{f"%ntid.{axis}": f"blockDim.{axis}" for axis in "xyz"},
    **{f"%ctaid.{axis}": f"blockIdx.{axis}" for axis in "xyz"},
    **{f"%nctaid.{axis}": f"gridDim.{axis}" for axis in "xyz"},
}
INTEGER = re.compile(r"-?(?:0x[0-9a-fA-F]+|\d+)U?$")
FLOAT = {32: re.compile(r"0[fF]([0-9a-fA-F]{8})$"), 64: re.compile(r"0[dD]([0-9a-fA-F]{16})$")}
ADDRESS = re.compile(r"\[\s*([%$\w]+)\s*(?:\+\s*(-?\d+)\s*)?\]$")
# What checks an address of each state space and turns it into one of the host.
SPACES = ("generic", "global", "shared", "local", "param")


@dataclass(frozen=True)
class Symbol:
    """A variable: its state space and, as C++, its address (in shared memory, its offset)."""

    space: str
    address: str


def register_name(name: str) -> str:
    return "R_" + name.removeprefix("%").replace("$", "_")


class Scope:
    """What the text at one place of a function sees. Blocks in braces nest."""

    def __init__(self, module_symbols: dict[str, Symbol], functions: set[str]) -> None:
        self.functions = functions
        self.used_module_symbols: set[str] = set()
        self._module_symbols = module_symbols
        self._registers: list[dict[str, PtxType]] = [{}]
        self._symbols: list[dict[str, Symbol]] = [{}]

    def enter_block(self) -> None:
        self._registers.append({})
        self._symbols.append({})

    def leave_block(self) -> None:
        self._registers.pop()
        self._symbols.pop()

    def declare_register(self, name: str, type_: PtxType) -> None:
        self._registers[-1][name] = type_

    def declare_symbol(self, name: str, symbol: Symbol) -> None:
        self._symbols[-1][name] = symbol

    def register(self, name: str) -> PtxType | None:
        """The type that the register was declared with, reduced to its bits; None if it is none."""
        for registers in reversed(self._registers):
            if name in registers:
                return registers[name]
        return None

    def symbol(self, instruction: Instruction, name: str) -> Symbol:
        for symbols in reversed(self._symbols):
            if name in symbols:
                return symbols[name]
        if name not in self._module_symbols:
            raise instruction.error(f"unknown name {name}")
        self.used_module_symbols.add(name)
        return self._module_symbols[name]

    def read(self, instruction: Instruction, operand: str, type_: PtxType, wide: bool = False) -> str:
        """A C++ expression of type `type_.cpp`. `wide`: the register may have more bits."""
        declared = self.register(operand)
        if declared is not None:
            self._check_width(instruction, operand, declared, type_, wide)
            name = register_name(operand)
            if type_.is_float:
                return f"as_{type_.cpp}({name})"
            return (
                name if declared.bits == type_.bits and not type_.is_signed else f"{type_.cpp}({name})"
            )
        if operand in SPECIAL_REGISTERS:
            if type_.is_float or type_.bits < 32:
                raise instruction.error(f"{operand} as {type_}")
            return f"{type_.cpp}({SPECIAL_REGISTERS[operand]})"
        if not operand.startswith("%") and re.match(r"[$A-Za-z_]", operand):
            if type_.is_float or type_.bits < 32:
                raise instruction.error(f"the address {operand} as {type_}")
            return f"{type_.cpp}({self.symbol(instruction, operand).address})"
        return self._constant(instruction, operand, type_)

    def _constant(self, instruction: Instruction, operand: str, type_: PtxType) -> str:
        if type_ == PREDICATE and operand in ("0", "1"):
            return "true" if operand == "1" else "false"
        if type_.bits in FLOAT and type_.kind in "fb":
            match = FLOAT[type_.bits].match(operand)
            if match:
                bits = f"0x{match[1]}{'ull' if type_.bits == 64 else 'u'}"
                return f"as_{type_.cpp}({bits})" if type_.is_float else f"{type_.cpp}({bits})"
        if not INTEGER.match(operand) or type_.is_float or type_ == PREDICATE:
            raise instruction.error(f"{operand} as {type_}")
        value = int(operand.rstrip("U"), 0)
        if not -(1 << (type_.bits - 1)) <= value < 1 << type_.bits:
            raise instruction.error(f"{operand} does not fit {type_}")
        return f"{type_.cpp}({value & ((1 << type_.bits) - 1):#x}ull)"

    def write(
        self, instruction: Instruction, register: str, type_: PtxType, value: str, wide: bool = False
    ) -> str:
        """A C++ statement that gives a register a value of type `type_.cpp`. `wide`: it may have more
        bits, which become copies of the sign or zeros."""
        if register == "_":
            return f"(void)({value});"
        declared = self.register(register)
        if declared is None:
            raise instruction.error(f"{register} is no register")
        self._check_width(instruction, register, declared, type_, wide)
        if type_.is_float:
            value = f"bits({value})"
        elif type_ != PREDICATE:
            value = f"{declared.cpp}({type_.cpp}({value}))"
        return f"{register_name(register)} = {value};"

    def predicate(self, instruction: Instruction, operand: str) -> str:
        negated = operand.startswith("!")
        return ("!" if negated else "") + self.read(instruction, operand.removeprefix("!"), PREDICATE)

    def _check_width(
        self, instruction: Instruction, name: str, declared: PtxType, type_: PtxType, wide: bool
    ) -> None:
        fits = declared.bits > type_.bits if wide else False
        if (declared == PREDICATE) != (type_ == PREDICATE) or not (fits or declared.bits == type_.bits):
            raise instruction.error(f"{name} has {declared.bits} bits, not {type_.bits}")

    def address(self, instruction: Instruction, operand: str, space: str, bytes_: int) -> str:
        """The host's address, as C++, of `bytes_` bytes that `operand` ("[register+offset]") names in
        `space`. The generated code checks it when it runs."""
        match = ADDRESS.match(operand)
        if match is None or space not in SPACES:
            raise instruction.error(f"unknown address {operand}")
        base, offset = match[1], int(match[2] or 0)
        declared = self.register(base)
        if declared is not None and declared.bits in (32, 64):
            name = register_name(base)
            place = f"u64({name} + {declared.cpp}({offset}ll))" if offset else f"u64({name})"
        elif declared is None and not base[0].isdigit() and not base.startswith("%"):
            symbol = self.symbol(instruction, base)
            if symbol.space != space:
                raise instruction.error(f"{base} is in {symbol.space} memory")
            place = f"u64({symbol.address} + {offset})"
        else:
            raise instruction.error(f"unknown address {operand}")
        return f"memory.{space}_address({place}, {bytes_}, {instruction.line})"


def storage_type(type_: PtxType) -> PtxType:
    """What a register of this type is in C++: bits, or a predicate."""
    return type_ if type_ == PREDICATE else bits_type(type_.bits)
