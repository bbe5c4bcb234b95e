// What a setting does to scores on average, whatever the other settings are.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "search/score_intervals.hpp"

namespace polyak {

/// The trials whose setting is from `low` to `high`.
struct EffectGroup {
  double low, high;
  std::size_t trials, failed;  // failed ones among them
  double mean;                 // of the scores of those that did not fail; NaN if all did
  ConfidenceInterval interval;
};

/// settings, scores: [trials]. A trial whose setting or score is NaN does not take part, one whose
/// score is minus infinity has failed. Groups in the order of settings; equal settings are in the
/// same one, so that there may be fewer than four.
std::vector<EffectGroup> effects_by_quartile(std::span<const double> settings,
                                             std::span<const double> scores);

/// The same with a group for each value.
std::vector<EffectGroup> effects_by_value(std::span<const double> settings,
                                          std::span<const double> scores);

/// The one group of trials whose setting is from `low` to `high`; it may be without any.
EffectGroup effect_between(std::span<const double> settings, std::span<const double> scores,
                           double low, double high);

}  // namespace polyak
