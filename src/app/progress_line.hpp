// The progress of a training on the terminal.
#pragma once

#include <cstdint>
#include <limits>
#include <ostream>
#include <string>

#include "polyak/trainer.hpp"

namespace polyak {

/// One line that is rewritten in place on a terminal, and elsewhere a line every few seconds.
class ProgressLine {
 public:
  ProgressLine(std::ostream& out, bool on_terminal, std::int64_t total_steps)
      : out_(out), on_terminal_(on_terminal), total_steps_(total_steps) {}

  /// Seconds between two calls of show() that suit where the line goes.
  double interval() const { return on_terminal_ ? 0.2 : 5.0; }

  void show(const Report& report);

  /// Ends the line, so that something else can be printed.
  void finish();

 private:
  std::ostream& out_;
  bool on_terminal_;
  std::int64_t total_steps_;
  bool open_ = false;
  double last_return_ = std::numeric_limits<double>::quiet_NaN();
};

/// The text of the line. Means are over the agents that have something to average.
///   mean_return  what to show as return: NaN if no episode has ended so far
std::string progress_text(const Report& report, std::int64_t total_steps, double mean_return);

/// The mean return over the agents' episodes in a report; NaN if none ended.
double mean_return_of(const Report& report);

}  // namespace polyak
