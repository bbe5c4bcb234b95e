#include "kernels/copy_columns.hpp"

#include "kernels/kernel_test.hpp"

namespace polyak::test {
namespace {

TEST(CopyColumnsKernel, CopiesEveryBlockAndNothingElse) {
  constexpr int agents = 3, width = 9;
  for (const int rows : {0, 1, 33, 257}) {
    for (const int columns : {1, 4}) {
      const auto count = static_cast<std::size_t>(agents * rows * width);
      const std::vector<float> first = random_values(count, 1), second = random_values(count, 2);
      const MatrixBuffer sources[] = {{agents, rows, width, 3, first},
                                      {agents, rows, width, 3, second}};
      const std::vector<float> before = random_values(count, 3);
      const MatrixBuffer targets[] = {{agents, rows, width, 2, before},
                                      {agents, rows, width, 2, before}};
      std::vector<kernels::CopyColumns> copies;
      for (std::size_t i = 0; i < 2; ++i) {
        copies.push_back({agents, rows, columns, sources[i].view(0, 2), targets[i].view(0, 5)});
      }
      finish(kernels::launch_copy_columns(copies, nullptr));
      for (std::size_t i = 0; i < 2; ++i) {
        const std::vector<float> result = targets[i].values();
        for (std::size_t at = 0; at < count; ++at) {
          const auto column = static_cast<int>(at % width);
          const bool copied = column >= 5 && column < 5 + columns;
          ASSERT_EQ(result[at], copied ? (i == 0 ? first : second)[at - 3] : before[at]) << at;
        }
      }
    }
  }
}

TEST(CopyColumnsKernel, RefusesDifferentSizesAndTooMany) {
  const kernels::CopyColumns copy{1, 2, 3, {nullptr, 3, 6}, {nullptr, 3, 6}};
  std::vector<kernels::CopyColumns> copies(2, copy);
  copies[1].columns = 2;
  EXPECT_EQ(kernels::launch_copy_columns(copies, nullptr), cudaErrorInvalidValue);
  copies.assign(kernels::max_column_copies + 1, copy);
  EXPECT_EQ(kernels::launch_copy_columns(copies, nullptr), cudaErrorInvalidValue);
  EXPECT_EQ(kernels::launch_copy_columns({}, nullptr), cudaSuccess);
}

}  // namespace
}  // namespace polyak::test
