// What a space's file says of one field, as values of that field.
#pragma once

#include <string>
#include <vector>

#include "io/known_fields.hpp"
#include "io/toml_entries.hpp"
#include "search/space.hpp"

namespace polyak {

/// Reads the values of one field of a file.
class SpaceValueReader {
 public:
  SpaceValueReader(const std::string& file, const KnownField& field) : file_(file), field_(field) {}

  /// The values of a single one or of a list, as on a command line; in their own type, so that 1e-3
  /// and 0.001 are the same. For a field with a list of values, a list is one of them and a list of
  /// lists has several. UsageError with the place for values that the field does not take, empty
  /// lists, and what is there twice.
  std::vector<std::string> choices(const TomlValue& value) const;

  /// The numbers between two, [lowest, highest]. UsageError with the place for what is no such
  /// list, has ends that the field does not take, or nothing between them.
  SpaceRange range(RangeScale scale, const TomlValue& ends) const;

  [[noreturn]] void refuse(TextPosition position, const std::string& why) const;

 private:
  /// The one value that these are together.
  std::string value_of(const std::vector<TomlValue>& parts, TextPosition position) const;

  const std::string& file_;
  const KnownField& field_;
};

}  // namespace polyak
