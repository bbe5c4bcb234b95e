#include "search/sampler.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "io/text_value.hpp"
#include "polyak/core/error.hpp"
#include "polyak/core/random.hpp"
#include "search/sobol.hpp"
#include "search/space_values.hpp"

namespace polyak {
namespace {

constexpr std::array sampler_names = {std::pair{Sampler::grid, std::string_view("grid")},
                                      std::pair{Sampler::random, std::string_view("random")},
                                      std::pair{Sampler::sobol, std::string_view("sobol")}};

/// Uniform in [0, 1), of 53 bits.
double unit_interval(std::uint32_t high, std::uint32_t low) {
  return static_cast<double>(((static_cast<std::uint64_t>(high) << 32) | low) >> 11) * 0x1p-53;
}

std::vector<double> random_point(std::size_t dimensions, std::uint64_t seed, std::int64_t index) {
  std::vector<double> point;
  for (std::size_t dimension = 0; dimension < dimensions; ++dimension) {
    const RandomBits bits =
        PhiloxRandom{seed}(static_cast<std::uint32_t>(dimension), static_cast<std::uint64_t>(index),
                           Purpose::search_setting);
    point.push_back(unit_interval(bits.x, bits.y));
  }
  return point;
}

/// A coordinate for every searched field, in their order.
Setting setting_at_point(const Space& space, const std::vector<double>& point) {
  Setting setting;
  auto coordinate = point.begin();
  for (const SpaceField& field : space.fields) {
    std::string value = field.is_searched() ? value_at(field, *coordinate++) : field.choices[0];
    if (is_active(space, field, setting)) setting.push_back({field.name, std::move(value)});
  }
  return setting;
}

/// The grid as a tree: a level for each field, a branch for each of its values.
class Grid {
 public:
  explicit Grid(const Space& space) : space_(space) {
    for (const SpaceField& field : space.fields) {
      values_.push_back(grid_values(field));
      decides_.push_back(false);
      for (const SpaceCondition& condition : field.when) decides_[condition.field] = true;
    }
  }

  /// Settings below the branch of `setting`, which has the fields before `level`.
  std::int64_t count(Setting& setting, std::size_t level) const {
    if (level == space_.fields.size()) return 1;
    const SpaceField& field = space_.fields[level];
    if (!is_active(space_, field, setting)) return count(setting, level + 1);
    // Only where other fields' conditions depend on it, do its branches differ.
    if (!decides_[level]) {
      const auto branches = static_cast<std::int64_t>(values_[level].size());
      return std::min(largest_grid, branches * count(setting, level + 1));
    }
    std::int64_t sum = 0;
    for (const std::string& value : values_[level]) {
      if (sum < largest_grid) sum += count_with(setting, level, value);
    }
    return std::min(largest_grid, sum);
  }

  Setting at(std::int64_t index) const {
    Setting setting;
    for (std::size_t level = 0; level < space_.fields.size(); ++level) {
      if (!is_active(space_, space_.fields[level], setting)) continue;
      auto value = values_[level].begin();
      for (; value + 1 != values_[level].end(); ++value) {
        const std::int64_t below = count_with(setting, level, *value);
        if (index < below) break;
        index -= below;
      }
      setting.push_back({space_.fields[level].name, *value});
    }
    return setting;
  }

 private:
  std::int64_t count_with(Setting& setting, std::size_t level, const std::string& value) const {
    setting.push_back({space_.fields[level].name, value});
    const std::int64_t below = count(setting, level + 1);
    setting.pop_back();
    return below;
  }

  const Space& space_;
  std::vector<std::vector<std::string>> values_;  // [level]
  std::vector<bool> decides_;                     // [level]: whether conditions depend on it
};

/// A number of a range, multiplied; a whole one moves by at least one.
std::string moved_number(const SpaceRange& range, const std::string& value, bool up) {
  const double number = parse_number<double>(value).value_or(range.lowest);
  const double moved = number * (up ? 1.25 : 0.8);
  if (range.number != RangeNumber::whole) return range_text(range, moved);
  return range_text(range, up ? std::max(moved, number + 1.0) : std::min(moved, number - 1.0));
}

/// A choice beside `value` in the list, at its ends the only one; the first if it is none of them.
std::string moved_choice(const std::vector<std::string>& choices, const std::string& value,
                         bool up) {
  const auto found = std::find(choices.begin(), choices.end(), value);
  if (found == choices.end()) return choices.front();
  const bool next = found == choices.begin() || (up && found + 1 != choices.end());
  return next ? *(found + 1) : *(found - 1);
}

}  // namespace

std::string_view to_string(Sampler value) {
  return sampler_names[static_cast<std::size_t>(value)].second;
}

Sampler parse_sampler(std::string_view text) {
  for (const auto& [value, name] : sampler_names) {
    if (name == text) return value;
  }
  throw UsageError("unknown sampler '" + std::string(text) + "'; use one of grid, random, sobol");
}

std::int64_t grid_size(const Space& space) {
  Setting setting;
  return Grid(space).count(setting, 0);
}

Setting setting_at(const Space& space, Sampler sampler, std::uint64_t seed, std::int64_t index) {
  const std::size_t dimensions = searched_fields(space);
  if (sampler == Sampler::random) {
    return setting_at_point(space, random_point(dimensions, seed, index));
  }
  const std::int64_t settings = sampler == Sampler::grid ? grid_size(space) : sobol_points;
  if (index >= settings) {
    throw UsageError(space.file + ": " +
                     (sampler == Sampler::grid ? "the grid" : "Sobol's sequence") + " has " +
                     std::to_string(settings) + " settings; use fewer trials");
  }
  if (sampler == Sampler::grid) return Grid(space).at(index);
  return setting_at_point(space, scrambled_sobol_point(dimensions, seed, index));
}

Setting perturbed(const Space& space, const Setting& setting, std::uint64_t seed,
                  std::uint64_t counter) {
  Setting changed;
  for (std::size_t i = 0; i < space.fields.size(); ++i) {
    const SpaceField& field = space.fields[i];
    const std::string* const old = find_value(setting, field.name);
    if (!field.mixes) {
      if (old != nullptr) changed.push_back({field.name, *old});
      continue;
    }
    if (!is_active(space, field, changed)) continue;
    if (!field.is_searched()) {
      changed.push_back({field.name, field.choices[0]});
      continue;
    }
    const RandomBits bits =
        PhiloxRandom{seed}(static_cast<std::uint32_t>(i), counter, Purpose::search_perturbation);
    const bool draws = old == nullptr || uniform_from_bits(bits.x) < resampling_probability;
    const bool up = (bits.y & 1u) != 0;
    changed.push_back({field.name, draws         ? value_at(field, unit_interval(bits.z, bits.w))
                                   : field.range ? moved_number(*field.range, *old, up)
                                                 : moved_choice(field.choices, *old, up)});
  }
  return changed;
}

}  // namespace polyak
