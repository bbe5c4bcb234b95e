#include "app/drawing/axis.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <utility>

#include "app/output/format.hpp"

namespace polyak {
namespace {

/// 12000 -> "12k"; as few digits as tell the marks apart. Powers of ten where these would be many.
std::string tick_text(double value, double step) {
  const double size = std::abs(value);
  constexpr double largest_plain = 1e10, smallest_plain = 1e-4;
  if (size >= largest_plain || (size < smallest_plain && size > 0.5 * step)) {
    const int digits =
        std::clamp(static_cast<int>(std::ceil(std::log10(size / step) - 1e-9)), 0, 6);
    char power[48];
    std::snprintf(power, sizeof power, "%.*e", digits, value);
    return power;
  }
  const bool millions = size >= 1e6, thousands = !millions && size >= 1e4;
  const double unit = millions ? 1e6 : thousands ? 1e3 : 1.0;
  const int decimals =
      std::clamp(static_cast<int>(std::ceil(-std::log10(step / unit) - 1e-9)), 0, 6);
  char text[48];
  // What rounding has left of nothing is no -0.
  std::snprintf(text, sizeof text, "%.*f%s", decimals, size < 1e-9 * step ? 0.0 : value / unit,
                millions    ? "M"
                : thousands ? "k"
                            : "");
  return text;
}

/// Powers of ten, or every n-th of them, or 1 and 3 or 1, 2 and 5 times such: whatever comes
/// nearest to `count` from below. Those of equal steps where none is in the range.
std::vector<double> logarithmic_ticks(double low, double high, int count) {
  const int first = static_cast<int>(std::floor(std::log10(low) + 1e-9));
  const int last = static_cast<int>(std::ceil(std::log10(high) - 1e-9));
  const int stride = std::max(1, (last - first) / std::max(1, count));
  std::vector<double> best;
  for (const std::vector<double>& factors :
       {std::vector{1.0}, std::vector{1.0, 3.0}, std::vector{1.0, 2.0, 5.0}}) {
    std::vector<double> ticks;
    for (int power = first; power <= last; power += stride) {
      for (const double factor : factors) {
        const double value = factor * std::pow(10.0, power);
        if (value >= low * (1.0 - 1e-9) && value <= high * (1.0 + 1e-9)) ticks.push_back(value);
      }
    }
    const bool fits = stride == 1 && ticks.size() <= static_cast<std::size_t>(count) + 1;
    if (best.size() < 2 || fits) best = ticks;
  }
  return best.size() > 1 ? best : axis_ticks(low, high, count);
}

}  // namespace

Axis choice_axis(std::vector<std::string> choices) {
  return {-0.5, static_cast<double>(choices.size()) - 0.5, false, std::move(choices)};
}

Axis value_axis(std::span<const double> values, bool is_logarithmic, double space) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const double value : values) {
    if (!std::isfinite(value) || (is_logarithmic && value <= 0.0)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  if (!(low <= high)) low = is_logarithmic ? 0.1 : 0.0, high = 1.0;
  if (is_logarithmic) {
    const double factor = low == high ? 1.5 : std::pow(high / low, space);
    return {low / factor, high * factor, true, {}};
  }
  if (low == high) {
    const double around = std::max(std::abs(low) * 0.05, 1e-6);
    low -= around;
    high += around;
  }
  const double beyond = space * (high - low);
  return {low - beyond, high + beyond, false, {}};
}

double place_on(const Axis& axis, double value) {
  if (axis.is_logarithmic) return std::log(value / axis.low) / std::log(axis.high / axis.low);
  return (value - axis.low) / (axis.high - axis.low);
}

std::vector<AxisMark> axis_marks(const Axis& axis, int count) {
  std::vector<AxisMark> marks;
  if (!axis.choices.empty()) {
    for (std::size_t i = 0; i < axis.choices.size(); ++i) {
      marks.push_back({static_cast<double>(i), axis.choices[i]});
    }
    return marks;
  }
  if (axis.is_logarithmic) {
    for (const double value : logarithmic_ticks(axis.low, axis.high, count)) {
      marks.push_back({value, format_short(value)});
    }
    return marks;
  }
  std::vector<double> ticks = axis_ticks(axis.low, axis.high, count);
  // One alone would not say how far apart values are.
  while (ticks.size() < 2 && count < 10) ticks = axis_ticks(axis.low, axis.high, ++count);
  const double step = ticks.size() > 1 ? ticks[1] - ticks[0] : 1.0;
  for (const double value : ticks) marks.push_back({value, tick_text(value, step)});
  return marks;
}

std::vector<double> axis_ticks(double low, double high, int count) {
  const double rough = (high - low) / std::max(1, count);
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  double step = 10.0 * power;
  for (const double factor : {5.0, 2.0, 1.0}) {
    if (rough <= factor * power) step = factor * power;
  }
  std::vector<double> ticks;
  for (double index = std::ceil(low / step - 1e-9); index * step <= high + 1e-9 * step; ++index) {
    ticks.push_back(index * step);
  }
  return ticks;
}

}  // namespace polyak
