// Tables with a row for each agent or policy: all of few, the best and the worst of many.
#pragma once

#include <cstddef>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "app/output/training_result.hpp"

namespace polyak {

/// Indices from the highest score to the lowest; of equal ones, the first comes first.
std::vector<std::size_t> ranked(std::span<const double> scores);

/// A heading and its rows as they are; of more than 16, the first 8 and the last 8 of `order`.
void print_ranked_table(std::ostream& out, const std::vector<std::string>& heading,
                        const std::vector<std::vector<std::string>>& rows,
                        const std::vector<std::size_t>& order);

/// In what rows differ, a text for each.
struct TextColumn {
  std::string heading;
  std::vector<std::string> cells;  // [rows]
};

/// What the rows of evaluations are called, and in what they differ.
struct RowNames {
  std::string heading;                // of the names: "agent"
  std::vector<std::string> names;     // [rows]
  std::vector<TextColumn> columns;    // before the statistics
  std::vector<TextColumn> more = {};  // behind them
};

/// The statistics of every evaluation, ranked by mean return.
void print_evaluations(std::ostream& out, std::span<const AgentEvaluation> evaluations,
                       const RowNames& rows);

/// What they have in common: means over them all, the best and the worst. `plural`: of the heading.
void print_together(std::ostream& out, std::span<const AgentEvaluation> evaluations,
                    const RowNames& rows, const std::string& plural);

}  // namespace polyak
