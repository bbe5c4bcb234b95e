// A changed value of every field of a Config, in trainings of some milliseconds.
#pragma once

#include <ostream>
#include <string_view>
#include <utility>
#include <vector>

#include "polyak/config.hpp"

namespace polyak::test {

/// Fields and their values as on the command line.
using FieldTexts = std::vector<std::pair<std::string_view, std::string_view>>;

/// One field's changed value. Where agents may differ, the first agent keeps the value that it has.
struct FieldCase {
  std::string_view field, value;
  FieldTexts needs = {};       // what must be on for the field to have an effect
  bool only_rounding = false;  // the field may change roundings and nothing more

  /// Two agents, or what is needed instead, as without the field.
  Config before() const;
  /// The same with the changed value.
  Config after() const;
};
std::ostream& operator<<(std::ostream& out, const FieldCase& field_case);

const std::vector<FieldCase>& field_cases();

}  // namespace polyak::test
