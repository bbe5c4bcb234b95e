#include "model/listing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "model/operand_text.hpp"

namespace polyak::model {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

// As nvdisasm -gi -hex -c writes it.
constexpr const char* listing = R"(
	.section	.text._Z5otherv,"ax",@progbits
.text._Z5otherv:
        /*0000*/                   EXIT ;            /* 0x000000000000794d */
                                                     /* 0x000fea0003800000 */
	.section	.text._Z6kernelILi8EEvv,"ax",@progbits
_Z6kernelILi8EEvv:
.text._Z6kernelILi8EEvv:
	//## File "/source/kernels/fused/learn.cuh", line 51 inlined at "/source/train.cuh", line 49
	//## File "/source/train.cuh", line 49
        /*0000*/                   S2R R0, SR_TID.X ;                                /* 0x0000000000007919 */
                                                                                     /* 0x000e620000002100 */
        /*0010*/                   ISETP.NE.AND P0, PT, R0, RZ, PT ;                 /* 0x000000ff0000720c */
                                                                                     /* 0x002fe40003f05270 */
	//## File "/source/train.cuh", line 50
        /*0020*/              @!P0 BRA `(.L_x_7) ;                                   /* 0x0000000000008947 */
                                                                                     /* 0x000fea0003800000 */
        /*0030*/                   NOP;                                              /* 0x0000000000007918 */
                                                                                     /* 0x000fc00000000000 */
.L_x_7:
        /*0040*/                   RET.REL.NODEC R6 `(_Z6kernelILi8EEvv) ;           /* 0xfffffff006007950 */
                                                                                     /* 0x000fea0003c3ffff */
)";

Program read(const std::vector<std::string>& parts) {
  std::istringstream text(listing);
  return read_listing(text, parts);
}

TEST(ModelListing, HasTheKernelWithItsLabelsControlAndSource) {
  const Program program = read({"kernel", "Li8E"});
  EXPECT_EQ(program.name, "_Z6kernelILi8EEvv");
  ASSERT_EQ(program.instructions.size(), 5u);

  const Instruction& compare = program.instructions[1];
  EXPECT_EQ(compare.operation, "ISETP");
  EXPECT_THAT(compare.modifiers, ElementsAre("NE", "AND"));
  EXPECT_EQ(compare.control.stall, 2);
  EXPECT_EQ(compare.control.waits_for, 0b10u);
  EXPECT_EQ(compare.control.write_barrier, 7);
  EXPECT_EQ(program.instructions[0].control.write_barrier, 1);
  EXPECT_THAT(program.sources[static_cast<std::size_t>(compare.source)],
              ElementsAre(SourceLine{"/source/kernels/fused/learn.cuh", 51},
                          SourceLine{"/source/train.cuh", 49}));

  const Instruction& branch = program.instructions[2];
  EXPECT_TRUE(branch.guard.complemented);
  EXPECT_EQ(branch.operands.at(0).target, 4u);
  EXPECT_THAT(program.sources[static_cast<std::size_t>(branch.source)],
              ElementsAre(SourceLine{"/source/train.cuh", 50}));
  EXPECT_EQ(program.instructions[3].operation, "NOP");
  EXPECT_EQ(program.instructions[4].operands.size(), 2u);
}

TEST(ModelListing, SaysWhatIsWrong) {
  EXPECT_THAT([] { read({"kernel", "Li9E"}); }, ThrowsMessage<NoKernel>(HasSubstr("kernel Li9E")));
  std::istringstream odd(".text._Z1k:\n/*0000*/ MOV R0, ?7 ; /* 0x0 */\n/* 0x0 */\n");
  EXPECT_THAT([&] { read_listing(odd, {"_Z1k"}); },
              ThrowsMessage<UsageError>(AllOf(HasSubstr("line 3"), HasSubstr("?7"))));
  std::istringstream bare(".text._Z1k:\n/*0000*/ EXIT ;\n\n");
  EXPECT_THAT([&] { read_listing(bare, {"_Z1k"}); },
              ThrowsMessage<UsageError>(HasSubstr("no encoding")));
  std::istringstream jump(
      ".text._Z1k:\n/*0000*/ BRA `(.L_x_1) ; /* 0x0000000000000000 */\n/* 0x0000000000000000 */\n");
  EXPECT_THAT([&] { read_listing(jump, {"_Z1k"}); },
              ThrowsMessage<UsageError>(HasSubstr("no label .L_x_1")));
}

TEST(ModelOperand, RegistersPredicatesAndSigns) {
  const Operand negative = parse_operand("-R17.reuse");
  EXPECT_EQ(negative.kind, OperandKind::vector_register);
  EXPECT_EQ(negative.index, 17);
  EXPECT_TRUE(negative.negated);
  EXPECT_TRUE(parse_operand("|R3|").absolute);
  EXPECT_TRUE(parse_operand("~R3").complemented);
  EXPECT_EQ(parse_operand("RZ").index, zero_register);
  EXPECT_EQ(parse_operand("URZ").index, zero_uniform_register);
  EXPECT_EQ(parse_operand("UR14").kind, OperandKind::uniform_register);
  EXPECT_EQ(parse_operand("!UPT").kind, OperandKind::uniform_predicate);
  EXPECT_EQ(parse_operand("B12").index, 12);
  EXPECT_EQ(parse_operand("SR_CgaCtaId").name, "SR_CgaCtaId");
}

TEST(ModelOperand, NumbersAndAddresses) {
  EXPECT_EQ(parse_operand("-0x40").bits, 0xffffffc0u);
  EXPECT_EQ(parse_operand("1").bits, 0x3f800000u);  // decimals are floats
  EXPECT_EQ(parse_operand("-QNAN").kind, OperandKind::immediate);
  EXPECT_EQ(parse_operand("+INF").bits, 0x7f800000u);
  EXPECT_EQ(parse_operand("2.2250738585072013831e-308").number, 2.2250738585072014e-308);
  const Operand address = parse_operand("desc[UR8][R12.64+0x248]");
  EXPECT_EQ(address.kind, OperandKind::address);
  EXPECT_EQ(address.vector_base, 12);
  EXPECT_TRUE(address.wide_base);
  EXPECT_EQ(address.offset, 0x248);
  const Operand sum = parse_operand("[R1+UR5+-0x8]");
  EXPECT_EQ(sum.vector_base, 1);
  EXPECT_EQ(sum.uniform_base, 5);
  EXPECT_EQ(sum.offset, -8);
  const Operand constant = parse_operand("c[0x3][R16+0x254]");
  EXPECT_EQ(constant.bank, 3);
  EXPECT_EQ(constant.vector_base, 16);
}

}  // namespace
}  // namespace polyak::model
