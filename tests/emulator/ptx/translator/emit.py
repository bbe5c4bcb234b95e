"""Writes a module of PTX as a C++ file: each function becomes one, each kernel is registered."""

import re

# Entering their instructions into the table is what these imports are for.
from . import arithmetic, control, conversion, logic, memory  # noqa: F401
from .control import function_name, label_name
from .errors import TranslationError
from .instruction import translate_instruction
from .scope import Scope, Symbol, register_name, storage_type
from .source import Function, Module, Statement, Variable, parse_module, parse_variable, split_list
from .types import TYPES

REGISTERS = re.compile(r"\.reg\s+\.(\w+)\s+(.*)$", re.DOTALL)
REGISTER_RANGE = re.compile(r"(%?[\w$]+)<(\d+)>$")
# Hints to the code generator.
PRAGMA = re.compile(r'\.pragma\s+"(?:nounroll|used_bytes_mask [\d, ]+)"$')


def variable_name(variable: Variable) -> str:
    return "V_" + variable.name.replace("$", "_").replace("%", "_")


def shared_declaration(variable: Variable) -> str:
    """Its offset in the block's shared memory, which is what shared addresses are."""
    name = variable_name(variable)
    if variable.bytes == 0:
        return f"const u64 {name} = dynamic_shared_offset();"
    return (
        f"const u64 {name} = static_shared_offset(&T_{name}, {variable.bytes}, {variable.alignment});"
    )


def parameter_offsets(function: Function) -> list[tuple[int, int]]:
    """Offset and size of each parameter of a kernel: one after the other, as aligned as they ask."""
    offsets = []
    end = 0
    for parameter in function.parameters:
        start = -(-end // parameter.alignment) * parameter.alignment
        end = start + parameter.bytes
        offsets.append((start, parameter.bytes))
    return offsets


def signature(function: Function) -> str:
    """Of a device function: the places of results and parameters, all of which its caller owns."""
    places = [f"u8* {variable_name(place)}" for place in function.results + function.parameters]
    return f"void {function_name(function.name)}({', '.join(places)})"


class FunctionWriter:
    """Writes one function."""

    def __init__(self, function: Function, module: "ModuleWriter", head: str) -> None:
        self._function = function
        self._module = module
        self._head = head
        self._lines: list[str] = []
        self._shared: list[Variable] = []
        self.scope = Scope(module.symbols, module.defined_functions)

    def write(self) -> list[str]:
        self._declare_parameters()
        for statement in self._function.body[1:-1]:
            self._write_statement(statement)
        shared = self._shared + [
            self._module.shared[name]
            for name in sorted(self.scope.used_module_symbols)
            if name in self._module.shared
        ]
        return [
            f"{self._head} {{",
            *(f"static const char T_{variable_name(one)} = 0;" for one in self._shared),
            *(shared_declaration(variable) for variable in shared),
            "[[maybe_unused]] const AddressSpaces memory;",
            *self._lines,
            "}",
        ]

    def _declare_parameters(self) -> None:
        function = self._function
        if function.is_kernel:
            offsets = parameter_offsets(function)
            for parameter, (offset, _) in zip(function.parameters, offsets, strict=True):
                symbol = Symbol("param", f"u64(parameters + {offset})")
                self.scope.declare_symbol(parameter.name, symbol)
            return
        for place in function.results + function.parameters:
            self.scope.declare_symbol(place.name, Symbol("param", f"u64({variable_name(place)})"))

    def _write_statement(self, statement: Statement) -> None:
        if statement.kind == "{":
            self.scope.enter_block()
            self._lines.append("{")
        elif statement.kind == "}":
            self.scope.leave_block()
            self._lines.append("}")
        elif statement.kind == "label":
            self._lines.append(f"{label_name(statement.text)}:;")
        elif statement.text.startswith(".reg"):
            self._declare_registers(statement)
        elif statement.text.startswith("."):
            self._declare_variable(statement)
        else:
            self._lines.append(translate_instruction(self.scope, statement))

    def _declare_registers(self, statement: Statement) -> None:
        match = REGISTERS.match(statement.text)
        if match is None or match[1] not in TYPES:
            raise TranslationError("unknown declaration", statement.text, statement.line)
        type_ = storage_type(TYPES[match[1]])
        names: list[str] = []
        for part in split_list(match[2]):
            many = REGISTER_RANGE.match(part)
            names += [f"{many[1]}{index}" for index in range(int(many[2]))] if many else [part]
        for name in names:
            self.scope.declare_register(name, type_)
        self._lines.append(f"{type_.cpp} {', '.join(register_name(name) for name in names)};")

    def _declare_variable(self, statement: Statement) -> None:
        if PRAGMA.match(statement.text):
            return
        variable = parse_variable(statement.text, statement.line)
        name = variable_name(variable)
        if variable.space == "shared":
            self._shared.append(variable)
            self.scope.declare_symbol(variable.name, Symbol("shared", name))
        elif variable.space == "local":
            self.scope.declare_symbol(variable.name, Symbol("local", f"u64({name})"))
            self._lines.append(f"alignas({variable.alignment}) u8 {name}[{variable.bytes}];")
        elif variable.space == "param":
            self.scope.declare_symbol(variable.name, Symbol("param", name))
            self._lines.append(f"alignas(16) u8 {name}[{variable.bytes}];")
        else:
            raise TranslationError("unknown declaration", statement.text, statement.line)


class ModuleWriter:
    def __init__(self, module: Module) -> None:
        self._module = module
        self.defined_functions = {
            one.name for one in module.functions if one.body and not one.is_kernel
        }
        self.shared = {one.name: one for one in module.variables if one.space == "shared"}
        self.symbols: dict[str, Symbol] = {}
        for variable in module.variables:
            name = variable_name(variable)
            is_shared = variable.space == "shared"
            space = "shared" if is_shared else "global"
            self.symbols[variable.name] = Symbol(space, name if is_shared else f"u64({name})")

    def write(self) -> str:
        kernels = [function for function in self._module.functions if function.is_kernel]
        bodies: list[str] = []
        used: set[str] = set()
        for function in self._module.functions:
            if not function.body:
                continue
            head = signature(function)
            if function.is_kernel:
                head = f"void kernel_{kernels.index(function)}(const std::byte* parameters)"
            writer = FunctionWriter(function, self, head)
            bodies += writer.write()
            used |= writer.scope.used_module_symbols
        lines = ['#include "emulator/ptx/runtime/runtime.hpp"', "", "namespace polyak::emulator::ptx {"]
        lines += ["namespace {", *self._variables(used)]
        lines += [f"{signature(one)};" for one in self._module.functions if not one.is_kernel]
        lines += bodies
        for index, kernel in enumerate(kernels):
            offsets = ", ".join(f"{{{start}, {size}}}" for start, size in parameter_offsets(kernel))
            arguments = f'"{kernel.name}", kernel_{index}, {{{offsets}}}'
            lines.append(f"const Registration registration_{index}({arguments});")
        return "\n".join([*lines, "}", "}", ""])

    def _variables(self, used: set[str]) -> list[str]:
        lines = []
        for variable in self._module.variables:
            name = variable_name(variable)
            if variable.name not in used:
                continue
            if variable.space == "shared":
                lines.append(f"const char T_{name} = 0;")
                continue
            if variable.space not in ("global", "const") or not variable.values:
                # One without values is there to be written, which the comparison of memory would miss.
                raise TranslationError("a variable without values is used", variable.name, 0)
            mask = (1 << variable.element_bits) - 1
            values = ", ".join(f"{value & mask:#x}" for value in variable.values)
            lines.append(
                f"alignas({variable.alignment}) const u{variable.element_bits} {name}[{variable.count}]"
                f" = {{{values}}};"
            )
            lines.append(f"const ConstantMemory C_{name}({name}, {variable.bytes});")
        return lines


def translate(source: str) -> str:
    """The C++ of a PTX file. Raises TranslationError at the first thing that is not known."""
    return ModuleWriter(parse_module(source)).write()
