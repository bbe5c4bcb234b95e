"""Loads, stores, addresses, atomic operations and asynchronous copies."""

from .instruction import Instruction, handles
from .scope import Scope
from .source import split_list
from .types import PREDICATE, S32, U32, U64, PtxType, bits_type

SPACES = ("global", "shared", "local", "param")
# The emulator has no caches.
CACHE_HINTS = ("nc", "ca", "cg", "cs", "lu", "cv", "wb", "wt")


def take_space(instruction: Instruction) -> str:
    return instruction.take(*SPACES) or "generic"


def take_ordering(instruction: Instruction) -> None:
    """How strongly an access is ordered: the emulator's memory is sequentially consistent."""
    if instruction.take("relaxed", "acquire", "release", "acq_rel"):
        instruction.need("cta", "cluster", "gpu", "sys")
    instruction.take("volatile")


def take_shape(instruction: Instruction) -> tuple[str, int, PtxType]:
    """Space, number of elements and the type of one."""
    type_ = instruction.take_type()
    space = take_space(instruction)
    take_ordering(instruction)
    instruction.take(*CACHE_HINTS)
    vector = instruction.take("v2", "v4")
    return space, int(vector[1]) if vector else 1, type_


def elements_of(instruction: Instruction, operand: str, count: int) -> list[str]:
    elements = split_list(operand[1:-1]) if operand.startswith("{") else [operand]
    if len(elements) != count:
        raise instruction.error(f"{len(elements)} elements instead of {count}")
    return elements


@handles("ld")
def load(scope: Scope, instruction: Instruction) -> str:
    """A narrow integer is extended to the register's width."""
    space, count, type_ = take_shape(instruction)
    instruction.expect_operands(2)
    # A float is loaded as its bits: no conversion may touch it.
    loaded = type_ if type_.is_signed else bits_type(type_.bits)
    elements = elements_of(instruction, instruction.operands[0], count)
    address = scope.address(instruction, instruction.operands[1], space, count * type_.bytes)
    if count == 1:
        value = f"load<{loaded.cpp}>({address})"
        return scope.write(instruction, elements[0], loaded, value, wide=True)
    # All is loaded before anything is written: the address may be among the destinations.
    code = f"const u64 place = {address};"
    for index in range(count):
        code += f" const auto element{index} = load<{loaded.cpp}>(place + {index * type_.bytes});"
    for index, element in enumerate(elements):
        if element != "_":
            code += " " + scope.write(instruction, element, loaded, f"element{index}", wide=True)
    return f"{{ {code} }}"


@handles("st")
def store(scope: Scope, instruction: Instruction) -> str:
    """Of a wide register the low bits are stored."""
    if instruction.take("async"):
        return store_asynchronously(scope, instruction)
    space, count, type_ = take_shape(instruction)
    instruction.expect_operands(2)
    stored = bits_type(type_.bits)
    elements = elements_of(instruction, instruction.operands[1], count)
    address = scope.address(instruction, instruction.operands[0], space, count * type_.bytes)
    values = [
        f"{stored.cpp}({scope.read(instruction, element, stored, wide=True)})" for element in elements
    ]
    if count == 1:
        return f"store({address}, {values[0]});"
    code = f"const u64 place = {address};"
    for index, value in enumerate(values):
        code += f" store(place + {index * type_.bytes}, {value});"
    return f"{{ {code} }}"


def store_asynchronously(scope: Scope, instruction: Instruction) -> str:
    """Into the shared memory of a block of the cluster, whose mbarrier counts the bytes."""
    instruction.need("shared::cluster")
    instruction.need("mbarrier::complete_tx::bytes")
    instruction.expect_operands(3)
    type_ = instruction.take_type()
    count = {None: 1, "v2": 2, "v4": 4}[instruction.take("v2", "v4")]
    to, values, barrier = instruction.operands
    code = f"const u32 to = {scope.read(instruction, bracketed(instruction, to), U32)};"
    for index, element in enumerate(elements_of(instruction, values, count)):
        value = f"{type_.cpp}({scope.read(instruction, element, type_)})"
        place = f"cluster_address(memory, to + {index * type_.bytes}, {type_.bytes}, {instruction.line})"
        code += f" store({place}, {value});"
    at = scope.read(instruction, bracketed(instruction, barrier), U32)
    counter = f"cluster_address(memory, {at}, 8, {instruction.line})"
    code += f" complete_transfer({counter}, {count * type_.bytes});"
    return f"{{ {code} }}"


def bracketed(instruction: Instruction, operand: str) -> str:
    """The register of an address without a displacement."""
    if not (operand.startswith("[") and operand.endswith("]")) or "+" in operand:
        raise instruction.error(f"{operand} is no plain address")
    return operand[1:-1].strip()


@handles("mbarrier")
def transfer_barrier(scope: Scope, instruction: Instruction) -> str:
    """A barrier in this block's shared memory."""
    operation = instruction.need("init", "arrive", "try_wait")
    instruction.need("shared::cta")
    instruction.need("b64")
    operands = list(instruction.operands)
    result = operands.pop(0) if operation != "init" else "_"
    if len(operands) != 2:
        raise instruction.error(f"{len(instruction.operands)} operands")
    barrier = scope.address(instruction, operands[0], "shared", 8)
    value = scope.read(instruction, operands[1], U32)
    if operation == "init":
        return f"initialise_transfers({barrier}, {value});"
    if operation == "arrive":
        instruction.need("expect_tx")
        if result != "_":
            raise instruction.error("the state of the barrier is not known")
        return f"expect_transfer({barrier}, {value});"
    instruction.need("parity")
    instruction.need("acquire")
    instruction.need("cluster")
    return scope.write(instruction, result, PREDICATE, f"transfers_arrived({barrier}, {value})")


@handles("cvta")
def convert_address(scope: Scope, instruction: Instruction) -> str:
    """Between an address in a state space and a generic one. Only those of shared memory differ."""
    if instruction.take_type() != U64:
        raise instruction.error("an address has 64 bits")
    instruction.expect_operands(2)
    to_space = instruction.take("to") is not None
    space = instruction.need(*SPACES)
    value = scope.read(instruction, instruction.operands[1], U64)
    if space == "shared":
        name = "shared_offset" if to_space else "generic_address_of_shared"
        value = f"memory.{name}({value}, {instruction.line})"
    return scope.write(instruction, instruction.operands[0], U64, value)


@handles("mapa")
def map_address(scope: Scope, instruction: Instruction) -> str:
    """The address in another block of the cluster that corresponds to one in this block: a generic one,
    or one of the cluster's shared memory."""
    type_ = instruction.take_type()
    instruction.expect_operands(3)
    if instruction.take("shared::cluster"):
        if type_ != U32:
            raise instruction.error("unknown type")
        offset, rank = (scope.read(instruction, operand, U32) for operand in instruction.operands[1:])
        value = f"cluster_shared_address({offset}, {rank})"
        return scope.write(instruction, instruction.operands[0], U32, value)
    if type_ != U64:
        raise instruction.error("unknown type")
    address = scope.read(instruction, instruction.operands[1], U64)
    rank = scope.read(instruction, instruction.operands[2], U32)
    return scope.write(instruction, instruction.operands[0], U64, f"map_to_rank(memory, {address}, {rank})")


ATOMICS = {"add": 1, "inc": 1, "min": 1, "max": 1, "and": 1, "or": 1, "exch": 1, "cas": 2}
BITS_ONLY = ("and", "or", "exch", "cas")


@handles("atom", "red")
def atomic(scope: Scope, instruction: Instruction) -> str:
    type_ = instruction.take_type()
    space = take_space(instruction)
    take_ordering(instruction)
    instruction.take("gpu", "cta", "cluster", "sys")
    operation = instruction.need(*ATOMICS)
    if (operation in BITS_ONLY) != (type_.kind == "b") or type_.bits < 32:
        raise instruction.error(f"unknown type .{type_}")
    operands = list(instruction.operands)
    if instruction.opcode == "red":
        operands.insert(0, "_")
    if len(operands) != 2 + ATOMICS[operation]:
        raise instruction.error(f"{len(operands)} operands")
    arguments = [scope.address(instruction, operands[1], space, type_.bytes)]
    arguments += [scope.read(instruction, operand, type_) for operand in operands[2:]]
    value = f"atomic_{operation}<{type_.cpp}>({', '.join(arguments)})"
    return scope.write(instruction, operands[0], type_, value)


@handles("cp")
def asynchronous_copy(scope: Scope, instruction: Instruction) -> str:
    instruction.need("async")
    if instruction.take("commit_group"):
        instruction.expect_operands(0)
        return "commit_async_copies();"
    if instruction.take("wait_group"):
        instruction.expect_operands(1)
        return f"wait_for_async_copies({scope.read(instruction, instruction.operands[0], U32)});"
    instruction.need("ca", "cg")
    instruction.need("shared")
    instruction.need("global")
    instruction.expect_operands(3, 4)
    size = instruction.operands[2]
    if size not in ("4", "8", "16"):
        raise instruction.error(f"a copy of {size} bytes")
    to = scope.address(instruction, instruction.operands[0], "shared", int(size))
    # Where nothing is read, the address may be anything.
    source = scope.read(instruction, instruction.operands[1][1:-1].strip(), U64)
    read = scope.read(instruction, instruction.operands[3], S32) if instruction.operands[3:] else size
    return f"begin_async_copy(memory, {to}, {source}, {size}, {read}, {instruction.line});"
