// Trains for a moment, saves the policy, loads it, and checks that it is the same function.
#include <array>
#include <cmath>
#include <iostream>
#include <polyak/config.hpp>
#include <polyak/policy.hpp>
#include <polyak/trainer.hpp>
#include <vector>

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
  polyak::Trainer trainer(config);
  if (trainer.run({}) != polyak::StopReason::finished) return 1;
  std::cout << trainer.device_description() << ": " << trainer.environment_steps()
            << " environment steps, " << trainer.updates() << " updates\n";
  const polyak::Policy policy = trainer.policy(0);
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
  return 0;
}
