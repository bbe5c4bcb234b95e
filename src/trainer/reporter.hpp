// Puts slices of a training together to reports.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "polyak/trainer.hpp"
#include "trainer/metrics_accumulator.hpp"

namespace polyak {

/// How far a training is.
struct TrainingProgress {
  std::int64_t environment_steps = 0, updates = 0;  // per agent
  double seconds = 0.0;
};

/// Gathers metrics for one receiver of reports.
class Reporter {
 public:
  explicit Reporter(int agents) : metrics_(agents) {}
  /// One that goes on where another one was.
  Reporter(const TrainingProgress& last, std::vector<AgentMetrics> since)
      : last_(last), metrics_(std::move(since)) {}

  using Receiver = std::function<void(const Report&)>;

  void add(std::span<const AgentMetrics> slice) { metrics_.add(slice); }
  /// Agent i of the population was agent sources[i] until now.
  void change_agents(std::span<const int> sources) { metrics_.change_agents(sources); }
  /// When the last report was, and what has been added since.
  const TrainingProgress& last() const { return last_; }
  const std::vector<AgentMetrics>& since_last() const { return metrics_.so_far(); }

  /// Seconds of training since the last report.
  double age(double seconds) const { return seconds - last_.seconds; }
  bool is_due_at_end(std::int64_t steps) const {
    return steps > last_.environment_steps || last_.environment_steps == 0;
  }

  /// Forgets what was added.
  void begin(const TrainingProgress& now) {
    metrics_.take();
    last_ = now;
  }
  /// The next report begins before the receiver looks at this one.
  void report(const TrainingProgress& now, const Receiver& receiver) {
    const TrainingProgress last = std::exchange(last_, now);
    send(last, now, metrics_.take(), receiver);
  }
  /// Of a training that ends: the report is sent as far as it has come, and goes on all the same
  /// for whoever resumes the training.
  void report_unfinished(const TrainingProgress& now, const Receiver& receiver) const {
    send(last_, now, metrics_.so_far(), receiver);
  }

 private:
  static void send(const TrainingProgress& last, const TrainingProgress& now,
                   const std::vector<AgentMetrics>& agents, const Receiver& receiver) {
    if (!receiver) return;
    const double duration = std::max(now.seconds - last.seconds, 1e-9);
    const auto rate = [&](std::int64_t count) {
      return static_cast<double>(count * static_cast<std::int64_t>(agents.size())) / duration;
    };
    receiver({now.environment_steps, now.updates, now.seconds,
              rate(now.environment_steps - last.environment_steps),
              rate(now.updates - last.updates), agents});
  }

  TrainingProgress last_;
  MetricsAccumulator metrics_;
};

}  // namespace polyak
