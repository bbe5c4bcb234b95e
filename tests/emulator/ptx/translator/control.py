"""Branches, calls, barriers, and what the lanes of a warp or the blocks of a cluster do together."""

from .instruction import Instruction, handles
from .scope import Scope
from .source import split_list
from .types import F32, PREDICATE, U32, bits_type


def label_name(label: str) -> str:
    return "L_" + label.replace("$", "_").replace("%", "_")


@handles("bra")
def branch(scope: Scope, instruction: Instruction) -> str:
    instruction.take("uni")
    instruction.expect_operands(1)
    return f"goto {label_name(instruction.operands[0])};"


@handles("ret")
def leave(scope: Scope, instruction: Instruction) -> str:
    instruction.take("uni")
    instruction.expect_operands(0)
    return "return;"


@handles("trap")
def trap(scope: Scope, instruction: Instruction) -> str:
    instruction.expect_operands(0)
    return f"trap({instruction.line});"


@handles("call")
def call(scope: Scope, instruction: Instruction) -> str:
    """`(result), name, (parameters)`: all are memory of the caller."""
    instruction.take("uni")
    operands = list(instruction.operands)
    results = split_list(operands.pop(0)[1:-1]) if operands[0].startswith("(") else []
    name = operands.pop(0)
    parameters = split_list(operands.pop(0)[1:-1]) if operands else []
    if operands or name not in scope.functions:
        raise instruction.error(f"unknown function {name}")
    places = []
    for parameter in results + parameters:
        symbol = scope.symbol(instruction, parameter)
        if symbol.space != "param":
            raise instruction.error(f"{parameter} is in {symbol.space} memory")
        places.append(symbol.address)
    return f"{function_name(name)}({', '.join(places)});"


def function_name(name: str) -> str:
    return "F_" + name.replace("$", "_")


@handles("bar", "barrier")
def barrier(scope: Scope, instruction: Instruction) -> str:
    if instruction.opcode == "barrier":
        instruction.need("cluster")
        if instruction.need("arrive", "wait") == "arrive":
            instruction.take("release")
            return "arrive_at_cluster_barrier(unknown_place());"
        instruction.take("acquire")
        return "wait_at_cluster_barrier(unknown_place());"
    if instruction.take("warp"):
        instruction.need("sync")
        instruction.expect_operands(1)
        return f"synchronize_warp({scope.read(instruction, instruction.operands[0], U32)});"
    if instruction.need("sync", "red") == "sync":
        if instruction.operands != ["0"]:
            raise instruction.error("only barrier 0 of the whole block is known")
        return "block_barrier();"
    return barrier_with_vote(scope, instruction)


def barrier_with_vote(scope: Scope, instruction: Instruction) -> str:
    result = instruction.need("or", "and", "popc")
    type_ = instruction.take_type()
    instruction.expect_operands(3)
    destination, number, predicate = instruction.operands
    if number != "0" or type_ != (U32 if result == "popc" else PREDICATE):
        raise instruction.error("only barrier 0 of the whole block is known")
    value = {
        "or": "votes.in_favour > 0",
        "and": "votes.in_favour == votes.voters",
        "popc": "votes.in_favour",
    }[result]
    votes = f"const auto votes = block_barrier({scope.predicate(instruction, predicate)});"
    return f"{{ {votes} {scope.write(instruction, destination, type_, value)} }}"


@handles("membar", "fence")
def fence(scope: Scope, instruction: Instruction) -> str:
    if instruction.take("mbarrier_init"):
        instruction.need("release")
    instruction.take("sc", "acq_rel")
    instruction.need("cta", "gl", "sys", "gpu", "cluster")
    instruction.expect_operands(0)
    return "memory_fence();"


@handles("griddepcontrol")
def previous_kernel(scope: Scope, instruction: Instruction) -> str:
    instruction.expect_operands(0)
    if instruction.need("wait", "launch_dependents") == "wait":
        return "wait_for_previous_kernel();"
    return ";"


@handles("nanosleep")
def sleep(scope: Scope, instruction: Instruction) -> str:
    instruction.expect_operands(1)
    if instruction.take_type() != U32:
        raise instruction.error("unknown type")
    return "spin_pause();"


@handles("shfl")
def shuffle(scope: Scope, instruction: Instruction) -> str:
    instruction.need("sync")
    mode = instruction.need("up", "down", "bfly", "idx")
    type_ = instruction.take_type()
    instruction.expect_operands(5)
    if type_ != bits_type(32):
        raise instruction.error(f"unknown type .{type_}")
    destination, _, in_range = instruction.operands[0].partition("|")
    arguments = [scope.read(instruction, operand, U32) for operand in instruction.operands[1:]]
    code = f"const auto got = shuffle(Shuffle::{mode}, {', '.join(arguments)});"
    code += " " + scope.write(instruction, destination, U32, "got.value")
    if in_range:
        code += " " + scope.write(instruction, in_range, PREDICATE, "got.in_range")
    return f"{{ {code} }}"


@handles("vote")
def vote(scope: Scope, instruction: Instruction) -> str:
    instruction.need("sync")
    kind = instruction.need("ballot", "any", "all")
    type_ = instruction.take_type()
    instruction.expect_operands(3)
    if type_ != (bits_type(32) if kind == "ballot" else PREDICATE):
        raise instruction.error(f"unknown type .{type_}")
    predicate = scope.predicate(instruction, instruction.operands[1])
    mask = scope.read(instruction, instruction.operands[2], U32)
    value = {
        "ballot": f"ballot({mask}, {predicate})",
        "any": f"ballot({mask}, {predicate}) != 0",
        "all": f"ballot({mask}, !({predicate})) == 0",
    }[kind]
    return scope.write(instruction, instruction.operands[0], type_, value)


MATRIX_PRODUCTS = {
    "sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32": "multiply_tf32_fragments",
    "sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32": "multiply_bf16_fragments",
}


@handles("mma")
def matrix_product(scope: Scope, instruction: Instruction) -> str:
    name = MATRIX_PRODUCTS.get(".".join(instruction.modifiers))
    if name is None:
        raise instruction.error("unknown matrix product")
    instruction.modifiers = []
    instruction.expect_operands(4)
    d, a, b, c = (split_list(operand[1:-1]) for operand in instruction.operands)
    if [len(d), len(a), len(b), len(c)] != [4, 4, 2, 4]:
        raise instruction.error("unknown fragments")
    words = [", ".join(scope.read(instruction, one, U32) for one in part) for part in (a, b)]
    sums = ", ".join(scope.read(instruction, one, F32) for one in c)
    writes = [scope.write(instruction, one, F32, f"d[{index}]") for index, one in enumerate(d)]
    return (
        f"{{ f32 d[4] = {{{sums}}}; const u32 a[4] = {{{words[0]}}}; "
        f"const u32 b[2] = {{{words[1]}}}; "
        f"{name}(d, a, b, unknown_place()); {' '.join(writes)} }}"
    )
