// A search that is ready to begin: what follows from its space, its options and its configuration.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "io/starts_file.hpp"
#include "polyak/config.hpp"
#include "search/search_options.hpp"
#include "search/space.hpp"
#include "trainer/schedule.hpp"

namespace polyak {

struct SearchPlan {
  Space space;
  std::string space_text;  // of its file
  Config base;             // that the settings change; it need not be possible without them
  SearchOptions options;
  std::vector<Setting> settings;         // of the trials, or of a population's members
  std::vector<Config> configs;           // theirs, of one agent each
  std::vector<std::int64_t> rungs;       // environment steps per agent; without halving one
  std::vector<std::int64_t> selections;  // of population based training
  std::vector<std::int64_t> intervals;   // between them
  Starts starts;                         // from which scores are measured
  Starts confirmation_starts;            // and those of the confirmation: others
};

/// UsageError for options that do not fit each other, the space or the configuration; if a setting
/// cannot be trained, which. `confirmation_starts`: empty for start states that are drawn.
SearchPlan make_plan(Space space, std::string space_text, const Config& base,
                     const SearchOptions& options, Starts confirmation_starts);

/// What is trained with a setting: configured() by the plan.
Config trial_config(const SearchPlan& plan, const Setting& setting);

/// The steps of whole iterations that reach so many: those that a trial makes.
std::int64_t whole_steps(const Config& config, std::int64_t steps);

/// The start states from which a search measures scores.
Starts search_starts(const Config& config, std::int64_t episodes);

/// So many seeds from the first on; UsageError if there are fewer.
std::vector<std::uint64_t> seeds_from(std::uint64_t first, int count);

/// The seeds of every trial's agents.
std::vector<std::uint64_t> trial_seeds(const SearchPlan& plan);

/// Those with which trials are trained again: a million behind those.
std::vector<std::uint64_t> confirmation_seeds(const SearchPlan& plan);

}  // namespace polyak
