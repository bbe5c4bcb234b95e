// What an environment is: pure functions of its state and of random numbers, shared by CPU and GPU.
// docs/adding-an-environment.md adds one, word for word.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
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

/// An option with which trainings on an environment begin where nobody says otherwise.
struct RecommendedSetting {
  std::string_view option;  // without the dashes; a preset, or an algorithm, comes first
  std::string_view value;   // as on the command line
  std::string_view reason;  // why this one: what was measured, or where it is published
};

/// The random numbers of one reset or one step. Block 0, 1, ... of 128 random bits is a function of
/// who asks alone (the agent's seed, its environment, the vector step and the purpose), the same on
/// the CPU and the GPU. A block costs ten rounds of Philox where it is asked for, and nothing
/// elsewhere.
template <class Source>
struct EnvironmentRandom {
  Source source;  // (index, step, purpose, draw) -> RandomBits
  std::uint32_t index;
  std::uint64_t step;
  Purpose purpose;

  POLYAK_HOST_DEVICE RandomBits operator()(std::uint32_t block) const {
    return source(index, step, purpose, block);
  }
};

/// Of environment `index` of the agent whose numbers `source` draws.
template <class Source>
POLYAK_HOST_DEVICE EnvironmentRandom<Source> environment_random(const Source& source,
                                                                std::int64_t index,
                                                                std::int64_t step,
                                                                Purpose purpose) {
  return {source, static_cast<std::uint32_t>(index), static_cast<std::uint64_t>(step), purpose};
}

/// Whether steps of E depend on chance: its step takes random numbers besides.
template <class E>
concept StochasticSteps = requires(const typename E::Parameters& parameters,
                                   const typename E::State& state, const float* action,
                                   const EnvironmentRandom<PhiloxRandom>& random) {
  {
    E::step(parameters, state, action, random)
    } -> std::same_as<EnvironmentStep<typename E::State>>;
};
template <class E>
concept DeterministicSteps = requires(const typename E::Parameters& parameters,
                                      const typename E::State& state, const float* action) {
  { E::step(parameters, state, action) } -> std::same_as<EnvironmentStep<typename E::State>>;
};

/// Whether T is a struct of `floats` floats and nothing else, so that it can be copied as an array.
template <class T>
constexpr bool is_struct_of_floats(std::size_t floats) {
  return std::is_trivially_copyable_v<T> &&
         (floats == 0 ? std::is_empty_v<T> : sizeof(T) == sizeof(float) * floats);
}

/// The contract. `State` and `Parameters` are structs of floats and nothing else; `Parameters`,
/// which may be empty, has one float for each entry of `parameters`, in that order.
///   reset(parameters, random)                a start state
///   step(parameters, state, action)          action: [action_size] in the environment's own units,
///                                            not clipped beforehand
///   step(parameters, state, action, random)  instead, where the dynamics are stochastic
///   observe(state, observation)              writes [observation_size]
///   action_low(i), action_high(i)            the bounds of action dimension i
/// `random` is a `const auto&` (EnvironmentRandom): random(0), random(1), ... are blocks of bits.
/// An environment that Polyak's defaults do not learn may have an array of RecommendedSetting
/// besides, called `recommended`.
template <class E>
concept Environment = is_struct_of_floats<typename E::State>(std::size_t{E::state_size}) &&
                          is_struct_of_floats<typename E::Parameters>(E::parameters.size()) &&
                          E::state_names.size() == std::size_t{E::state_size} &&
                      StochasticSteps<E> != DeterministicSteps<E>&& requires(
                                                const typename E::Parameters& parameters,
                                                const typename E::State& state,
                                                const EnvironmentRandom<PhiloxRandom>& random,
                                                float* observation) {
  { E::name } -> std::convertible_to<std::string_view>;
  { E::time_limit } -> std::convertible_to<int>;
  { E::observation_size } -> std::convertible_to<int>;
  { E::action_size } -> std::convertible_to<int>;
  { E::reset(parameters, random) } -> std::same_as<typename E::State>;
  { E::observe(state, observation) } -> std::same_as<void>;
  { E::action_low(0) } -> std::same_as<float>;
  { E::action_high(0) } -> std::same_as<float>;
};

template <Environment... E>
struct EnvironmentList {};

/// What E recommends; empty if it is content with the defaults.
template <Environment E>
constexpr std::span<const RecommendedSetting> recommended_settings() {
  if constexpr (requires { E::recommended; }) {
    return E::recommended;
  } else {
    return {};
  }
}

/// The environment's constants as its own type; values: one for each of E::parameters.
template <Environment E>
typename E::Parameters parameters_from(std::span<const float> values) {
  typename E::Parameters parameters{};
  if (!values.empty()) std::memcpy(&parameters, values.data(), values.size_bytes());
  return parameters;
}

/// One step with an action in the environment's own units [E::action_size].
template <Environment E, class Random>
POLYAK_HOST_DEVICE EnvironmentStep<typename E::State> step_environment(
    const typename E::Parameters& parameters, const typename E::State& state, const float* action,
    [[maybe_unused]] const Random& random) {
  if constexpr (StochasticSteps<E>) {
    return E::step(parameters, state, action, random);
  } else {
    return E::step(parameters, state, action);
  }
}

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
template <Environment E, class Random>
POLYAK_HOST_DEVICE EnvironmentStep<typename E::State> step_normalised(
    const typename E::Parameters& parameters, const typename E::State& state,
    const float* normalised_action, const Random& random) {
  float action[E::action_size];
  for (int i = 0; i < E::action_size; ++i) {
    action[i] = action_offset<E>(i) + action_scale<E>(i) * normalised_action[i];
  }
  return step_environment<E>(parameters, state, action, random);
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
  std::span<const RecommendedSetting> recommended;
};

}  // namespace polyak
