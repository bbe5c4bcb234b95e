// The optimiser and the target networks.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

namespace polyak::kernels {

/// One step of Adam (polyak/core/adam.hpp) on a network of every agent (or several that learn
/// alike), whose parameters lie in one flat array, weight decay and clipping before it; then, with
/// a target, target <- target + tau (parameter - target). Padding between tensors stays zero if its
/// gradient and its state are.
struct Adam {
  int agents;
  std::int64_t parameters_per_agent;  // a multiple of 4; the arrays are aligned to 16 bytes
  const float* gradient;              // [agents, parameters_per_agent]
  float* parameters;                  // [agents, parameters_per_agent]
  float* first_moment;                // [agents, parameters_per_agent]
  float* second_moment;               // [agents, parameters_per_agent]
  const float* learning_rate;         // [agents]
  float beta1, beta2, epsilon;
  const std::int64_t* updates;  // one number on the device: the updates made before this one
  float* target;                // [agents, parameters_per_agent], or nullptr to leave it alone
  const float* tau;             // [agents]; not read without a target
  std::int64_t updates_per_step = 1;      // the network learns once in so many updates
  std::int64_t decay_updates = 0;         // decayed_learning_rate()
  const float* weight_decay = nullptr;    // [agents], or nullptr for none
  bool decoupled_weight_decay = false;    // make_regularisation()
  int networks = 1;                       // of an agent, each a multiple of 4 parameters
  const float* gradient_scale = nullptr;  // [agents, networks] (gradient_norm.hpp), or nullptr
};
cudaError_t launch_adam(const Adam& arguments, cudaStream_t stream);

/// target <- target + tau (parameter - target) alone (Polyak & Juditsky 1992; Lillicrap et al.
/// 2015).
struct PolyakAverage {
  int agents;
  std::int64_t parameters_per_agent;  // a multiple of 4; the arrays are aligned to 16 bytes
  const float* parameters;            // [agents, parameters_per_agent]
  float* target;                      // [agents, parameters_per_agent]
  const float* tau;                   // [agents]
};
cudaError_t launch_polyak_average(const PolyakAverage& arguments, cudaStream_t stream);

}  // namespace polyak::kernels
