// Requests that are wrong, and what the program must say of them.
#pragma once

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "io/temporary_directory.hpp"

namespace polyak::test {

struct BadInput {
  std::string name;
  std::vector<std::string> arguments;
  std::string expected;  // in the message
};

inline std::ostream& operator<<(std::ostream& out, const BadInput& input) {
  return out << input.name;
}

inline std::string bad_input_name(const testing::TestParamInfo<BadInput>& info) {
  return info.param.name;
}

/// Puts what the cases name into their directory.
void fill(const TemporaryDirectory& directory);

/// Runs the program: it must end with exit code 2 and one line, and have written nothing.
void expect_refusal(const BadInput& input);

}  // namespace polyak::test
