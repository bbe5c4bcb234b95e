// The fields of a Config: name, group, help, range. Included by config.hpp.
#pragma once

#include "polyak/config.hpp"

namespace polyak {

template <class AnyConfig, class Visitor>
void visit_fields(AnyConfig& c, Visitor&& visit) {
  const auto field = [&visit](std::string_view name, std::string_view group, auto& value,
                              std::string_view help, double lowest = 0.0, double highest = 0.0) {
    visit(FieldInfo{name, group, help, lowest, highest}, value);
  };
  constexpr double many = 1e15;

  const std::string_view task = "Task";
  field("environment", task, c.environment, "environment to train on; `polyak info` lists them");
  field("environment-parameter", task, c.environment_parameters,
        "name=value: change a constant of the environment, e.g. gravity=9.81");
  field(
      "time-limit", task, c.time_limit,
      "steps after which an episode is cut (bootstrapped, not terminal); 0: the environment's own",
      0, 1e9);

  const std::string_view population = "Population";
  field("agents", population, c.agents, "independent agents trained at once", 1, 65535);
  field("seed", population, c.seed,
        "seed of the first agent, the others count up from it; or one seed per agent: 3,9,4", 0,
        1.8446744073709552e19);

  const std::string_view interaction = "Interaction";
  field("environments", interaction, c.environments, "environment streams per agent", 1, 16777216);
  field("total-steps", interaction, c.total_steps, "environment steps per agent", 1, many);
  field("steps-per-iteration", interaction, c.steps_per_iteration,
        "vector steps (each advances every stream) before a block of updates; 0: the fewest that "
        "make update-to-data a whole number of updates",
        0, 1e6);
  field("update-to-data", interaction, c.update_to_data, "updates per environment step", 1e-6, 1e4);
  field("warmup-steps", interaction, c.warmup_steps,
        "environment steps per agent with uniform random actions, at the start", 0, many);
  field("learning-starts", interaction, c.learning_starts,
        "environment steps per agent before the first update", 1, many);

  const std::string_view exploration = "Exploration";
  field("exploration", exploration, c.exploration,
        "gaussian, or ornstein-uhlenbeck (correlated in time; Lillicrap et al. 2015)");
  field("noise-scale", exploration, c.noise_scale, "sigma, in units of half the action range", 0,
        100);
  field("noise-theta", exploration, c.noise_theta,
        "Ornstein-Uhlenbeck: pull towards zero per unit of time", 0, 100);
  field("noise-dt", exploration, c.noise_dt,
        "Ornstein-Uhlenbeck: time per environment step (paper: 1; Stable-Baselines3: 0.01)", 1e-6,
        100);

  const std::string_view networks = "Networks";
  field("actor-hidden", networks, c.actor_hidden,
        "widths of the actor's hidden layers, 1 to 4 of them", 1, 1024);
  field("critic-hidden", networks, c.critic_hidden,
        "widths of the critic's hidden layers, 1 to 4 of them", 1, 1024);
  field("activation", networks, c.activation, "of the hidden layers: relu, tanh or elu");
  field("final-layer-range", networks, c.final_layer_range,
        "r: last layers start in U(-r, r) (paper: 0.003); 0: U(+-1/sqrt(inputs)) as every other "
        "layer",
        0, 10);

  const std::string_view learning = "Learning";
  field("batch-size", learning, c.batch_size, "transitions per update", 1, 1048576);
  field("replay-capacity", learning, c.replay_capacity,
        "transitions kept per agent; never more memory than total-steps can fill", 1, 1e12);
  field("learning-rate-actor", learning, c.learning_rate_actor, "Adam step size of the actor",
        1e-12, 10);
  field("learning-rate-critic", learning, c.learning_rate_critic, "Adam step size of the critic",
        1e-12, 10);
  field("discount", learning, c.discount, "gamma, per environment step", 0, 1);
  field("tau", learning, c.tau, "Polyak step of the target networks per update", 0, 1);
  field("adam-beta1", learning, c.adam_beta1, "decay of Adam's first moment", 0, 0.999999);
  field("adam-beta2", learning, c.adam_beta2, "decay of Adam's second moment", 0, 0.9999999);
  field("adam-epsilon", learning, c.adam_epsilon, "Adam's epsilon", 1e-30, 1);

  const std::string_view execution = "Execution";
  field("device", execution, c.device, "auto (a GPU if there is one), cuda or cpu");
  field("engine", execution, c.engine,
        "how the GPU runs an iteration: auto (by size and device), layered (one kernel per "
        "operation) or "
        "fused (one kernel for many iterations)");
  field("matrix-product", execution, c.matrix_product,
        "on the GPU: auto (a measured rule per shape), own (our kernels) or cublas");
  field("precision", execution, c.precision,
        "of the GPU's matrix products: fp32, or on tensor cores tf32, tf32x3 (fp32's accuracy) or "
        "bf16");
  field("threads", execution, c.threads, "CPU threads; 0: all cores. Results do not depend on it",
        0, 4096);
}

}  // namespace polyak
