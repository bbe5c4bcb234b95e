// Trains for a moment, saves the policy, loads it, and checks that it is the same function.
#include <array>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <polyak/config.hpp>
#include <polyak/policy.hpp>
#include <polyak/trainer.hpp>
#include <span>
#include <string>
#include <vector>

namespace {

polyak::Policy train(polyak::Config config) {
  polyak::Trainer trainer(config);
  if (trainer.run({}) != polyak::StopReason::finished) return {};
  std::cout << trainer.device_description() << ": " << trainer.environment_steps()
            << " environment steps, " << trainer.updates() << " updates\n";
  return trainer.policy(0);
}

std::vector<float> waves(int count) {
  std::vector<float> values;
  for (int i = 0; i < count; ++i) values.push_back(std::sin(1.0f + static_cast<float>(i)));
  return values;
}

/// The policy with a cell of two units and one layer instead of its own, not trained.
polyak::Policy with_cell(polyak::Policy policy, polyak::PolicyKind kind) {
  const int sums = 2 * polyak::gate_count(kind);
  policy.cell =
      polyak::PolicyCell{kind, 5, 2, waves(5 * sums), waves(sums), waves(2 * sums), waves(sums)};
  policy.reward_scale = 0.3f;
  policy.layers = {{5, 1, polyak::Activation::tanh, waves(5), waves(1)}};
  return policy;
}

/// Three steps of a recurrent policy on one observation, saved beside the other policy.
void act_recurrently(const polyak::Policy& policy, const std::string& path, const char* name,
                     std::span<const float> observation) {
  policy.save(path + "." + name);
  polyak::PolicyMemory memory;
  std::cout << name << " torques";
  for (int step = 0; step < 3; ++step) {
    std::cout << ' ' << policy.act(observation, memory)[0];
    memory.previous_reward = -0.5f;
  }
  std::cout << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: consumer POLICY_FILE\n";
    return 2;
  }
  polyak::Config config;
  config.device = polyak::DeviceKind::cpu;
  config.total_steps = 2000;
  config.environments = 2;
  config.warmup_steps = 200;
  config.learning_starts = 200;
  config.normalise_observations = true;
  const polyak::Policy policy = train(config);
  policy.save(argv[1]);
  const polyak::Policy loaded = polyak::Policy::load(argv[1]);

  const std::array<float, 3> upright = {1.0f, 0.0f, 0.05f};  // cos, sin of the angle; speed
  const std::vector<float> action = policy.act(upright);
  const bool in_range = action.size() == 1 && std::abs(action[0]) <= 2.0f;
  if (!in_range || loaded.act(upright) != action) {
    std::cerr << "the policy does not act as it should\n";
    return 1;
  }
  std::cout << "torque " << action[0] << '\n';
  act_recurrently(with_cell(policy, polyak::PolicyKind::lstm), argv[1], "lstm", upright);
  act_recurrently(with_cell(policy, polyak::PolicyKind::gru), argv[1], "gru", upright);
  return 0;
}
