// A trial of a search: a setting, and how well it did.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "search/space.hpp"

namespace polyak {

/// How well a setting did over its seeds. A trial in which a value was not finite has failed: its
/// mean is minus infinity.
struct TrialScore {
  double mean;            // over the seeds, of each agent's mean noise-free return
  double standard_error;  // of that; NaN for fewer than two seeds
  double worst;           // the worst seed's

  static TrialScore failure();
  bool is_failure() const;
};

/// The score of these seeds' mean returns; a failure if one of them is not finite.
TrialScore score_of(const std::vector<double>& seeds);

/// A trial at one rung.
struct RungResult {
  TrialScore score;
  std::optional<bool> kept = {};  // whether it went on; nothing as long as nobody knows
};

enum class TrialStatus { waiting, running, stopped, finished, failed };
std::string_view to_string(TrialStatus value);

struct Trial {
  Setting setting;
  std::vector<RungResult> rungs = {};  // that it has reached, from the first on
  TrialStatus status = TrialStatus::waiting;
};

/// The trials that have a score which is no failure, the best first: those that came to a later
/// rung before the others, as their scores are of longer trainings; of equal ones the first.
std::vector<int> best_trials(const std::vector<Trial>& trials);

}  // namespace polyak
