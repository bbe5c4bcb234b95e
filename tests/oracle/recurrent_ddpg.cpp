// DDPG's and TD3's losses over sequences: backpropagation through time (Heess et al. 2015, arXiv
// 1512.04455, algorithm 1), cut off at burn-in (Kapturowski et al. 2019, section 3).
#include <algorithm>
#include <cmath>
#include <utility>

#include "oracle/recurrent.hpp"

namespace polyak::oracle {
namespace {

double transitions_of(const SequenceBatch& batch) {
  std::size_t count = 0;
  for (const Sequence& sequence : batch) count += sequence.learned.size();
  return static_cast<double>(std::max<std::size_t>(1, count));
}

/// Network `number` over a sequence: 0 is an actor, the others are critics.
std::vector<CellPass> run_sequence(const Network& network, const Sequence& sequence,
                                   std::size_t number) {
  if (sequence.first_states.empty()) return run_cell(network, sequence.inputs);
  return run_cell(network, sequence.inputs, sequence.first_states[number]);
}

std::span<Layer> layers_of(Network& network) { return std::span(network).subspan(2); }

/// The loss's gradients with respect to the hidden state of every step of one sequence.
class HiddenGradients {
 public:
  HiddenGradients(const Network& network, const std::vector<CellPass>& passes)
      : values(passes.size(), zero_state(network).hidden) {}

  /// input_gradient: of what the layers read, which begins with the hidden state.
  void set(std::size_t step, const std::vector<double>& input_gradient) {
    std::copy_n(input_gradient.begin(), values[step].size(), values[step].begin());
  }

  std::vector<std::vector<double>> values;
};

}  // namespace

SequenceBatch as_critic_sees(SequenceBatch batch, std::size_t number) {
  for (Sequence& sequence : batch) {
    if (!sequence.first_states.empty()) {
      std::swap(sequence.first_states[1], sequence.first_states[number + 1]);
    }
  }
  return batch;
}

std::vector<double> bootstrap_targets(const Network& target_actor,
                                      const std::vector<Network>& target_critics,
                                      const SequenceBatch& batch, double discount,
                                      const std::vector<std::vector<double>>& noise) {
  std::vector<double> targets;
  for (const Sequence& sequence : batch) {
    const std::vector<CellPass> actor_passes = run_sequence(target_actor, sequence, 0);
    std::vector<std::vector<CellPass>> critic_passes;
    for (const Network& critic : target_critics) {
      critic_passes.push_back(run_sequence(critic, sequence, critic_passes.size() + 1));
    }
    for (std::size_t i = 0; i < sequence.learned.size(); ++i) {
      const Transition& t = sequence.learned[i];
      const std::size_t next = sequence.learned_from + i + static_cast<std::size_t>(t.steps);
      std::vector<double> action =
          forward(layers_of(target_actor), layers_input(actor_passes[next], t.next_observation))
              .output;
      for (std::size_t d = 0; d < action.size(); ++d) {
        action[d] = std::clamp(action[d] + noise[targets.size()][d], -1.0, 1.0);
      }
      double next_value = INFINITY;
      for (std::size_t c = 0; c < target_critics.size(); ++c) {
        const auto input = layers_input(critic_passes[c][next], t.next_observation, action);
        next_value = std::min(next_value, forward(layers_of(target_critics[c]), input).output[0]);
      }
      targets.push_back(t.reward + (t.terminated ? 0.0 : std::pow(discount, t.steps) * next_value));
    }
  }
  return targets;
}

double critic_loss(const Network& critic, const SequenceBatch& batch,
                   const std::vector<double>& targets, Network& gradient) {
  const double size = transitions_of(batch);
  double loss = 0.0;
  auto target = targets.begin();
  for (const Sequence& sequence : batch) {
    const std::vector<CellPass> passes = run_sequence(critic, sequence, 1);
    HiddenGradients hidden(critic, passes);
    for (std::size_t i = 0; i < sequence.learned.size(); ++i) {
      const Transition& t = sequence.learned[i];
      const std::size_t step = sequence.learned_from + i;
      const ForwardPass pass =
          forward(layers_of(critic), layers_input(passes[step], t.observation, t.action));
      const double error = pass.output[0] - *target++;
      loss += error * error / size;
      hidden.set(step,
                 backward(layers_of(critic), pass, {2.0 * error / size}, layers_of(gradient)));
    }
    backward_through_time(critic, passes, hidden.values, sequence.learned_from, gradient);
  }
  return loss;
}

double actor_loss(const Network& actor, const Network& critic, const SequenceBatch& batch,
                  Network& gradient) {
  const double size = transitions_of(batch);
  double loss = 0.0;
  Network ignored = zeros_like(critic);
  for (const Sequence& sequence : batch) {
    const std::vector<CellPass> actor_passes = run_sequence(actor, sequence, 0),
                                critic_passes = run_sequence(critic, sequence, 1);
    HiddenGradients hidden(actor, actor_passes);
    for (std::size_t i = 0; i < sequence.learned.size(); ++i) {
      const std::vector<double>& observation = sequence.learned[i].observation;
      const std::size_t step = sequence.learned_from + i;
      const ForwardPass actor_pass =
          forward(layers_of(actor), layers_input(actor_passes[step], observation));
      const ForwardPass critic_pass = forward(
          layers_of(critic), layers_input(critic_passes[step], observation, actor_pass.output));
      loss -= critic_pass.output[0] / size;
      const std::vector<double> input_gradient =
          backward(layers_of(critic), critic_pass, {-1.0 / size}, layers_of(ignored));
      const auto actions = static_cast<std::ptrdiff_t>(actor_pass.output.size());
      hidden.set(step, backward(layers_of(actor), actor_pass,
                                {input_gradient.end() - actions, input_gradient.end()},
                                layers_of(gradient)));
    }
    backward_through_time(actor, actor_passes, hidden.values, sequence.learned_from, gradient);
  }
  return loss;
}

}  // namespace polyak::oracle
