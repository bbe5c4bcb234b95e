// Trains four agents, shows how they come along, and acts with the first one's policy.
#include <iostream>
#include <polyak/config.hpp>
#include <polyak/trainer.hpp>
#include <vector>

int main() {
  polyak::Config config;  // the defaults of `polyak train`
  config.agents = 4;
  config.learning_rate_actor = std::vector<float>{2e-3f, 1e-3f};  // agents 0 and 2, 1 and 3
  polyak::Trainer trainer(config);

  polyak::TrainerOptions options;
  options.report_interval = 0.1;  // seconds
  options.on_report = [](const polyak::Report& report) {
    std::cout << report.environment_steps << " steps, returns";
    for (const polyak::AgentMetrics& agent : report.agents) std::cout << ' ' << agent.mean_return;
    std::cout << '\n';
  };
  trainer.run(options);

  const polyak::Policy policy = trainer.policy(0);
  policy.save("policy.safetensors");
  // Two observations at once: cos and sin of the angle, and the speed.
  const std::vector<float> observations = {-1.0f, 0.0f, 0.5f, 1.0f, 0.0f, 0.0f};
  for (const float torque : policy.act_batch(observations)) std::cout << torque << " N m\n";
}
