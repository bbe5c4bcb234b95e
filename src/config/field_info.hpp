// What is known of a field of a Config besides its value, and which engines have it.
#pragma once

#include <string_view>

namespace polyak {

/// Who does what a field asks for: a set of the CPU and the GPU's two engines. Every row of the
/// table names its own. Who is not in it trains only while the field has its value in Config{}, and
/// refuses any other by name.
struct Engines {
  bool cpu, layered, fused;
  bool operator==(const Engines&) const = default;
};
inline constexpr Engines every_engine{true, true, true};
inline constexpr Engines not_fused{true, true, false};
inline constexpr Engines gpu_engines{false, true, true};
inline constexpr Engines layered_alone{false, true, false};
/// Of a field that by itself changes no training: a name for the values of others, or who trains.
inline constexpr Engines outside_training{false, false, false};

/// A field's engines in a configuration, and why no value of it would change anything there.
struct FieldSupport {
  FieldSupport(const Engines& all) : engines(all) {}  // NOLINT: most fields always have an effect
  /// Of a field that acts through others: where it has no effect, everyone has it.
  FieldSupport(bool has_effect, const Engines& then, std::string_view why_not)
      : engines(has_effect ? then : every_engine), no_effect(has_effect ? "" : why_not) {}

  Engines engines;
  std::string_view no_effect;  // empty: it has one
};

/// What is known of a field besides its value.
struct FieldInfo {
  std::string_view name;   // as on the command line, without the dashes
  std::string_view group;  // heading in --help and in configuration files
  std::string_view help;   // one line: meaning, unit, source
  double lowest = 0.0;     // inclusive range of numbers (per value, for lists)
  double highest = 0.0;
  Engines engines;  // who has it, the other values of the configuration being what they are
  bool per_agent;   // a list of values over agents
  std::string_view no_effect;  // why it has none beside the other values; empty: it has one
};

}  // namespace polyak
