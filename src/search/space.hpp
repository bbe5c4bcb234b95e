// The space of a search: which fields of a configuration its trials set, and to what
// (docs/tuning-space.md).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/known_fields.hpp"
#include "polyak/config.hpp"

namespace polyak {

/// How a range's numbers are spread: evenly, or evenly in their logarithms.
enum class RangeScale { uniform, logarithmic };

/// What the numbers of a range are, as the field holds them.
enum class RangeNumber { whole, single_precision, double_precision };

/// The numbers from `lowest` to `highest`, both included.
struct SpaceRange {
  RangeScale scale;
  RangeNumber number;
  double lowest, highest;
  int grid_points;  // of them, evenly spread on the scale, a grid takes so many
};

/// Holds where the space's field of this index has one of the values.
struct SpaceCondition {
  std::size_t field;  // before the one with the condition
  std::vector<std::string> values;
};

/// One field of a space.
struct SpaceField {
  std::string name;                  // as on the command line, without the dashes
  std::vector<std::string> choices;  // in the file's order, as on a command line ("64,64")
  std::optional<SpaceRange> range;   // instead of choices
  std::vector<SpaceCondition> when;  // all of them must hold; otherwise a setting is without it
  bool mixes;                        // the agents of one population may differ in it
  std::string place;                 // "space.toml: line 3, column 1: ", for messages

  /// Whether it has more than one value.
  bool is_searched() const { return range || choices.size() > 1; }
};

/// The fields in the order of the file's lines; one of them at least is searched.
struct Space {
  std::string file;  // its name, for messages
  std::vector<SpaceField> fields;
};

/// Why a search leaves the field to the command; empty: it can set it.
std::string_view why_not_searched(const KnownField& field);

/// How many fields are searched.
std::size_t searched_fields(const Space& space);

/// The space that a TOML text says; `file` is its name, for messages. What does not depend on the
/// trial is that of `base`, the configuration that the trials start from. UsageError, with line and
/// column, for what is no such text or has no meaning: unknown or unsearchable fields, values out
/// of a field's range, empty choices and ranges, conditions that can never hold.
Space parse_space(std::string_view text, const std::string& file, const Config& base);

/// One field of a trial's setting.
struct SettingEntry {
  std::string field;
  std::string value;  // as on a command line: "64,64" for a list
  bool operator==(const SettingEntry&) const = default;
};

/// What a trial sets: its space's fields in the space's order, without those whose condition does
/// not hold.
using Setting = std::vector<SettingEntry>;

/// The value that the setting has for the field; nullptr if it has none.
const std::string* find_value(const Setting& setting, std::string_view field);

/// "tau 0.005, actor-hidden 64,64", for messages.
std::string describe(const Setting& setting);

/// Whether the field's condition holds in a setting that has the fields before it.
bool is_active(const Space& space, const SpaceField& field, const Setting& before);

/// `base` with the setting's fields instead of its own, for one agent; another algorithm than
/// base's brings its parts, as on the command line, but for the fields that were given. Validated,
/// which base need not be. UsageError, which names `source` (a space's file, for example) and the
/// setting, for what cannot be trained; base's own one where the setting is not to blame, as base
/// alone is refused with the same words.
Config configured(const Config& base, const Setting& setting, const std::string& source,
                  std::span<const std::string> given = {});

}  // namespace polyak
