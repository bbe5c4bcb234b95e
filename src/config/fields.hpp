// The fields of a Config: name, group, value, who has it, help, range. The command line, the files,
// the checks and the refusals follow from them. A new field is a member of Config, a row here and a
// case in tests/backend/cuda/field_cases.cpp, whose test fails where an engine of its row does not
// have it.
#pragma once

#include <string_view>
#include <type_traits>

#include "config/derived.hpp"
#include "config/field_info.hpp"
#include "polyak/config.hpp"

namespace polyak {

template <class T>
inline constexpr bool is_per_agent = false;
template <class T>
inline constexpr bool is_per_agent<PerAgent<T>> = true;

/// Who is compiled for the configuration's environment.
Engines engines_for_environment(const Config& config);

/// Calls visitor(info, member) for every field, in order: config.*member is its value. The one
/// place where names, ranges, help and engines stand.
template <class Visitor>
void visit_field_members(const Config& c, Visitor&& visit) {
  const auto field = [&visit]<class T>(std::string_view name, std::string_view group,
                                       T Config::*member, const FieldSupport& support,
                                       std::string_view help, double lowest = 0.0,
                                       double highest = 0.0) {
    visit(FieldInfo{name, group, help, lowest, highest, support.engines, is_per_agent<T>,
                    support.no_effect},
          member);
  };
  constexpr double many = 1e15;

  field("preset", "Preset", &Config::preset, outside_training,
        "a named configuration, which all other options change, instead of what the environment "
        "recommends: fast (the defaults), best (a low regret on Pendulum-v1), paper, "
        "higgsfield, spinningup, cleanrl, rlzoo, massive, rltools or recurrent; `polyak info "
        "--preset NAME` says what it is");

  const std::string_view task = "Task";
  field(
      "environment", task, &Config::environment, engines_for_environment(c),
      "environment to train on; `polyak info` lists them. Without --preset a training begins with "
      "the options that the environment recommends: `polyak info --environment NAME` says which "
      "and why");
  field("environment-parameter", task, &Config::environment_parameters, every_engine,
        "name=value: change a constant of the environment, e.g. gravity=9.81");
  field(
      "time-limit", task, &Config::time_limit, every_engine,
      "steps after which an episode is cut (bootstrapped, not terminal); 0: the environment's own",
      0, 1e9);
  field("evaluation-time-limit", task, &Config::evaluation_time_limit, outside_training,
        "the same without exploration: in evaluations, and whenever the policy is run later; 0: as "
        "time-limit",
        0, 1e9);

  const std::string_view population = "Population";
  field("agents", population, &Config::agents, every_engine, "independent agents trained at once",
        1, largest_population);
  field("seed", population, &Config::seed, every_engine,
        "seed of the first agent, the others count up from it; or one seed per agent: 3,9,4", 0,
        1.8446744073709552e19);

  const std::string_view interaction = "Interaction";
  field("environments", interaction, &Config::environments, every_engine, "environments per agent",
        1, 16777216);
  field("total-steps", interaction, &Config::total_steps, every_engine,
        "environment steps per agent, rounded up to whole iterations", 1, many);
  field("steps-per-iteration", interaction, &Config::steps_per_iteration, every_engine,
        "vector steps (each advances every environment) before a block of updates; 0: the fewest "
        "that make update-to-data a whole number of updates",
        0, 1e6);
  field("update-to-data", interaction, &Config::update_to_data, every_engine,
        "updates per environment step", 1e-6, 1e4);
  field("warmup-steps", interaction, &Config::warmup_steps, every_engine,
        "environment steps per agent with uniform random actions, at the start", 0, many);
  field("learning-starts", interaction, &Config::learning_starts, every_engine,
        "environment steps per agent before the first update", 1, many);

  const std::string_view exploration = "Exploration";
  field("exploration", exploration, &Config::exploration, every_engine,
        "gaussian, or ornstein-uhlenbeck (correlated in time; Lillicrap et al. 2015)");
  field("noise-scale", exploration, &Config::noise_scale, every_engine, "sigma, in noise-units", 0,
        100);
  const FieldSupport of_correlated_noise(
      c.exploration == Exploration::ornstein_uhlenbeck, every_engine,
      "has no effect in gaussian noise; use --exploration ornstein-uhlenbeck");
  field("noise-theta", exploration, &Config::noise_theta, of_correlated_noise,
        "Ornstein-Uhlenbeck: pull towards zero per unit of time", 0, 100);
  field("noise-dt", exploration, &Config::noise_dt, of_correlated_noise,
        "Ornstein-Uhlenbeck: time per environment step (paper: 1; Stable-Baselines3: 0.01)", 1e-6,
        100);
  field(
      "noise-units", exploration, &Config::noise_units, every_engine,
      "of every sigma: normalised (half the action range is 1), or environment (the environment's "
      "own; Spinning Up)");
  field("noise-reset", exploration, &Config::noise_reset, every_engine,
        "Ornstein-Uhlenbeck noise starts from zero in every episode; =false: it goes on");
  field("noise-scale-final", exploration, &Config::noise_scale_final, every_engine,
        "sigma to which noise-scale goes in a straight line; -1: it stays as it is", -1, 100);
  field("noise-decay-steps", exploration, &Config::noise_decay_steps, every_engine,
        "environment steps per agent until noise-scale-final is reached; 0: total-steps", 0, many);
  field("noise-ladder", exploration, &Config::noise_ladder, every_engine,
        "low,high: sigma of an agent's first and last environment, evenly spaced between them, "
        "instead of noise-scale (Parallel Q-Learning: 0.05,0.8)",
        0, 100);

  const std::string_view networks = "Networks";
  field("actor-hidden", networks, &Config::actor_hidden, every_engine,
        "widths of the actor's hidden layers, 1 to 4 of them", 1, 1024);
  field("critic-hidden", networks, &Config::critic_hidden, every_engine,
        "widths of the critic's hidden layers, 1 to 4 of them", 1, 1024);
  field("activation", networks, &Config::activation, every_engine,
        "of the hidden layers: relu, tanh or elu");
  field("final-layer-range", networks, &Config::final_layer_range, every_engine,
        "r: last layers start in U(-r, r) (paper: 0.003); 0: U(+-1/sqrt(inputs)) as every other "
        "layer",
        0, 10);
  field("critic-action-layer", networks, &Config::critic_action_layer, not_fused,
        "the critic's layer that takes the action in; 0: the first, beside the observation; 1: the "
        "second (Lillicrap et al. 2015); at most the number of its hidden layers",
        0, 4);
  field("layer-norm", networks, &Config::layer_norm, not_fused,
        "normalise every hidden layer of actor and critic before its activation (Ba et al. 2016)");
  field("batch-norm", networks, &Config::batch_norm, not_fused,
        "batch normalisation (Ioffe & Szegedy 2015) as in Lillicrap et al. 2015, section 3: of the "
        "observation, the actor's hidden layers and the critic's before the action enters, before "
        "their activation");
  field("batch-norm-momentum", networks, &Config::batch_norm_momentum, not_fused,
        "share of the newest batch in the running statistics, which acting, evaluation and target "
        "networks use",
        1e-6, 1);
  field("batch-norm-policy-evaluation", networks, &Config::batch_norm_policy_evaluation, not_fused,
        "in the actor's update the critic normalises by its running statistics instead of the "
        "batch's (arXiv 2509.23750)");

  field("policy", networks, &Config::policy, not_fused,
        "feed-forward; or lstm or gru: a recurrent cell in front of every network, which sees the "
        "observation, the action before and its reward; for tasks that one observation does not "
        "show");
  field("recurrent-units", networks, &Config::recurrent_units, not_fused,
        "width of the recurrent cells", 1, 256);

  const std::string_view algorithm = "Algorithm";
  field("algorithm", algorithm, &Config::algorithm, outside_training,
        "ddpg, or td3 (Fujimoto et al. 2018): twin critics, target noise 0.2 clipped at 0.5, actor "
        "and target delay 2, unless these are given too, or the preset's system has its own");
  field("twin-critics", algorithm, &Config::twin_critics, not_fused,
        "learn two critics, and bootstrap from the smaller of their targets' values (TD3)");
  field("target-noise", algorithm, &Config::target_noise, not_fused,
        "sigma of the noise on the target actor's actions, in units of half the action range "
        "(TD3: 0.2)",
        0, 10);
  field("target-noise-clip", algorithm, &Config::target_noise_clip,
        {any_above_zero(c.target_noise), not_fused, "has no effect without --target-noise"},
        "largest target noise, in the same units (TD3: 0.5)", 0, 10);
  field("actor-delay", algorithm, &Config::actor_delay, not_fused,
        "the actor learns once in so many updates (TD3: 2)", 1, 16);
  field("target-delay", algorithm, &Config::target_delay, not_fused,
        "both target networks move once in so many updates (TD3: 2)", 1, 16);
  field("actor-first", algorithm, &Config::actor_first, not_fused,
        "the actor learns before the critic, from its old values");

  const std::string_view replay = "Replay and returns";
  field("sampling", replay, &Config::sampling, not_fused,
        "with-replacement, or without-replacement: no transition twice in a batch");
  field("n-step", replay, &Config::n_step, every_engine,
        "rewards in a return before it bootstraps; fewer where an episode ends", 1, 10000);
  field("reward-scale", replay, &Config::reward_scale, every_engine,
        "what the agents learn from is the reward times this; reports are of the reward", 1e-6,
        1e6);
  field("time-limit-terminal", replay, &Config::time_limit_terminal, every_engine,
        "do not bootstrap after a time limit either (higgsfield; it is an error in most tasks)");
  field("normalise-observations", replay, &Config::normalise_observations, not_fused,
        "actor and critic see observations minus their running mean, divided by their running "
        "standard deviation");

  field("sequence-length", replay, &Config::sequence_length, not_fused,
        "recurrent policies learn from sequences of so many transitions, or fewer where an episode "
        "ends; 0: whole episodes (Heess et al. 2015)",
        0, 100000);
  field("burn-in", replay, &Config::burn_in, not_fused,
        "of these, transitions at the start that only bring the recurrent state up to date "
        "(Kapturowski et al. 2019)",
        0, 100000);

  field(
      "sequence-start", replay, &Config::sequence_start, not_fused,
      "the recurrent state that a sequence starts from: zero, or stored (that of actor and critic "
      "when they saw its first row; Kapturowski et al. 2019)");

  field("sequence-lookahead", replay, &Config::sequence_lookahead, not_fused,
        "steps behind a sequence that its returns may bootstrap from; 0: the longest n-step of any "
        "agent. Only an agent's rounding depends on it",
        0, 10000);

  const std::string_view learning = "Learning";
  field("batch-size", learning, &Config::batch_size, every_engine,
        "transitions per update; with a recurrent policy, sequences", 1, 1048576);
  field("replay-capacity", learning, &Config::replay_capacity, every_engine,
        "transitions kept per agent; never more memory than total-steps can fill", 1, 1e12);
  field("learning-rate-actor", learning, &Config::learning_rate_actor, every_engine,
        "Adam step size of the actor", 1e-12, 10);
  field("learning-rate-critic", learning, &Config::learning_rate_critic, every_engine,
        "Adam step size of the critic", 1e-12, 10);
  field("discount", learning, &Config::discount, every_engine, "gamma, per environment step", 0, 1);
  field("tau", learning, &Config::tau, every_engine,
        "Polyak step of the target networks per update", 0, 1);
  field("adam-beta1", learning, &Config::adam_beta1, every_engine, "decay of Adam's first moment",
        0, 0.999999);
  field("adam-beta2", learning, &Config::adam_beta2, every_engine, "decay of Adam's second moment",
        0, 0.9999999);
  field("adam-epsilon", learning, &Config::adam_epsilon, every_engine, "Adam's epsilon", 1e-30, 1);
  field("learning-rate-decay", learning, &Config::learning_rate_decay, not_fused,
        "of both networks: constant, or linear (to zero at the end of the training)");
  field("actor-weight-decay", learning, &Config::actor_weight_decay, not_fused,
        "L2 penalty: so much of the actor's parameters is added to their gradient", 0, 1);
  field("critic-weight-decay", learning, &Config::critic_weight_decay, not_fused,
        "the same for the critic (Lillicrap et al. 2015: 0.01)", 0, 1);
  const bool decays_weights =
      any_above_zero(c.actor_weight_decay) || any_above_zero(c.critic_weight_decay);
  field("decoupled-weight-decay", learning, &Config::decoupled_weight_decay,
        {decays_weights, not_fused,
         "has no effect without --actor-weight-decay or --critic-weight-decay"},
        "both weight decays shrink the parameters themselves instead (AdamW, Loshchilov & Hutter "
        "2019)");
  field("gradient-clip", learning, &Config::gradient_clip, not_fused,
        "largest norm of a network's gradient, which is scaled down to it; 0: no limit", 0, 1e9);

  const std::string_view execution = "Execution";
  field("device", execution, &Config::device, outside_training,
        "auto (a GPU if there is one), cuda, cuda:N (the one of several GPUs that CUDA gives this "
        "number, from 0), cuda:all (every GPU, each with a share of the agents) or cpu");
  field("engine", execution, &Config::engine, outside_training,
        "how the GPU runs an iteration: auto (by size and device), layered (one kernel per "
        "operation) or "
        "fused (one kernel for many iterations)");
  field("matrix-product", execution, &Config::matrix_product, layered_alone,
        "on the GPU: auto (own in fp32, else by shape), own (our kernels) or cublas");
  field("precision", execution, &Config::precision, gpu_engines,
        "of the GPU's matrix products: fp32, or on tensor cores tf32, tf32x3 (fp32's accuracy) or "
        "bf16");
  field("threads", execution, &Config::threads, outside_training,
        "CPU threads; 0: all cores. Results do not depend on it", 0, 4096);
}

/// Calls visitor(info, field) for every field of a Config (const or not), in the same order.
template <class AnyConfig, class Visitor>
void visit_fields(AnyConfig& config, Visitor&& visit) {
  visit_field_members(config,
                      [&](const FieldInfo& field, auto member) { visit(field, config.*member); });
}

/// The name of a field: field_name(&Config::batch_size) is "batch-size".
template <class T>
std::string_view field_name(T Config::*member) {
  std::string_view name;
  visit_field_members(Config{}, [&](const FieldInfo& field, auto candidate) {
    if constexpr (std::is_same_v<decltype(candidate), T Config::*>) {
      if (candidate == member) name = field.name;
    }
  });
  return name;
}

/// The name of the first field whose value asks for something that an engine does not have, for
/// example beyond_engine(config, &Engines::fused); empty if the engine has all of it.
std::string_view beyond_engine(const Config& config, bool Engines::*engine);

/// Throws UsageError, which names the field, unless the device has every field that is in use: the
/// CPU, or the engine of the GPU that the configuration names, or one of them.
void require_fields_on(DeviceKind device, const Config& config);

/// `config` as the CPU trains it: fields that only the GPU has are as in Config{}.
Config without_gpu_fields(const Config& config);

}  // namespace polyak
