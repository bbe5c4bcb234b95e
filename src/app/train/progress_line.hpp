// The progress of a training on the terminal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "app/output/status_line.hpp"
#include "io/evaluations_table.hpp"
#include "polyak/trainer.hpp"

namespace polyak {

/// The status line of a training.
class ProgressLine {
 public:
  ProgressLine(std::ostream& out, bool rewrites, std::int64_t total_steps,
               std::function<std::size_t()> width)
      : line_(out, rewrites, std::move(width)), total_steps_(total_steps) {}

  double interval() const { return line_.interval(); }

  void show(const Report& report);

  /// What is shown as the noise-free return from now on: the mean over these agents.
  void set_evaluation(std::span<const EvaluationRow> agents);

  /// Ends the line, so that something else can be printed.
  void finish() { line_.finish(); }

 private:
  StatusLine line_;
  std::int64_t total_steps_;
  double last_return_ = std::numeric_limits<double>::quiet_NaN();
  double noise_free_return_ = std::numeric_limits<double>::quiet_NaN();
};

/// The parts of the line, the most important first. Means are over the agents that have something
/// to average.
///   mean_return        what to show as return: NaN if no episode has ended so far
///   noise_free_return  of the newest evaluation; NaN if there was none, which is then not shown
std::vector<std::string> progress_parts(const Report& report, std::int64_t total_steps,
                                        double mean_return, double noise_free_return);

/// The mean return over the agents' episodes in a report; NaN if none ended.
double mean_return_of(const Report& report);

}  // namespace polyak
