#include "app/evaluate/policy_results.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "app/output/message.hpp"
#include "app/output/population_table.hpp"
#include "app/output/training_result.hpp"
#include "io/csv.hpp"

namespace polyak {
namespace {

AgentEvaluation evaluation_of(const PolicyResult& result) {
  return evaluate_agents(result.returns, *result.starts).front();
}

std::string episodes_in_words(const PolicyResult& result) {
  const std::size_t count = result.starts->count();
  return std::to_string(count) + (count == 1 ? " episode" : " episodes") + " of at most " +
         std::to_string(result.config.time_limit) + " steps";
}

/// A column, unless all policies have the same text in it.
void add_if_different(const std::string& name, std::vector<std::string> values,
                      std::vector<TextColumn>& columns) {
  const bool differ = std::any_of(values.begin(), values.end(), [&](const std::string& value) {
    return value != values.front();
  });
  if (differ) columns.push_back({name, std::move(values)});
}

/// In what the policies differ: environments, and the hyper-parameters that their files tell.
std::vector<TextColumn> differences(std::span<const PolicyResult> results) {
  std::vector<TextColumn> columns;
  std::vector<std::string> environments, time_limits;
  std::set<std::string> keys;
  for (const PolicyResult& result : results) {
    environments.push_back(result.config.environment);
    time_limits.push_back(std::to_string(result.config.time_limit));
    for (const auto& [key, value] : result.policy.training) keys.insert(key);
  }
  add_if_different("environment", environments, columns);
  add_if_different("time-limit", time_limits, columns);
  // What every training tells of itself, and no hyper-parameter.
  for (const char* const other :
       {"agent", "seed", "environment_steps", "updates", "time_limit", "version", "commit"}) {
    keys.erase(other);
  }
  for (const std::string& key : keys) {
    std::vector<std::string> values;
    for (const PolicyResult& result : results) {
      const auto entry = result.policy.training.find(key);
      values.push_back(entry == result.policy.training.end() ? "-" : printable(entry->second));
    }
    std::string name = key;
    std::replace(name.begin(), name.end(), '_', '-');
    add_if_different(name, std::move(values), columns);
  }
  return columns;
}

void print_single(std::ostream& out, const PolicyResult& result) {
  out << printable(result.file) << " on " << result.config.environment << ", "
      << episodes_in_words(result) << ", without noise:\n";
  print_evaluation(out, evaluation_of(result));
}

/// Text as a field of a CSV, quoted where it must be (RFC 4180).
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char letter : text) quoted += letter == '"' ? "\"\"" : std::string(1, letter);
  return quoted + '"';
}

nlohmann::ordered_json result_json(const PolicyResult& result) {
  nlohmann::ordered_json json = {{"policy", result.file},
                                 {"environment", result.config.environment},
                                 {"time_limit", result.config.time_limit}};
  json.update(evaluation_json(evaluation_of(result)));
  return json;
}

}  // namespace

void print_results(std::ostream& out, std::span<const PolicyResult> results) {
  if (results.size() == 1) return print_single(out, results.front());
  RowNames rows{"policy", {}, differences(results)};
  std::vector<AgentEvaluation> evaluations;
  bool same_task = true;
  for (const PolicyResult& result : results) {
    rows.names.push_back(printable(result.file));
    evaluations.push_back(evaluation_of(result));
    same_task = same_task && result.config.environment == results.front().config.environment &&
                result.config.time_limit == results.front().config.time_limit;
  }
  out << results.size() << " policies";
  if (same_task) {
    out << " on " << results.front().config.environment << ", "
        << episodes_in_words(results.front()) << " each";
  }
  out << ", without noise:\n";
  print_evaluations(out, evaluations, rows);
  if (same_task) print_together(out, evaluations, rows, "policies");
}

nlohmann::ordered_json results_json(std::span<const PolicyResult> results) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  if (results.size() == 1) json = result_json(results.front());
  json["policies"] = nlohmann::ordered_json::array();
  for (const PolicyResult& result : results) json["policies"].push_back(result_json(result));
  return json;
}

std::string per_start_csv(std::span<const PolicyResult> results) {
  const bool several = results.size() > 1;
  std::string text = several ? "policy,start,return\n" : "start,return\n";
  for (const PolicyResult& result : results) {
    const std::string begin = several ? csv_field(result.file) + "," : "";
    for (std::size_t i = 0; i < result.returns.size(); ++i) {
      text += begin + CsvLine().add(i).add(result.returns[i]).str();
    }
  }
  return text;
}

}  // namespace polyak
