#include "io/evaluations_table.hpp"

#include "io/csv.hpp"

namespace polyak {

std::string EvaluationsTable::header() const {
  return "agent,environment_steps,updates,seconds,episodes,mean_return,standard_error,"
         "median_return,worst_return,mean_regret" +
         varied_columns(varied_) + "\n";
}

std::string EvaluationsTable::lines(std::span<const EvaluationRow> rows) const {
  std::string text;
  for (const EvaluationRow& row : rows) {
    CsvLine line;
    line.add(row.agent)
        .add(row.environment_steps)
        .add(row.updates)
        .add(row.seconds)
        .add(row.episodes)
        .add(row.mean_return)
        .add(row.standard_error)
        .add(row.median_return)
        .add(row.worst_return)
        .add(row.mean_regret);
    text += line.str();
    text.pop_back();  // the line goes on
    text += varied_cells(varied_, static_cast<std::size_t>(row.agent)) + "\n";
  }
  return text;
}

}  // namespace polyak
