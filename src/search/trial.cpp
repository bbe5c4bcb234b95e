#include "search/trial.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "trainer/evaluation.hpp"

namespace polyak {

TrialScore TrialScore::failure() {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  return {-std::numeric_limits<double>::infinity(), nan, nan};
}

bool TrialScore::is_failure() const { return std::isinf(mean); }

TrialScore score_of(const std::vector<double>& seeds) {
  const bool finite =
      std::all_of(seeds.begin(), seeds.end(), [](double value) { return std::isfinite(value); });
  if (!finite || seeds.empty()) return TrialScore::failure();
  const Estimate all = estimate(seeds);
  return {all.mean, all.standard_error, *std::min_element(seeds.begin(), seeds.end())};
}

std::string_view to_string(TrialStatus value) {
  switch (value) {
    case TrialStatus::waiting:
      return "waiting";
    case TrialStatus::running:
      return "running";
    case TrialStatus::stopped:
      return "stopped";
    case TrialStatus::finished:
      return "finished";
    case TrialStatus::failed:
      return "failed";
  }
  return "?";
}

std::vector<int> best_trials(const std::vector<Trial>& trials) {
  std::vector<int> best;
  for (std::size_t i = 0; i < trials.size(); ++i) {
    const std::vector<RungResult>& rungs = trials[i].rungs;
    if (!rungs.empty() && !rungs.back().score.is_failure()) best.push_back(static_cast<int>(i));
  }
  const auto of = [&](int trial) -> const Trial& {
    return trials[static_cast<std::size_t>(trial)];
  };
  std::sort(best.begin(), best.end(), [&](int left, int right) {
    const auto& one = of(left).rungs;
    const auto& other = of(right).rungs;
    if (one.size() != other.size()) return one.size() > other.size();
    const double mean = one.back().score.mean, others = other.back().score.mean;
    return mean != others ? mean > others : left < right;
  });
  return best;
}

}  // namespace polyak
