// The CPU's side of the environments: vector steps with exploration, and noise-free episodes.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "backend/backend.hpp"
#include "backend/cpu/executor.hpp"
#include "backend/cpu/network_pass.hpp"
#include "polyak/environment/vector_step.hpp"

namespace polyak::cpu {

/// The arrays of a population that vector steps work on, and one agent of it.
struct AgentForSteps {
  TrainingState& state;
  EpisodeTotals* totals;    // [environments] of this agent
  ReplayView replay;        // of this agent
  const float* actor;       // parameters
  const float* critic;      // parameters
  float* actor_statistics;  // of its batch normalisation
  // Of all agents; each is renewed by its agent's vector steps.
  ObservationNormalisers& normalisers;
  int agent;
};

/// Steps the environments of a training; hides which environment it is.
class Collector {
 public:
  virtual ~Collector() = default;

  /// Every environment of one agent acts, steps and stores.
  ///   vector_step  number of vector steps made before this one
  virtual void vector_step(const AgentForSteps& agent, std::int64_t vector_step, bool warmup,
                           const Executor& execute) = 0;

  /// The actor's forward pass and exploration alone. For benchmarks.
  virtual void act(const AgentForSteps& agent, std::int64_t vector_step,
                   const Executor& execute) = 0;

  /// Environment steps alone, with the actions of the last act(). For benchmarks.
  virtual void step_environments(const AgentForSteps& agent, std::int64_t vector_step,
                                 const Executor& execute) = 0;
};

/// `threads` is how many threads an executor may use at once.
std::unique_ptr<Collector> make_collector(const Config& config, int threads);

}  // namespace polyak::cpu
