// The tables of other systems' DDPG. The values were read in the sources that each one names.
#include "config/own_presets.hpp"
#include "config/presets.hpp"
#include "config/td3_presets.hpp"

namespace polyak {
namespace {

constexpr std::string_view one_environment = "one environment";
constexpr std::string_view update_per_step = "one update for each environment step";
constexpr std::string_view pytorch_layers =
    "PyTorch's Linear: U(+-1/sqrt(inputs)), weights and biases, in every layer";

const PresetValue paper_values[] = {
    {&Config::environments, 1, one_environment},
    {&Config::total_steps, 2'500'000, "section 4: at most 2.5 million"},
    {&Config::update_to_data, 1.0, "algorithm 1"},
    {&Config::warmup_steps, 0, "none stated"},
    {&Config::learning_starts, 64, "as soon as there is one batch"},
    {&Config::exploration, Exploration::ornstein_uhlenbeck, "section 7"},
    {&Config::noise_theta, 0.15f, "section 7"},
    {&Config::noise_scale, 0.2f, "section 7"},
    {&Config::noise_dt, 1.0f, "none stated: one step is one unit of time"},
    {&Config::noise_reset, true, "algorithm 1: a process for each episode"},
    {&Config::actor_hidden, {400, 300}, "section 7"},
    {&Config::critic_hidden, {400, 300}, "section 7"},
    {&Config::activation, Activation::relu, "section 7"},
    {&Config::final_layer_range, 3e-3f, "section 7; all other layers U(+-1/sqrt(inputs))"},
    {&Config::critic_action_layer, 1, "section 7: the second hidden layer"},
    {&Config::batch_norm, true,
     "section 3: the state, all layers of the actor, the critic's before the action"},
    {&Config::batch_size, 64, "section 7"},
    {&Config::replay_capacity, 1'000'000, "section 7"},
    {&Config::learning_rate_actor, 1e-4f, "section 7"},
    {&Config::learning_rate_critic, 1e-3f, "section 7"},
    {&Config::critic_weight_decay, 1e-2f, "section 7"},
    {&Config::discount, 0.99f, "section 7"},
    {&Config::tau, 1e-3f, "section 7"},
};
const std::string_view paper_deviations[] = {
    "no pixels, for which the paper has convolutions, batches of 16 and other first layers",
};

const PresetValue higgsfield_values[] = {
    {&Config::environments, 1, one_environment},
    {&Config::total_steps, 12'000, "max_frames"},
    {&Config::update_to_data, 1.0, update_per_step},
    {&Config::warmup_steps, 0, "no random phase"},
    {&Config::learning_starts, 129, "len(replay_buffer) > batch_size"},
    {&Config::exploration, Exploration::ornstein_uhlenbeck, "OUNoise"},
    {&Config::noise_theta, 0.15f, "OUNoise"},
    {&Config::noise_scale, 0.3f, "OUNoise: max_sigma = min_sigma"},
    {&Config::noise_dt, 1.0f, "OUNoise.evolve_state"},
    {&Config::noise_reset, true, "ou_noise.reset() at each episode"},
    {&Config::actor_hidden, {256, 256}, "hidden_dim"},
    {&Config::critic_hidden, {256, 256}, "hidden_dim"},
    {&Config::activation, Activation::relu, "PolicyNetwork.forward"},
    {&Config::final_layer_range, 3e-3f, "init_w"},
    {&Config::actor_first, true, "ddpg_update: the policy's step first"},
    {&Config::sampling, Sampling::without_replacement, "random.sample"},
    {&Config::time_limit_terminal, true, "done is stored as it is, the time limit's too"},
    {&Config::batch_size, 128, "batch_size"},
    {&Config::replay_capacity, 1'000'000, "replay_buffer_size"},
    {&Config::learning_rate_actor, 1e-4f, "policy_lr"},
    {&Config::learning_rate_critic, 1e-3f, "value_lr"},
    {&Config::discount, 0.99f, "ddpg_update's gamma"},
    {&Config::tau, 1e-2f, "ddpg_update's soft_tau"},
};
const std::string_view higgsfield_deviations[] = {
    "Pendulum-v1 instead of Pendulum-v0",
};

const PresetValue spinningup_values[] = {
    {&Config::environments, 1, one_environment},
    {&Config::total_steps, 400'000, "epochs times steps_per_epoch"},
    {&Config::steps_per_iteration, 50, "update_every"},
    {&Config::update_to_data, 1.0, "50 updates every 50 steps"},
    {&Config::warmup_steps, 10'000, "start_steps"},
    {&Config::learning_starts, 1'000, "update_after"},
    {&Config::exploration, Exploration::gaussian, "get_action"},
    {&Config::noise_scale, 0.1f, "act_noise"},
    {&Config::noise_units, NoiseUnits::environment,
     "get_action: added to the action times the limit"},
    {&Config::actor_hidden, {256, 256}, "core.py: hidden_sizes"},
    {&Config::critic_hidden, {256, 256}, "core.py: hidden_sizes"},
    {&Config::activation, Activation::relu, "core.py"},
    {&Config::final_layer_range, 0.0f, pytorch_layers},
    {&Config::batch_size, 100, "batch_size"},
    {&Config::replay_capacity, 1'000'000, "replay_size"},
    {&Config::learning_rate_actor, 1e-3f, "pi_lr"},
    {&Config::learning_rate_critic, 1e-3f, "q_lr"},
    {&Config::discount, 0.99f, "gamma"},
    {&Config::tau, 5e-3f, "1 - polyak"},
};
const std::string_view spinningup_deviations[] = {scaled_actions};

const PresetValue cleanrl_values[] = {
    {&Config::environments, 1, one_environment},
    {&Config::total_steps, 1'000'000, "total_timesteps"},
    {&Config::update_to_data, 1.0, update_per_step},
    {&Config::warmup_steps, 25'000, "learning_starts"},
    {&Config::learning_starts, 25'000, "learning_starts"},
    {&Config::exploration, Exploration::gaussian, "torch.normal"},
    {&Config::noise_scale, 0.1f, "exploration_noise times action_scale"},
    {&Config::actor_hidden, {256, 256}, "Actor"},
    {&Config::critic_hidden, {256, 256}, "QNetwork"},
    {&Config::activation, Activation::relu, "QNetwork.forward"},
    {&Config::final_layer_range, 0.0f, pytorch_layers},
    {&Config::actor_delay, 2, "policy_frequency"},
    {&Config::target_delay, 2, "policy_frequency, of both targets"},
    {&Config::batch_size, 256, "batch_size"},
    {&Config::replay_capacity, 1'000'000, "buffer_size"},
    {&Config::learning_rate_actor, 3e-4f, "learning_rate"},
    {&Config::learning_rate_critic, 3e-4f, "learning_rate"},
    {&Config::discount, 0.99f, "gamma"},
    {&Config::tau, 5e-3f, "tau"},
};
const std::string_view cleanrl_deviations[] = {
    scaled_actions,
    "evaluated without noise, where CleanRL's own evaluation has it",
};

const PresetValue rlzoo_values[] = {
    {&Config::environments, 1, one_environment},
    {&Config::total_steps, 20'000, "n_timesteps"},
    {&Config::update_to_data, 1.0, "train_freq and gradient_steps: one update for each step"},
    {&Config::warmup_steps, 10'000, "learning_starts"},
    {&Config::learning_starts, 10'000, "learning_starts"},
    {&Config::exploration, Exploration::gaussian, "noise_type: normal"},
    {&Config::noise_scale, 0.1f, "noise_std; Stable-Baselines3 adds it to actions in [-1, 1]"},
    {&Config::actor_hidden, {400, 300}, "net_arch"},
    {&Config::critic_hidden, {400, 300}, "net_arch"},
    {&Config::activation, Activation::relu, "Stable-Baselines3's TD3Policy"},
    {&Config::final_layer_range, 0.0f, pytorch_layers},
    {&Config::batch_size, 256, "Stable-Baselines3's DDPG"},
    {&Config::replay_capacity, 200'000, "buffer_size"},
    {&Config::learning_rate_actor, 1e-3f, "learning_rate"},
    {&Config::learning_rate_critic, 1e-3f, "learning_rate"},
    {&Config::discount, 0.98f, "gamma"},
    {&Config::tau, 5e-3f, "Stable-Baselines3's DDPG"},
};

}  // namespace

std::span<const PresetDescription> all_presets() {
  static const PresetDescription presets[] = {
      {Preset::fast,
       "Polyak's defaults, found on Pendulum-v1 by time to a mean regret below 20",
       {},
       {}},
      {Preset::paper, "Lillicrap et al. 2015 (arXiv 1509.02971)", paper_values, paper_deviations},
      {Preset::higgsfield, "higgsfield/RL-Adventure-2, 5.ddpg.ipynb (277966f)", higgsfield_values,
       higgsfield_deviations},
      {Preset::spinningup, "openai/spinningup, spinup/algos/pytorch/ddpg (038665d)",
       spinningup_values, spinningup_deviations, spinningup_td3()},
      {Preset::cleanrl, "vwxyzjn/cleanrl, ddpg_continuous_action.py (fe8d8a0)", cleanrl_values,
       cleanrl_deviations, cleanrl_td3()},
      {Preset::rlzoo,
       "DLR-RM/rl-baselines3-zoo, ddpg.yml: Pendulum-v1 (22e3ff2); Stable-Baselines3's DDPG "
       "(8406a7e)",
       rlzoo_values,
       {},
       rlzoo_td3()},
      massive_preset(),
      rltools_preset(),
      recurrent_preset(),
      best_preset(),
  };
  return presets;
}

}  // namespace polyak
