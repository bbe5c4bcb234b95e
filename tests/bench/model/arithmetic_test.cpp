// Instructions of the model by themselves. Expected values are from the PTX ISA's description of
// what they do, worked out by hand.
#include <cmath>
#include <limits>

#include "bench/model/one_warp.hpp"

namespace polyak::model {
namespace {

TEST(ModelIntegers, AddWithCarriesOverTwoWords) {
  OneWarp w;
  w.set(0, 0xffffffffu);
  w.set(1, 2u);
  w.run("IADD3 R4, P0, P1, R0, R0, R1");  // 2^33 exactly: the second carry
  EXPECT_EQ(w.bits(4), 0u);
  EXPECT_EQ(w.warp.predicate_register(0), all_lanes);
  EXPECT_EQ(w.warp.predicate_register(1), all_lanes);
  w.run("IADD3.X R5, RZ, RZ, 0x5, P0, !PT");
  EXPECT_EQ(w.bits(5), 6u);
  w.run("IADD3 R6, P2, R1, -R1, RZ");  // a - a carries
  EXPECT_EQ(w.bits(6), 0u);
  EXPECT_EQ(w.warp.predicate_register(2), all_lanes);
  w.run("IMAD.X R7, R1, 0x1, ~R1, P2");
  EXPECT_EQ(w.bits(7), 0u);
}

TEST(ModelIntegers, MultiplyOverTwoWords) {
  OneWarp w;
  w.set(0, 0xffffffffu);
  w.set_pair(2, std::uint64_t{0xffffffff00000000});
  w.run("IMAD.WIDE.U32 R4, P0, R0, R0, R2");
  EXPECT_EQ(w.pair(4), 0xfffffffd00000001u);
  EXPECT_EQ(w.warp.predicate_register(0), all_lanes);
  w.run("IMAD.WIDE R6, R0, 0x7, RZ");
  EXPECT_EQ(static_cast<std::int64_t>(w.pair(6)), -7);
  w.run("IMAD.HI.U32 R8, R0, R0, RZ");
  EXPECT_EQ(w.bits(8), 0xfffffffeu);
  w.run("IMAD.WIDE.U32.X R10, RZ, RZ, R6, P0");
  EXPECT_EQ(static_cast<std::int64_t>(w.pair(10)), -6);
}

TEST(ModelIntegers, ShiftedSums) {
  OneWarp w;
  w.set(0, 0x80000003u);
  w.set(1, 10u);
  w.set_predicate(0, all_lanes);
  w.run("LEA R4, P1, R0, R1, 0x2");
  EXPECT_EQ(w.bits(4), 22u);
  w.run("LEA.HI.X R5, R0, R1, RZ, 0x2, P0");  // the two bits shifted out, plus 10, plus 1
  EXPECT_EQ(w.bits(5), 13u);
  w.run("LEA.HI.X.SX32 R6, R0, R1, 0x2, !P0");
  EXPECT_EQ(w.bits(6), 8u);  // ... 11111110, plus 10
  w.run("LEA.HI R7, R0, R1, RZ, 0x1");
  EXPECT_EQ(w.bits(7), 11u);
}

TEST(ModelIntegers, Shifts) {
  OneWarp w;
  w.set(0, 0x80000001u);
  w.set(1, 0x00000007u);
  w.run("SHF.R.S32.HI R4, RZ, 0x1f, R0");
  EXPECT_EQ(w.bits(4), 0xffffffffu);
  w.run("SHF.L.U64.HI R5, R0, 0x2, R1");
  EXPECT_EQ(w.bits(5), 30u);
  w.run("SHF.R.U64 R6, R0, 0x4, R1");
  EXPECT_EQ(w.bits(6), 0x78000000u);
  w.run("SHF.R.U32.HI R7, RZ, 0x20, R0");
  EXPECT_EQ(w.bits(7), 0u);
  w.run("SHF.L.U32 R8, R1, 0x21, RZ");
  EXPECT_EQ(w.bits(8), 0u);
}

TEST(ModelIntegers, ExtremesAndSigns) {
  OneWarp w;
  w.set(0, 0xfffffff0u);  // -16
  w.set(1, 5u);
  w.run("VIMNMX R4, R0, R1, PT");
  EXPECT_EQ(w.bits(4), 0xfffffff0u);
  w.run("VIMNMX.U32 R5, R0, R1, PT");
  EXPECT_EQ(w.bits(5), 5u);
  w.run("VIMNMX.RELU R9, R0, R1, PT");
  EXPECT_EQ(w.bits(9), 0u);
  w.run("VIMNMX.RELU R9, R0, R1, !PT");
  EXPECT_EQ(w.bits(9), 5u);
  w.run("VIADDMNMX.RELU R6, R0, R1, 0x3, PT");
  EXPECT_EQ(w.bits(6), 0u);
  w.run("VIADDMNMX R7, R0, 0x20, 0x66, !PT");
  EXPECT_EQ(w.bits(7), 0x66u);
  w.run("IABS R8, R0");
  EXPECT_EQ(w.bits(8), 16u);
}

TEST(ModelLogic, TablesBytesAndPredicates) {
  OneWarp w;
  w.set(0, 0x0ff0ff00u);
  w.set(1, 0x12345678u);
  w.run("LOP3.LUT P0, R4, R0, R1, RZ, 0xc0, !PT");  // a & b
  EXPECT_EQ(w.bits(4), 0x0ff0ff00u & 0x12345678u);
  EXPECT_EQ(w.warp.predicate_register(0), all_lanes);
  w.run("PRMT R5, R1, 0x7610, R0");
  EXPECT_EQ(w.bits(5), 0x0ff05678u);
  w.run("PRMT R6, R0, 0x9910, RZ");  // the sign of byte 1 above the lower half
  EXPECT_EQ(w.bits(6), 0xffffff00u);
  w.set_predicate(1, 0xff);
  w.run("PLOP3.LUT P2, P3, P0, P1, PT, 0x80, 0x7f");
  EXPECT_EQ(w.warp.predicate_register(2), 0xffu);
  EXPECT_EQ(w.warp.predicate_register(3), ~0xffu);
  w.set(7, 0xf0u);
  w.run("P2R R8, PR, R7, 0x6");
  EXPECT_EQ(w.bits(8, 0), 0xf6u);
  EXPECT_EQ(w.bits(8, 31), 0xf0u);
  w.set(9, 0x1u);
  w.run("R2P PR, R9, 0x3");
  EXPECT_EQ(w.warp.predicate_register(0), all_lanes);
  EXPECT_EQ(w.warp.predicate_register(1), 0u);
}

TEST(ModelComparisons, OfOneWordAndOfTwo) {
  OneWarp w;
  w.set(0, 0xffffffffu);
  w.run("ISETP.LT.AND P0, P1, R0, RZ, PT");
  EXPECT_EQ(w.warp.predicate_register(0), all_lanes);
  EXPECT_EQ(w.warp.predicate_register(1), 0u);
  w.run("ISETP.LT.U32.OR P0, PT, R0, RZ, !PT");
  EXPECT_EQ(w.warp.predicate_register(0), 0u);
  w.set_predicate(2, 0xf);
  w.run("ISETP.GE.AND.EX P3, PT, R0, R0, PT, P2");  // equal words: the lower ones decide
  EXPECT_EQ(w.warp.predicate_register(3), 0xfu);
  w.run("ISETP.NE.AND.EX P3, PT, R0, RZ, PT, P2");
  EXPECT_EQ(w.warp.predicate_register(3), all_lanes);
}

TEST(ModelComparisons, OfFloatsThatAreNoNumbers) {
  OneWarp w;
  w.set(0, std::numeric_limits<float>::quiet_NaN());
  w.run("FSETP.GE.AND P0, PT, R0, R0, PT");
  EXPECT_EQ(w.warp.predicate_register(0), 0u);
  w.run("FSETP.GEU.AND P0, PT, R0, R0, PT");
  EXPECT_EQ(w.warp.predicate_register(0), all_lanes);
  w.run("FSET.BF.GT.AND R1, RZ, -1, PT");
  EXPECT_EQ(w.number(1), 1.0f);
}

TEST(ModelFloats, RoundAsTheySay) {
  OneWarp w;
  w.set(0, 1.0f);
  w.set(1, 0x1p-30f);
  w.run("FADD R2, R0, R1");
  EXPECT_EQ(w.number(2), 1.0f);
  w.run("FADD.RP R2, R0, R1");
  EXPECT_EQ(w.number(2), 1.0f + 0x1p-23f);
  w.run("FFMA.RM R3, R0, -R1, R0");
  EXPECT_EQ(w.number(3), 1.0f - 0x1p-24f);
  w.run("FMUL.FTZ R4, R0, 1e-39");
  EXPECT_EQ(w.bits(4), 0u);
  w.run("FMUL R4, R0, 1e-39");
  EXPECT_GT(w.number(4), 0.0f);
  w.run("HFMA2.MMA R5, -RZ, RZ, 1.875, 0", std::uint64_t{0x3f800000} << 32);
  EXPECT_EQ(w.number(5), 1.0f);
}

TEST(ModelFloats, ExtremesOfNoNumbers) {
  OneWarp w;
  w.set(0, std::numeric_limits<float>::quiet_NaN());
  w.run("FMNMX.NAN R1, R0, 1, PT");
  EXPECT_TRUE(std::isnan(w.number(1)));
  w.run("FMNMX R1, R0, 1, PT");
  EXPECT_EQ(w.number(1), 1.0f);
  w.run("FSEL R2, -R1, 2, !PT");
  EXPECT_EQ(w.number(2), 2.0f);
}

TEST(ModelFloats, SpecialFunctionsAndDivisions) {
  OneWarp w;
  w.set(0, 4.0f);
  w.run("MUFU.RSQ R1, R0");
  EXPECT_EQ(w.number(1), 0.5f);
  w.set_pair(2, 4.0);
  w.run("MUFU.RCP64H R5, R3");
  w.set(4, 0u);
  EXPECT_EQ(w.real_pair(4), 0.25);
  w.run("FCHK P0, R0, 3");
  EXPECT_EQ(w.warp.predicate_register(0), 0u);
  w.run("FCHK P0, R0, RZ");
  EXPECT_EQ(w.warp.predicate_register(0), all_lanes);
}

TEST(ModelFloats, DoublesAndConversions) {
  OneWarp w;
  w.set_pair(0, 3.0);
  w.run("DFMA R2, R0, -R0, 1");
  EXPECT_EQ(w.real_pair(2), -8.0);
  w.run("DMUL.RP R4, R0, 0.5");
  EXPECT_EQ(w.real_pair(4), 1.5);
  w.run("DSETP.GTU.AND P0, PT, |R2|, R0, PT");
  EXPECT_EQ(w.warp.predicate_register(0), all_lanes);
  w.run("F2F.F32.F64 R6, R4");
  EXPECT_EQ(w.number(6), 1.5f);
  w.run("F2I.TRUNC.NTZ R7, R6");
  EXPECT_EQ(w.bits(7), 1u);
  w.set(8, 0x01000001u);  // 2^24 + 1 lies between two floats
  w.run("I2F.U32.RP R9, R8");
  EXPECT_EQ(w.number(9), 16777218.0f);
  w.run("I2FP.F32.U32 R9, R8");
  EXPECT_EQ(w.number(9), 16777216.0f);
  w.set(10, -1.5f);
  w.run("F2I.FTZ.U32.TRUNC.NTZ R11, R10");
  EXPECT_EQ(w.bits(11), 0u);
  w.run("FRND.FLOOR R12, R10");
  EXPECT_EQ(w.number(12), -2.0f);
  w.set_pair(14, static_cast<std::uint64_t>(-3));
  w.run("I2F.F64.S64 R16, R14");
  EXPECT_EQ(w.real_pair(16), -3.0);
}

TEST(ModelTensors, MultiplyMatricesInTf32) {
  OneWarp w;
  for (std::size_t lane = 0; lane < warp_lanes; ++lane) {
    // A has ones on its diagonals [i, i] and [i + 8, i]; B[k, n] = 10 k + n.
    const std::size_t group = lane / 4, quarter = lane % 4;
    for (int i = 0; i < 4; ++i) {
      const std::size_t k = quarter + (i / 2 != 0 ? 4 : 0);
      w.warp.vector_register(4 + i)[lane] = std::bit_cast<std::uint32_t>(k == group ? 1.0f : 0.0f);
    }
    for (int i = 0; i < 2; ++i) {
      const auto k = static_cast<float>(quarter + (i != 0 ? 4 : 0));
      w.warp.vector_register(8 + i)[lane] =
          std::bit_cast<std::uint32_t>(10.0f * k + static_cast<float>(group));
    }
  }
  w.run("HMMA.1688.F32.TF32 R12, R4, R8, RZ");
  EXPECT_EQ(w.number(12, 9), 22.0f);  // lane 9: rows 2 and 10, columns 2 and 3
  EXPECT_EQ(w.number(15, 9), 23.0f);
}

TEST(ModelOperations, UnknownOnesAreNamed) {
  OneWarp w;
  const auto refusal = [&](const char* text) {
    try {
      w.run(text);
    } catch (const ModelError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(refusal("FROB R1, R2"), "\"FROB R1, R2\": unknown operation");
  EXPECT_EQ(refusal("FADD.SAT R1, R2, R3"), "\"FADD.SAT R1, R2, R3\": unknown modifier SAT");
  EXPECT_EQ(refusal("IADD3 R1, R2, R3"), "\"IADD3 R1, R2, R3\": operands are missing");
  EXPECT_EQ(refusal("S2R R1, SR_CLOCKLO"), "unknown special register SR_CLOCKLO");
}

TEST(ModelArithmetic, LowBitsAsANumberWithASign) {
  OneWarp w;
  w.set(0, 0x1ffu);
  w.run("SGXT R1, R0, 0x8");
  EXPECT_EQ(w.bits(1), 0xffffffffu);
  w.run("SGXT R1, R0, 0xa");
  EXPECT_EQ(w.bits(1), 0x1ffu);
  EXPECT_THROW(w.run("SGXT.U32 R1, R0, 0x8"), ModelError);
}

}  // namespace
}  // namespace polyak::model
