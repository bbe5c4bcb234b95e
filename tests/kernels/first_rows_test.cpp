#include "kernels/first_rows.hpp"

#include "kernels/kernel_test.hpp"

namespace polyak::test {
namespace {

/// Checks that row 0 of every environment is the one given and that everything else is untouched.
void expect_first_rows(int agents, std::int64_t environments, RowLayout layout) {
  SCOPED_TRACE(std::to_string(agents) + " agents, " + std::to_string(environments) +
               " environments");
  constexpr std::size_t rows_per_environment = 5;
  const auto total_environments = static_cast<std::size_t>(agents * environments);
  const auto row_floats = static_cast<std::size_t>(layout.floats());
  const std::vector<float> first = random_values(total_environments * row_floats, 1);
  const DeviceBuffer<float> device_first(first),
      rows(total_environments * rows_per_environment * row_floats);
  finish(kernels::launch_store_first_rows(
      {agents,
       device_first.data(),
       {rows.data(), nullptr, nullptr, environments, rows_per_environment, layout}},
      nullptr));
  const std::vector<float> result = rows.download();
  for (std::size_t i = 0; i < result.size(); ++i) {
    const std::size_t environment = i / (rows_per_environment * row_floats);
    const std::size_t place = i % (rows_per_environment * row_floats);
    if (place < row_floats) {
      ASSERT_EQ(result[i], first[environment * row_floats + place]) << i;
    } else {
      ASSERT_TRUE(std::isnan(result[i])) << i;
    }
  }
}

TEST(StoreFirstRowsKernel, WritesRowZeroOfEveryEnvironmentAndNothingElse) {
  for (const int agents : {0, 1, 3}) {
    for (const std::int64_t environments : {1, 31, 33, 65}) {
      expect_first_rows(agents, environments, {3, 1});
      expect_first_rows(agents, environments, {2, 5});
    }
  }
}

TEST(StoreFirstRowsKernel, ReadsPageLockedMemoryOfTheHost) {
  void* memory = nullptr;
  require_success(cudaMallocHost(&memory, 6 * sizeof(float)));
  float* const first = static_cast<float*>(memory);
  for (int i = 0; i < 6; ++i) first[i] = static_cast<float>(i);
  const DeviceBuffer<float> rows(6 * 4);
  finish(kernels::launch_store_first_rows({1, first, {rows.data(), nullptr, nullptr, 1, 4, {3, 1}}},
                                          nullptr));
  EXPECT_EQ(rows.download()[5], 5.0f);
  require_success(cudaFreeHost(memory));
}

}  // namespace
}  // namespace polyak::test
