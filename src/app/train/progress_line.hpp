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

#include "io/evaluations_table.hpp"
#include "polyak/trainer.hpp"

namespace polyak {

/// One line that is rewritten in place on a terminal, and elsewhere a line every few seconds.
class ProgressLine {
 public:
  /// width: asked before every line for the characters that fit beside each other; only where lines
  /// are rewritten.
  ProgressLine(std::ostream& out, bool rewrites, std::int64_t total_steps,
               std::function<std::size_t()> width)
      : out_(out), rewrites_(rewrites), total_steps_(total_steps), width_(std::move(width)) {}

  /// Seconds between two calls of show() that suit where the line goes.
  double interval() const { return rewrites_ ? 0.2 : 5.0; }

  void show(const Report& report);

  /// What is shown as the noise-free return from now on: the mean over these agents.
  void set_evaluation(std::span<const EvaluationRow> agents);

  /// Ends the line, so that something else can be printed.
  void finish();

 private:
  std::ostream& out_;
  bool rewrites_;
  std::int64_t total_steps_;
  std::function<std::size_t()> width_;
  bool open_ = false;
  double last_return_ = std::numeric_limits<double>::quiet_NaN();
  double noise_free_return_ = std::numeric_limits<double>::quiet_NaN();
};

/// The parts of the line, the most important first. Means are over the agents that have something
/// to average.
///   mean_return        what to show as return: NaN if no episode has ended so far
///   noise_free_return  of the newest evaluation; NaN if there was none, which is then not shown
std::vector<std::string> progress_parts(const Report& report, std::int64_t total_steps,
                                        double mean_return, double noise_free_return);

/// As many of the parts as fit into `width` characters; of the first one, what fits.
std::string fitting_line(const std::vector<std::string>& parts, std::size_t width);

/// The mean return over the agents' episodes in a report; NaN if none ended.
double mean_return_of(const Report& report);

}  // namespace polyak
