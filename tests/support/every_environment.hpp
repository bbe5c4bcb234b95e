// The registry's environments as the types of a typed test suite: a new one is tested by every such
// suite from its line in the registry on.
#pragma once

#include <gtest/gtest.h>

#include <cctype>
#include <string>
#include <string_view>
#include <vector>

#include "polyak/environment/registry.hpp"

namespace polyak::test {

namespace detail {
template <class List>
struct TypesOf;
template <Environment... E>
struct TypesOf<EnvironmentList<E...>> {
  using Types = testing::Types<E...>;
};
}  // namespace detail

using EveryEnvironment = detail::TypesOf<Environments>::Types;

/// "Pendulum-v1" as it may stand in a test's name: "PendulumV1".
inline std::string name_in_tests(std::string_view environment) {
  std::string name;
  bool begins_word = true;
  for (const char c : environment) {
    const auto letter = static_cast<unsigned char>(c);
    if (std::isalnum(letter) != 0) {
      name += static_cast<char>(begins_word ? std::toupper(letter) : letter);
    }
    begins_word = std::isalnum(letter) == 0;
  }
  return name;
}

/// Names the suite's instances.
struct EnvironmentNames {
  template <Environment E>
  static std::string GetName(int) {
    return name_in_tests(E::name);
  }
};

/// The default values of E's parameters.
template <Environment E>
std::vector<float> default_parameters() {
  std::vector<float> values;
  for (const EnvironmentParameter& parameter : E::parameters) {
    values.push_back(parameter.default_value);
  }
  return values;
}

}  // namespace polyak::test
