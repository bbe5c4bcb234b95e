// What runs iterations on the GPU. Two engines: layered/ (one kernel per operation, any size) and
// fused/ (one kernel for many iterations).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <tuple>

#include "backend/backend.hpp"
#include "backend/cuda/device/memory_budget.hpp"
#include "backend/cuda/device/stream.hpp"
#include "backend/cuda/training_buffers.hpp"

namespace polyak::cuda {

/// What an iteration consists of.
struct IterationWork {
  bool warmup;                // random actions instead of the policy's
  std::int64_t vector_steps;  // first these,
  std::int64_t updates;       // then these

  bool operator<(const IterationWork& other) const {
    return std::tie(warmup, vector_steps, updates) <
           std::tie(other.warmup, other.vector_steps, other.updates);
  }
};

/// What every agent has made before an iteration.
struct Progress {
  std::int64_t vector_steps;
  std::int64_t updates;
};

/// Queues work on a stream; never waits for the device.
class TrainingEngine {
 public:
  virtual ~TrainingEngine() = default;

  /// In words: "layered engine".
  virtual std::string description() const = 0;

  /// Queues `repetitions` equal iterations, the first after `done`. Counts them on the device.
  virtual void play(const IterationWork& work, std::int64_t repetitions, const Progress& done) = 0;

  /// To be called after the environments' states were written from outside.
  virtual void observe() = 0;

  /// Whether the engine can run a phase by itself.
  virtual bool has_phase(Phase phase) const = 0;

  /// Queues environment_step, act or sample so many times; for benchmarks.
  virtual void run_part(Phase phase, std::int64_t repetitions) = 0;
};

/// The engine that a configuration means on the current GPU: the one it names, or the faster one as
/// far as is known. Allocates what the engine needs besides `training`. UsageError if the GPU
/// cannot run it.
std::unique_ptr<TrainingEngine> make_engine(const Config& config, const Stream& stream,
                                            const TrainingBuffers& training, MemoryBudget& budget);

/// Adds to `budget` what make_engine would allocate.
void measure_engine(const Config& config, MemoryBudget& budget);

}  // namespace polyak::cuda
