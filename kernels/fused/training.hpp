// Whole iterations of every agent's training in one launch.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/environments.hpp"
#include "kernels/fused/plan.hpp"
#include "kernels/replay.hpp"
#include "kernels/update_totals.hpp"

namespace polyak::kernels::fused {

/// One network of every agent in flat arrays, each [agents, stride].
struct FlatNetworks {
  float* parameters;
  float* target;
  float* first_moment;
  float* second_moment;
  std::int64_t stride;
};

/// `iterations` times: `vector_steps` vector steps, then `updates` updates, of every agent. The
/// results are those of the layered engine to rounding. They depend neither on the plan's number of
/// blocks and threads nor on where its arrays lie, and cutting the iterations into several launches
/// changes no bit.
struct Training {
  EnvironmentChoice environment;
  Precision precision;
  int agents;
  Plan plan;
  float* scratch;  // [agents, plan.scratch_floats]; need not be set before a launch
  FlatNetworks actor, critic;
  EnvironmentArrays environments;
  Replays replays;  // every max_closed_rows above zero before the first update
  ExplorationArrays exploration;
  const std::uint64_t* seed;          // [agents]
  const float* learning_rate_actor;   // [agents]
  const float* learning_rate_critic;  // [agents]
  const ReturnSettings* returns;      // [agents]
  const float* tau;                   // [agents]
  float beta1, beta2, epsilon;        // Adam
  UpdateTotals* totals;               // [agents]
  std::int64_t iterations;
  std::int64_t vector_steps, updates;                // in each iteration
  std::int64_t vector_steps_before, updates_before;  // made before this launch
};

/// cudaErrorInvalidValue if the plan is not for this environment; else what the launch says.
///   compiled  a kernel of this plan's own that was compiled now (a cudaKernel_t), or null for the
///             one that the program has
cudaError_t launch_training(const Training& arguments, cudaStream_t stream,
                            const void* compiled = nullptr);

/// Whether the program has a kernel for this plan alone, in which its sizes are constants
/// (known_shapes.cuh).
bool has_own_kernel(std::string_view environment, Precision precision, const Plan& plan);

/// How many clusters of `plan` (blocks, if a cluster is one block) the device can run at a time; 0
/// if it cannot run them at all. `compiled` as above.
cudaError_t resident_clusters(std::string_view environment, Precision precision, const Plan& plan,
                              int* clusters, const void* compiled = nullptr);

}  // namespace polyak::kernels::fused
