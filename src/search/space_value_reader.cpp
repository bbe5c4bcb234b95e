#include "search/space_value_reader.hpp"

#include <algorithm>
#include <optional>
#include <type_traits>
#include <utility>

#include "config/checks.hpp"
#include "config/fields.hpp"
#include "io/field_texts.hpp"
#include "io/text_value.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

template <class T>
std::optional<RangeNumber> number_of() {
  if constexpr (is_per_agent<T>) {
    return number_of<typename decltype(T::values)::value_type>();
  } else if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
    return RangeNumber::whole;
  } else if constexpr (std::is_same_v<T, float>) {
    return RangeNumber::single_precision;
  } else if constexpr (std::is_same_v<T, double>) {
    return RangeNumber::double_precision;
  } else {
    return {};
  }
}

/// What numbers a training has one of in the field; nothing if it has none.
std::optional<RangeNumber> number_of_field(const std::string& name) {
  std::optional<RangeNumber> number;
  const Config config;
  visit_fields(config, [&]<class T>(const FieldInfo& field, const T&) {
    if (field.name == name) number = number_of<T>();
  });
  return number;
}

ConfigValue plain_value(const TomlValue& value) {
  switch (value.kind) {
    case TomlKind::word:
      return {ConfigValueKind::word, value.text};
    case TomlKind::truth:
      return {ConfigValueKind::truth, value.text};
    default:
      return {ConfigValueKind::number, value.text};
  }
}

bool is_list(const TomlValue& value) { return value.kind == TomlKind::list; }

}  // namespace

void SpaceValueReader::refuse(TextPosition position, const std::string& why) const {
  throw UsageError(place_in(file_, position) + "'" + field_.name + "' " + why);
}

std::string SpaceValueReader::value_of(const std::vector<TomlValue>& parts,
                                       TextPosition position) const {
  const std::string place = place_in(file_, position);
  if (parts.empty()) refuse(position, "has an empty list; name values to choose from");
  FieldText given;
  for (const TomlValue& part : parts) {
    if (is_list(part)) refuse(part.position, "has a list where one of its values belongs");
    if (part.kind == TomlKind::table) {
      refuse(part.position, "has a table in a list; a list has values to choose from");
    }
    check_kind(field_, plain_value(part), place_in(file_, part.position));
    given.values.push_back(part.text);
  }
  Config probe;
  try {
    set_fields({{field_.name, given}}, probe);
    check_ranges(probe);
  } catch (const UsageError& error) {
    throw UsageError(place + error.what());
  }
  std::string value;
  visit_fields(probe, [&](const FieldInfo& field, const auto& set) {
    if (field.name == field_.name) value = join_text(field_texts(set), ",");
  });
  return value;
}

std::vector<std::string> SpaceValueReader::choices(const TomlValue& value) const {
  if (!is_list(value)) return {value_of({value}, value.position)};
  const std::vector<TomlValue>& items = value.values;
  const bool has_lists = std::any_of(items.begin(), items.end(), is_list);
  if (items.empty() || (field_.is_list && !has_lists)) return {value_of(items, value.position)};
  std::vector<std::string> values;
  for (const TomlValue& item : items) {
    if (field_.is_list && !is_list(item)) {
      refuse(item.position, "has a value beside lists; a choice of lists is [[64, 64], [128]]");
    }
    std::string text = value_of(field_.is_list ? item.values : std::vector{item}, item.position);
    if (std::find(values.begin(), values.end(), text) != values.end()) {
      refuse(item.position, "has " + text + " twice; each choice is there once");
    }
    values.push_back(std::move(text));
  }
  return values;
}

SpaceRange SpaceValueReader::range(RangeScale scale, const TomlValue& ends) const {
  const std::optional<RangeNumber> number = number_of_field(field_.name);
  if (!number) {
    refuse(ends.position, field_.is_list ? "takes lists, which no range has; use a choice of them, "
                                           "[[64, 64], [128, 128]]"
                                         : "takes no number; use a choice, [value, value]");
  }
  if (!is_list(ends) || ends.values.size() != 2) {
    refuse(ends.position, "has a range that is not [lowest, highest], two numbers");
  }
  const std::vector<TomlValue>& items = ends.values;
  const std::string low = value_of({items[0]}, items[0].position);
  const std::string high = value_of({items[1]}, items[1].position);
  constexpr int default_grid_points = 3;
  const SpaceRange range{scale, *number, parse_number<double>(low).value_or(0.0),
                         parse_number<double>(high).value_or(0.0), default_grid_points};
  if (range.lowest >= range.highest) {
    refuse(ends.position,
           "has a range from " + low + " to " + high + "; the first must be below the second");
  }
  if (scale == RangeScale::logarithmic && range.lowest <= 0.0) {
    refuse(items[0].position,
           "has a logarithmic range from " + low + "; it must begin above 0, or be a uniform one");
  }
  return range;
}

}  // namespace polyak
