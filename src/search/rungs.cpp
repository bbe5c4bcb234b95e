#include "search/rungs.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace polyak {

std::int64_t default_first_rung(const Config& config) {
  return std::max(config.total_steps / 27, earliest_comparison(config));
}

std::int64_t earliest_comparison(const Config& config) {
  return config.learning_starts + config.learning_starts / 2;
}

std::vector<std::int64_t> rung_steps(std::int64_t total, double reduction, std::int64_t first) {
  std::vector<std::int64_t> rungs = {total};
  for (double divisor = reduction;; divisor *= reduction) {
    const auto steps =
        static_cast<std::int64_t>(std::llround(static_cast<double>(total) / divisor));
    if (steps < first || steps < 1) break;
    if (steps < rungs.back()) rungs.push_back(steps);
  }
  std::reverse(rungs.begin(), rungs.end());
  return rungs;
}

std::vector<bool> survivors(std::span<const double> before, std::span<const double> scores,
                            double reduction) {
  const std::size_t all = before.size() + scores.size();
  const auto places =
      static_cast<std::size_t>(std::ceil(static_cast<double>(all) / reduction - 1e-9));
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
    return scores[left] != scores[right] ? scores[left] > scores[right] : left < right;
  });
  std::vector<bool> kept(scores.size());
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    const double score = scores[order[rank]];
    const auto better_before = static_cast<std::size_t>(std::count_if(
        before.begin(), before.end(), [score](double other) { return other >= score; }));
    kept[order[rank]] = !std::isinf(score) && rank + better_before < places;
  }
  return kept;
}

}  // namespace polyak
