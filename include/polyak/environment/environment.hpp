// What an environment is: pure functions of its state, shared by CPU and GPU.
//
// To add one: write a header like pendulum.hpp, add a line to registry.hpp, and a test that holds
// it against recorded trajectories.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <span>
#include <string_view>
#include <type_traits>

#include "polyak/core/host_device.hpp"
#include "polyak/core/philox.hpp"

namespace polyak {

/// What one environment step gives. `State` is the environment's own.
template <class State>
struct EnvironmentStep {
  State next;
  float reward;
  bool terminated;  // ended for good; a time limit is not a termination
};

/// A constant of an environment that its user may set, as Gymnasium's constructors allow.
struct EnvironmentParameter {
  std::string_view name;
  float default_value;
  float lowest, highest;
  std::string_view description;
};

/// The contract. `State` and `Parameters` are structs of floats and nothing else, so that they can
/// be copied as arrays; `Parameters` has one float for each entry of `parameters`, in that order.
///   reset(parameters, bits)           a start state from 128 random bits
///   step(parameters, state, action)   action: [action_size] in the environment's own units, not
///                                     clipped beforehand
///   observe(state, observation)       writes [observation_size]
///   action_low(i), action_high(i)     the bounds of action dimension i
template <class E>
concept Environment = std::is_trivially_copyable_v<typename E::State> &&
                          std::is_trivially_copyable_v<typename E::Parameters> &&
                          sizeof(typename E::State) ==
                          sizeof(float) * static_cast<std::size_t>(E::state_size) &&
                      sizeof(typename E::Parameters) == sizeof(float) * E::parameters.size() &&
                      E::state_names.size() == static_cast<std::size_t>(E::state_size) &&
                      requires(const typename E::Parameters& parameters,
                               const typename E::State& state, const RandomBits& bits,
                               const float* action, float* observation) {
  { E::name } -> std::convertible_to<std::string_view>;
  { E::time_limit } -> std::convertible_to<int>;
  { E::observation_size } -> std::convertible_to<int>;
  { E::action_size } -> std::convertible_to<int>;
  { E::reset(parameters, bits) } -> std::same_as<typename E::State>;
  { E::step(parameters, state, action) } -> std::same_as<EnvironmentStep<typename E::State>>;
  { E::observe(state, observation) } -> std::same_as<void>;
  { E::action_low(0) } -> std::same_as<float>;
  { E::action_high(0) } -> std::same_as<float>;
};

/// Environments exchange actions with the rest in normalised units, [-1, 1] in each dimension:
/// environment units = low + (high - low) * (normalised + 1) / 2, written as offset + scale * x.
template <class E>
POLYAK_HOST_DEVICE float action_scale(int dimension) {
  return 0.5f * (E::action_high(dimension) - E::action_low(dimension));
}
template <class E>
POLYAK_HOST_DEVICE float action_offset(int dimension) {
  return 0.5f * (E::action_high(dimension) + E::action_low(dimension));
}

/// The next state, reward and termination for a normalised action [E::action_size].
template <Environment E>
POLYAK_HOST_DEVICE EnvironmentStep<typename E::State> step_normalised(
    const typename E::Parameters& parameters, const typename E::State& state,
    const float* normalised_action) {
  float action[E::action_size];
  for (int i = 0; i < E::action_size; ++i) {
    action[i] = action_offset<E>(i) + action_scale<E>(i) * normalised_action[i];
  }
  return E::step(parameters, state, action);
}

/// An environment's constants as values, for code that does not know its type.
struct EnvironmentInfo {
  std::string_view name;
  std::string_view description;
  int state_size;
  int observation_size;
  int action_size;
  int time_limit;
  std::span<const std::string_view> state_names;
  std::span<const EnvironmentParameter> parameters;
  float (*action_low)(int dimension);
  float (*action_high)(int dimension);
};

}  // namespace polyak
