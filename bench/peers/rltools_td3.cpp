// RLtools' own TD3 loop on Pendulum-v1 (its src/rl/environments/pendulum/td3/cpu), with sizes and
// settings given when it is compiled: bench/peers/rltools_td3.py compiles it against a checkout and
// talks to it. Says "ready" once everything is allocated, then takes numbers of environment steps
// from standard input, a line each, and answers "done" when it has made them.
#include <iostream>

// RLtools wants its headers in this order.
// clang-format off
#include <rl_tools/operations/cpu_mux.h>
#include <rl_tools/nn/optimizers/adam/instance/operations_generic.h>
#include <rl_tools/nn/operations_cpu_mux.h>
#include <rl_tools/nn/layers/td3_sampling/operations_generic.h>
#include <rl_tools/rl/environments/pendulum/operations_cpu.h>
#include <rl_tools/nn_models/mlp/operations_generic.h>
#include <rl_tools/nn_models/sequential/operations_generic.h>
#include <rl_tools/nn/optimizers/adam/operations_generic.h>
#include <rl_tools/rl/algorithms/td3/loop/core/config.h>
#include <rl_tools/rl/algorithms/td3/loop/core/operations_generic.h>
// clang-format on

namespace {

namespace rlt = rl_tools;
namespace td3 = rlt::rl::algorithms::td3;
namespace pendulum = rlt::rl::environments::pendulum;

using Device = rlt::devices::DEVICE_FACTORY<>;
using Random = Device::SPEC::RANDOM::ENGINE<>;
using Index = Device::index_t;
using Types = rlt::numeric_types::Policy<float>;
using Environment = rlt::rl::environments::Pendulum<
    pendulum::Specification<float, Index, pendulum::DefaultParameters<float>>>;
using Activation = rlt::nn::activation_functions::ActivationFunction;

struct AdamSettings : rlt::nn::optimizers::adam::DEFAULT_PARAMETERS_TENSORFLOW<Types> {
  static constexpr float ALPHA = PEER_LEARNING_RATE;
  static constexpr float BETA_1 = PEER_ADAM_BETA1;
  static constexpr float BETA_2 = PEER_ADAM_BETA2;
  static constexpr float EPSILON = PEER_ADAM_EPSILON;
};

struct Td3Settings : td3::DefaultParameters<Types, Index> {
  static constexpr float GAMMA = PEER_DISCOUNT;
  static constexpr Index ACTOR_BATCH_SIZE = PEER_BATCH_SIZE;
  static constexpr Index CRITIC_BATCH_SIZE = PEER_BATCH_SIZE;
  static constexpr float ACTOR_POLYAK = 1.0 - PEER_TAU;
  static constexpr float CRITIC_POLYAK = 1.0 - PEER_TAU;
};

struct LoopSettings : td3::loop::core::DefaultParameters<Types, Index, Environment> {
  using TD3_PARAMETERS = Td3Settings;
  using OPTIMIZER_PARAMETERS = AdamSettings;
  using BATCH_SAMPLING_PARAMETERS =
      rlt::rl::components::off_policy_runner::SequentialBatchParameters<
          Types, Index, Td3Settings::SEQUENCE_LENGTH,
          rlt::rl::components::off_policy_runner::SequentialBatchParametersDefault>;
  static constexpr Index N_WARMUP_STEPS = PEER_WARMUP_STEPS;
  static constexpr Index N_WARMUP_STEPS_CRITIC = PEER_LEARNING_STARTS - 1;
  static constexpr Index N_WARMUP_STEPS_ACTOR = PEER_LEARNING_STARTS - 1;
  static constexpr Index REPLAY_BUFFER_CAP = PEER_REPLAY_CAPACITY;
  static constexpr Index ACTOR_HIDDEN_DIM = PEER_WIDTH;
  static constexpr Index ACTOR_NUM_LAYERS = PEER_HIDDEN_LAYERS + 1;
  static constexpr auto ACTOR_ACTIVATION_FUNCTION = Activation::PEER_ACTIVATION;
  static constexpr Index CRITIC_HIDDEN_DIM = PEER_WIDTH;
  static constexpr Index CRITIC_NUM_LAYERS = PEER_HIDDEN_LAYERS + 1;
  static constexpr auto CRITIC_ACTIVATION_FUNCTION = Activation::PEER_ACTIVATION;
  static constexpr float EXPLORATION_NOISE = PEER_NOISE_SCALE;
};

using Loop = td3::loop::core::Config<Types, Index, Random, Environment, LoopSettings>;

}  // namespace

int main() {
  Device device;
  Loop::State<Loop> state;
  rlt::init(device);
  rlt::malloc(device, state);
  rlt::init(device, state, PEER_SEED);
  std::cout << "ready" << std::endl;
  for (long steps = 0; std::cin >> steps;) {
    while (steps-- > 0) rlt::step(device, state);
    std::cout << "done" << std::endl;
  }
  rlt::free(device, state);
}
