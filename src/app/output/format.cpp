#include "app/output/format.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "app/output/report.hpp"
#include "io/text_value.hpp"

namespace polyak {
namespace {

/// Three significant digits and the unit that fits.
template <std::size_t Count>
std::string scaled(double value, double step, const std::array<const char*, Count>& units) {
  std::size_t unit = 0;
  while (unit + 1 < Count && value >= 0.9995 * step) {
    value /= step;
    ++unit;
  }
  const int decimals = unit == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return format_fixed(value, decimals) + units[unit];
}

}  // namespace

std::string format_rate(double per_second) {
  return scaled(per_second, 1000.0, std::array{"", " k", " M", " G", " T"});
}

std::string format_duration(double seconds) {
  constexpr double hour = 3600.0, day = 24.0 * hour;
  if (!(seconds < 100.0 * day)) return "> 99 days";
  if (seconds >= 100.0 * hour) return format_fixed(std::floor(seconds / day), 0) + " days";
  const auto whole = static_cast<int>(std::max(std::round(seconds), 0.0));
  const int hours = whole / 3600, minutes = whole / 60 % 60;
  char text[48];
  if (hours > 0) {
    std::snprintf(text, sizeof text, "%d:%02d:%02d", hours, minutes, whole % 60);
  } else {
    std::snprintf(text, sizeof text, "%d:%02d", minutes, whole % 60);
  }
  return text;
}

std::string format_bytes(std::int64_t bytes) {
  return scaled(static_cast<double>(bytes), 1024.0,
                std::array{" B", " KiB", " MiB", " GiB", " TiB"});
}

std::string format_fixed(double value, int decimals) {
  if (!std::isfinite(value)) return "-";
  char text[400];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

std::string group_thousands(std::string digits) {
  const std::size_t point = std::min(digits.find('.'), digits.size());
  const std::size_t first_digit = digits.front() == '-' ? 1 : 0;
  for (std::size_t i = point; i > first_digit + 3;) {
    i -= 3;
    digits.insert(i, ",");
  }
  return digits;
}

int score_decimals(double score) { return std::abs(score) >= 10.0 ? 1 : 3; }

std::string score_text(double score) { return score_text_like(score, score); }

std::string score_text_like(double value, double score) {
  const int decimals = std::abs(score) >= 1000.0 ? 0 : score_decimals(score);
  return group_thousands(format_fixed(value, decimals));
}

std::string format_short(double value) {
  if (!std::isfinite(value)) return "-";
  const double size = std::abs(value);
  if (size >= 1000.0 && size < 1e9) return format_quantity(std::round(value));
  char text[48];
  std::snprintf(text, sizeof text, size > 0.0 && size < 1e-3 ? "%.2e" : "%.3g", value);
  std::string shown(text);
  const std::size_t power = shown.find('e');
  if (power == std::string::npos) return shown;
  std::string digits = shown.substr(0, power);
  if (digits.find('.') != std::string::npos) {
    digits.erase(digits.find_last_not_of('0') + 1);
    if (digits.ends_with('.')) digits.pop_back();
  }
  return digits + "e" + std::to_string(std::atoi(shown.c_str() + power + 1));
}

std::string format_setting(const std::string& text) {
  if (text.empty()) return "-";
  const std::optional<double> number = parse_number<double>(text);
  return number ? format_short(*number) : text;
}

}  // namespace polyak
