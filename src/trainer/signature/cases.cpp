#include "trainer/signature/cases.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "config/presets.hpp"
#include "trainer/signature/case_groups.hpp"
#include "trainer/signature/small_preset.hpp"

namespace polyak {

Config short_training() {
  Config config;
  config.environments = 3;
  config.total_steps = 60;
  config.time_limit = 7;
  config.warmup_steps = 24;
  config.learning_starts = 36;
  config.batch_size = 33;
  config.replay_capacity = 45;
  config.update_to_data = 1.0 / 3.0;
  config.actor_hidden = {31, 17};
  config.critic_hidden = {33, 9};
  config.activation = Activation::relu;
  return config;
}

SignatureCase changed(std::string name, std::string content,
                      const std::function<void(Config&)>& change) {
  Config config = short_training();
  change(config);
  return {std::move(name), std::move(content), std::move(config)};
}

void make_population(Config& config) {
  config.agents = 3;
  config.seed = std::vector<std::uint64_t>{40, 7, (std::uint64_t{1} << 40) + 3};
  config.learning_rate_actor = std::vector<float>{1e-3f, 3e-4f, 1e-4f};
  config.learning_rate_critic = std::vector<float>{2e-3f, 1e-3f};
  config.discount = std::vector<float>{0.9f, 0.99f, 1.0f};
  config.tau = std::vector<float>{0.005f, 0.1f, 1.0f};
  config.noise_scale = std::vector<float>{0.1f, 0.5f, 0.0f};
}

namespace {

std::vector<SignatureCase> size_cases() {
  return {
      changed("single", "one of everything: agent, environment, row of a batch, unit, layer",
              [](Config& c) {
                c.environments = c.batch_size = 1;
                c.total_steps = 24;
                c.learning_starts = c.warmup_steps = 12;
                c.replay_capacity = 15;
                c.update_to_data = 1.0;
                c.actor_hidden = c.critic_hidden = {1};
                c.activation = Activation::tanh;
              }),
      changed("population", "three agents that differ, seven environments each",
              [](Config& c) {
                make_population(c);
                c.environments = 7;
                c.total_steps = 133;
                c.learning_starts = 84;
                c.replay_capacity = 105;
                c.update_to_data = 1.0 / 7.0;
                c.actor_hidden = {65, 31};
                c.critic_hidden = {31, 65};
              }),
      changed("many-agents", "17 agents, a batch of 47",
              [](Config& c) {
                c.agents = 17;
                c.total_steps = 57;
                c.learning_starts = 51;
                c.replay_capacity = 48;
                c.batch_size = 47;
                c.actor_hidden = {5};
                c.critic_hidden = {7};
              }),
      changed("four-layers", "four hidden layers of odd widths, ELU",
              [](Config& c) {
                c.actor_hidden = {5, 31, 65, 1};
                c.critic_hidden = {1, 33, 16, 7};
                c.activation = Activation::elu;
                c.final_layer_range = 0.003f;
              }),
      changed("wide", "257 units, a batch of 129",
              [](Config& c) {
                c.environments = 16;
                c.total_steps = 224;
                c.learning_starts = 192;
                c.replay_capacity = 160;
                c.update_to_data = 1.0 / 16.0;
                c.batch_size = 129;
                c.actor_hidden = {257, 66};
                c.critic_hidden = {130, 257};
              }),
      changed("many-rows", "a batch of 201 from 67 environments",
              [](Config& c) {
                c.environments = 67;
                c.total_steps = 67 * 10;
                c.time_limit = 3;
                c.replay_capacity = c.learning_starts = c.batch_size = 201;
                c.warmup_steps = 67;
                c.update_to_data = 1.0 / 67.0;
                c.actor_hidden = {9};
                c.critic_hidden = {17};
                c.activation = Activation::tanh;
              }),
      changed("several-steps", "four steps and three updates in an iteration, other constants",
              [](Config& c) {
                c.steps_per_iteration = 4;
                c.update_to_data = 0.25;
                c.environment_parameters = {"gravity=9.81"};
                c.adam_beta1 = 0.0f;
                c.adam_beta2 = 0.9f;
                c.adam_epsilon = 1e-3f;
              }),
  };
}

/// The cars begin beside the goal, so that episodes end for good.
void begin_beside_the_goal(TrainingState& state) {
  constexpr float position = 0.44f, velocity = 0.02f;
  const std::size_t cars = state.environment_states.size() / 2;
  for (std::size_t car = 0; car < cars; ++car) {
    state.environment_states[2 * car] = position - 0.01f * static_cast<float>(car);
    state.environment_states[2 * car + 1] = velocity;
  }
}

std::vector<SignatureCase> environment_cases() {
  SignatureCase car =
      changed("mountain-car", "MountainCarContinuous-v0 beside its goal, Ornstein-Uhlenbeck noise",
              [](Config& c) {
                c.environment = "MountainCarContinuous-v0";
                c.exploration = Exploration::ornstein_uhlenbeck;
                c.noise_scale = 0.3f;
                c.warmup_steps = 0;
                c.batch_size = 45;
                c.learning_starts = 45;
                c.activation = Activation::tanh;
                c.actor_hidden = {31, 32, 33};
                c.critic_hidden = {65};
              });
  car.prepare = begin_beside_the_goal;
  std::vector<SignatureCase> cases = {std::move(car)};
  using Names = std::pair<const char*, const char*>;
  for (const auto& [case_name, name] :
       {Names{"pendulum-p", "Pendulum-P"}, Names{"pendulum-v", "Pendulum-V"},
        Names{"pendulum-novel", "Pendulum-NoVel"}}) {
    cases.push_back(changed(case_name, std::string(name) + " with a feed-forward policy",
                            [name = name](Config& c) {
                              c.environment = name;
                              c.actor_hidden = {9};
                              c.critic_hidden = {17};
                              c.activation = Activation::elu;
                            }));
  }
  return cases;
}

std::vector<SignatureCase> preset_signature_cases() {
  Config sizes = short_training();
  sizes.batch_size = 25;  // what the replay holds for certain, for samples without replacement
  std::vector<SignatureCase> cases;
  for (const PresetDescription& description : all_presets()) {
    const std::string name(to_string(description.preset));
    cases.push_back({"preset-" + name, "the preset " + name + " with small sizes",
                     small_preset(description.preset, sizes)});
  }
  return cases;
}

std::vector<SignatureCase> all_cases() {
  std::vector<SignatureCase> cases;
  for (std::vector<SignatureCase> more :
       {preset_signature_cases(), environment_cases(), size_cases(), exploration_cases(),
        update_cases(), recurrent_signature_cases()}) {
    std::move(more.begin(), more.end(), std::back_inserter(cases));
  }
  return cases;
}

}  // namespace

const std::vector<SignatureCase>& signature_cases() {
  static const std::vector<SignatureCase> cases = all_cases();
  return cases;
}

const SignatureCase* find_signature_case(std::string_view name) {
  const std::vector<SignatureCase>& cases = signature_cases();
  const auto found =
      std::find_if(cases.begin(), cases.end(),
                   [name](const SignatureCase& candidate) { return candidate.name == name; });
  return found == cases.end() ? nullptr : &*found;
}

}  // namespace polyak
