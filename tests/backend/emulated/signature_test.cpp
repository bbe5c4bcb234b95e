// The signature of the GPU's engines, with every number of blocks for an agent: the emulator offers
// so many multiprocessors that the fused engine takes them.
#include "trainer/signature/signature.hpp"

#include <gtest/gtest.h>

#include "backend/cuda/fused/fused_engine.hpp"
#include "backend/cuda/fused/fused_plan.hpp"
#include "support/emulation.hpp"

namespace polyak {
namespace {

/// One way to run the trainings.
struct SignatureRow {
  Engine engine;
  int blocks;  // of an agent; of the layered engine 1
};

std::string name_of(const SignatureRow& row) {
  const std::string engine(to_string(row.engine));
  return engine + (row.engine == Engine::fused ? std::to_string(row.blocks) : "");
}

void PrintTo(const SignatureRow& row, std::ostream* out) { *out << name_of(row); }

/// Whether the row runs the training otherwise than those above it: batches of few rows get fewer
/// blocks than there are.
bool is_new(const SignatureRow& row, const Config& config) {
  if (row.engine != Engine::fused) return true;
  return cuda::choose_cluster_blocks(config, {row.blocks * config.agents, cuda::fused_limits()}) ==
         row.blocks;
}

/// What the row gives: of the trainings that its engine has and that are new there.
std::vector<CaseSignature> sign_row(const SignatureRow& row) {
  const test::RestoredEmulatorOptions restore_options;
  std::vector<CaseSignature> signatures;
  for (const SignatureCase& training : signature_cases()) {
    const Execution execution{DeviceKind::cuda, row.engine};
    const Config config = on_execution(training.config, execution);
    if (!missing_option(config).empty() || !is_new(row, config)) continue;
    test::emulator_options()->multiprocessors = row.blocks * config.agents;
    signatures.push_back(sign(training, execution));
  }
  return signatures;
}

class SignatureInTheEmulator : public testing::TestWithParam<SignatureRow> {};
INSTANTIATE_TEST_SUITE_P(
    Rows, SignatureInTheEmulator,
    testing::Values(SignatureRow{Engine::layered, 1}, SignatureRow{Engine::fused, 1},
                    SignatureRow{Engine::fused, 2}, SignatureRow{Engine::fused, 4},
                    SignatureRow{Engine::fused, 8}, SignatureRow{Engine::fused, 16}),
    [](const auto& instance) { return name_of(instance.param); });

TEST_P(SignatureInTheEmulator, IsTheRequiredOne) {
  const std::vector<CaseSignature> signatures = sign_row(GetParam());
  EXPECT_FALSE(signatures.empty());
  for (const CaseSignature& actual : signatures) {
    ASSERT_TRUE(expected_digests().contains(actual.name)) << actual.name;
    EXPECT_EQ(actual.digest, expected_digests().at(actual.name))
        << actual.name << " on " << actual.device;
  }
}

}  // namespace
}  // namespace polyak
