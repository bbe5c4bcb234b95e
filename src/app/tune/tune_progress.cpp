#include "app/tune/tune_progress.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

#include "app/output/format.hpp"
#include "app/output/training_result.hpp"

namespace polyak {
namespace {

/// "21.3 agents/min": by the shortest time in which it is one at least.
std::string agents_rate(double per_second) {
  constexpr std::array times = {std::pair(1.0, std::string_view("s")),
                                std::pair(60.0, std::string_view("min")),
                                std::pair(3600.0, std::string_view("h"))};
  const auto* const found = std::find_if(times.begin(), times.end() - 1, [&](const auto& time) {
    return per_second * time.first >= 1.0;
  });
  const double rate = per_second * found->first;
  return (rate < 1000.0 ? format_short(rate) : format_rate(rate)) + " agents/" +
         std::string(found->second);
}

}  // namespace

std::vector<std::string> search_progress_parts(const SearchProgress& progress) {
  const bool has_rate = progress.agents_per_second > 0.0;
  std::vector<std::string> parts = {
      progress.stage + " (" + format_fixed(100.0 * progress.fraction(), 0) + "%" +
          (has_rate ? ", " + format_duration(progress.seconds_left) + " left)" : ")"),
      std::to_string(progress.alive) + (progress.alive == 1 ? " candidate" : " candidates")};
  if (progress.best) {
    const int decimals = score_decimals(progress.best->mean);
    const TrialScore& best = *progress.best;
    parts.push_back("best " + (std::isfinite(best.standard_error)
                                   ? with_error({best.mean, best.standard_error}, decimals)
                                   : format_fixed(best.mean, decimals)));
  }
  if (has_rate) parts.push_back(agents_rate(progress.agents_per_second));
  return parts;
}

}  // namespace polyak
