"""What single instructions must compute, as a table. write_cases.py makes kernels and tests of it.

Each case has an instruction, whose operands d, e are results and a, b, c are what it reads, and their
values as bits with a type. The expected bits are those of the PTX ISA's definitions, found by hand or
by Python's own arithmetic in double precision where that is exact."""

import struct
from dataclasses import dataclass


@dataclass(frozen=True)
class Value:
    """type: of the register, "pred" included; bits: what it holds."""

    type: str
    bits: int


@dataclass(frozen=True)
class Case:
    instruction: str
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]


def f32(value: float) -> Value:
    """A float, which must be one exactly, unless it is no number or infinite."""
    bits = struct.pack("<f", value)
    assert value != value or struct.unpack("<f", bits)[0] == value, value
    return Value("f32", struct.unpack("<I", bits)[0])


def f64(value: float) -> Value:
    return Value("f64", struct.unpack("<Q", struct.pack("<d", value))[0])


def b16(value: int) -> Value:
    return Value("b16", value & 0xFFFF)


def b32(value: int) -> Value:
    return Value("b32", value & 0xFFFFFFFF)


def b64(value: int) -> Value:
    return Value("b64", value & 0xFFFFFFFFFFFFFFFF)


def pred(value: bool) -> Value:
    return Value("pred", int(value))


INF = float("inf")
NAN = float("nan")
ULP = 2.0**-23  # of 1
TINY = 2.0**-149  # the smallest subnormal float
SMALLEST = -(2**31)


def case(instruction: str, inputs: list[Value], *outputs: Value) -> Case:
    return Case(instruction, tuple(inputs), outputs)


FLOATS = [
    # Rounding to nearest, ties to even.
    case("add.f32 d, a, b", [f32(1), f32(ULP / 2)], f32(1)),
    case("add.rn.f32 d, a, b", [f32(1 + ULP), f32(ULP / 2)], f32(1 + 2 * ULP)),
    case("sub.rn.f32 d, a, b", [f32(1), f32(ULP / 4)], f32(1)),
    case("mul.rn.f32 d, a, b", [f32(1 + ULP), f32(1 + ULP)], f32(1 + 2 * ULP)),
    # One rounding where mul and add have two: the square's last bit is not lost.
    case("fma.rn.f32 d, a, b, c", [f32(1 + ULP), f32(1 + ULP), f32(-1 - 2 * ULP)], f32(ULP**2)),
    case("fma.rn.f64 d, a, b, c", [f64(1 + 2**-52), f64(1 + 2**-52), f64(-1 - 2**-51)], f64(2**-104)),
    case(
        "mul.rn.f32 d, a, b; sub.rn.f32 d, d, c", [f32(1 + ULP), f32(1 + ULP), f32(1 + 2 * ULP)], f32(0)
    ),
    case("add.rn.f64 d, a, b", [f64(1), f64(2.0**-53)], f64(1)),
    case("sub.rn.f64 d, a, b", [f64(3), f64(5)], f64(-2)),
    case("mul.rn.f64 d, a, b", [f64(3), f64(0.25)], f64(0.75)),
    # Subnormal numbers stay, unless they are flushed, which keeps the sign.
    case("add.rn.f32 d, a, b", [f32(TINY), f32(TINY)], f32(2 * TINY)),
    case("add.rn.ftz.f32 d, a, b", [f32(TINY), f32(TINY)], f32(0)),
    case("mul.rn.ftz.f32 d, a, b", [f32(-(2.0**-100)), f32(2.0**-40)], f32(-0.0)),
    case("add.rn.sat.f32 d, a, b", [f32(1), f32(0.5)], f32(1)),
    case("add.rn.sat.f32 d, a, b", [f32(-1), f32(0.5)], f32(0)),
    case("fma.rn.sat.f32 d, a, b, c", [f32(NAN), f32(1), f32(0)], f32(0)),
    # 1/3, and the root of 2, to nearest.
    case("div.rn.f32 d, a, b", [f32(1), f32(3)], b32(0x3EAAAAAB)),
    case("rcp.rn.f32 d, a", [f32(3)], b32(0x3EAAAAAB)),
    case("rcp.approx.ftz.f32 d, a", [f32(3)], b32(0x3EAAAAAA)),
    case("rcp.rn.f64 d, a", [f64(3)], f64(1 / 3)),
    case("div.rn.f64 d, a, b", [f64(1), f64(3)], f64(1 / 3)),
    case("sqrt.rn.f32 d, a", [f32(2)], b32(0x3FB504F3)),
    case("sqrt.rn.f64 d, a", [f64(2)], f64(2**0.5)),
    case("div.rn.f32 d, a, b", [f32(-1), f32(0)], f32(-INF)),
    # Of a number and no number, the number; of zeros, by their signs.
    case("min.f32 d, a, b", [f32(NAN), f32(2)], f32(2)),
    case("max.f32 d, a, b", [f32(2), f32(NAN)], f32(2)),
    case("min.f32 d, a, b", [f32(0), f32(-0.0)], f32(-0.0)),
    case("max.f32 d, a, b", [f32(-0.0), f32(0)], f32(0)),
    case("min.f64 d, a, b", [f64(-3), f64(2)], f64(-3)),
    case("max.f64 d, a, b", [f64(-3), f64(2)], f64(2)),
    case("neg.f32 d, a", [b32(0x7FC00001)], b32(0xFFC00001)),
    case("abs.f32 d, a", [f32(-2)], f32(2)),
    case("neg.f64 d, a", [f64(0)], f64(-0.0)),
    case("abs.f64 d, a", [f64(-INF)], f64(INF)),
    case("copysign.f32 d, a, b", [f32(-0.0), f32(3)], f32(-3)),
    case("copysign.f64 d, a, b", [f64(1), f64(-3)], f64(3)),
]

COMPARISONS = [
    case("setp.lt.f32 d, a, b", [f32(1), f32(2)], pred(True)),
    case("setp.lt.f32 d, a, b", [f32(NAN), f32(2)], pred(False)),
    case("setp.ltu.f32 d, a, b", [f32(NAN), f32(2)], pred(True)),
    case("setp.ltu.f32 d, a, b", [f32(3), f32(2)], pred(False)),
    case("setp.ne.f32 d, a, b", [f32(NAN), f32(2)], pred(False)),
    case("setp.neu.f32 d, a, b", [f32(NAN), f32(2)], pred(True)),
    case("setp.eq.f64 d, a, b", [f64(0), f64(-0.0)], pred(True)),
    case("setp.nan.f32 d, a, b", [f32(NAN), f32(2)], pred(True)),
    case("setp.num.f32 d, a, b", [f32(NAN), f32(2)], pred(False)),
    case("setp.eq.ftz.f32 d, a, b", [f32(TINY), f32(0)], pred(True)),
    case("setp.lt.s32 d, a, b", [b32(-1), b32(1)], pred(True)),
    case("setp.lt.u32 d, a, b", [b32(-1), b32(1)], pred(False)),
    case("setp.hi.u32 d, a, b", [b32(-1), b32(1)], pred(True)),
    case("setp.gt.s64 d, a, b", [b64(-1), b64(1)], pred(False)),
    case("setp.ne.s16 d, a, b", [b16(0xFFFF), b16(0)], pred(True)),
    case("setp.lt.and.s32 d, a, b, c", [b32(1), b32(2), pred(False)], pred(False)),
    case("setp.lt.or.s32 d, a, b, !c", [b32(3), b32(2), pred(False)], pred(True)),
    case("setp.lt.xor.s32 d|e, a, b, c", [b32(1), b32(2), pred(True)], pred(False), pred(True)),
    case("selp.b32 d, a, b, c", [b32(7), b32(8), pred(True)], b32(7)),
    case("selp.f32 d, a, b, c", [f32(7), f32(8), pred(False)], f32(8)),
    case("mov.b32 d, 5; @c add.s32 d, a, b", [b32(7), b32(8), pred(False)], b32(5)),
    case("mov.b32 d, 5; @!c add.s32 d, a, b", [b32(7), b32(8), pred(False)], b32(15)),
    case("and.pred d, a, b", [pred(True), pred(False)], pred(False)),
    case("or.pred d, a, b", [pred(True), pred(False)], pred(True)),
    case("xor.pred d, a, b", [pred(True), pred(True)], pred(False)),
    case("not.pred d, a", [pred(False)], pred(True)),
]

INTEGERS = [
    case("add.s32 d, a, b", [b32(0x7FFFFFFF), b32(1)], b32(SMALLEST)),
    case("sub.s64 d, a, b", [b64(0), b64(1)], b64(-1)),
    case("sub.s16 d, a, b", [b16(0), b16(1)], b16(-1)),
    case("mul.lo.s32 d, a, b", [b32(-3), b32(5)], b32(-15)),
    case("mul.lo.s64 d, a, b", [b64(1 << 40), b64(-(1 << 20))], b64(-(1 << 60))),
    case("mul.lo.s16 d, a, b", [b16(300), b16(300)], b16(90000)),
    case("mul.hi.u32 d, a, b", [b32(-1), b32(-1)], b32(-2)),
    case("mul.hi.s32 d, a, b", [b32(-1), b32(2)], b32(-1)),
    case("mul.hi.u64 d, a, b", [b64(-1), b64(-1)], b64(-2)),
    case("mul.wide.s32 d, a, b", [b32(-2), b32(3)], b64(-6)),
    case("mul.wide.u32 d, a, b", [b32(-1), b32(2)], b64(0x1FFFFFFFE)),
    case("mul.wide.u16 d, a, b", [b16(0xFFFF), b16(0xFFFF)], b32(0xFFFE0001)),
    case("mad.lo.s32 d, a, b, c", [b32(3), b32(5), b32(-16)], b32(-1)),
    case("mad.wide.u32 d, a, b, c", [b32(-1), b32(-1), b64(1)], b64(0xFFFFFFFE00000002)),
    case("div.s32 d, a, b", [b32(-7), b32(2)], b32(-3)),
    case("div.s32 d, a, b", [b32(SMALLEST), b32(-1)], b32(SMALLEST)),
    case("div.u32 d, a, b", [b32(-7), b32(2)], b32(0x7FFFFFFC)),
    case("rem.s64 d, a, b", [b64(-7), b64(2)], b64(-1)),
    case("rem.u32 d, a, b", [b32(7), b32(4)], b32(3)),
    case("div.u64 d, a, b", [b64(-1), b64(1 << 32)], b64(0xFFFFFFFF)),
    case("min.s32 d, a, b", [b32(-1), b32(1)], b32(-1)),
    case("max.s64 d, a, b", [b64(-1), b64(1)], b64(1)),
    case("min.u32 d, a, b", [b32(-1), b32(1)], b32(1)),
    case("neg.s32 d, a", [b32(SMALLEST)], b32(SMALLEST)),
    case("abs.s32 d, a", [b32(-5)], b32(5)),
    case("and.b32 d, a, b", [b32(12), b32(10)], b32(8)),
    case("or.b64 d, a, b", [b64(12), b64(10)], b64(14)),
    case("xor.b32 d, a, b", [b32(12), b32(10)], b32(6)),
    case("not.b64 d, a", [b64(0)], b64(-1)),
    case("and.b16 d, a, b", [b16(0xFF), b16(0xF0F0)], b16(0xF0)),
    case("shl.b32 d, a, b", [b32(1), b32(31)], b32(SMALLEST)),
    case("shl.b32 d, a, b", [b32(1), b32(32)], b32(0)),
    case("shl.b64 d, a, b", [b64(1), b32(32)], b64(1 << 32)),
    case("shr.s32 d, a, b", [b32(-8), b32(1)], b32(-4)),
    case("shr.s32 d, a, b", [b32(-8), b32(77)], b32(-1)),
    case("shr.u32 d, a, b", [b32(-8), b32(1)], b32(0x7FFFFFFC)),
    case("shr.u64 d, a, b", [b64(-1), b32(64)], b64(0)),
    case("bfi.b32 d, a, b, 8, 4", [b32(0xFF5), b32(0)], b32(0x500)),
    case("bfi.b64 d, a, b, 60, 8", [b64(0xFF), b64(1)], b64(0xF000000000000001)),
]

CONVERSIONS = [
    case("cvt.rn.f32.f64 d, a", [f64(1 + 2.0**-24)], f32(1)),
    case("cvt.f64.f32 d, a", [f32(TINY)], f64(TINY)),
    case("cvt.rni.f32.f32 d, a", [f32(2.5)], f32(2)),
    case("cvt.rmi.f32.f32 d, a", [f32(-0.5)], f32(-1)),
    case("cvt.rpi.f32.f32 d, a", [f32(0.5)], f32(1)),
    case("cvt.rzi.f64.f64 d, a", [f64(-1.75)], f64(-1)),
    case("cvt.rni.s32.f32 d, a", [f32(-3.5)], b32(-4)),
    case("cvt.rzi.s32.f32 d, a", [f32(-3.5)], b32(-3)),
    case("cvt.rzi.s32.f32 d, a", [f32(2.0**40)], b32(0x7FFFFFFF)),
    case("cvt.rzi.u32.f32 d, a", [f32(-1)], b32(0)),
    case("cvt.rzi.s32.f32 d, a", [f32(NAN)], b32(0)),
    case("cvt.rzi.s64.f64 d, a", [f64(NAN)], b64(1 << 63)),
    case("cvt.rn.f32.s32 d, a", [b32(0x1000001)], f32(0x1000000)),
    case("cvt.rn.f32.u32 d, a", [b32(-1)], f32(2.0**32)),
    case("cvt.rn.f64.s64 d, a", [b64(-3)], f64(-3)),
    case("cvt.rn.f32.s64 d, a", [b64(-(2**40))], f32(-(2.0**40))),
    case("cvt.s64.s32 d, a", [b32(-1)], b64(-1)),
    case("cvt.u64.u32 d, a", [b32(-1)], b64(0xFFFFFFFF)),
    case("cvt.u32.u64 d, a", [b64(0x100000002)], b32(2)),
    case("cvt.s32.s8 d, a", [b32(0x1FF)], b32(-1)),
    case("cvt.u16.u32 d, a", [b32(0x12345)], b16(0x2345)),
    case("cvt.rna.tf32.f32 d, a", [b32(0x3F801000)], b32(0x3F802000)),
    case("cvt.rn.bf16.f32 d, a", [b32(0x3F808000)], b16(0x3F80)),
    case("cvt.rn.bf16.f32 d, a", [b32(0x3F818000)], b16(0x3F82)),
    case("mov.b64 {d, e}, a", [b64(0x100000002)], b32(2), b32(1)),
    case("mov.b64 d, {a, b}", [b32(2), b32(1)], b64(0x100000002)),
    case("mov.b32 d, {a, b}", [b16(2), b16(1)], b32(0x10002)),
    case("mov.f32 d, 0fBF800000", [], f32(-1)),
    case("mov.f64 d, 0dBFF0000000000000", [], f64(-1)),
    case("mov.b32 d, a", [f32(1)], b32(0x3F800000)),
]

CASES = FLOATS + COMPARISONS + INTEGERS + CONVERSIONS
