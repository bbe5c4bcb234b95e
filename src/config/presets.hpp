// Named configurations: the systems of the DDPG family, each value with where it comes from.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "config/fields.hpp"
#include "polyak/config.hpp"

namespace polyak {

/// One field's value in a preset: {&Config::batch_size, 64, "where that stands"}.
struct PresetValue {
  template <class T>
  PresetValue(T Config::*member, std::type_identity_t<T> value, std::string_view where)
      : field(field_name(member)),
        set([=](Config& config) { config.*member = value; }),
        source(where) {}

  std::string_view field;
  std::function<void(Config& config)> set;
  std::string_view source;
};

/// What a system has otherwise in its TD3 than in its DDPG.
struct PresetTd3 {
  std::string_view system;  // where it is to be found; empty: there is none
  std::span<const PresetValue> values;
  std::span<const std::string_view> deviations;
};

/// A preset: whatever it does not name stays as in Config{}.
struct PresetDescription {
  Preset preset;
  std::string_view system;  // what it reproduces, and where that is to be found
  std::span<const PresetValue> values;
  std::span<const std::string_view> deviations;  // in what it is not that system
  PresetTd3 td3 = {};
};

std::span<const PresetDescription> all_presets();
const PresetDescription& describe_preset(Preset preset);

/// The fields that make the difference between the algorithms.
std::span<const PresetValue> algorithm_values(Algorithm algorithm);

/// All that a preset sets, with an algorithm that was asked for besides: of a field that is there
/// more than once, the last value counts.
std::vector<PresetValue> preset_values(Preset preset, std::optional<Algorithm> algorithm = {});

}  // namespace polyak
