// Trainings that go on, but most likely not where they should.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "polyak/config.hpp"
#include "polyak/trainer.hpp"

namespace polyak {

enum class Symptom {
  saturated_actions,  // for long, nearly all of a policy's actions have been at a bound
  exploding_loss,     // a critic's loss is far above what it has been
};

/// What is wrong with which agents, and how wrong with the worst of them: the last report's share
/// of saturated actions, or the critic's loss over its geometric mean so far or what returns
/// explain.
struct Warning {
  Symptom symptom;
  std::vector<int> agents;
  double worst;
  std::int64_t environment_steps;  // per agent, so far
};

/// Looks at every report of a training; each symptom is told once, of all agents that have it then.
class WarningSigns {
 public:
  // On the way to a good policy for the pendulum all actions may be at a bound for a fifth of the
  // training (seeds 1 to 10 of the defaults: 0 to 0.19); where it leads nowhere, from the first
  // updates to the end (learning rates of 0.05 and more: 0.6 to 0.9).
  static constexpr double max_saturated = 0.98;           // in every report
  static constexpr double longest_saturated = 1.0 / 3.0;  // of the training
  static constexpr std::int64_t fewest_steps = 1000;      // that a third must be
  // A loss that learning has made small may well rise again, where it stays one of errors that are
  // small beside returns: MountainCarContinuous-v0's by 5e4, to 3, when the goal is reached for the
  // first time, for which it returns 80.
  static constexpr double largest_rise = 1e3;
  static constexpr double small_error = 0.1;  // in mean returns of episodes
  static constexpr int fewest_reports = 5;    // before a rise means anything
  // Of values that are right, no error is larger than a return; a loss is an error's square.
  static constexpr double largest_error = 10.0;  // in mean returns of episodes

  /// Of a training that goes on after so many environment steps per agent: what was before them is
  /// not held against it.
  explicit WarningSigns(const Config& config, std::int64_t begin = 0);
  std::vector<Warning> look_at(const Report& report);

 private:
  struct History {
    std::int64_t steps_unsaturated = 0;  // at the end of the last report that was not saturated
    int reports_of_loss = 0;
    double sum_of_logarithms = 0.0;  // of these losses
    double largest_return = 0.0;  // of the reports' means, without its sign, as it is learnt from
  };
  void look_for_saturation(const Report& report, std::vector<Warning>& warnings);
  void look_for_explosion(const Report& report, std::vector<Warning>& warnings);

  std::int64_t longest_streak_;  // environment steps
  PerAgent<float> reward_scale_;
  std::vector<History> agents_;  // [agents]
  bool told_of_saturation_ = false, told_of_explosion_ = false;
};

/// That a training acts at random to its end, which is possible and seldom meant; empty if it does
/// not.
std::string warning_of_random_actions(const Config& config);

/// One line: which agents, what, and what to try.
std::string describe(const Warning& warning);

}  // namespace polyak
