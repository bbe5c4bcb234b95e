// Whole noise-free episodes: observe, ask the policy, step, until every episode has ended.
//
//   start states [starts, state_size]; per agent the layers' weights [outputs, inputs] and biases
//   [outputs] in a flat array; returns [agents, starts]; trajectories [starts, time_limit, ...]
//   (episodes.hpp).
//
// A block runs 4, 8 or 16 episodes of one agent side by side; grid (starts / that, agents). Thread
// t < episodes owns episode t, its state and its return. Every layer is computed by all threads,
// one output of all episodes at a time; the activations are in shared memory as [features,
// episodes], so that a weight is read once for all of them. Each sum runs over the inputs from the
// first to the last whatever the shape of the launch. Bound by reading the weights from the caches.
#include <algorithm>

#include "kernels/agent_views.cuh"
#include "kernels/environment_launch.cuh"
#include "kernels/episodes.hpp"
#include "kernels/reduction.cuh"
#include "polyak/core/layer_norm.hpp"

namespace polyak::kernels {
namespace {

constexpr int threads = 256;
constexpr int activation_floats = 4096;  // 16 KiB: features times episodes of one layer

/// Policies as device code can read them: std::array is for the host.
struct PolicyArguments {
  int layer_count;
  PolicyLayer layers[max_policy_layers];
  const float* parameters;
  std::int64_t agent_stride;
  Normalisers normalisers;
};

/// Arguments with the trajectories by value; no lengths: nothing is recorded.
struct EpisodeArguments {
  int time_limit;
  std::int64_t starts;
  const float* start_states;
  PolicyArguments policies;
  float* returns;
  TrajectoryArrays trajectories;
};

/// The bias, activation and sums of one output for every episode of the block.
template <int Episodes>
__device__ void compute_output(const float* weights, int inputs, float bias, Activation activation,
                               const float* input, float* output) {
  float sums[Episodes] = {};
  const auto add = [&](int i, float weight) {
    const float* const features = input + i * Episodes;
#pragma unroll
    for (int episode = 0; episode < Episodes; ++episode) {
      sums[episode] = fmaf(weight, features[episode], sums[episode]);
    }
  };
  int i = 0;
  if (reinterpret_cast<std::uintptr_t>(weights) % 16 == 0) {
    for (; i + 4 <= inputs; i += 4) {
      const float4 four = *reinterpret_cast<const float4*>(weights + i);
      add(i, four.x);
      add(i + 1, four.y);
      add(i + 2, four.z);
      add(i + 3, four.w);
    }
  }
  for (; i < inputs; ++i) add(i, weights[i]);
#pragma unroll
  for (int episode = 0; episode < Episodes; ++episode) {
    output[episode] = activate(activation, sums[episode] + bias);
  }
}

/// Normalises a layer's sums [outputs, Episodes] and applies its activation; a warp for each
/// episode in turn.
template <int Episodes>
__device__ void normalise_layer(const PolicyLayer& layer, const float* parameters, float* values) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const float scale = 1.0f / static_cast<float>(layer.outputs);
  for (int episode = static_cast<int>(threadIdx.x) / 32; episode < Episodes;
       episode += threads / 32) {
    const auto sum_over_features = [&](const auto& term) {
      float sum = 0.0f;
      for (int i = lane; i < layer.outputs; i += 32) sum += term(values[i * Episodes + episode]);
      return warp_sum(sum);
    };
    const float mean = scale * sum_over_features([](float value) { return value; });
    const float variance =
        scale * sum_over_features([mean](float value) { return (value - mean) * (value - mean); });
    const float inverse = inverse_deviation(variance);
    for (int i = lane; i < layer.outputs; i += 32) {
      float& value = values[i * Episodes + episode];
      value = activate(layer.activation,
                       parameters[layer.norm_weight_offset + i] * ((value - mean) * inverse) +
                           parameters[layer.norm_bias_offset + i]);
    }
  }
}

/// Runs the policy on activations[0]; returns which of the two holds the actions. Begins and ends
/// with a barrier.
template <int Episodes>
__device__ int run_policy(const PolicyArguments& policies, const float* parameters,
                          float (*activations)[activation_floats]) {
  int current = 0;
  __syncthreads();
  for (int number = 0; number < policies.layer_count; ++number) {
    const PolicyLayer& layer = policies.layers[number];
    for (int output = static_cast<int>(threadIdx.x); output < layer.outputs; output += threads) {
      compute_output<Episodes>(
          parameters + layer.weight_offset + static_cast<std::int64_t>(output) * layer.inputs,
          layer.inputs, parameters[layer.bias_offset + output],
          layer.layer_norm ? Activation::identity : layer.activation, activations[current],
          activations[1 - current] + output * Episodes);
    }
    current = 1 - current;
    __syncthreads();
    if (!layer.layer_norm) continue;
    normalise_layer<Episodes>(layer, parameters, activations[current]);
    __syncthreads();
  }
  return current;
}

/// Writes down one step of one episode.
template <Environment E>
__device__ void record_step(const EpisodeArguments& arguments, std::int64_t episode, int step,
                            const float* action, const EnvironmentStep<typename E::State>& result) {
  const TrajectoryArrays& trajectories = arguments.trajectories;
  const std::int64_t at = episode * arguments.time_limit + step;
  for (int i = 0; i < E::action_size; ++i) {
    trajectories.actions[at * E::action_size + i] =
        action_offset<E>(i) + action_scale<E>(i) * action[i];
  }
  trajectories.rewards[at] = result.reward;
  trajectories.terminated[episode] = result.terminated ? 1 : 0;
  trajectories.lengths[episode] = step + 1;
  // There is one state more than steps in every episode.
  reinterpret_cast<typename E::State*>(trajectories.states)[at + episode + 1] = result.next;
}

template <Environment E, int Episodes>
__global__ void __launch_bounds__(threads, 2)
    evaluate_episodes(const EpisodeArguments arguments, const typename E::Parameters parameters) {
  using State = typename E::State;
  POLYAK_SHARED(float4, shared_memory, [2 * activation_floats / 4]);
  auto* const activations = reinterpret_cast<float(*)[activation_floats]>(shared_memory);
  const std::int64_t agent = blockIdx.y;
  const int slot = static_cast<int>(threadIdx.x);
  const std::int64_t episode = static_cast<std::int64_t>(blockIdx.x) * Episodes + slot;
  const bool owns_slot = slot < Episodes;
  const bool owns_episode = owns_slot && episode < arguments.starts;
  const bool records = owns_episode && arguments.trajectories.lengths != nullptr;
  State state{};
  if (owns_episode) state = reinterpret_cast<const State*>(arguments.start_states)[episode];
  if (records) {
    State* const states = reinterpret_cast<State*>(arguments.trajectories.states);
    states[episode * (arguments.time_limit + 1)] = state;
    arguments.trajectories.lengths[episode] = 0;
    arguments.trajectories.terminated[episode] = 0;
  }
  float episode_return = 0.0f;
  bool running = owns_episode;
  const float* const policy =
      arguments.policies.parameters + agent * arguments.policies.agent_stride;
  const ObservationNormaliser normalise = normaliser_of(arguments.policies.normalisers, agent);
  for (int step = 0; step < arguments.time_limit; ++step) {
    if (owns_slot) {
      float observation[E::observation_size];
      E::observe(state, observation);
      for (int i = 0; i < E::observation_size; ++i) {
        activations[0][i * Episodes + slot] = normalise(i, observation[i]);
      }
    }
    const int result_at = run_policy<Episodes>(arguments.policies, policy, activations);
    if (running) {
      float action[E::action_size];
      for (int i = 0; i < E::action_size; ++i) {
        action[i] = activations[result_at][i * Episodes + slot];
      }
      const EnvironmentStep<State> result = step_normalised<E>(parameters, state, action);
      if (records) record_step<E>(arguments, episode, step, action, result);
      state = result.next;
      episode_return += result.reward;
      running = !result.terminated;
    }
    if (__syncthreads_or(running ? 1 : 0) == 0) break;
  }
  if (owns_episode) arguments.returns[agent * arguments.starts + episode] = episode_return;
}

PolicyArguments policy_arguments(const Policies& policies) {
  PolicyArguments arguments{
      policies.layer_count, {}, policies.parameters, policies.agent_stride, policies.normalisers};
  std::copy(policies.layers.begin(), policies.layers.end(), arguments.layers);
  return arguments;
}

template <Environment E, int Episodes>
cudaError_t launch(const EvaluateEpisodes& arguments, cudaStream_t stream) {
  const EpisodeArguments kernel_arguments = {
      arguments.environment.time_limit,
      arguments.starts,
      arguments.start_states,
      policy_arguments(arguments.policies),
      arguments.returns,
      arguments.trajectories != nullptr ? *arguments.trajectories : TrajectoryArrays{}};
  const dim3 grid(grid_size(divide_up(arguments.starts, Episodes)), grid_size(arguments.agents));
  const cudaLaunchConfig_t config = launch_config(grid, threads, stream);
  return cudaLaunchKernelEx(&config, evaluate_episodes<E, Episodes>, kernel_arguments,
                            parameters_of<E>(arguments.environment));
}

/// Whether the layers fit each other and an environment of these sizes.
bool policies_fit(const Policies& policies, int observation_size, int action_size) {
  if (policies.layer_count < 1 || policies.layer_count > max_policy_layers) return false;
  int width = observation_size;
  for (int number = 0; number < policies.layer_count; ++number) {
    const PolicyLayer& layer = policies.layers[static_cast<std::size_t>(number)];
    if (layer.inputs != width || layer.outputs < 1) return false;
    if (layer.inputs > max_policy_width || layer.outputs > max_policy_width) return false;
    width = layer.outputs;
  }
  return width == action_size;
}

int widest_layer(const Policies& policies) {
  int widest = policies.layers[0].inputs;
  for (int number = 0; number < policies.layer_count; ++number) {
    widest = std::max(widest, policies.layers[static_cast<std::size_t>(number)].outputs);
  }
  return widest;
}

}  // namespace

cudaError_t launch_evaluate_episodes(const EvaluateEpisodes& arguments, cudaStream_t stream) {
  static_assert(max_policy_width * 4 <= activation_floats);
  return visit_environment(arguments.environment.name, [&]<class E>() {
    const bool fits = has_parameters_for(arguments.environment, E::parameters.size()) &&
                      policies_fit(arguments.policies, E::observation_size, E::action_size) &&
                      (arguments.trajectories == nullptr || arguments.agents == 1);
    if (!fits) return cudaErrorInvalidValue;
    if (arguments.agents == 0 || arguments.starts == 0) return cudaSuccess;
    const int widest = widest_layer(arguments.policies);
    if (widest * 16 <= activation_floats) return launch<E, 16>(arguments, stream);
    if (widest * 8 <= activation_floats) return launch<E, 8>(arguments, stream);
    return launch<E, 4>(arguments, stream);
  });
}

}  // namespace polyak::kernels
