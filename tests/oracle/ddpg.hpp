// DDPG's and TD3's losses and updates in double precision, from Lillicrap et al. 2015 (arXiv
// 1509.02971, algorithm 1), Fujimoto et al. 2018 (arXiv 1802.09477, algorithm 1), Kingma & Ba 2015
// (arXiv 1412.6980, algorithm 1) and Loshchilov & Hutter 2019 (arXiv 1711.05101, algorithm 2).
#pragma once

#include <cstdint>
#include <vector>

#include "oracle/network.hpp"

namespace polyak::oracle {

struct Transition {
  std::vector<double> observation, action;  // the action in [-1, 1]
  double reward;                            // or the discounted sum of the rewards of several steps
  std::vector<double> next_observation;     // after these steps
  bool terminated;                          // there is nothing to bootstrap from
  int steps = 1;
};
using Batch = std::vector<Transition>;

/// Q(o, a): the critic sees the observation and then the action.
double value(const Network& critic, std::vector<double> observation,
             const std::vector<double>& action);

/// y = r + discount^steps (1 - terminated) min over the critics of Q'(o', actor'(o') + noise,
/// clipped to
/// [-1, 1]), one for each transition. `noise` has one value for each dimension of each next action.
std::vector<double> bootstrap_targets(const Network& target_actor,
                                      const std::vector<Network>& target_critics,
                                      const Batch& batch, double discount,
                                      const std::vector<std::vector<double>>& noise);

/// mean (Q(o, a) - y)^2; adds its gradient.
double critic_loss(const Network& critic, const Batch& batch, const std::vector<double>& targets,
                   Network& gradient);

/// -mean Q(o, actor(o)); adds its gradient with respect to the actor.
double actor_loss(const Network& actor, const Network& critic, const Batch& batch,
                  Network& gradient);

/// One network with what training keeps beside it.
struct Learner {
  Network network, target, first_moment, second_moment;
};

struct AdamSettings {
  double learning_rate, beta1, beta2, epsilon;
  double weight_decay = 0.0;
  bool decoupled = false;
};

/// The Euclidean norm over all parameters.
double gradient_norm(Network& gradient);

/// Scales a gradient down to the norm `largest`, if that is above zero.
void clip_gradient(Network& gradient, double largest);

/// Adam's update number t, 1 for the first.
void adam(Learner& learner, const Network& gradient, const AdamSettings& settings, std::int64_t t);

/// target <- (1 - tau) target + tau network, the running statistics of batch normalisation too.
void polyak_average(Learner& learner, double tau);

}  // namespace polyak::oracle
