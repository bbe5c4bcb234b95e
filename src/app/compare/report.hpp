// What `polyak compare` shows of its trainings: a table for people, JSON for programs.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "app/compare/training.hpp"
#include "app/options/device_choices.hpp"

namespace polyak {

/// A training with the device it ran on, once or with several seeds one after another.
struct ComparedTraining {
  DeviceChoice choice;
  std::int64_t memory_bytes;              // of one run
  std::vector<TrainingRecord> runs;       // at least one
  std::optional<double> process_seconds;  // from the start of the program, CUDA's in it, until the
                                          // first run reached the goal, measurements not counted;
                                          // of the first device, for which the program started
};

/// "mean regret <= 20", or "mean return >= -150".
std::string describe_goal(const LearningGoal& goal);

/// One column per device and, for two or more, how many times faster the first is than the last;
/// where agents differ, a second table with their values and scores.
void print_comparison(std::ostream& out, std::span<const ComparedTraining> trainings,
                      const LearningGoal& goal, const Config& config);

nlohmann::ordered_json comparison_json(std::span<const ComparedTraining> trainings,
                                       const LearningGoal& goal, const Config& config);

}  // namespace polyak
