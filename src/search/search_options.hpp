// What a search is told besides its space and the configuration of its trainings.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "polyak/population.hpp"
#include "search/sampler.hpp"

namespace polyak {

/// Who decides which trials go on: nobody; successive halving of all trials together; the same of
/// one cohort after another, each compared with all that came before; or population based training.
enum class Scheduler { none, halving, asha, pbt };
std::string_view to_string(Scheduler value);
/// UsageError with the names that there are.
Scheduler parse_scheduler(std::string_view text);

/// What tries the settings of a space: "member" of a population, otherwise "trial".
std::string trial_word(Scheduler scheduler);

struct HalvingOptions {
  double reduction = 3.0;       // of so many trials one goes on, at every rung
  std::int64_t first_rung = 0;  // environment steps per agent; 0: default_first_rung
  int cohort = 64;              // trials that begin together (asha)
};

/// Jaderberg et al. 2017; with several intervals Doulazmi et al. 2025 (MF-PBT).
struct PopulationOptions {
  /// Environment steps per agent between two selections; of several, one for each of as many equal
  /// parts of the population. Empty: a twentieth of total_steps.
  std::vector<std::int64_t> intervals = {};
  double quantile = 0.2;  // this share of the members takes over from the same share of the best
  AgentPart part = AgentPart::everything;  // what they take over
};

struct ConfirmationOptions {
  int trials = 3;  // the best ones, trained again; 0: none
  int seeds = 10;  // with so many fresh seeds
};

inline constexpr std::int64_t max_trials = 1'000'000;

struct SearchOptions {
  Scheduler scheduler = Scheduler::halving;
  Sampler sampler = Sampler::sobol;
  std::int64_t trials = 64;
  int seeds = 4;                          // of every trial; a member of a population has one
  std::uint64_t seed = 1;                 // of the settings, and the first of the trainings
  std::int64_t evaluation_episodes = 16;  // that a score is the mean return of
  HalvingOptions halving = {};
  PopulationOptions population = {};
  ConfirmationOptions confirmation = {};
  /// Options that were given besides: another algorithm in a trial leaves them as they are.
  std::vector<std::string> given = {};
};

}  // namespace polyak
