// evaluations.csv: one row per evaluation without noise and agent.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "io/varied_fields.hpp"
#include "polyak/config.hpp"

namespace polyak {

/// One agent at one evaluation, with the very numbers that the file has: whoever reads it back
/// comes to the same conclusions.
struct EvaluationRow {
  int agent;
  std::int64_t environment_steps, updates;  // per agent, so far
  float seconds;                            // of training so far, evaluations not counted
  std::int64_t episodes;
  float mean_return, standard_error, median_return, worst_return;  // error: NaN for one episode
  float mean_regret;  // best known return minus return; NaN if no best returns are known
};

/// The beginning of a file: whole evaluations.
struct EvaluationsUntil {
  std::vector<EvaluationRow> rows;  // of every agent, evaluation by evaluation
  std::int64_t bytes;               // of their lines and the header
};

/// The columns are those of a row, NaN an empty field, and then what is not the same for all agents
/// of the configuration, as in metrics.csv.
class EvaluationsTable {
 public:
  explicit EvaluationsTable(const Config& config)
      : agents_(config.agents), varied_(varied_fields(config)) {}

  /// The first line.
  std::string header() const;

  /// One line each.
  std::string lines(std::span<const EvaluationRow> rows) const;

  /// The evaluations in a file that are not later than `environment_steps`, without what was cut
  /// off in the middle of one. UsageError if the file is no such table.
  EvaluationsUntil read(const std::filesystem::path& path, std::int64_t environment_steps) const;

 private:
  std::optional<EvaluationRow> parse(const std::string& line) const;

  int agents_;
  std::vector<VariedField> varied_;
};

}  // namespace polyak
