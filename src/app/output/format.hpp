// Numbers as people read them.
#pragma once

#include <cstdint>
#include <string>

namespace polyak {

/// 84123.0 -> "84.1 k", 3.2e6 -> "3.20 M".
std::string format_rate(double per_second);

/// Seconds -> "0:07", "12:30", "3:04:05", "12 days" from 100 hours, "> 99 days".
std::string format_duration(double seconds);

/// Bytes -> "512 B", "12.3 MiB".
std::string format_bytes(std::int64_t bytes);

/// With `decimals` digits after the point, or "-" if there is no such number.
std::string format_fixed(double value, int decimals);

/// A number's digits before the point in groups of three: "-1234.5" -> "-1,234.5".
std::string group_thousands(std::string digits);

/// Digits after the point that a score deserves: one, or three where one would say little.
int score_decimals(double score);

/// A score with as many digits as it deserves: "-148.2", "-1,376"; "-" if there is none.
std::string score_text(double score);

/// Another number to as many digits as that score.
std::string score_text_like(double value, double score);

/// A setting to three significant digits: 0.00214 -> "0.00214", 3.2e-05 -> "3.2e-5", 12000 ->
/// "12,000"; "-" if there is no such number.
std::string format_short(double value);

/// The same of what a file says: words as they are, "-" where it says nothing.
std::string format_setting(const std::string& text);

}  // namespace polyak
