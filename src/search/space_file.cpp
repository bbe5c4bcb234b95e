// A space's file, entry by entry.
#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <utility>

#include "config/derived.hpp"
#include "config/fields.hpp"
#include "config/presets.hpp"
#include "io/suggestion.hpp"
#include "io/text_value.hpp"
#include "polyak/core/error.hpp"
#include "search/shape_groups.hpp"
#include "search/space_value_reader.hpp"

namespace polyak {
namespace {

bool is_field(std::string_view name) {
  bool found = false;
  visit_field_members(
      Config{}, [&](const FieldInfo& field, const auto&) { found = found || field.name == name; });
  return found;
}

/// Reads entries into a space.
class SpaceReader {
 public:
  SpaceReader(const std::string& file, const Config& base) : base_(base) { space_.file = file; }

  Space read(const std::vector<TomlEntry>& entries) {
    for (const TomlEntry& entry : entries) names_.push_back(entry.name);
    for (const TomlEntry& entry : entries) read_entry(entry);
    require_a_search();
    const Config widest = fully_recurrent_base();
    visit_fields(widest, [&](const FieldInfo& field, const auto&) {
      const auto found = find_field(field.name);
      if (found != space_.fields.end()) found->mixes = may_differ(field, widest);
    });
    return std::move(space_);
  }

 private:
  void read_entry(const TomlEntry& entry) {
    const std::string place = place_in(space_.file, entry.position);
    if (is_field(entry.table)) {
      throw UsageError(place + "'" + entry.table + "' is an option; write " + entry.table +
                       " = { ... } in one line");
    }
    const KnownField* const known = find_known_field(entry.table, entry.name, place);
    if (known == nullptr) return;
    const SpaceValueReader reader(space_.file, *known);
    if (const std::string_view why = why_not_searched(*known); !why.empty()) {
      reader.refuse(entry.position, "cannot be searched: " + std::string(why));
    }
    if (find_field(entry.name) != space_.fields.end()) {
      reader.refuse(entry.position, "is there twice");
    }
    SpaceField field{entry.name, {}, {}, {}, false, place};
    if (entry.value.kind == TomlKind::table) {
      read_table(entry.value, reader, field);
    } else {
      field.choices = reader.choices(entry.value);
    }
    require_possible(reader, entry.position, field);
    space_.fields.push_back(std::move(field));
  }

  void read_table(const TomlValue& table, const SpaceValueReader& reader, SpaceField& field) {
    const std::vector<std::string> keys = {"log", "uniform", "choice", "grid", "when"};
    const TomlValue* grid = nullptr;
    for (std::size_t i = 0; i < table.names.size(); ++i) {
      const std::string& key = table.names[i];
      const TomlValue& value = table.values[i];
      if (std::find(keys.begin(), keys.end(), key) == keys.end()) {
        reader.refuse(value.position, "has an unknown '" + key + "'" + did_you_mean(key, keys) +
                                          "; it takes log, uniform or choice, and grid and when");
      }
      if (key == "grid") {
        grid = &value;
      } else if (key == "when") {
        read_conditions(value, reader, field);
      } else if (field.range || !field.choices.empty()) {
        reader.refuse(value.position, "has two kinds of values; use one of log, uniform, choice");
      } else if (key == "choice") {
        field.choices = reader.choices(value);
      } else {
        field.range =
            reader.range(key == "log" ? RangeScale::logarithmic : RangeScale::uniform, value);
      }
    }
    if (!field.range && field.choices.empty()) {
      reader.refuse(table.position, "has no values; use one of log, uniform, choice");
    }
    if (grid != nullptr) read_grid(*grid, reader, field);
  }

  static void read_grid(const TomlValue& value, const SpaceValueReader& reader, SpaceField& field) {
    constexpr int max_points = 1000;
    const int points =
        value.kind == TomlKind::number ? parse_number<int>(value.text).value_or(0) : 0;
    if (!field.range) reader.refuse(value.position, "has a grid beside choices, which are one");
    if (points < 2 || points > max_points) {
      reader.refuse(value.position, "has a grid of other than 2 to " + std::to_string(max_points) +
                                        " points, a whole number");
    }
    field.range->grid_points = points;
  }

  void read_conditions(const TomlValue& table, const SpaceValueReader& reader, SpaceField& field) {
    if (table.kind != TomlKind::table || table.names.empty()) {
      reader.refuse(table.position, "has a condition that is not { name = value }");
    }
    for (std::size_t i = 0; i < table.names.size(); ++i) {
      const std::string& name = table.names[i];
      const TomlValue& value = table.values[i];
      const KnownField& known = *find_known_field("", name, place_in(space_.file, value.position));
      if (const std::string_view why = why_not_searched(known); !why.empty()) {
        reader.refuse(value.position, "depends on '" + name +
                                          "', which no trial has of its own: " + std::string(why));
      }
      std::vector<std::string> values = SpaceValueReader(space_.file, known).choices(value);
      const auto earlier = find_field(name);
      if (earlier == space_.fields.end()) {
        require_in_base(name, values, reader, value.position);
      } else if (earlier->range) {
        reader.refuse(value.position, "depends on '" + name +
                                          "', a range; a condition needs an option with choices");
      } else {
        field.when.push_back(
            {static_cast<std::size_t>(earlier - space_.fields.begin()), std::move(values)});
      }
    }
  }

  /// A condition on what all trials have in common must hold, and then says nothing.
  void require_in_base(const std::string& name, const std::vector<std::string>& values,
                       const SpaceValueReader& reader, TextPosition position) const {
    if (has(name)) {
      reader.refuse(position, "depends on '" + name + "', which must be in a line before it");
    }
    const auto parts = algorithm_values(base_.algorithm);
    const bool follows = std::any_of(parts.begin(), parts.end(),
                                     [&](const PresetValue& part) { return part.field == name; });
    if (follows && has("algorithm")) {
      reader.refuse(position, "depends on '" + name +
                                  "', which follows from 'algorithm'; name that one instead");
    }
    std::string common;
    visit_fields(base_, [&](const FieldInfo& field, const auto& value) {
      if (field.name == name) common = join_text(field_texts(value), ",");
    });
    if (std::find(values.begin(), values.end(), common) == values.end()) {
      reader.refuse(position, "can never apply: '" + name + "' is " + common +
                                  " in every trial, and not in this file");
    }
  }

  /// Whether the field's condition, and the conditions of what it depends on, can hold at once.
  void require_possible(const SpaceValueReader& reader, TextPosition position,
                        const SpaceField& field) const {
    std::map<std::size_t, std::vector<std::string>, std::greater<>> possible;
    const auto add = [&](const std::vector<SpaceCondition>& conditions) {
      for (const SpaceCondition& condition : conditions) {
        const auto [entry, first] =
            possible.emplace(condition.field, space_.fields[condition.field].choices);
        std::erase_if(entry->second, [&](const std::string& value) {
          return std::find(condition.values.begin(), condition.values.end(), value) ==
                 condition.values.end();
        });
      }
    };
    add(field.when);
    // From the last to the first: what a field depends on comes before it.
    for (const auto& [index, values] : possible) {
      const SpaceField& other = space_.fields[index];
      if (values.empty()) {
        reader.refuse(position, "can never apply: its conditions leave no value of '" + other.name +
                                    "', which is " + join_text(other.choices, " or "));
      }
      add(other.when);
    }
  }

  void require_a_search() const {
    if (searched_fields(space_) > 0) return;
    throw UsageError(space_.file +
                     ": no option has more than one value; a list is a choice, and { "
                     "log = [1e-4, 1e-2] } or { uniform = [0, 1] } a range; of an option that is a "
                     "list itself, [[64, 64], [128, 128]] is a choice");
  }

  /// What all trials have in common, with the policy that lets them mix in the fewest fields.
  Config fully_recurrent_base() {
    Config config = base_;
    const auto policy = find_field(field_name(&Config::policy));
    if (policy == space_.fields.end()) return config;
    for (const std::string& choice : policy->choices) {
      const auto kind = parse_enum<PolicyKind>(choice);
      if (kind != PolicyKind::feed_forward) config.policy = kind;
    }
    return config;
  }

  bool has(std::string_view name) const {
    return std::find(names_.begin(), names_.end(), name) != names_.end();
  }
  std::vector<SpaceField>::iterator find_field(std::string_view name) {
    return std::find_if(space_.fields.begin(), space_.fields.end(),
                        [&](const SpaceField& field) { return field.name == name; });
  }

  const Config& base_;
  Space space_;
  std::vector<std::string> names_;  // of all of the file's entries
};

}  // namespace

Space parse_space(std::string_view text, const std::string& file, const Config& base) {
  return SpaceReader(file, base).read(parse_toml_entries(text, file));
}

}  // namespace polyak
