// The tables of Polyak's own presets.
#include "config/own_presets.hpp"

#include "config/presets.hpp"

namespace polyak {
namespace {

constexpr std::string_view pql_algorithm = "PQL, pql_algo.yaml";
constexpr std::string_view pql_common = "PQL, actor_critic.yaml";
constexpr std::string_view pql_adamw = "PQL: PyTorch's AdamW";
const PresetValue massive_values[] = {
    {&Config::environments, 4096, "PQL, default.yaml: num_envs"},
    {&Config::total_steps, 4'096'000, "1000 vector steps"},
    {&Config::update_to_data, 8.0 / 4096.0, "PQL: critic_sample_ratio 8 for each vector step"},
    {&Config::warmup_steps, 131'072, "PQL: warm_up, 32 vector steps"},
    {&Config::learning_starts, 131'072, "PQL: warm_up"},
    {&Config::exploration, Exploration::gaussian, pql_algorithm},
    {&Config::noise_ladder, {0.05f, 0.8f}, "PQL: noise mixed, std_min and std_max"},
    {&Config::actor_hidden, {512, 256, 128}, "PQL's networks"},
    {&Config::critic_hidden, {512, 256, 128}, "PQL's networks"},
    {&Config::activation, Activation::elu, "PQL's networks"},
    {&Config::final_layer_range, 0.0f, "as PyTorch's Linear"},
    {&Config::twin_critics, true, "PQL: cri_class DoubleQ"},
    {&Config::target_noise, 0.8f, "PQL: tgt_pol_std"},
    {&Config::target_noise_clip, 0.2f, "PQL: tgt_pol_noise_bound"},
    {&Config::actor_delay, 2, "PQL: critic_actor_ratio"},
    {&Config::n_step, 3, pql_algorithm},
    {&Config::reward_scale, 0.01f,
     "PQL, common.py: four tasks of seven; at 0.1 the actors of some seeds saturate"},
    {&Config::normalise_observations, true, pql_common},
    {&Config::batch_size, 8192, pql_algorithm},
    {&Config::replay_capacity, 5'000'000, pql_algorithm},
    {&Config::learning_rate_actor, 5e-4f, pql_common},
    {&Config::learning_rate_critic, 5e-4f, pql_common},
    {&Config::actor_weight_decay, 0.01f, pql_adamw},
    {&Config::critic_weight_decay, 0.01f, pql_adamw},
    {&Config::decoupled_weight_decay, true, pql_adamw},
    {&Config::gradient_clip, 0.5f, "PQL: max_grad_norm"},
    {&Config::discount, 0.99f, pql_algorithm},
    {&Config::tau, 0.05f, pql_algorithm},
};
const std::string_view massive_deviations[] = {
    "not PQL: actor, critic and environments do not run beside each other",
    "the target actor follows by tau; PQL bootstraps from the actor's newest values",
    "the actor climbs the first critic; PQL's climbs the smaller of the two",
};

constexpr std::string_view found_on_v = "found on Pendulum-V";
const PresetValue recurrent_values[] = {
    {&Config::environment, "Pendulum-V",
     "the velocity alone: the hardest of the pendulums seen in part"},
    {&Config::total_steps, 20'000, found_on_v},
    {&Config::update_to_data, 0.5, found_on_v},
    {&Config::activation, Activation::relu, found_on_v},
    {&Config::policy, PolicyKind::lstm, "as RDPG and pomdp-baselines"},
    {&Config::recurrent_units, 64, "as wide as the layers"},
    {&Config::reward_scale, 0.1f, "the cells see rewards, which are as large as -16"},
    {&Config::sequence_length, 32, found_on_v},
    {&Config::batch_size, 16, "sequences; found on Pendulum-V"},
    {&Config::learning_rate_actor, 3e-4f, "pomdp-baselines"},
    {&Config::learning_rate_critic, 1e-3f, found_on_v},
    {&Config::learning_rate_decay, LearningRateDecay::linear,
     "without it single agents fall back now and then; found on Pendulum-V"},
    {&Config::tau, 0.01f, found_on_v},
};

constexpr std::string_view found_on_pendulum = "found on Pendulum-v1 (bench/results/README.md)";
const PresetValue best_values[] = {
    {&Config::time_limit, 50, "more of the data is of hanging starts, which cost the most regret"},
    {&Config::evaluation_time_limit, 200, "the environment's own"},
    {&Config::agents, 5, "the best of them at the end counts; seeds differ more than settings do"},
    {&Config::environments, 32, found_on_pendulum},
    {&Config::total_steps, 260'000, "65,000 updates, some 20 seconds of one core for each agent"},
    {&Config::batch_size, 256, found_on_pendulum},
    {&Config::learning_rate_decay, LearningRateDecay::linear, found_on_pendulum},
    {&Config::discount, 0.995f, "0.98 costs a regret of 4.3, 0.995 of 1.4, by dynamic programming"},
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

PresetDescription best_preset() {
  return {
      Preset::best,
      "Polyak's settings for a low regret on Pendulum-v1, where the defaults are for a short time",
      best_values,
      {}};
}

}  // namespace polyak
