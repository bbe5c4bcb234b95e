// The tables of other systems' TD3. The values were read in the sources that each one names.
#include "config/td3_presets.hpp"

#include "config/presets.hpp"

namespace polyak {
namespace {

constexpr std::string_view sooner =
    "actor and targets move in the second, fourth, ... update; there in the first, third, ...";

const PresetValue spinningup_td3_values[] = {
    {&Config::twin_critics, true, "core.py: q1, q2"},
    {&Config::target_noise, 0.1f,
     "target_noise 0.2 in the environment's units, of which Pendulum's range has 2 on a side"},
    {&Config::target_noise_clip, 0.25f, "noise_clip 0.5 in the same units"},
    {&Config::actor_delay, 2, "policy_delay"},
    {&Config::target_delay, 2, "policy_delay, of all targets"},
};
const std::string_view spinningup_td3_deviations[] = {
    sooner,
    "the target noise is the system's on Pendulum alone: it is a share of the action range",
};

const PresetValue cleanrl_td3_values[] = {
    {&Config::twin_critics, true, "qf1, qf2"},
    {&Config::target_noise, 0.2f, "policy_noise times action_scale"},
    {&Config::target_noise_clip, 0.5f, "noise_clip times action_scale"},
    {&Config::actor_delay, 2, "policy_frequency"},
    {&Config::target_delay, 2, "policy_frequency, of all targets"},
};

constexpr std::string_view stable_baselines = "Stable-Baselines3's TD3";
const PresetValue rlzoo_td3_values[] = {
    {&Config::twin_critics, true, "Stable-Baselines3: n_critics"},
    {&Config::target_noise, 0.2f, "Stable-Baselines3: target_policy_noise, of actions in [-1, 1]"},
    {&Config::target_noise_clip, 0.5f, "Stable-Baselines3: target_noise_clip"},
    {&Config::actor_delay, 2, "Stable-Baselines3: policy_delay"},
    {&Config::target_delay, 2, "Stable-Baselines3: policy_delay"},
    {&Config::batch_size, 256, stable_baselines},
    {&Config::tau, 5e-3f, stable_baselines},
};

const PresetValue rltools_values[] = {
    {&Config::environments, 1, "N_ENVIRONMENTS"},
    {&Config::total_steps, 20'000, "STEP_LIMIT"},
    {&Config::update_to_data, 1.0, "CRITIC_TRAINING_INTERVAL"},
    {&Config::warmup_steps, 100, "N_WARMUP_STEPS"},
    {&Config::learning_starts, 101, "N_WARMUP_STEPS_CRITIC: after the first step of the policy"},
    {&Config::exploration, Exploration::gaussian, "layers/td3_sampling"},
    {&Config::noise_scale, 0.1f,
     "EXPLORATION_NOISE: the sampling layer's STD, of actions in [-1, 1]"},
    {&Config::actor_hidden, {64, 64}, "HIDDEN_DIM"},
    {&Config::critic_hidden, {64, 64}, "HIDDEN_DIM"},
    {&Config::activation, Activation::relu, "RELU"},
    {&Config::final_layer_range, 0.0f, "as every other layer"},
    {&Config::algorithm, Algorithm::td3, "TD3"},
    {&Config::twin_critics, true, "critics"},
    {&Config::target_noise, 0.2f, "TARGET_NEXT_ACTION_NOISE_STD"},
    {&Config::target_noise_clip, 0.5f, "TARGET_NEXT_ACTION_NOISE_CLIP"},
    {&Config::actor_delay, 2, "ACTOR_TRAINING_INTERVAL"},
    {&Config::target_delay, 2, "ACTOR_TARGET_UPDATE_INTERVAL"},
    {&Config::batch_size, 100, "CRITIC_BATCH_SIZE, ACTOR_BATCH_SIZE"},
    {&Config::replay_capacity, 20'000, "REPLAY_BUFFER_CAP"},
    {&Config::learning_rate_actor, 1e-3f, "Adam's ALPHA"},
    {&Config::learning_rate_critic, 1e-3f, "Adam's ALPHA"},
    {&Config::adam_epsilon, 1e-7f, "Adam's EPSILON"},
    {&Config::discount, 0.99f, "GAMMA"},
    {&Config::tau, 5e-3f, "ACTOR_POLYAK, CRITIC_POLYAK: 1 - tau"},
};
const std::string_view rltools_deviations[] = {
    sooner,
    "Adam's second moment has no floor; there it is at least 1e-7 under the root",
    "exploration noise is for exploring; there the actor's sampling layer adds it in the passes "
    "that learn and bootstrap too",
};

}  // namespace

PresetTd3 spinningup_td3() {
  return {"openai/spinningup, spinup/algos/pytorch/td3 (038665d)", spinningup_td3_values,
          spinningup_td3_deviations};
}

PresetTd3 cleanrl_td3() {
  return {"vwxyzjn/cleanrl, td3_continuous_action.py (fe8d8a0)", cleanrl_td3_values, {}};
}

PresetTd3 rlzoo_td3() {
  return {
      "DLR-RM/rl-baselines3-zoo, td3.yml: Pendulum-v1 (22e3ff2); Stable-Baselines3's TD3 "
      "(8406a7e)",
      rlzoo_td3_values,
      {}};
}

PresetDescription rltools_preset() {
  return {Preset::rltools, "rl-tools/rl-tools, src/rl/zoo/pendulum-v1/td3.h (9acdf5c)",
          rltools_values, rltools_deviations};
}

}  // namespace polyak
