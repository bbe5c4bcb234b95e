#include "search/main_effects.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "trainer/evaluation.hpp"

namespace polyak {
namespace {

using Trials = std::vector<std::pair<double, double>>;  // settings and scores, sorted

Trials sorted_trials(std::span<const double> settings, std::span<const double> scores) {
  Trials trials;
  for (std::size_t i = 0; i < settings.size(); ++i) {
    if (!std::isnan(settings[i]) && !std::isnan(scores[i])) {
      trials.emplace_back(settings[i], scores[i]);
    }
  }
  std::sort(trials.begin(), trials.end());
  return trials;
}

EffectGroup group_of(std::span<const std::pair<double, double>> trials, double low, double high) {
  std::vector<double> scores;
  for (const auto& [setting, score] : trials) {
    if (std::isfinite(score)) scores.push_back(score);
  }
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  EffectGroup group{low, high, trials.size(), trials.size() - scores.size(), none, {none, none}};
  if (scores.empty()) return group;
  const Estimate mean = estimate(scores);
  group.mean = mean.mean;
  group.interval = mean_interval(mean.mean, mean.standard_error, scores.size());
  return group;
}

/// is_new(i): whether a group begins with trial i, which has another setting than the one before.
template <class IsNew>
std::vector<EffectGroup> split(const Trials& trials, const IsNew& is_new) {
  std::vector<EffectGroup> groups;
  std::size_t begin = 0;
  for (std::size_t i = 1; i <= trials.size(); ++i) {
    if (i < trials.size() && (trials[i].first == trials[i - 1].first || !is_new(i))) continue;
    groups.push_back(group_of(std::span(trials).subspan(begin, i - begin), trials[begin].first,
                              trials[i - 1].first));
    begin = i;
  }
  return groups;
}

}  // namespace

std::vector<EffectGroup> effects_by_quartile(std::span<const double> settings,
                                             std::span<const double> scores) {
  const Trials trials = sorted_trials(settings, scores);
  // Equal settings go with the first of them.
  std::size_t group = 0;
  return split(trials, [&](std::size_t i) {
    const std::size_t own = 4 * i / trials.size();
    const bool is_new = own != group;
    group = own;
    return is_new;
  });
}

std::vector<EffectGroup> effects_by_value(std::span<const double> settings,
                                          std::span<const double> scores) {
  return split(sorted_trials(settings, scores), [](std::size_t) { return true; });
}

EffectGroup effect_between(std::span<const double> settings, std::span<const double> scores,
                           double low, double high) {
  Trials trials = sorted_trials(settings, scores);
  std::erase_if(trials, [&](const auto& trial) { return trial.first < low || trial.first > high; });
  return group_of(trials, low, high);
}

}  // namespace polyak
