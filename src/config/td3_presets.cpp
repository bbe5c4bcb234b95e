// The tables of other systems' TD3. The values were read in the sources that each one names.
#include "config/td3_presets.hpp"

namespace polyak {
namespace {

constexpr std::string_view sooner =
    "actor and targets move in the second, fourth, ... update; there in the first, third, ...";

const PresetValue spinningup_values[] = {
    {"twin-critics", [](Config& c) { c.twin_critics = true; }, "core.py: q1, q2"},
    {"target-noise", [](Config& c) { c.target_noise = 0.1f; },
     "target_noise 0.2 in the environment's units, of which Pendulum's range has 2 on a side"},
    {"target-noise-clip", [](Config& c) { c.target_noise_clip = 0.25f; },
     "noise_clip 0.5 in the same units"},
    {"actor-delay", [](Config& c) { c.actor_delay = 2; }, "policy_delay"},
    {"target-delay", [](Config& c) { c.target_delay = 2; }, "policy_delay, of all targets"},
};
const std::string_view spinningup_deviations[] = {
    sooner,
    "the target noise is the system's on Pendulum alone: it is a share of the action range",
};

const PresetValue cleanrl_values[] = {
    {"twin-critics", [](Config& c) { c.twin_critics = true; }, "qf1, qf2"},
    {"target-noise", [](Config& c) { c.target_noise = 0.2f; }, "policy_noise times action_scale"},
    {"target-noise-clip", [](Config& c) { c.target_noise_clip = 0.5f; },
     "noise_clip times action_scale"},
    {"actor-delay", [](Config& c) { c.actor_delay = 2; }, "policy_frequency"},
    {"target-delay", [](Config& c) { c.target_delay = 2; }, "policy_frequency, of all targets"},
};

constexpr std::string_view stable_baselines = "Stable-Baselines3's TD3";
const PresetValue rlzoo_values[] = {
    {"twin-critics", [](Config& c) { c.twin_critics = true; }, "Stable-Baselines3: n_critics"},
    {"target-noise", [](Config& c) { c.target_noise = 0.2f; },
     "Stable-Baselines3: target_policy_noise, of actions in [-1, 1]"},
    {"target-noise-clip", [](Config& c) { c.target_noise_clip = 0.5f; },
     "Stable-Baselines3: target_noise_clip"},
    {"actor-delay", [](Config& c) { c.actor_delay = 2; }, "Stable-Baselines3: policy_delay"},
    {"target-delay", [](Config& c) { c.target_delay = 2; }, "Stable-Baselines3: policy_delay"},
    {"batch-size", [](Config& c) { c.batch_size = 256; }, stable_baselines},
    {"tau", [](Config& c) { c.tau = 5e-3f; }, stable_baselines},
};

const PresetValue rltools_values[] = {
    {"environments", [](Config& c) { c.environments = 1; }, "N_ENVIRONMENTS"},
    {"total-steps", [](Config& c) { c.total_steps = 20'000; }, "STEP_LIMIT"},
    {"update-to-data", [](Config& c) { c.update_to_data = 1.0; }, "CRITIC_TRAINING_INTERVAL"},
    {"warmup-steps", [](Config& c) { c.warmup_steps = 100; }, "N_WARMUP_STEPS"},
    {"learning-starts", [](Config& c) { c.learning_starts = 101; },
     "N_WARMUP_STEPS_CRITIC: after the first step of the policy"},
    {"exploration", [](Config& c) { c.exploration = Exploration::gaussian; },
     "layers/td3_sampling"},
    {"noise-scale", [](Config& c) { c.noise_scale = 0.1f; },
     "EXPLORATION_NOISE: the sampling layer's STD, of actions in [-1, 1]"},
    {"actor-hidden",
     [](Config& c) {
       c.actor_hidden = {64, 64};
     },
     "HIDDEN_DIM"},
    {"critic-hidden",
     [](Config& c) {
       c.critic_hidden = {64, 64};
     },
     "HIDDEN_DIM"},
    {"activation", [](Config& c) { c.activation = Activation::relu; }, "RELU"},
    {"final-layer-range", [](Config& c) { c.final_layer_range = 0.0f; }, "as every other layer"},
    {"algorithm", [](Config& c) { c.algorithm = Algorithm::td3; }, "TD3"},
    {"twin-critics", [](Config& c) { c.twin_critics = true; }, "critics"},
    {"target-noise", [](Config& c) { c.target_noise = 0.2f; }, "TARGET_NEXT_ACTION_NOISE_STD"},
    {"target-noise-clip", [](Config& c) { c.target_noise_clip = 0.5f; },
     "TARGET_NEXT_ACTION_NOISE_CLIP"},
    {"actor-delay", [](Config& c) { c.actor_delay = 2; }, "ACTOR_TRAINING_INTERVAL"},
    {"target-delay", [](Config& c) { c.target_delay = 2; }, "ACTOR_TARGET_UPDATE_INTERVAL"},
    {"batch-size", [](Config& c) { c.batch_size = 100; }, "CRITIC_BATCH_SIZE, ACTOR_BATCH_SIZE"},
    {"replay-capacity", [](Config& c) { c.replay_capacity = 20'000; }, "REPLAY_BUFFER_CAP"},
    {"learning-rate-actor", [](Config& c) { c.learning_rate_actor = 1e-3f; }, "Adam's ALPHA"},
    {"learning-rate-critic", [](Config& c) { c.learning_rate_critic = 1e-3f; }, "Adam's ALPHA"},
    {"adam-epsilon", [](Config& c) { c.adam_epsilon = 1e-7f; }, "Adam's EPSILON"},
    {"discount", [](Config& c) { c.discount = 0.99f; }, "GAMMA"},
    {"tau", [](Config& c) { c.tau = 5e-3f; }, "ACTOR_POLYAK, CRITIC_POLYAK: 1 - tau"},
};
const std::string_view rltools_deviations[] = {
    sooner,
    "Adam's second moment has no floor; there it is at least 1e-7 under the root",
    "exploration noise is for exploring; there the actor's sampling layer adds it in the passes "
    "that learn and bootstrap too",
};

}  // namespace

PresetTd3 spinningup_td3() {
  return {"openai/spinningup, spinup/algos/pytorch/td3 (038665d)", spinningup_values,
          spinningup_deviations};
}

PresetTd3 cleanrl_td3() {
  return {"vwxyzjn/cleanrl, td3_continuous_action.py (fe8d8a0)", cleanrl_values, {}};
}

PresetTd3 rlzoo_td3() {
  return {
      "DLR-RM/rl-baselines3-zoo, td3.yml: Pendulum-v1 (22e3ff2); Stable-Baselines3's TD3 "
      "(8406a7e)",
      rlzoo_values,
      {}};
}

PresetDescription rltools_preset() {
  return {Preset::rltools, "rl-tools/rl-tools, src/rl/zoo/pendulum-v1/td3.h (9acdf5c)",
          rltools_values, rltools_deviations};
}

}  // namespace polyak
