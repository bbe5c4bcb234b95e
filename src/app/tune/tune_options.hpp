// The options of `polyak tune` besides the configuration's.
#pragma once

#include <cstdint>
#include <string>

#include "app/options/config_options.hpp"
#include "app/output/json_output.hpp"
#include "search/search_options.hpp"

namespace polyak {

/// What is declared for a subcommand on construction, and filled when the line is parsed.
struct TuneOptions {
  explicit TuneOptions(CLI::App& subcommand);

  const CLI::App& command;
  ConfigOptions config;
  JsonOutput json;
  SearchOptions search;
  std::string space;
  std::string starts;
  std::string output;
  std::string resume;
  bool overwrite = false;
  bool quiet = false;
  bool asks_and_tells = false;
  double checkpoint_interval = 60.0;

  bool given(const std::string& option) const;
};

/// UsageError for options that are missing, without effect, or beside the wrong ones.
void check_tune_options(const TuneOptions& options);

/// How the trials that the options mean are drawn and how many there are, where that follows from
/// others: all settings of a grid. UsageError for an option that has no effect beside the space.
SearchOptions search_options(const TuneOptions& options, const Space& space, const Config& config);

}  // namespace polyak
