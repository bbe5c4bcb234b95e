#include "oracle/ddpg.hpp"

#include <algorithm>
#include <cmath>

namespace polyak::oracle {
namespace {

std::vector<double> critic_input(std::vector<double> observation,
                                 const std::vector<double>& action) {
  observation.insert(observation.end(), action.begin(), action.end());
  return observation;
}

/// References to every parameter, so that networks of one shape can be walked side by side.
std::vector<double*> parameters_of(Network& network) {
  std::vector<double*> result;
  visit_parameters(network, [&](double& parameter) { result.push_back(&parameter); });
  return result;
}

}  // namespace

double value(const Network& critic, std::vector<double> observation,
             const std::vector<double>& action) {
  return forward(critic, critic_input(std::move(observation), action)).output[0];
}

std::vector<double> bootstrap_targets(const Network& target_actor,
                                      const std::vector<Network>& target_critics,
                                      const Batch& batch, double discount,
                                      const std::vector<std::vector<double>>& noise) {
  std::vector<double> targets;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const Transition& t = batch[i];
    std::vector<double> next_action = forward(target_actor, t.next_observation).output;
    for (std::size_t d = 0; d < next_action.size(); ++d) {
      next_action[d] = std::clamp(next_action[d] + noise[i][d], -1.0, 1.0);
    }
    double next_value = INFINITY;
    for (const Network& critic : target_critics) {
      next_value = std::min(next_value, value(critic, t.next_observation, next_action));
    }
    targets.push_back(t.reward + (t.terminated ? 0.0 : std::pow(discount, t.steps) * next_value));
  }
  return targets;
}

double critic_loss(const Network& critic, const Batch& batch, const std::vector<double>& targets,
                   Network& gradient) {
  const double size = static_cast<double>(batch.size());
  double loss = 0.0;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const ForwardPass pass = forward(critic, critic_input(batch[i].observation, batch[i].action));
    const double error = pass.output[0] - targets[i];
    loss += error * error / size;
    backward(critic, pass, {2.0 * error / size}, gradient);
  }
  return loss;
}

double actor_loss(const Network& actor, const Network& critic, const Batch& batch,
                  Network& gradient) {
  const double size = static_cast<double>(batch.size());
  double loss = 0.0;
  for (const Transition& t : batch) {
    const ForwardPass actor_pass = forward(actor, t.observation);
    const ForwardPass critic_pass = forward(critic, critic_input(t.observation, actor_pass.output));
    loss -= critic_pass.output[0] / size;
    Network ignored = zeros_like(critic);
    const std::vector<double> input_gradient =
        backward(critic, critic_pass, {-1.0 / size}, ignored);
    const auto action_begin =
        input_gradient.begin() + static_cast<std::ptrdiff_t>(t.observation.size());
    backward(actor, actor_pass, {action_begin, input_gradient.end()}, gradient);
  }
  return loss;
}

double gradient_norm(Network& gradient) {
  double squared_norm = 0.0;
  visit_parameters(gradient, [&](double& value) { squared_norm += value * value; });
  return std::sqrt(squared_norm);
}

void clip_gradient(Network& gradient, double largest) {
  const double norm = gradient_norm(gradient);
  if (largest <= 0.0 || norm <= largest) return;
  visit_parameters(gradient, [&](double& value) { value *= largest / norm; });
}

void adam(Learner& learner, const Network& gradient, const AdamSettings& settings, std::int64_t t) {
  const double correction1 = 1.0 - std::pow(settings.beta1, static_cast<double>(t));
  const double correction2 = 1.0 - std::pow(settings.beta2, static_cast<double>(t));
  Network gradient_copy = gradient;
  const auto g = parameters_of(gradient_copy), p = parameters_of(learner.network),
             m = parameters_of(learner.first_moment), v = parameters_of(learner.second_moment);
  for (std::size_t i = 0; i < g.size(); ++i) {
    if (settings.decoupled) *p[i] *= 1.0 - settings.learning_rate * settings.weight_decay;
    if (!settings.decoupled) *g[i] += settings.weight_decay * *p[i];
    *m[i] = settings.beta1 * *m[i] + (1.0 - settings.beta1) * *g[i];
    *v[i] = settings.beta2 * *v[i] + (1.0 - settings.beta2) * *g[i] * *g[i];
    *p[i] -= settings.learning_rate * (*m[i] / correction1) /
             (std::sqrt(*v[i] / correction2) + settings.epsilon);
  }
}

void polyak_average(Learner& learner, double tau) {
  const auto p = parameters_of(learner.network), target = parameters_of(learner.target);
  for (std::size_t i = 0; i < p.size(); ++i) *target[i] = (1.0 - tau) * *target[i] + tau * *p[i];
  for (std::size_t l = 0; l < learner.network.size(); ++l) {
    const Layer& layer = learner.network[l];
    Layer& target_layer = learner.target[l];
    for (std::size_t f = 0; f < layer.running_mean.size(); ++f) {
      double& mean = target_layer.running_mean[f];
      double& variance = target_layer.running_variance[f];
      mean = (1.0 - tau) * mean + tau * layer.running_mean[f];
      variance = (1.0 - tau) * variance + tau * layer.running_variance[f];
    }
  }
}

}  // namespace polyak::oracle
