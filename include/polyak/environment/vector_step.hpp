// What a vector step does with one environment: act with exploration, step, store, start the next
// episode. The same function runs for every environment on the CPU and in one GPU thread.
#pragma once

#include <cmath>
#include <cstdint>

#include "polyak/core/exploration.hpp"
#include "polyak/core/float_range.hpp"
#include "polyak/core/replay.hpp"
#include "polyak/environment/environment.hpp"

namespace polyak {

/// What the finished episodes of one environment add up to since somebody last asked.
struct EpisodeTotals {
  double return_sum;
  std::int64_t episodes;
  std::int64_t steps;
  /// The number (1 for the first) of the vector step whose finite action made the return NaN or
  /// infinite; 0: none did.
  std::int64_t non_finite_step;
  /// Action dimensions in which the policy itself, without exploration, was at a bound.
  std::int64_t saturated_actions;
};

/// A normalised action beyond this is at its bound: an actor's tanh hardly has a gradient there.
inline constexpr float saturated_action = 0.99f;

/// The environments of one agent; every array's first dimension is the environment.
template <Environment E>
struct EnvironmentsView {
  typename E::State* states;
  float* exploration_noise;     // [environments, action_size]: Ornstein-Uhlenbeck state
  std::int32_t* episode_steps;  // steps taken in the current episode
  double* episode_returns;      // undiscounted return of the current episode so far
  EpisodeTotals* totals;
};

/// What all environments of one agent share in one vector step.
template <Environment E>
struct EnvironmentSettings {
  typename E::Parameters parameters;
  ExplorationPlan exploration;
  std::int32_t time_limit;
  bool warmup;  // uniform random actions instead of the policy's
};

/// The normalised action in one environment: the policy's with exploration, or a random one.
///   policy_action  [action_size]; not read during warm-up
///   random         RandomSource: (index, step, purpose, draw) -> RandomBits
template <Environment E, class RandomSource>
POLYAK_HOST_DEVICE void choose_action(const EnvironmentSettings<E>& settings,
                                      const float* policy_action, std::int64_t environment,
                                      std::int64_t vector_step, const RandomSource& random,
                                      float* noise, float* action) {
  const Purpose purpose = settings.warmup ? Purpose::warmup_action : Purpose::exploration_noise;
  const auto index = static_cast<std::uint32_t>(environment);
  const auto step = static_cast<std::uint64_t>(vector_step);
  ExplorationParameters exploration = settings.exploration.first;
  const float scale = noise_scale(settings.exploration, environment, vector_step);
  for (int i = 0; i < E::action_size; ++i) {
    const RandomBits bits = random(index, step, purpose, static_cast<std::uint32_t>(i / 4));
    if (settings.warmup) {
      action[i] = uniform_between(-1.0f, 1.0f, word_of(bits, i % 4));
    } else {
      exploration.scale =
          settings.exploration.environment_units ? scale / action_scale<E>(i) : scale;
      action[i] = explore(exploration, policy_action[i], normal_from_bits(bits, i % 4), noise[i]);
    }
  }
}

/// Starts the next episode of an environment: reset, clear counters and noise, open a replay row.
///   vector_step  the number of vector steps made; 0 for the first episode
template <Environment E, class RandomSource>
POLYAK_HOST_DEVICE void reset_environment(const EnvironmentSettings<E>& settings,
                                          const EnvironmentsView<E>& environments,
                                          const ReplayView& replay, std::int64_t environment,
                                          std::int64_t vector_step, const RandomSource& random) {
  const typename E::State state =
      E::reset(settings.parameters,
               environment_random(random, environment, vector_step, Purpose::environment_reset));
  float observation[E::observation_size];
  E::observe(state, observation);
  begin_episode(replay, environment, observation);
  environments.states[environment] = state;
  environments.episode_steps[environment] = 0;
  environments.episode_returns[environment] = 0.0;
  if (settings.exploration.keeps_noise) return;
  for (int i = 0; i < E::action_size; ++i) {
    environments.exploration_noise[environment * E::action_size + i] = 0.0f;
  }
}

/// Notes the first return that is not finite. What a policy that is not finite itself does with it
/// is no fault of the rewards, and shows in the losses.
template <int action_size>
POLYAK_HOST_DEVICE void note_if_not_finite(double episode_return, const float* action,
                                           std::int64_t vector_step, EpisodeTotals& totals) {
  if (is_in_float_range(episode_return) || totals.non_finite_step != 0) return;
  for (int i = 0; i < action_size; ++i) {
    if (!std::isfinite(action[i])) return;
  }
  totals.non_finite_step = vector_step + 1;
}

/// Counts in how many dimensions the policy's own action [action_size] is at a bound.
template <int action_size>
POLYAK_HOST_DEVICE void note_saturation(const float* policy_action, EpisodeTotals& totals) {
  int saturated = 0;
  for (int i = 0; i < action_size; ++i) {
    saturated += fabsf(policy_action[i]) > saturated_action ? 1 : 0;
  }
  if (saturated > 0) totals.saturated_actions += saturated;
}

/// One step of one environment with the chosen normalised action, stored in the replay.
///   vector_step  the number of vector steps made before this one
template <Environment E, class RandomSource>
POLYAK_HOST_DEVICE void step_and_store(const EnvironmentSettings<E>& settings,
                                       const EnvironmentsView<E>& environments,
                                       const ReplayView& replay, const float* action,
                                       std::int64_t environment, std::int64_t vector_step,
                                       const RandomSource& random) {
  const EnvironmentStep<typename E::State> result = step_normalised<E>(
      settings.parameters, environments.states[environment], action,
      environment_random(random, environment, vector_step, Purpose::environment_step));
  const std::int32_t steps = environments.episode_steps[environment] + 1;
  const double episode_return =
      environments.episode_returns[environment] + static_cast<double>(result.reward);
  note_if_not_finite<E::action_size>(episode_return, action, vector_step,
                                     environments.totals[environment]);
  const RowKind kind = result.terminated              ? RowKind::terminated
                       : steps >= settings.time_limit ? RowKind::truncated
                                                      : RowKind::continuing;
  float next_observation[E::observation_size];
  E::observe(result.next, next_observation);
  append_transition(replay, environment, action, result.reward, kind, next_observation);
  if (kind == RowKind::continuing) {
    environments.states[environment] = result.next;
    environments.episode_steps[environment] = steps;
    environments.episode_returns[environment] = episode_return;
    return;
  }
  environments.totals[environment].return_sum += episode_return;
  environments.totals[environment].episodes += 1;
  environments.totals[environment].steps += steps;
  reset_environment(settings, environments, replay, environment, vector_step + 1, random);
}

}  // namespace polyak
