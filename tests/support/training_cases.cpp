#include "support/training_cases.hpp"

#include <algorithm>
#include <iterator>

#include "polyak/environment/registry.hpp"
#include "support/every_environment.hpp"

namespace polyak::test {
namespace {

constexpr Engines cpu_alone{true, false, false};
constexpr Engines cpu_and_fused{true, false, true};

/// Sizes, networks and updates.
const std::vector<TrainingCase>& plain_cases() {
  static const std::vector<TrainingCase> cases = {
      {"Small", [](Config&) {}, every_engine},
      {"AllOnes",
       [](Config& c) {
         c.environments = c.batch_size = 1;
         c.learning_starts = c.warmup_steps = 1;
         c.update_to_data = 1.0;
         c.actor_hidden = c.critic_hidden = {1};
         c.activation = Activation::tanh;
       },
       every_engine},
      {"SevenEnvironmentsThreeAgents",
       [](Config& c) {
         c = small_population();
         c.environments = 7;
         c.update_to_data = 1.0 / 7.0;
         c.actor_hidden = {65, 31};
         c.critic_hidden = {31, 65};
       },
       every_engine},
      {"FourLayersElu",
       [](Config& c) {
         c.actor_hidden = {5, 31, 65, 1};
         c.critic_hidden = {1, 33, 16, 7};
         c.activation = Activation::elu;
       },
       every_engine},
      {"OrnsteinUhlenbeckMountainCarTanh",
       [](Config& c) {
         c.environment = "MountainCarContinuous-v0";
         c.exploration = Exploration::ornstein_uhlenbeck;
         c.noise_scale = 0.3f;
         c.noise_dt = 0.5f;
         c.warmup_steps = 0;
         c.agents = 2;
         c.activation = Activation::tanh;
         c.actor_hidden = {31, 32, 33};
         c.critic_hidden = {65};
       },
       every_engine},
      {"SeveralStepsAndUpdatesPerIteration",
       [](Config& c) {
         c.steps_per_iteration = 4;
         c.update_to_data = 0.25;
         c.final_layer_range = 0.003f;
         c.environment_parameters = {"gravity=9.81"};
         c.adam_beta1 = 0.0f;
         c.adam_beta2 = 0.9f;
         c.adam_epsilon = 1e-3f;
       },
       every_engine},
      {"Population", [](Config& c) { c = small_population(); }, cpu_alone},
      // Batches and environments that take several pieces of work.
      {"WidePopulation",
       [](Config& c) {
         c = small_population();
         c.batch_size = 193;
         c.learning_starts = c.replay_capacity = 201;
         c.environments = 67;
         c.update_to_data = 1.0 / 67.0;
         c.exploration = Exploration::ornstein_uhlenbeck;
       },
       cpu_alone},
      {"TargetsThatAreTheNetworks",
       [](Config& c) {
         c.tau = 1.0f;
         c.discount = 1.0f;
       },
       cpu_alone},
      {"TinyRing", [](Config& c) { c.batch_size = 9, c.replay_capacity = 9; }, cpu_alone},
      {"SeveralBlocks",
       [](Config& c) {
         c.batch_size = 100;
         c.replay_capacity = 300;
         c.learning_starts = 102;
         c.environments = 17;
         c.update_to_data = 2.0 / 17.0;
       },
       cpu_and_fused},
      {"MoreEnvironmentsThanRows",
       [](Config& c) {
         c.batch_size = 5;
         c.environments = 70;
         c.learning_starts = 70;
         c.warmup_steps = 0;
         c.update_to_data = 1.0 / 70.0;
         c.replay_capacity = 1000;
       },
       cpu_and_fused},
      {"Cublas",
       [](Config& c) {
         c.matrix_product = MatrixProduct::cublas;
         c.agents = 2;
       },
       layered_alone},
      {"CublasWithAnAlignedBatch",
       [](Config& c) {
         c.matrix_product = MatrixProduct::cublas;
         c.batch_size = 32;
         c.activation = Activation::elu;
         c.agents = 2;
       },
       layered_alone},
      {"Own", [](Config& c) { c.matrix_product = MatrixProduct::own; }, layered_alone},
  };
  return cases;
}

/// What an update may be made of besides.
const std::vector<TrainingCase>& update_cases() {
  static const std::vector<TrainingCase> cases = {
      {"Td3",
       [](Config& c) {
         apply_algorithm(c, Algorithm::td3);
         c.learning_rate_decay = LearningRateDecay::linear;
         c.total_steps = 150;
         c.agents = 2;
       }},
      {"Mixed", [](Config& c) { c = mixed_population(); }},
      {"LayerNorm", normalise_layers},
      {"LayerNormWithEverything",
       [](Config& c) {
         c = mixed_population();
         c.layer_norm = true;
         c.actor_hidden = {31, 17, 1};
       }},
      {"LayerNormByCublas",
       [](Config& c) {
         c.layer_norm = true;
         c.matrix_product = MatrixProduct::cublas;
         c.batch_size = 32;
         c.agents = 2;
         c.twin_critics = true;
       },
       layered_alone},
      {"ActorFirst", [](Config& c) { c.actor_first = true; }, cpu_alone},
      {"ActorFirstWithDelays",
       [](Config& c) {
         c.actor_first = true;
         c.actor_delay = 3;
         c.target_delay = 2;
         c.twin_critics = true;
         c.agents = 2;
       }},
      {"PaperCritic",
       [](Config& c) {
         c.agents = 2;
         c.critic_action_layer = 1;
         c.critic_weight_decay = std::vector<float>{0.0f, 0.01f};
         c.tau = 0.1f;
       }},
      {"ActionInTheLastLayer",
       [](Config& c) {
         c.critic_action_layer = 3;
         c.critic_hidden = {5, 33, 16};
         c.twin_critics = true;
         c.actor_first = true;
       }},
      {"ActionInTheLastLayerOfManyRows",
       [](Config& c) {
         c.critic_action_layer = 3;
         c.critic_hidden = {5, 33, 16};
         c.batch_size = 67;
         c.learning_starts = c.replay_capacity = 67;
       },
       cpu_alone},
      {"AdamWAndClipping",
       [](Config& c) {
         c.agents = 2;
         c.actor_weight_decay = 0.1f;
         c.critic_weight_decay = 0.2f;
         c.decoupled_weight_decay = true;
         c.gradient_clip = std::vector<float>{0.05f, 0.0f};
         c.twin_critics = true;
         c.adam_epsilon = 1e-3f;
       }},
      {"CublasWithALateActionAndTwins",
       [](Config& c) {
         c.matrix_product = MatrixProduct::cublas;
         c.batch_size = 32;
         c.critic_action_layer = 1;
         c.twin_critics = true;
         c.agents = 2;
       },
       layered_alone},
  };
  return cases;
}

/// Every environment of the registry, with networks that are soon learnt from. That of
/// small_config() is in all other cases.
std::vector<TrainingCase> environment_cases() {
  std::vector<TrainingCase> cases;
  for (const EnvironmentInfo& info : all_environments()) {
    if (info.name == small_config().environment) continue;
    cases.push_back({"On" + name_in_tests(info.name),
                     [name = std::string(info.name)](Config& c) {
                       c.environment = name;
                       c.environments = 7;
                       c.update_to_data = 1.0 / 7.0;
                       c.actor_hidden = {9};
                       c.critic_hidden = {17};
                     },
                     is_fused_environment(info.name) ? every_engine : not_fused});
  }
  return cases;
}

std::vector<TrainingCase> every_case() {
  std::vector<TrainingCase> cases;
  const auto add = [&cases](const std::string& prefix, std::vector<TrainingCase> more) {
    for (TrainingCase& one : more) one.name.insert(0, prefix);
    std::move(more.begin(), more.end(), std::back_inserter(cases));
  };
  add("", plain_cases());
  add("", update_cases());
  add("", environment_cases());
  add("", data_cases());
  add("BatchNorm", batch_norm_cases());
  add("Recurrent", recurrent_cases());
  add("Preset", preset_cases());
  return cases;
}

}  // namespace

std::vector<TrainingCase> training_cases(bool Engines::*engine) {
  std::vector<TrainingCase> cases = every_case();
  std::erase_if(cases, [&](const TrainingCase& one) { return !(one.engines.*engine); });
  return cases;
}

}  // namespace polyak::test
