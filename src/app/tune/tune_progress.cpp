#include "app/tune/tune_progress.hpp"

#include <algorithm>
#include <cmath>

#include "app/output/format.hpp"
#include "app/output/report.hpp"

namespace polyak {
namespace {

constexpr double normal_95_percent = 1.96;

}  // namespace

std::vector<std::string> search_progress_parts(const SearchProgress& progress) {
  const double done = static_cast<double>(progress.agent_steps);
  const double all = done + static_cast<double>(progress.agent_steps_left);
  std::vector<std::string> parts = {
      progress.stage + " (" + format_fixed(100.0 * done / std::max(all, 1.0), 0) + "%, " +
          format_duration(progress.seconds_left) + " left)",
      std::to_string(progress.alive) + (progress.alive == 1 ? " candidate" : " candidates")};
  if (progress.best) {
    const int decimals = score_decimals(progress.best->mean);
    std::string best = "best " + format_fixed(progress.best->mean, decimals);
    if (std::isfinite(progress.best->standard_error)) {
      best += " +- " + format_fixed(normal_95_percent * progress.best->standard_error, decimals);
    }
    parts.push_back(best);
  }
  parts.push_back(format_rate(progress.agents_per_second) + " agents/s");
  return parts;
}

}  // namespace polyak
