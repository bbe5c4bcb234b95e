// Run directories of two trainings that must be the same one.
#pragma once

#include <filesystem>

namespace polyak::test {

/// Policies, checkpoint and metrics, times aside. Means of a report that is not finished are sums
/// of slices, whose lengths are a matter of time: they may differ in a double's last digits.
void expect_same_training(const std::filesystem::path& actual,
                          const std::filesystem::path& expected);

}  // namespace polyak::test
