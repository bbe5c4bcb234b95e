"""The fundamental types of PTX and what they are in the generated C++."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PtxType:
    """A type of an instruction or a register.

    kind: u(nsigned), s(igned), b(its), f(loat) or pred(icate); bits: 1 for a predicate.
    """

    kind: str
    bits: int

    @property
    def bytes(self) -> int:
        return self.bits // 8

    @property
    def cpp(self) -> str:
        """Its C++ type: bits without a meaning are unsigned."""
        if self.kind == "pred":
            return "bool"
        return f"{'u' if self.kind == 'b' else self.kind}{self.bits}"

    @property
    def is_float(self) -> bool:
        return self.kind == "f"

    @property
    def is_signed(self) -> bool:
        return self.kind == "s"

    @property
    def is_integer(self) -> bool:
        """Whether arithmetic on integers is defined for it."""
        return self.kind in ("u", "s")

    def __str__(self) -> str:
        return self.kind if self.kind == "pred" else f"{self.kind}{self.bits}"


def bits_type(bits: int) -> PtxType:
    return PtxType("b", bits)


def unsigned_type(bits: int) -> PtxType:
    return PtxType("u", bits)


PREDICATE = PtxType("pred", 1)
TYPES = {
    str(known): known
    for known in [
        PREDICATE,
        *(PtxType(kind, bits) for kind in "usb" for bits in (8, 16, 32, 64)),
        *(PtxType("f", bits) for bits in (32, 64)),
    ]
}
F32, F64 = TYPES["f32"], TYPES["f64"]
S32, U32, U64 = TYPES["s32"], TYPES["u32"], TYPES["u64"]
