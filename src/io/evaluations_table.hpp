// evaluations.csv: one row per evaluation without noise and agent.
#pragma once

#include <cstdint>
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

/// The columns are those of a row, NaN an empty field, and then what is not the same for all agents
/// of the configuration, as in metrics.csv.
class EvaluationsTable {
 public:
  explicit EvaluationsTable(const Config& config) : varied_(varied_fields(config)) {}

  /// The first line.
  std::string header() const;

  /// One line each.
  std::string lines(std::span<const EvaluationRow> rows) const;

 private:
  std::vector<VariedField> varied_;
};

}  // namespace polyak
