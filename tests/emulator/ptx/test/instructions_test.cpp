// Every instruction of the table in instruction_cases.py, translated from PTX and run by one
// thread.

#include <gtest/gtest.h>

#include <cctype>
#include <cstdint>
#include <string>
#include <vector>

#include "emulator/ptx/test/run_ptx.hpp"

namespace polyak::emulator::ptx {
namespace {

struct Result {
  unsigned bits;
  std::uint64_t value;
};

struct InstructionCase {
  const char* kernel;
  const char* instruction;
  std::vector<std::uint64_t> inputs;
  std::vector<Result> outputs;
};

const std::vector<InstructionCase>& cases() {
  static const std::vector<InstructionCase> table = {
#include "cases.inc"
  };
  return table;
}

/// The instruction and the case's number, in letters that GoogleTest takes.
std::string name_of_case(const testing::TestParamInfo<InstructionCase>& info) {
  std::string name;
  for (const char* letter = info.param.instruction; *letter != ' '; ++letter) {
    name += std::isalnum(static_cast<unsigned char>(*letter)) != 0 ? *letter : '_';
  }
  return name + "_" + std::to_string(info.index);
}

class Instructions : public testing::TestWithParam<InstructionCase> {};

TEST_P(Instructions, ComputeWhatTheIsaSays) {
  const InstructionCase& tested = GetParam();
  emulator_tests::DeviceArray<std::uint64_t> inputs(
      tested.inputs.empty() ? std::vector<std::uint64_t>{0} : tested.inputs);
  emulator_tests::DeviceArray<std::uint64_t> outputs(tested.outputs.size());
  run_ptx(tested.kernel, emulator_tests::LaunchShape(1, 1), inputs.data(), outputs.data());
  const std::vector<std::uint64_t> values = outputs.read();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto [bits, expected] = tested.outputs[i];
    const std::uint64_t mask = bits == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
    EXPECT_EQ(values[i] & mask, expected) << tested.instruction << ", result " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Isa, Instructions, testing::ValuesIn(cases()), name_of_case);

}  // namespace
}  // namespace polyak::emulator::ptx
