// What `polyak compare` shows of its trainings: a table for people, JSON for programs.
#pragma once

#include <nlohmann/json.hpp>
#include <ostream>
#include <span>
#include <string>

#include "app/bench_devices.hpp"
#include "app/compare_training.hpp"

namespace polyak {

/// A training with the device it ran on.
struct ComparedTraining {
  DeviceChoice choice;
  TrainingRecord record;
};

/// "mean regret <= 20", or "mean return >= -150".
std::string describe_goal(const LearningGoal& goal);

/// One column per device and, for two or more, how many times faster the first is than the last.
void print_comparison(std::ostream& out, std::span<const ComparedTraining> trainings,
                      const LearningGoal& goal, int agents);

nlohmann::ordered_json comparison_json(std::span<const ComparedTraining> trainings,
                                       const LearningGoal& goal, int agents);

}  // namespace polyak
