// Axes of charts: where values are along them, and which of them they name.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace polyak {

/// From `low` to `high`, in equal steps or in equal factors; or of choices, which have a place
/// each: then values are the choices' numbers, 0, 1, ..., and what is beside a number is beside its
/// place.
struct Axis {
  double low = 0.0, high = 1.0;
  bool is_logarithmic = false;
  std::vector<std::string> choices = {};
};

/// An axis of choices.
Axis choice_axis(std::vector<std::string> choices);

/// An axis of the finite values among these, never of an empty range; `space`: the share of the
/// range that it has beyond them on either side. Logarithmic: of the positive ones.
Axis value_axis(std::span<const double> values, bool is_logarithmic, double space);

/// 0 at the axis's low end, 1 at its high one.
double place_on(const Axis& axis, double value);

/// A value that an axis names.
struct AxisMark {
  double value;
  std::string text;
};

/// All choices, or round values, about `count` of them.
std::vector<AxisMark> axis_marks(const Axis& axis, int count);

/// Values at which an axis from `low` to `high` in equal steps has its marks: round ones, about
/// `count` of them.
std::vector<double> axis_ticks(double low, double high, int count);

}  // namespace polyak
