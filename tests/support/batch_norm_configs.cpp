// Trainings with batch normalisation.
#include "support/configs.hpp"

namespace polyak::test {
namespace {

void normalise_batches(Config& config) {
  config.batch_norm = true;
  config.adam_epsilon = 1e-3f;
}

std::vector<TrainingCase> make_cases() {
  std::vector<TrainingCase> cases = {
      {"ActionBesideTheObservation", [](Config&) {}},
      {"PaperCritic",
       [](Config& c) {
         c.critic_action_layer = 1;
         c.critic_weight_decay = 0.01f;
         c.tau = 0.1f;
       }},
      {"PolicyEvaluation",
       [](Config& c) {
         c.critic_action_layer = 2;
         c.batch_norm_policy_evaluation = true;
       }},
      {"PolicyEvaluationFirst",
       [](Config& c) {
         c.critic_action_layer = 1;
         c.batch_norm_policy_evaluation = true;
         c.actor_first = true;
       }},
      {"MomentumOne",
       [](Config& c) {
         c.critic_action_layer = 1;
         c.batch_norm_momentum = 1.0f;
         c.warmup_steps = 0;
       }},
      {"TwinsWithDelays",
       [](Config& c) {
         apply_algorithm(c, Algorithm::td3);
         c.critic_action_layer = 1;
         c.target_delay = 3;
         c.tau = 0.1f;
       }},
      {"TwoRows",
       [](Config& c) {
         c.critic_action_layer = 1;
         c.batch_size = 2;
         c.activation = Activation::tanh;
       }},
      {"ManyRows",
       [](Config& c) {
         c.critic_action_layer = 2;
         c.batch_size = 67;
         c.learning_starts = c.replay_capacity = 67;
         c.activation = Activation::elu;
         c.gradient_clip = 0.5f;
         c.actor_hidden = {31, 17, 1};
       }},
      {"NormalisedObservations",
       [](Config& c) {
         c.critic_action_layer = 1;
         c.normalise_observations = true;
         c.n_step = 3;
       }},
  };
  for (TrainingCase& one : cases) {
    one.change = [change = one.change](Config& config) {
      normalise_batches(config);
      change(config);
    };
  }
  cases.push_back({"Population", [](Config& c) { c = batch_norm_population(); }});
  cases.push_back({"PopulationByCublas",
                   [](Config& c) {
                     c = batch_norm_population();
                     c.batch_size = 32;
                     c.matrix_product = MatrixProduct::cublas;
                   },
                   layered_alone});
  return cases;
}

}  // namespace

const std::vector<TrainingCase>& batch_norm_cases() {
  static const std::vector<TrainingCase> cases = make_cases();
  return cases;
}

Config batch_norm_population() {
  Config config = mixed_population();
  normalise_batches(config);
  config.critic_hidden = {65, 9, 5};
  // Its derivative does not jump where rounding decides a sign.
  config.activation = Activation::elu;
  config.critic_action_layer = 2;
  return config;
}

}  // namespace polyak::test
