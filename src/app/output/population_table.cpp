#include "app/output/population_table.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "app/output/format.hpp"
#include "app/output/report.hpp"

namespace polyak {
namespace {

constexpr std::size_t max_rows = 16;

}  // namespace

std::vector<std::size_t> ranked(std::span<const double> scores) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::pair(-scores[a], a) < std::pair(-scores[b], b);
  });
  return order;
}

void print_ranked_table(std::ostream& out, const std::vector<std::string>& heading,
                        const std::vector<std::vector<std::string>>& rows,
                        const std::vector<std::size_t>& order) {
  std::vector<std::vector<std::string>> shown = {heading};
  if (rows.size() <= max_rows) {
    shown.insert(shown.end(), rows.begin(), rows.end());
  } else {
    const std::size_t half = max_rows / 2;
    for (std::size_t i = 0; i < half; ++i) shown.push_back(rows[order[i]]);
    shown.emplace_back(heading.size(), "...");
    for (std::size_t i = order.size() - half; i < order.size(); ++i) {
      shown.push_back(rows[order[i]]);
    }
  }
  print_table(out, shown);
}

void print_evaluations(std::ostream& out, std::span<const AgentEvaluation> evaluations,
                       const RowNames& rows) {
  std::vector<std::string> heading = {rows.heading};
  for (const TextColumn& column : rows.columns) heading.push_back(column.heading);
  for (const char* const name : {"mean return", "standard error", "median", "worst"}) {
    heading.emplace_back(name);
  }
  if (evaluations.front().regret) heading.emplace_back("mean regret");
  for (const TextColumn& column : rows.more) heading.push_back(column.heading);
  std::vector<std::vector<std::string>> cells;
  std::vector<double> scores;
  for (std::size_t row = 0; row < evaluations.size(); ++row) {
    const ReturnStatistics& returns = evaluations[row].returns;
    scores.push_back(returns.mean);
    std::vector<std::string>& line = cells.emplace_back();
    line.push_back(rows.names[row]);
    for (const TextColumn& column : rows.columns) line.push_back(column.cells[row]);
    for (const double value :
         {returns.mean, returns.standard_error, returns.median, returns.worst}) {
      line.push_back(format_fixed(value, 1));
    }
    if (evaluations[row].regret) line.push_back(format_fixed(evaluations[row].regret->mean, 1));
    for (const TextColumn& column : rows.more) line.push_back(column.cells[row]);
  }
  print_ranked_table(out, heading, cells, ranked(scores));
}

void print_together(std::ostream& out, std::span<const AgentEvaluation> evaluations,
                    const RowNames& rows, const std::string& plural) {
  std::vector<double> means, regrets;
  for (const AgentEvaluation& evaluation : evaluations) {
    means.push_back(evaluation.returns.mean);
    if (evaluation.regret) regrets.push_back(evaluation.regret->mean);
  }
  const std::string all = "all " + std::to_string(evaluations.size()) + " " + plural;
  const std::vector<std::size_t> order = ranked(means);
  out << all << ": mean return " << with_error(estimate(means)) << ", best " << rows.heading << ' '
      << rows.names[order.front()] << ", worst " << rows.heading << ' ' << rows.names[order.back()]
      << '\n';
  if (regrets.empty()) return;
  out << all << ": mean regret " << with_error(estimate(regrets)) << '\n';
}

}  // namespace polyak
