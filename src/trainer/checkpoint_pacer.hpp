// When the next checkpoint is due.
#pragma once

#include <algorithm>
#include <chrono>

namespace polyak {

/// By the clock, not by that of the training, which stands still meanwhile.
class CheckpointPacer {
 public:
  /// Whether so many seconds have gone by since the last one, and 19 times what it took.
  CheckpointPacer() = default;
  /// One whose last checkpoint was so many seconds ago.
  explicit CheckpointPacer(double age)
      : ended_(Clock::now() -
               std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(age))) {}

  bool is_due(double interval) const { return seconds_left(interval) <= 0.0; }
  double seconds_left(double interval) const {
    constexpr double least_share = 19.0;
    return std::max(interval, least_share * cost_) - seconds_since(ended_);
  }
  void begin() { began_ = Clock::now(); }
  void end() {
    cost_ = seconds_since(began_);
    ended_ = Clock::now();
  }

 private:
  using Clock = std::chrono::steady_clock;

  static double seconds_since(Clock::time_point time) {
    return std::chrono::duration<double>(Clock::now() - time).count();
  }

  Clock::time_point began_, ended_ = Clock::now();
  double cost_ = 0.0;  // seconds that the last one took
};

}  // namespace polyak
