#include "app/compare_report.hpp"

#include <algorithm>
#include <functional>
#include <optional>

#include "app/bench_report.hpp"
#include "io/text_value.hpp"
#include "trainer/evaluation.hpp"

namespace polyak {
namespace {

std::string score_name(const LearningGoal& goal) { return goal.is_regret() ? "regret" : "return"; }

/// Over all agents, so that populations of different sizes can be compared.
double rate(std::int64_t per_agent, int agents, double seconds) {
  return static_cast<double>(per_agent) * agents / seconds;
}

std::int64_t agents_at_goal(const TrainingRecord& record, const LearningGoal& goal) {
  return std::count_if(record.last().scores.begin(), record.last().scores.end(),
                       [&](double score) { return goal.is_reached(score); });
}

double worst_score(const TrainingRecord& record, const LearningGoal& goal) {
  const auto [low, high] =
      std::minmax_element(record.last().scores.begin(), record.last().scores.end());
  return goal.is_regret() ? *high : *low;
}

std::string mean_with_error(const TrainingRecord& record) {
  const Estimate known = estimate(record.last().scores);
  std::string text = format_quantity(known.mean);
  if (record.last().scores.size() > 1) text += " +- " + format_quantity(known.standard_error);
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
                const std::function<std::string(const TrainingRecord&)>& cell) {
    std::vector<std::string>& row = rows_.emplace_back(std::vector<std::string>{name});
    for (const ComparedTraining& training : trainings_) row.push_back(cell(training.record));
    if (compares()) row.emplace_back();
  }

  /// A number to compare; the last column says how many times better the first device is.
  void add_number(const std::string& name, bool high_is_good,
                  const std::function<std::optional<double>(const TrainingRecord&)>& cell) {
    add_text(name, [&](const TrainingRecord& record) {
      const std::optional<double> value = cell(record);
      return value ? format_quantity(*value) : std::string("not reached");
    });
    const auto first = cell(trainings_.front().record), last = cell(trainings_.back().record);
    if (!compares() || !first || !last) return;
    rows_.back().back() = format_quantity(high_is_good ? *first / *last : *last / *first) + "x";
  }

  const std::vector<std::vector<std::string>>& all() const { return rows_; }

 private:
  bool compares() const { return trainings_.size() > 1; }

  std::span<const ComparedTraining> trainings_;
  std::vector<std::vector<std::string>> rows_;
};

nlohmann::ordered_json record_json(const TrainingRecord& record, const LearningGoal& goal,
                                   int agents) {
  nlohmann::ordered_json json = {
      {"description", record.description},
      {"setup_seconds", record.setup_seconds},
      {"training_seconds", record.training_seconds},
      {"environment_steps_per_agent", record.environment_steps},
      {"updates_per_agent", record.updates},
      {"environment_steps_per_second",
       rate(record.environment_steps, agents, record.training_seconds)},
      {"updates_per_second", rate(record.updates, agents, record.training_seconds)},
      {"final_mean_score", record.last().mean_score}};
  if (goal.threshold) json["agents_at_goal"] = agents_at_goal(record, goal);
  json["goal_reached"] = nullptr;
  if (record.reached) {
    const Measurement& reached = record.measurements[*record.reached];
    json["goal_reached"] = {{"training_seconds", reached.seconds},
                            {"environment_steps_per_agent", reached.environment_steps},
                            {"mean_score", reached.mean_score}};
  }
  json["measurements"] = nlohmann::ordered_json::array();
  for (const Measurement& measurement : record.measurements) {
    json["measurements"].push_back({{"environment_steps_per_agent", measurement.environment_steps},
                                    {"training_seconds", measurement.seconds},
                                    {"mean_score", measurement.mean_score},
                                    {"scores", measurement.scores}});
  }
  return json;
}

}  // namespace

std::string describe_goal(const LearningGoal& goal) {
  if (!goal.threshold) return "none";
  return "mean " + score_name(goal) + (goal.is_regret() ? " <= " : " >= ") +
         format_number(*goal.threshold);
}

void print_comparison(std::ostream& out, std::span<const ComparedTraining> trainings,
                      const LearningGoal& goal, int agents) {
  using Record = TrainingRecord;
  for (const ComparedTraining& training : trainings) {
    out << training.choice.label << ": " << training.record.description << '\n';
  }
  Rows rows(trainings);
  rows.add_number("environment steps/s", true, [&](const Record& record) {
    return rate(record.environment_steps, agents, record.training_seconds);
  });
  rows.add_number("updates/s", true, [&](const Record& record) {
    return rate(record.updates, agents, record.training_seconds);
  });
  rows.add_number("set-up, s", false, [](const Record& record) { return record.setup_seconds; });
  rows.add_number("training, s", false,
                  [](const Record& record) { return record.training_seconds; });
  if (goal.threshold) {
    rows.add_number("training to " + describe_goal(goal) + ", s", false,
                    [](const Record& record) -> std::optional<double> {
                      if (!record.reached) return {};
                      return record.measurements[*record.reached].seconds;
                    });
    rows.add_text("environment steps to it, per agent", [](const Record& record) {
      return record.reached ? format_quantity(static_cast<double>(
                                  record.measurements[*record.reached].environment_steps))
                            : std::string("not reached");
    });
    rows.add_text("agents there at the end", [&](const Record& record) {
      return std::to_string(agents_at_goal(record, goal)) + " of " + std::to_string(agents);
    });
  }
  rows.add_text("mean " + score_name(goal) + " at the end", mean_with_error);
  rows.add_text("worst agent's " + score_name(goal),
                [&](const Record& record) { return format_quantity(worst_score(record, goal)); });
  print_table(out, rows.all());
}

nlohmann::ordered_json comparison_json(std::span<const ComparedTraining> trainings,
                                       const LearningGoal& goal, int agents) {
  nlohmann::ordered_json json;
  json["goal"] = {
      {"score", score_name(goal)}, {"threshold", nullptr}, {"starts", goal.starts.count()}};
  if (goal.threshold) json["goal"]["threshold"] = *goal.threshold;
  json["devices"] = nlohmann::ordered_json::array();
  for (const ComparedTraining& training : trainings) {
    nlohmann::ordered_json entry = {{"device", training.choice.label}};
    entry.update(record_json(training.record, goal, agents));
    json["devices"].push_back(entry);
  }
  return json;
}

}  // namespace polyak
