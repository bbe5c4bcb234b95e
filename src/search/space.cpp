#include "search/space.hpp"

#include <algorithm>
#include <array>

#include "config/checks.hpp"
#include "config/fields.hpp"
#include "io/field_texts.hpp"
#include "io/known_fields.hpp"
#include "io/text_value.hpp"
#include "polyak/core/error.hpp"

namespace polyak {

std::string_view why_not_searched(const KnownField& field) {
  struct Reason {
    std::string_view group_or_name, why;
  };
  constexpr std::array reasons = {
      Reason{"Preset", "it says what all trials start from; give it to the command"},
      Reason{"Task",
             "returns of different tasks say nothing of each other; give it to the command"},
      Reason{"agents", "a trial has an agent for each of --seeds"},
      Reason{"seed", "every setting is trained with the same seeds; use --seeds and --seed"},
      Reason{"total-steps", "all trials are given as much; give it to the command"},
      Reason{"Execution", "it says who computes, not what is learned; give it to the command"}};
  for (const Reason& reason : reasons) {
    if (reason.group_or_name == field.group || reason.group_or_name == field.name) {
      return reason.why;
    }
  }
  return {};
}

std::size_t searched_fields(const Space& space) {
  return static_cast<std::size_t>(
      std::count_if(space.fields.begin(), space.fields.end(),
                    [](const SpaceField& field) { return field.is_searched(); }));
}

const std::string* find_value(const Setting& setting, std::string_view field) {
  const auto found = std::find_if(setting.begin(), setting.end(),
                                  [&](const SettingEntry& entry) { return entry.field == field; });
  return found == setting.end() ? nullptr : &found->value;
}

std::string describe(const Setting& setting) {
  if (setting.empty()) return "that changes nothing";
  std::vector<std::string> parts;
  for (const SettingEntry& entry : setting) parts.push_back(entry.field + " " + entry.value);
  return join_text(parts, ", ");
}

bool is_active(const Space& space, const SpaceField& field, const Setting& before) {
  return std::all_of(field.when.begin(), field.when.end(), [&](const SpaceCondition& condition) {
    const std::string* const value = find_value(before, space.fields[condition.field].name);
    const std::vector<std::string>& values = condition.values;
    return value != nullptr && std::find(values.begin(), values.end(), *value) != values.end();
  });
}

namespace {

/// UsageError for what no trial can be: its agents differ in their seeds alone.
void check_trial(const Config& config) {
  visit_fields(config, [&]<class T>(const FieldInfo& field, const T& value) {
    if constexpr (is_per_agent<T>) {
      if (value.values.size() < 2) return;
      refuse(field.name,
             std::to_string(value.values.size()) + " values for a trial, which has one");
    }
  });
  validate(config);
}

/// Why it cannot be trained with one agent; empty if it can be.
std::string refusal_of(Config config) {
  config.agents = 1;
  try {
    check_trial(config);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

/// The algorithm's parts, but for what was given.
void set_algorithm(Algorithm algorithm, const Config& base, std::span<const std::string> given,
                   Config& config) {
  apply_algorithm(config, algorithm);
  visit_field_members(base, [&](const FieldInfo& field, auto member) {
    if (std::find(given.begin(), given.end(), field.name) != given.end()) {
      config.*member = base.*member;
    }
  });
}

}  // namespace

Config configured(const Config& base, const Setting& setting, const std::string& source,
                  std::span<const std::string> given) {
  Config config = base;
  config.agents = 1;
  try {
    if (const std::string* const name = find_value(setting, "algorithm")) {
      const auto algorithm = parse_enum<Algorithm>(*name);
      if (algorithm != base.algorithm) set_algorithm(algorithm, base, given, config);
    }
    FieldTexts texts;
    for (const SettingEntry& entry : setting) {
      const KnownField& known = *find_known_field("", entry.field, "");  // refuses any other name
      if (const std::string_view why = why_not_searched(known); !why.empty()) {
        throw UsageError("'" + entry.field + "' cannot be searched: " + std::string(why));
      }
      texts.emplace(entry.field, FieldText{{entry.value}});
    }
    set_fields(texts, config);
    check_trial(config);
  } catch (const UsageError& error) {
    if (error.what() == refusal_of(base)) throw;
    throw UsageError(source + ": the setting " + describe(setting) +
                     " cannot be trained: " + error.what());
  }
  return config;
}

}  // namespace polyak
