// What a search has found so far: all that resuming it needs besides its populations' checkpoints.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "search/search_plan.hpp"
#include "search/succession.hpp"
#include "search/trial.hpp"

namespace polyak {

/// A trial that was trained again with fresh seeds.
struct Confirmation {
  int trial;
  TrialScore
      again;  // from the start states of the search: what it lacks to its score there is luck
  TrialScore score;                                     // from other start states
  std::optional<double> regret, regret_standard_error;  // if best returns are known
};

/// regrets: [seeds], empty if best returns are not known.
Confirmation confirmation_of(int trial, const TrialScore& again, const TrialScore& score,
                             const std::vector<double>& regrets);

/// One selection of population based training.
struct Generation {
  std::int64_t environment_steps;
  std::vector<double> scores;         // of the members before it; minus infinity: failed
  std::vector<Successor> successors;  // and what became of each; empty at the end of the training
  std::vector<Setting> settings;      // of the members behind it
};

struct SearchResults {
  std::vector<Trial> trials;
  std::vector<Generation> generations;
  std::vector<Confirmation> confirmations;  // in the order of the search's scores
  double seconds = 0.0;                     // that it took so far
};

/// No results yet.
SearchResults no_results(const SearchPlan& plan);

/// Of population based training that has come to its end: its members are the trials, with their
/// last settings and scores.
void set_members(SearchResults& results);

/// What became of the trials of a search that is finished.
void set_final_statuses(const SearchPlan& plan, SearchResults& results);

nlohmann::ordered_json results_to_json(const SearchResults& results);

/// UsageError, with the file's name, if it is not what results_to_json() made of such a search's.
SearchResults results_from_json(const nlohmann::ordered_json& json, const SearchPlan& plan,
                                const std::string& file);

}  // namespace polyak
