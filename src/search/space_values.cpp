#include "search/space_values.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "io/text_value.hpp"

namespace polyak {
namespace {

/// lowest * (highest / lowest)^part for a part from 0 up to below 1: a square root for every binary
/// digit, because the mathematical library's powers differ in their last digit between machines.
double geometric_between(double lowest, double highest, double part) {
  double factor = highest / lowest, value = lowest;
  while (part > 0.0) {
    factor = std::sqrt(factor);
    part *= 2.0;
    if (part >= 1.0) {
      value *= factor;
      part -= 1.0;
    }
  }
  return value;
}

double between(RangeScale scale, double lowest, double highest, double part) {
  if (scale == RangeScale::logarithmic) return geometric_between(lowest, highest, part);
  return lowest + (highest - lowest) * part;
}

}  // namespace

std::string range_text(const SpaceRange& range, double number) {
  if (range.number == RangeNumber::whole) number = std::round(number);
  const double inside = std::clamp(number, range.lowest, range.highest);
  switch (range.number) {
    case RangeNumber::whole:
      return format_number(static_cast<std::int64_t>(inside));
    case RangeNumber::single_precision:
      return format_number(static_cast<float>(inside));
    case RangeNumber::double_precision:
      break;
  }
  return format_number(inside);
}

std::string value_at(const SpaceField& field, double coordinate) {
  if (!field.range) {
    const auto count = static_cast<double>(field.choices.size());
    return field.choices[static_cast<std::size_t>(coordinate * count)];
  }
  const SpaceRange& range = *field.range;
  // Whole numbers are what is rounded to them, half of a number around the ends included.
  const double half = range.number == RangeNumber::whole ? 0.5 : 0.0;
  return range_text(range,
                    between(range.scale, range.lowest - half, range.highest + half, coordinate));
}

std::vector<std::string> grid_values(const SpaceField& field) {
  if (!field.range) return field.choices;
  const SpaceRange& range = *field.range;
  std::vector<std::string> values;
  for (int point = 0; point < range.grid_points; ++point) {
    const bool last = point + 1 == range.grid_points;
    const double part = static_cast<double>(point) / (range.grid_points - 1);
    std::string value = range_text(
        range, last ? range.highest : between(range.scale, range.lowest, range.highest, part));
    if (values.empty() || values.back() != value) values.push_back(std::move(value));
  }
  return values;
}

}  // namespace polyak
