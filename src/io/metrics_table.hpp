// metrics.csv: one row per report and agent.
#pragma once

#include <string>
#include <vector>

#include "io/varied_fields.hpp"
#include "polyak/config.hpp"
#include "polyak/trainer.hpp"

namespace polyak {

/// The columns are what a report says of an agent, and then what is not the same for all agents of
/// the configuration: each such field by its name, with underscores.
class MetricsTable {
 public:
  explicit MetricsTable(const Config& config) : varied_(varied_fields(config)) {}

  /// The first line.
  std::string header() const;

  /// One line per agent.
  std::string rows(const Report& report) const;

 private:
  std::vector<VariedField> varied_;
};

}  // namespace polyak
