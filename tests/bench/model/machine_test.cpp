// Small programs on the model's machine.
#include "model/machine.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include "model/listing.hpp"

namespace polyak::model {
namespace {

/// Stall counts and scoreboards of an instruction, as its encoding's upper word.
std::uint64_t control(int stall, int write_barrier = 7, int waits_for = 0) {
  return static_cast<std::uint64_t>(stall) << 41 | static_cast<std::uint64_t>(write_barrier) << 46 |
         std::uint64_t{7} << 49 | static_cast<std::uint64_t>(waits_for) << 52;
}

struct Line {
  std::string text;
  std::uint64_t control = model::control(1);
};

/// A program in which labels are the numbers of instructions: `(3).
Program assemble(const std::vector<Line>& lines) {
  Program program{"test", {}, {{}}};
  for (const Line& line : lines) {
    Instruction instruction = parse_instruction(line.text, 0, line.control);
    instruction.number = static_cast<std::uint32_t>(program.instructions.size());
    for (Operand& operand : instruction.operands) {
      if (operand.kind == OperandKind::label) {
        operand.target = static_cast<std::uint32_t>(std::stoul(operand.name));
      }
    }
    program.instructions.push_back(instruction);
  }
  return program;
}

struct Result {
  double clocks;
  std::vector<std::uint32_t> output;  // by thread
};

/// Runs it with the address of the output in c[0x0][0x8].
Result run(const std::vector<Line>& lines, int blocks, int threads, int clusters = 1) {
  const int all_blocks = blocks * clusters;
  Result result{0.0, std::vector<std::uint32_t>(static_cast<std::size_t>(all_blocks * threads))};
  const Program program = assemble(lines);
  Memory memory(all_blocks, 1024);
  memory.announce(result.output.data(), result.output.size() * 4);
  Launch launch{blocks, threads, 1024, std::vector<std::uint8_t>(32), clusters};
  const auto* const output = result.output.data();
  std::memcpy(&launch.constants[8], &output, sizeof(output));
  result.clocks = Machine(program, launch, memory, Clocks{}).run();
  return result;
}

/// R0 = the thread, R8:R9 = its place in the output; R1 goes there at the end.
std::vector<Line> with_output(const std::vector<Line>& lines, int threads) {
  std::vector<Line> all = {
      {"S2R R0, SR_TID.X"},
      {"S2R R7, SR_CTAID.X"},
      {"LDC.64 R8, c[0x0][0x8]"},
      {"IMAD R6, R7, " + std::string(threads == 32 ? "0x20" : "0x40") + ", R0"},
      {"IMAD.WIDE R8, R6, 0x4, R8"}};
  all.insert(all.end(), lines.begin(), lines.end());
  all.push_back({"STG.E desc[UR4][R8.64], R1"});
  all.push_back({"EXIT"});
  return all;
}

TEST(ModelMachine, DivergedThreadsMeetAgain) {
  const Result result = run(with_output({{"ISETP.GE.AND P0, PT, R0, 0x8, PT"},  // 5
                                         {"MOV R1, 0x0"},
                                         {"BSSY B0, `(12)"},
                                         {"@P0 BRA `(11)"},
                                         {"MOV R1, 0x64"},
                                         {"BRA `(12)"},
                                         {"MOV R1, 0xc8"},  // 11
                                         {"BSYNC B0"},
                                         {"IADD3 R1, R1, R0, RZ"}},
                                        32),
                            1, 32);
  EXPECT_EQ(result.output[7], 107u);
  EXPECT_EQ(result.output[8], 208u);
}

TEST(ModelMachine, ThreadsLeaveALoopOneAfterAnother) {
  const Result result = run(with_output({{"MOV R1, 0x0"},  // 5
                                         {"BSSY B0, `(11)"},
                                         {"ISETP.GT.AND P0, PT, R1, R0, PT"},  // 7
                                         {"@P0 BREAK B0"},
                                         {"@P0 BRA `(12)"},
                                         {"IADD3 R1, R1, 0x3, RZ"},
                                         {"BRA `(7)"},
                                         {"NOP"}},  // 12
                                        32),
                            1, 32);
  EXPECT_EQ(result.output[0], 3u);
  EXPECT_EQ(result.output[31], 33u);
}

TEST(ModelMachine, CallsComeBack) {
  const Result result = run({{"S2R R0, SR_TID.X"},
                             {"LDC.64 R8, c[0x0][0x8]"},
                             {"IMAD.WIDE R8, R0, 0x4, R8"},
                             {"MOV R2, 0x50"},
                             {"CALL.REL.NOINC `(7)"},
                             {"STG.E desc[UR4][R8.64], R1"},  // at 0x50
                             {"EXIT"},
                             {"IADD3 R1, R0, 0x1, RZ"},
                             {"RET.REL.NODEC R2 `(0)"}},
                            1, 32);
  EXPECT_EQ(result.output[31], 32u);
}

TEST(ModelMachine, WarpsOfABlockWaitForEachOther) {
  // Warp 1 reads what warp 0 wrote late.
  const Result result = run(with_output({{"SHF.L.U32 R2, R0, 0x2, RZ"},
                                         {"IADD3 R3, R0, 0x1, RZ", control(15)},
                                         {"STS [R2], R3"},
                                         {"BAR.SYNC.DEFER_BLOCKING 0x0"},
                                         {"LOP3.LUT R2, R2, 0x80, RZ, 0x3c, !PT"},
                                         {"LDS R1, [R2]"}},
                                        64),
                            1, 64);
  EXPECT_EQ(result.output[0], 33u);
  EXPECT_EQ(result.output[63], 32u);
}

TEST(ModelMachine, BlocksOfAClusterExchange) {
  const std::vector<Line> exchange = {{"MOV R1, 0x0"},
                                      {"SHF.L.U32 R2, R0, 0x2, RZ"},
                                      {"LEA R10, R7, R2, 0x18"},
                                      {"STS [R10], RZ"},
                                      {"LOP3.LUT R3, R7, 0x1, RZ, 0x3c, !PT"},
                                      {"LEA R4, R3, R2, 0x18"},
                                      {"S2R R5, SR_SWINHI"},
                                      {"UCGABAR_ARV"},
                                      {"UCGABAR_WAIT"},
                                      {"IADD3 R6, R7, 0x7, RZ"},
                                      {"ST.E desc[UR4][R4.64], R6"},
                                      {"MEMBAR.ALL.GPU"},
                                      {"UCGABAR_ARV"},
                                      {"UCGABAR_WAIT"},
                                      {"LDS R1, [R10]"}};
  const Result result = run(with_output(exchange, 32), 2, 32);
  EXPECT_EQ(result.output[0], 8u);   // block 0 has block 1's
  EXPECT_EQ(result.output[32], 7u);  // and the reverse
  // Two barriers, and the fence waited for the store.
  const Clocks clocks;
  EXPECT_GE(result.clocks, 2 * clocks.cluster_barrier + clocks.remote_store);
  EXPECT_LT(result.clocks, 2 * clocks.cluster_barrier + 2 * clocks.remote_store + 200);
}

TEST(ModelMachine, TakesTheTimeThatTheCodeAndThePipesSay) {
  const auto clocks_of = [](const std::vector<Line>& lines) {
    std::vector<Line> all = lines;
    all.push_back({"EXIT"});
    return run(all, 1, 32).clocks;
  };
  const double nothing = clocks_of({});
  EXPECT_EQ(clocks_of({{"MOV R1, 0x0", control(9)}}), nothing + 9);
  const std::vector<Line> products(10, Line{"FFMA R1, R2, R3, R1"});
  EXPECT_EQ(clocks_of(products), nothing + 10);
  const std::vector<Line> choices(10, Line{"SEL R1, R2, R3, PT"});  // a warp every other clock
  EXPECT_EQ(clocks_of(choices), nothing + 19);
  EXPECT_EQ(clocks_of({{"LDS R1, [RZ]", control(1, 0)}, {"NOP", control(1, 7, 1)}}),
            nothing + Clocks{}.shared_load + 1);
}

TEST(ModelMachine, NamesWhatItCannotExecute) {
  try {
    run({{"NOP"}, {"FROB R1"}}, 1, 32);
    FAIL();
  } catch (const ModelError& error) {
    EXPECT_NE(std::string(error.what()).find("\"FROB R1\": unknown operation"), std::string::npos)
        << error.what();
  }
  EXPECT_NO_THROW(run({{"EXIT"}, {"FROB R1"}}, 1, 32));  // nobody comes there
}

TEST(ModelMachine, NoticesWhenAllWaitForEver) {
  // Warp 0 at the cluster's barrier, warp 1 at the block's.
  EXPECT_THROW(run({{"S2R R0, SR_TID.X"},
                    {"ISETP.GE.AND P0, PT, R0, 0x20, PT"},
                    {"@P0 BRA `(5)"},
                    {"UCGABAR_ARV"},
                    {"UCGABAR_WAIT"},
                    {"BAR.SYNC.DEFER_BLOCKING 0x0"},  // 5
                    {"EXIT"}},
                   1, 64),
               ModelError);
  EXPECT_THROW(run({{"UCGABAR_WAIT"}, {"EXIT"}}, 1, 32), ModelError);  // has not arrived
}

TEST(ModelProfile, CountsFromBarrierToBarrier) {
  // Three times a barrier of the block with some work between.
  const Program program = assemble({{"MOV R1, 0x0"},
                                    {"BAR.SYNC.DEFER_BLOCKING 0x0"},  // 1
                                    {"FADD R2, R2, R2", control(4)},
                                    {"IADD3 R1, R1, 0x1, RZ", control(4)},
                                    {"ISETP.NE.AND P0, PT, R1, 0x3, PT", control(4)},
                                    {"@P0 BRA `(1)"},
                                    {"EXIT"}});
  Memory memory(1, 1024);
  Machine machine(program, {1, 64, 1024, std::vector<std::uint8_t>(32)}, memory, Clocks{});
  machine.run();
  const Period period = machine.profile().last_period(3);
  EXPECT_EQ(period.costs.issues[2], 2u);  // of two warps
  EXPECT_EQ(period.costs.issues[0], 0u);
  ASSERT_EQ(period.phases.size(), 1u);
  EXPECT_EQ(period.phases[0].barrier, 1u);
  const StageCost& all = period.costs.stages[0];
  EXPECT_EQ(all.issues, 10u);
  EXPECT_NEAR(all.working + all.waiting, 2 * (period.end - period.begin), 1e-9);
  EXPECT_THROW(machine.profile().last_period(2), ModelError);
}

// Each cluster waits for its own blocks, and a sum in global memory is everybody's.
TEST(ModelMachine, ClustersHaveBarriersOfTheirOwn) {
  const Result result = run(with_output({{"UCGABAR_ARV"},  // 5
                                         {"UCGABAR_WAIT"},
                                         {"S2R R1, SR_CgaCtaId", control(1, 0)},
                                         {"NANOSLEEP 0x20", control(1, 7, 1)}},
                                        32),
                            2, 32, 3);
  ASSERT_EQ(result.output.size(), 6u * 32u);
  for (std::size_t block = 0; block < 6; ++block) {
    EXPECT_EQ(result.output[block * 32], block % 2) << block;
  }
  EXPECT_GE(result.clocks, Clocks{}.cluster_barrier + Clocks{}.sleep);
}

// What is waited for arrives after the L2 cache's latency.
TEST(ModelMachine, AWaitForCopiesTakesUntilTheyArrive) {
  const auto clocks = [](const char* wait) {
    return run(with_output({{"MOV R4, 0x40"},
                            {"S2R R1, SR_TID.X"},
                            {"LDGSTS.E [R4], desc[UR8][R8.64]"},
                            {"LDGDEPBAR"},
                            {wait}},
                           32),
               1, 32)
        .clocks;
  };
  EXPECT_GE(clocks("DEPBAR.LE SB0, 0x0"), clocks("NOP") + Clocks{}.l2_load - 50);
}

}  // namespace
}  // namespace polyak::model
