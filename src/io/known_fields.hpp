// The fields of a Config as files know them, and what is wrong with an entry that has no meaning.
#pragma once

#include <string>
#include <string_view>

#include "io/config_file.hpp"

namespace polyak {

/// What an entry of a file is held against.
struct KnownField {
  std::string name;
  std::string group;  // the table that it may stand in
  ConfigValueKind kind;
  bool is_list;  // one training has several values of it, such as the widths of layers
};

/// The field of an entry `name` in `table` (empty: in none) of a file; nullptr for an empty table,
/// which has no name. `place` begins the messages: UsageError for an unknown name or table, with
/// the nearest one, and for a field in another group's table.
const KnownField* find_known_field(const std::string& table, const std::string& name,
                                   const std::string& place);

/// UsageError for a word where the field takes numbers, and the like.
void check_kind(const KnownField& field, const ConfigValue& value, const std::string& place);

}  // namespace polyak
