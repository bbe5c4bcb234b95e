#include "app/compare/report.hpp"

#include <algorithm>
#include <functional>
#include <optional>

#include "app/compare/summary.hpp"
#include "app/output/format.hpp"
#include "app/output/population_table.hpp"
#include "app/output/report.hpp"
#include "app/output/training_result.hpp"
#include "config/derived.hpp"
#include "io/text_value.hpp"
#include "trainer/evaluation.hpp"

namespace polyak {
namespace {

std::string score_name(const LearningGoal& goal) { return goal.is_regret() ? "regret" : "return"; }

std::string mean_with_error(const std::vector<double>& scores) {
  const Estimate known = estimate(scores);
  std::string text = format_quantity(known.mean);
  if (scores.size() > 1) text += " +- " + format_quantity(known.standard_error);
  return text;
}

/// Rows of the table, one cell per training.
class Rows {
 public:
  explicit Rows(std::span<const ComparedTraining> trainings) : trainings_(trainings) {
    rows_.push_back({""});
    for (const ComparedTraining& training : trainings) {
      rows_.front().push_back(training.choice.label);
    }
    if (compares()) {
      rows_.front().push_back("speed of " + trainings.front().choice.label + " over " +
                              trainings.back().choice.label);
    }
  }

  void add_text(const std::string& name,
                const std::function<std::string(const ComparedTraining&)>& cell) {
    std::vector<std::string>& row = rows_.emplace_back(std::vector<std::string>{name});
    for (const ComparedTraining& training : trainings_) row.push_back(cell(training));
    if (compares()) row.emplace_back();
  }

  /// A number to compare; the last column says how many times better the first device is.
  void add_number(const std::string& name, bool high_is_good,
                  const std::function<std::optional<double>(const ComparedTraining&)>& cell,
                  const std::string& without_one = "not reached") {
    add_text(name, [&](const ComparedTraining& training) {
      const std::optional<double> value = cell(training);
      return value ? format_quantity(*value) : without_one;
    });
    const auto first = cell(trainings_.front()), last = cell(trainings_.back());
    if (!compares() || !first || !last || *first <= 0.0 || *last <= 0.0) return;
    rows_.back().back() = format_quantity(high_is_good ? *first / *last : *last / *first) + "x";
  }

  const std::vector<std::vector<std::string>>& all() const { return rows_; }

 private:
  bool compares() const { return trainings_.size() > 1; }

  std::span<const ComparedTraining> trainings_;
  std::vector<std::vector<std::string>> rows_;
};

void add_speed_rows(Rows& rows, int agents) {
  rows.add_number("environment steps/s", true, [=](const ComparedTraining& training) {
    return environment_steps_per_second(training.runs, agents);
  });
  rows.add_number("updates/s", true, [=](const ComparedTraining& training) {
    return updates_per_second(training.runs, agents);
  });
  rows.add_text("memory", [](const ComparedTraining& training) {
    return format_bytes(training.memory_bytes);
  });
  rows.add_number("set-up, s", false, [](const ComparedTraining& training) {
    return over_runs(training.runs, [](const TrainingRecord& run) { return run.setup_seconds; })
        .median;
  });
  rows.add_number("training, s", false, [](const ComparedTraining& training) {
    return over_runs(training.runs, [](const TrainingRecord& run) { return run.training_seconds; })
        .median;
  });
}

void add_goal_rows(Rows& rows, const LearningGoal& goal, int agents, std::size_t runs) {
  const auto time_to_goal = [](const ComparedTraining& training) {
    return to_goal(training.runs, [](const Measurement& reached) { return reached.seconds; });
  };
  using Summary = std::optional<RunSummary>;
  rows.add_number("training to " + describe_goal(goal) + ", s", false,
                  [&](const ComparedTraining& training) -> std::optional<double> {
                    const Summary seconds = time_to_goal(training);
                    return seconds ? std::optional(seconds->median) : std::nullopt;
                  });
  if (runs > 1) {
    rows.add_text("fastest and slowest of " + std::to_string(runs) + " runs, s",
                  [&](const ComparedTraining& training) {
                    const Summary seconds = time_to_goal(training);
                    if (!seconds)
                      return std::to_string(runs_at_goal(training.runs)) + " reached it";
                    return format_quantity(seconds->lowest) + " to " +
                           format_quantity(seconds->highest);
                  });
  }
  rows.add_number(
      "whole program to it, s", false,
      [](const ComparedTraining& training) { return training.process_seconds; }, "-");
  rows.add_text("environment steps to it, per agent", [](const ComparedTraining& training) {
    const Summary steps = to_goal(training.runs, [](const Measurement& reached) {
      return static_cast<double>(reached.environment_steps);
    });
    return steps ? format_quantity(steps->median) : std::string("not reached");
  });
  rows.add_number("agents solved per second", true, [&](const ComparedTraining& training) {
    return agents_solved_per_second(training.runs, goal);
  });
  rows.add_text("agents there at the end", [&](const ComparedTraining& training) {
    return std::to_string(agents_at_goal(training.runs, goal)) + " of " +
           std::to_string(agents * static_cast<int>(training.runs.size()));
  });
}

/// Every agent's score at the end with what it had of the fields in which they differ, ranked by
/// the first device's; nothing where they differ in their seeds alone.
void print_agents(std::ostream& out, std::span<const ComparedTraining> trainings,
                  const LearningGoal& goal, const Config& config) {
  const std::vector<VariedField> varied = varied_fields(config);
  if (varied.empty()) return;
  std::vector<std::string> heading = {"agent"};
  for (const VariedField& field : varied) heading.emplace_back(field.name);
  std::vector<std::vector<double>> scores;
  for (const ComparedTraining& training : trainings) {
    heading.push_back(score_name(goal) + ", " + training.choice.label);
    scores.push_back(agent_scores(training.runs));
  }
  std::vector<std::vector<std::string>> rows;
  std::vector<double> merits;
  for (std::size_t agent = 0; agent < scores.front().size(); ++agent) {
    std::vector<std::string>& row = rows.emplace_back();
    row.push_back(std::to_string(agent));
    for (const VariedField& field : varied) row.push_back(field.values[agent]);
    for (const std::vector<double>& of_device : scores) {
      row.push_back(format_quantity(of_device[agent]));
    }
    merits.push_back(goal.is_regret() ? -scores.front()[agent] : scores.front()[agent]);
  }
  print_ranked_table(out, heading, rows, ranked(merits));
}

nlohmann::ordered_json measurement_json(const Measurement& measurement) {
  return {{"environment_steps_per_agent", measurement.environment_steps},
          {"training_seconds", measurement.seconds},
          {"mean_score", measurement.mean_score}};
}

nlohmann::ordered_json run_json(const TrainingRecord& run, std::uint64_t first_seed) {
  nlohmann::ordered_json json = {{"first_seed", first_seed},
                                 {"setup_seconds", run.setup_seconds},
                                 {"training_seconds", run.training_seconds},
                                 {"final_mean_score", run.last().mean_score},
                                 {"goal_reached", nullptr}};
  if (const Measurement* const reached = run.at_goal()) {
    json["goal_reached"] = measurement_json(*reached);
  }
  json["measurements"] = nlohmann::ordered_json::array();
  for (const Measurement& measurement : run.measurements) {
    nlohmann::ordered_json entry = measurement_json(measurement);
    entry["scores"] = measurement.scores;
    json["measurements"].push_back(entry);
  }
  return json;
}

nlohmann::ordered_json summary_json(const std::optional<RunSummary>& summary) {
  if (!summary) return nullptr;
  return {{"median", summary->median}, {"lowest", summary->lowest}, {"highest", summary->highest}};
}

nlohmann::ordered_json goal_json(const ComparedTraining& training, const LearningGoal& goal) {
  nlohmann::ordered_json json = {
      {"runs_reached", runs_at_goal(training.runs)},
      {"training_seconds",
       summary_json(
           to_goal(training.runs, [](const Measurement& reached) { return reached.seconds; }))},
      {"environment_steps_per_agent", summary_json(to_goal(training.runs,
                                                           [](const Measurement& reached) {
                                                             return static_cast<double>(
                                                                 reached.environment_steps);
                                                           }))},
      {"process_seconds", nullptr},
      {"agents_solved_per_second", agents_solved_per_second(training.runs, goal)},
      {"agents_at_the_end", agents_at_goal(training.runs, goal)}};
  if (training.process_seconds) json["process_seconds"] = *training.process_seconds;
  return json;
}

nlohmann::ordered_json training_json(const ComparedTraining& training, const LearningGoal& goal,
                                     const Config& config) {
  const std::vector<TrainingRecord>& runs = training.runs;
  nlohmann::ordered_json json = {
      {"device", training.choice.label},
      {"description", runs.front().description},
      {"memory_bytes", training.memory_bytes},
      {"environment_steps_per_agent", runs.front().environment_steps},
      {"updates_per_agent", runs.front().updates},
      {"environment_steps_per_second", environment_steps_per_second(runs, config.agents)},
      {"updates_per_second", updates_per_second(runs, config.agents)},
      {"to_goal", nullptr}};
  if (goal.threshold) json["to_goal"] = goal_json(training, goal);
  json["runs"] = nlohmann::ordered_json::array();
  for (std::size_t run = 0; run < runs.size(); ++run) {
    json["runs"].push_back(run_json(runs[run], agent_seed(run_config(config, run), 0)));
  }
  return json;
}

}  // namespace

std::string describe_goal(const LearningGoal& goal) {
  if (!goal.threshold) return "none, the " + score_name(goal);
  return "mean " + score_name(goal) + (goal.is_regret() ? " <= " : " >= ") +
         format_number(*goal.threshold);
}

void print_comparison(std::ostream& out, std::span<const ComparedTraining> trainings,
                      const LearningGoal& goal, const Config& config) {
  const int agents = config.agents;
  for (const ComparedTraining& training : trainings) {
    out << training.choice.label << ": " << training.runs.front().description << '\n';
  }
  Rows rows(trainings);
  add_speed_rows(rows, agents);
  if (goal.threshold) add_goal_rows(rows, goal, agents, trainings.front().runs.size());
  rows.add_text("mean " + score_name(goal) + " at the end", [](const ComparedTraining& training) {
    return mean_with_error(final_scores(training.runs));
  });
  rows.add_text("worst agent's " + score_name(goal), [&](const ComparedTraining& training) {
    const std::vector<double> scores = final_scores(training.runs);
    return format_quantity(goal.is_regret() ? *std::max_element(scores.begin(), scores.end())
                                            : *std::min_element(scores.begin(), scores.end()));
  });
  print_table(out, rows.all());
  if (trainings.front().runs.size() > 1) out << "times are medians over the runs\n";
  print_agents(out, trainings, goal, config);
}

nlohmann::ordered_json comparison_json(std::span<const ComparedTraining> trainings,
                                       const LearningGoal& goal, const Config& config) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  json["goal"] = {
      {"score", score_name(goal)}, {"threshold", nullptr}, {"starts", goal.starts.count()}};
  if (goal.threshold) json["goal"]["threshold"] = *goal.threshold;
  json["agents"] = agents_json(config);
  json["devices"] = nlohmann::ordered_json::array();
  for (const ComparedTraining& training : trainings) {
    json["devices"].push_back(training_json(training, goal, config));
  }
  return json;
}

}  // namespace polyak
