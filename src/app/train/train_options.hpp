// The options of `polyak train` besides the configuration's, and what they mean.
#pragma once

#include <cstdint>
#include <string>

#include "app/options/config_options.hpp"
#include "app/output/json_output.hpp"
#include "app/train/evaluation_plan.hpp"
#include "io/directory_claim.hpp"
#include "polyak/config.hpp"

namespace polyak {

/// What is declared for a subcommand on construction, and filled when the line is parsed.
struct TrainOptions {
  explicit TrainOptions(CLI::App& subcommand);

  const CLI::App& command;
  ConfigOptions config;
  EvaluationOptions evaluation;
  JsonOutput json;
  std::string output;
  bool overwrite = false;
  bool quiet = false;
  bool tensorboard = false;
  std::int64_t report_steps = 0;
  std::string resume;
  std::string schedule;
  double checkpoint_interval = 60.0;
  std::int64_t checkpoint_every = 0;
  int keep_checkpoints = 1;

  /// A training that goes on keeps as many as it has, unless told otherwise.
  int checkpoints_to_keep() const;
  bool makes_checkpoints() const { return checkpoint_every > 0 || checkpoint_interval > 0.0; }
};

/// The directory that the training writes to, locked.
DirectoryClaim claim_output(const TrainOptions& options, const Config& config);

/// UsageError for what would be without effect or would replace an input.
void check_train_options(const TrainOptions& options, const Config& config);

}  // namespace polyak
