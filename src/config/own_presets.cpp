// The tables of Polyak's own presets.
#include "config/own_presets.hpp"

namespace polyak {
namespace {

constexpr std::string_view pql_algorithm = "PQL, pql_algo.yaml";
constexpr std::string_view pql_common = "PQL, actor_critic.yaml";
constexpr std::string_view pql_adamw = "PQL: PyTorch's AdamW";
const PresetValue massive_values[] = {
    {"environments", [](Config& c) { c.environments = 4096; }, "PQL, default.yaml: num_envs"},
    {"total-steps", [](Config& c) { c.total_steps = 4'096'000; }, "1000 vector steps"},
    {"update-to-data", [](Config& c) { c.update_to_data = 8.0 / 4096.0; },
     "PQL: critic_sample_ratio 8 for each vector step"},
    {"warmup-steps", [](Config& c) { c.warmup_steps = 131'072; }, "PQL: warm_up, 32 vector steps"},
    {"learning-starts", [](Config& c) { c.learning_starts = 131'072; }, "PQL: warm_up"},
    {"exploration", [](Config& c) { c.exploration = Exploration::gaussian; }, pql_algorithm},
    {"noise-ladder",
     [](Config& c) {
       c.noise_ladder = {0.05f, 0.8f};
     },
     "PQL: noise mixed, std_min and std_max"},
    {"actor-hidden",
     [](Config& c) {
       c.actor_hidden = {512, 256, 128};
     },
     "PQL's networks"},
    {"critic-hidden",
     [](Config& c) {
       c.critic_hidden = {512, 256, 128};
     },
     "PQL's networks"},
    {"activation", [](Config& c) { c.activation = Activation::elu; }, "PQL's networks"},
    {"final-layer-range", [](Config& c) { c.final_layer_range = 0.0f; }, "as PyTorch's Linear"},
    {"twin-critics", [](Config& c) { c.twin_critics = true; }, "PQL: cri_class DoubleQ"},
    {"target-noise", [](Config& c) { c.target_noise = 0.8f; }, "PQL: tgt_pol_std"},
    {"target-noise-clip", [](Config& c) { c.target_noise_clip = 0.2f; },
     "PQL: tgt_pol_noise_bound"},
    {"actor-delay", [](Config& c) { c.actor_delay = 2; }, "PQL: critic_actor_ratio"},
    {"n-step", [](Config& c) { c.n_step = 3; }, pql_algorithm},
    {"reward-scale", [](Config& c) { c.reward_scale = 0.01f; },
     "PQL, common.py: four tasks of seven; at 0.1 the actors of some seeds saturate"},
    {"normalise-observations", [](Config& c) { c.normalise_observations = true; }, pql_common},
    {"batch-size", [](Config& c) { c.batch_size = 8192; }, pql_algorithm},
    {"replay-capacity", [](Config& c) { c.replay_capacity = 5'000'000; }, pql_algorithm},
    {"learning-rate-actor", [](Config& c) { c.learning_rate_actor = 5e-4f; }, pql_common},
    {"learning-rate-critic", [](Config& c) { c.learning_rate_critic = 5e-4f; }, pql_common},
    {"actor-weight-decay", [](Config& c) { c.actor_weight_decay = 0.01f; }, pql_adamw},
    {"critic-weight-decay", [](Config& c) { c.critic_weight_decay = 0.01f; }, pql_adamw},
    {"decoupled-weight-decay", [](Config& c) { c.decoupled_weight_decay = true; }, pql_adamw},
    {"gradient-clip", [](Config& c) { c.gradient_clip = 0.5f; }, "PQL: max_grad_norm"},
    {"discount", [](Config& c) { c.discount = 0.99f; }, pql_algorithm},
    {"tau", [](Config& c) { c.tau = 0.05f; }, pql_algorithm},
};
const std::string_view massive_deviations[] = {
    "not PQL: actor, critic and environments do not run beside each other",
    "the target actor follows by tau; PQL bootstraps from the actor's newest values",
    "the actor climbs the first critic; PQL's climbs the smaller of the two",
};

constexpr std::string_view found_on_v = "found on Pendulum-V";
const PresetValue recurrent_values[] = {
    {"environment", [](Config& c) { c.environment = "Pendulum-V"; },
     "the velocity alone: the hardest of the pendulums seen in part"},
    {"total-steps", [](Config& c) { c.total_steps = 20'000; }, found_on_v},
    {"update-to-data", [](Config& c) { c.update_to_data = 0.5; }, found_on_v},
    {"activation", [](Config& c) { c.activation = Activation::relu; }, found_on_v},
    {"policy", [](Config& c) { c.policy = PolicyKind::lstm; }, "as RDPG and pomdp-baselines"},
    {"recurrent-units", [](Config& c) { c.recurrent_units = 64; }, "as wide as the layers"},
    {"reward-scale", [](Config& c) { c.reward_scale = 0.1f; },
     "the cells see rewards, which are as large as -16"},
    {"sequence-length", [](Config& c) { c.sequence_length = 32; }, found_on_v},
    {"batch-size", [](Config& c) { c.batch_size = 16; }, "sequences; found on Pendulum-V"},
    {"learning-rate-actor", [](Config& c) { c.learning_rate_actor = 3e-4f; }, "pomdp-baselines"},
    {"learning-rate-critic", [](Config& c) { c.learning_rate_critic = 1e-3f; }, found_on_v},
    {"learning-rate-decay", [](Config& c) { c.learning_rate_decay = LearningRateDecay::linear; },
     "without it single agents fall back now and then; found on Pendulum-V"},
    {"tau", [](Config& c) { c.tau = 0.01f; }, found_on_v},
};

}  // namespace

PresetDescription massive_preset() {
  return {
      Preset::massive,
      "for thousands of environments per agent, after PQL (Li et al. 2023, Parallel Q-Learning)",
      massive_values, massive_deviations};
}

PresetDescription recurrent_preset() {
  return {
      Preset::recurrent,
      "recurrent DDPG (Heess et al. 2015, arXiv 1512.04455) for tasks seen in part, with Polyak's "
      "settings",
      recurrent_values,
      {}};
}

}  // namespace polyak
