// What the directory of a search says of it, for whoever looks at it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/config_file.hpp"
#include "search/search_directory.hpp"
#include "search/space.hpp"
#include "search/trial.hpp"

namespace polyak {

/// A score: the mean over a trial's seeds of the mean noise-free return; NaN where there is none.
struct SearchScore {
  double mean, standard_error, worst;  // the error over seeds, and the worst seed's
};

/// A setting that was tried.
struct TrialRecord {
  std::int64_t trial;
  TrialStatus status;
  // Steps and updates are each agent's; -1 as long as the trial has been at no rung.
  std::int64_t rung, environment_steps, updates, seeds;
  SearchScore score;                  // at the highest rung that it reached
  std::vector<std::string> settings;  // [fields], empty where a condition is not met
};

/// A trial at a rung.
struct RungRecord {
  std::int64_t rung, environment_steps;
  std::size_t trial;         // its index among the trials
  SearchScore score;         // NaN: it failed on the way there
  std::optional<bool> kept;  // whether it went on; nothing as long as nobody knows
};

/// One of the best trials, trained again with fresh seeds.
struct ConfirmationRecord {
  std::int64_t rank;
  std::size_t trial;  // its index among the trials
  double search_score, search_standard_error;
  double again_score, again_standard_error;  // from the same start states as in the search
  std::int64_t seeds;
  SearchScore score;                     // from other start states
  double regret, regret_standard_error;  // NaN without best returns
  std::vector<std::string> settings;     // [fields]
};

/// A member of a population at the end of a generation of population based training.
struct GenerationRecord {
  std::int64_t generation, environment_steps, member;
  double score;
  std::int64_t copied_from;  // the member whose place in learning it took after that; -1: none
  std::vector<std::string> settings;  // [fields], those that it has been trained with
};

struct SearchRecord {  // NOLINT(bugprone-exception-escape): moving a JSON value throws nothing
  std::filesystem::path directory;
  nlohmann::json search;                   // what the search is: an object
  nlohmann::json summary;                  // null while there is none
  std::vector<ConfigEntry> configuration;  // what trials have in common
  std::vector<std::string> fields;         // searched: "learning-rate-critic"
  std::vector<TrialRecord> trials;
  std::vector<RungRecord> rungs;                  // the rest is empty while there is none
  std::vector<ConfirmationRecord> confirmations;  // by rank
  std::vector<GenerationRecord> generations;
  std::optional<Space> space;  // if its file is there
  bool has_best_config = false, has_lineage = false;

  /// A field of the configuration as its file writes it; empty if it does not say.
  std::string configured(std::string_view field) const;
  /// Whether the trials are members of a population, which have schedules instead of settings.
  bool is_population() const { return !generations.empty() || option("scheduler") == "pbt"; }
  /// Whether its summary says that it came to its end.
  bool is_finished() const;
  /// One of the options of `polyak tune` that are words, as search.json has it; empty if it does
  /// not.
  std::string option(std::string_view name) const;
};

/// The trials' indices: by the rung that they reached, then by score; last those without a score.
std::vector<std::size_t> ranked_trials(const SearchRecord& search);

/// Whether a directory has a file of a search in it, be it whole or half of one.
bool holds_part_of_search(const std::filesystem::path& directory);

/// Reads a search that is running or has ended. UsageError if the directory holds none or half of
/// one, or if a file in it is not what it should be.
SearchRecord read_search(const std::filesystem::path& directory);

}  // namespace polyak
