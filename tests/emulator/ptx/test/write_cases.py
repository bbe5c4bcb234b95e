"""python3 -m test.write_cases CASES.ptx CASES.inc : the kernels of instruction_cases.py, and their
table for instructions_test.cpp."""

import re
import sys
from pathlib import Path

from .instruction_cases import CASES, Case, Value

BITS = {"pred": 32, "b16": 16, "b32": 32, "b64": 64, "f32": 32, "f64": 64}


def loads(name: str, value: Value, offset: int) -> list[str]:
    if value.type == "pred":
        return [f"ld.global.u32 %word, [%in+{offset}];", f"setp.ne.u32 %{name}, %word, 0;"]
    return [f"ld.global.{value.type} %{name}, [%in+{offset}];"]


def stores(name: str, value: Value, offset: int) -> list[str]:
    if value.type == "pred":
        return [f"selp.u32 %word, 1, 0, %{name};", f"st.global.u32 [%out+{offset}], %word;"]
    return [f"st.global.{value.type} [%out+{offset}], %{name};"]


def kernel(number: int, case: Case) -> str:
    """It reads its inputs from memory, so that no compiler knows them, 8 bytes apart."""
    inputs = dict(zip("abc", case.inputs, strict=False))
    outputs = dict(zip("de", case.outputs, strict=False))
    lines = [f".reg .{value.type} %{name};" for name, value in (inputs | outputs).items()]
    lines += [".reg .b64 %in;", ".reg .b64 %out;", ".reg .b32 %word;"]
    lines += ["ld.param.u64 %in, [inputs];", "ld.param.u64 %out, [outputs];"]
    for index, (name, value) in enumerate(inputs.items()):
        lines += loads(name, value, 8 * index)
    lines.append(re.sub(r"\b([a-e])\b", r"%\1", case.instruction) + ";")
    for index, (name, value) in enumerate(outputs.items()):
        lines += stores(name, value, 8 * index)
    body = "\n  ".join([*lines, "ret;"])
    return f".visible .entry case_{number}(.param .u64 inputs, .param .u64 outputs)\n{{\n  {body}\n}}\n"


def table_row(number: int, case: Case) -> str:
    inputs = ", ".join(f"{value.bits:#x}ull" for value in case.inputs)
    outputs = ", ".join(f"{{{BITS[value.type]}, {value.bits:#x}ull}}" for value in case.outputs)
    return f'{{"case_{number}", "{case.instruction}", {{{inputs}}}, {{{outputs}}}}},\n'


def main(ptx: str, table: str) -> None:
    kernels = "\n".join(kernel(number, case) for number, case in enumerate(CASES))
    Path(ptx).write_text(f".version 8.0\n.target sm_90\n.address_size 64\n\n{kernels}")
    Path(table).write_text("".join(table_row(number, case) for number, case in enumerate(CASES)))


main(*sys.argv[1:])
