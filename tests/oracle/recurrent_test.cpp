// The oracle's recurrent networks: the cells against PyTorch, the gradients of both losses against
// finite differences of losses that are written down here once more, step by step.
#include "oracle/recurrent.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "oracle/gradient_check.hpp"

namespace polyak::oracle {
namespace {

constexpr int observation_size = 2, action_size = 2;
constexpr int input_size = observation_size + action_size + 1;

/// `gates` is 4 for an LSTM and 3 for a GRU.
Network recurrent_network(Generator& generate, int gates, int units, const Network& layers) {
  Network network =
      generate.network({input_size, gates * units}, Activation::tanh, Activation::identity);
  network.push_back({units, gates * units, Activation::identity,
                     generate.vector(gates * units * units), generate.vector(gates * units)});
  network.insert(network.end(), layers.begin(), layers.end());
  return network;
}

Network make_actor(Generator& generate, int gates, int units = 3) {
  return recurrent_network(generate, gates, units,
                           generate.network({units + observation_size, 4, action_size},
                                            Activation::tanh, Activation::tanh));
}

Network make_critic(Generator& generate, int gates, int units = 3) {
  return recurrent_network(generate, gates, units,
                           generate.network({units + observation_size + action_size, 5, 1},
                                            Activation::elu, Activation::identity));
}

/// `learned` transitions behind `burn_in` others, with two steps more that only targets look at.
Sequence make_sequence(Generator& generate, std::size_t burn_in, std::size_t learned) {
  Sequence sequence{{}, burn_in, {}};
  for (std::size_t t = 0; t < burn_in + learned + 2; ++t) {
    sequence.inputs.push_back(generate.vector(input_size));
  }
  const auto observation_at = [&](std::size_t step) {
    const std::vector<double>& input = sequence.inputs[step];
    return std::vector<double>(input.begin(), input.begin() + observation_size);
  };
  for (std::size_t t = burn_in; t < burn_in + learned; ++t) {
    const int steps = 1 + static_cast<int>(t % 2);
    sequence.learned.push_back({observation_at(t), generate.vector(action_size), generate(),
                                observation_at(t + static_cast<std::size_t>(steps)),
                                t + 1 == burn_in + learned, steps});
  }
  return sequence;
}

SequenceBatch make_batch(Generator& generate) {
  return {make_sequence(generate, 0, 4), make_sequence(generate, 3, 3),
          make_sequence(generate, 2, 1), make_sequence(generate, 0, 1)};
}
constexpr int batch_transitions = 9;

double q(const Network& critic, const CellPass& pass, const Transition& t,
         const std::vector<double>& action) {
  return forward(layers_of(critic), layers_input(pass, t.observation, action)).output[0];
}

/// The sum of term(pass, i) over the transitions of a sequence, with burn-in by `frozen`, which
/// stays as it is when a parameter of `network` is changed.
template <class Term>
double unrolled(const Network& network, const Network& frozen, const Sequence& sequence,
                const Term& term) {
  CellState state = zero_state(network);
  double sum = 0.0;
  for (std::size_t t = 0; t < sequence.learned_from + sequence.learned.size(); ++t) {
    const bool burn_in = t < sequence.learned_from;
    const CellPass pass = cell_forward(burn_in ? frozen : network, sequence.inputs[t], state);
    state = pass.after;
    if (!burn_in) sum += term(pass, t - sequence.learned_from);
  }
  return sum;
}

class RecurrentOracle : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Gates, RecurrentOracle, testing::Values(4, 3),
                         [](const auto& instance) { return instance.param == 4 ? "Lstm" : "Gru"; });

TEST_P(RecurrentOracle, CriticsGradientMatchesFiniteDifferences) {
  Generator generate;
  for (const int units : {1, 3}) {
    Network critic = make_critic(generate, GetParam(), units);
    const Network frozen = critic;
    const SequenceBatch batch = make_batch(generate);
    const std::vector<double> targets = generate.vector(batch_transitions);
    const auto loss = [&] {
      double sum = 0.0;
      std::size_t first = 0;
      for (const Sequence& sequence : batch) {
        sum += unrolled(critic, frozen, sequence, [&](const CellPass& pass, std::size_t i) {
          const Transition& t = sequence.learned[i];
          return std::pow(q(critic, pass, t, t.action) - targets[first + i], 2.0);
        });
        first += sequence.learned.size();
      }
      return sum / batch_transitions;
    };
    Network gradient = zeros_like(critic);
    EXPECT_NEAR(critic_loss(critic, batch, targets, gradient), loss(), 1e-14);
    expect_gradient(critic, gradient, loss);
  }
}

TEST_P(RecurrentOracle, ActorsGradientMatchesFiniteDifferences) {
  Generator generate;
  for (const int units : {1, 3}) {
    Network actor = make_actor(generate, GetParam(), units);
    const Network critic = make_critic(generate, GetParam(), 2), frozen = actor;
    const SequenceBatch batch = make_batch(generate);
    const auto loss = [&] {
      double sum = 0.0;
      for (const Sequence& sequence : batch) {
        const std::vector<CellPass> critic_passes = run_cell(critic, sequence.inputs);
        sum -= unrolled(actor, frozen, sequence, [&](const CellPass& pass, std::size_t i) {
          const Transition& t = sequence.learned[i];
          const auto action = forward(layers_of(actor), layers_input(pass, t.observation)).output;
          return q(critic, critic_passes[sequence.learned_from + i], t, action);
        });
      }
      return sum / batch_transitions;
    };
    Network gradient = zeros_like(actor);
    EXPECT_NEAR(actor_loss(actor, critic, batch, gradient), loss(), 1e-14);
    expect_gradient(actor, gradient, loss);
  }
}

// Through a critic that takes the action in at its second layer, and layer normalisation.
TEST_P(RecurrentOracle, GradientsGoThroughALateActionAndNormalisation) {
  Generator generate;
  Network actor = make_actor(generate, GetParam());
  Network critic = recurrent_network(
      generate, GetParam(), 3,
      generate.network({3 + observation_size, 4, 1}, Activation::tanh, Activation::identity));
  critic[3].inputs += action_size;
  critic[3].joined_inputs = action_size;
  critic[3].weight = generate.vector(critic[3].inputs);
  for (Network* network : {&actor, &critic}) {
    (*network)[2].norm_weight = generate.vector((*network)[2].outputs);
    (*network)[2].norm_bias = generate.vector((*network)[2].outputs);
  }
  const SequenceBatch batch = {make_sequence(generate, 0, 4), make_sequence(generate, 0, 2)};
  const std::vector<double> targets = generate.vector(6);
  Network gradient = zeros_like(critic);
  critic_loss(critic, batch, targets, gradient);
  expect_gradient(critic, gradient, [&] {
    Network ignored = zeros_like(critic);
    return critic_loss(critic, batch, targets, ignored);
  });
  gradient = zeros_like(actor);
  actor_loss(actor, critic, batch, gradient);
  expect_gradient(actor, gradient, [&] {
    Network ignored = zeros_like(actor);
    return actor_loss(actor, critic, batch, ignored);
  });
}

// Each target by hand: the networks' states behind all rows up to the one bootstrapped from.
TEST_P(RecurrentOracle, TargetsBootstrapFromTheStateOfTheirStep) {
  Generator generate;
  const Network actor = make_actor(generate, GetParam());
  const std::vector<Network> critics = {make_critic(generate, GetParam()),
                                        make_critic(generate, GetParam())};
  const Sequence sequence = make_sequence(generate, 1, 3);
  const std::vector<std::vector<double>> noise = {{0.3, -0.2}, {5.0, 0.0}, {0.0, 0.1}};
  const std::vector<double> targets = bootstrap_targets(actor, critics, {sequence}, 0.9, noise);
  ASSERT_EQ(targets.size(), 3u);
  const std::size_t next_step[] = {3, 3};  // two steps behind step 1, one behind step 2
  for (std::size_t i = 0; i < 2; ++i) {
    const auto state_at = [&](const Network& network) {
      return run_cell(network,
                      {sequence.inputs.begin(),
                       sequence.inputs.begin() + static_cast<std::ptrdiff_t>(next_step[i]) + 1})
          .back();
    };
    const Transition& t = sequence.learned[i];
    std::vector<double> action =
        forward(layers_of(actor), layers_input(state_at(actor), t.next_observation)).output;
    for (std::size_t d = 0; d < 2; ++d) {
      action[d] = std::max(-1.0, std::min(1.0, action[d] + noise[i][d]));
    }
    const auto q_of = [&](const Network& critic) {
      const auto input = layers_input(state_at(critic), t.next_observation, action);
      return forward(layers_of(critic), input).output[0];
    };
    EXPECT_DOUBLE_EQ(targets[i], t.reward + std::pow(0.9, t.steps) *
                                                std::min(q_of(critics[0]), q_of(critics[1])));
  }
  EXPECT_EQ(targets[2], sequence.learned[2].reward) << "terminated";
}

/// What PyTorch 2 computes in double precision with parameters sin(0.7 i + phase), phase 0.1 for W,
/// 0.2 for b, 0.3 for U and 0.4 for b', over four steps of inputs x = cos(0.9 i).
struct PyTorchCase {
  int gates;
  double hidden[4][2];
  double cell[2];          // after the last step
  double gradients[4][2];  // of sum(h_0 - 2 h_1): of W, b, U, b' the sums of g_i and of i g_i
};
const PyTorchCase pytorch_cases[] = {{4,
                                      {{0.088885827783038, -0.236743893521117},
                                       {0.015807776494651, -0.024999498745931},
                                       {0.197598308077617, -0.173783205395271},
                                       {0.016147431754466, -0.034722526614740}},
                                      {0.558563327072035, -0.223010552443615},
                                      {{2.523187733100221, 42.958860291857917},
                                       {0.957484363719155, 5.763988676061252},
                                       {0.011110497125805, 0.082744953482298},
                                       {0.957484363719155, 5.763988676061251}}},
                                     {3,
                                      {{0.291204078697111, -0.154351259711528},
                                       {0.272294311154775, 0.218129334971020},
                                       {0.371944668221254, 0.107651145455633},
                                       {0.364001390746626, 0.480789195564173}},
                                      {},
                                      {{-0.382321488229918, 26.735676798803066},
                                       {-1.261232388325303, -6.925223469671056},
                                       {-0.134776859355016, -2.252386938170338},
                                       {-0.998576163507268, -5.493390300108879}}}};

std::vector<double> sines(int count, double phase) {
  std::vector<double> values;
  for (int i = 0; i < count; ++i) values.push_back(std::sin(0.7 * i + phase));
  return values;
}

TEST(RecurrentOracleCells, AreThoseOfPyTorchForwardsAndBackwards) {
  for (const PyTorchCase& expected : pytorch_cases) {
    const int outputs = 2 * expected.gates;
    const Network cell = {
        {3, outputs, Activation::identity, sines(3 * outputs, 0.1), sines(outputs, 0.2)},
        {2, outputs, Activation::identity, sines(2 * outputs, 0.3), sines(outputs, 0.4)}};
    std::vector<std::vector<double>> inputs(4, std::vector<double>(3));
    for (std::size_t i = 0; i < 12; ++i) {
      inputs[i / 3][i % 3] = std::cos(0.9 * static_cast<double>(i));
    }
    const std::vector<CellPass> passes = run_cell(cell, inputs);
    for (std::size_t t = 0; t < 4; ++t) {
      for (std::size_t unit = 0; unit < 2; ++unit) {
        EXPECT_NEAR(passes[t].after.hidden[unit], expected.hidden[t][unit], 1e-14);
      }
    }
    for (std::size_t unit = 0; unit < passes[3].after.cell.size(); ++unit) {
      EXPECT_NEAR(passes[3].after.cell[unit], expected.cell[unit], 1e-14);
    }
    Network gradient = zeros_like(cell);
    backward_through_time(cell, passes, std::vector(4, std::vector{1.0, -2.0}), 0, gradient);
    const std::vector<double>* const tensors[] = {&gradient[0].weight, &gradient[0].bias,
                                                  &gradient[1].weight, &gradient[1].bias};
    for (std::size_t tensor = 0; tensor < 4; ++tensor) {
      std::vector<double> places(tensors[tensor]->size());
      std::iota(places.begin(), places.end(), 0.0);
      const auto& values = *tensors[tensor];
      EXPECT_NEAR(std::accumulate(values.begin(), values.end(), 0.0), expected.gradients[tensor][0],
                  1e-13);
      EXPECT_NEAR(std::inner_product(values.begin(), values.end(), places.begin(), 0.0),
                  expected.gradients[tensor][1], 1e-12);
    }
  }
}

}  // namespace
}  // namespace polyak::oracle
