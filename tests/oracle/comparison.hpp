// Holds a training's state against the oracle's.
#pragma once

#include "oracle/training.hpp"

namespace polyak::oracle {

/// How far float32 may be from double precision, in the units of each quantity.
struct Tolerances {
  double parameter;      // of networks and targets
  double first_moment;   // Adam's; relative to the largest of its tensor, plus a little
  double second_moment;  // the same
  double observation;    // of environment and recurrent states too
  double action;         // of exploration noise too
  double reward;         // of episode returns too
};

/// Reports (as test failures) every kind of quantity in which agent training.agent() of `state`
/// differs from the oracle by more than its tolerance; row kinds and counters must be equal.
void expect_agreement(const Training& training, const Config& config, const TrainingState& state,
                      const Tolerances& tolerances);

/// The root mean square, over the parameters of actor and critics, of the difference between Adam's
/// first moments and the oracle's.
double first_moment_distance(const Training& training, const Config& config,
                             const TrainingState& state);

}  // namespace polyak::oracle
