#include "backend/cuda/training_cases.hpp"

#include "backend/cuda/cuda_backend.hpp"
#include "support/configs.hpp"

namespace polyak::test {

Config TrainingCase::config() const {
  Config config = small_config();
  change(config);
  config.device = DeviceKind::cuda;  // whatever it was changed into
  validate(config);
  return config;
}

std::ostream& operator<<(std::ostream& out, const TrainingCase& training_case) {
  return out << training_case.name;
}

namespace {

/// For either engine.
const std::vector<TrainingCase> common_cases = {
    {"Small", [](Config&) {}},
    {"AllOnes",
     [](Config& c) {
       c.environments = c.batch_size = 1;
       c.learning_starts = c.warmup_steps = 1;
       c.update_to_data = 1.0;
       c.actor_hidden = c.critic_hidden = {1};
       c.activation = Activation::tanh;
     }},
    {"SevenEnvironmentsThreeAgents",
     [](Config& c) {
       c = small_population();
       c.environments = 7;
       c.update_to_data = 1.0 / 7.0;
       c.actor_hidden = {65, 31};
       c.critic_hidden = {31, 65};
     }},
    {"FourLayersElu",
     [](Config& c) {
       c.actor_hidden = {5, 31, 65, 1};
       c.critic_hidden = {1, 33, 16, 7};
       c.activation = Activation::elu;
     }},
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
     }},
    {"SeveralStepsAndUpdatesPerIteration",
     [](Config& c) {
       c.steps_per_iteration = 4;
       c.update_to_data = 0.25;
       c.final_layer_range = 0.003f;
       c.environment_parameters = {"gravity=9.81"};
       c.adam_beta1 = 0.0f;
       c.adam_beta2 = 0.9f;
       c.adam_epsilon = 1e-3f;
     }},
};

/// For the layered engine alone, which has a choice of matrix products.
const std::vector<TrainingCase> layered_cases = {
    {"VelocityOnly", [](Config& c) { c.environment = "Pendulum-V"; }},
    {"Cublas",
     [](Config& c) {
       c.matrix_product = MatrixProduct::cublas;
       c.agents = 2;
     }},
    {"CublasWithAnAlignedBatch",
     [](Config& c) {
       c.matrix_product = MatrixProduct::cublas;
       c.batch_size = 32;
       c.activation = Activation::elu;
       c.agents = 2;
     }},
    {"Own", [](Config& c) { c.matrix_product = MatrixProduct::own; }},
    {"Td3",
     [](Config& c) {
       apply_algorithm(c, Algorithm::td3);
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
     }},
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
     }},
};

/// For the fused engine alone: enough rows for several blocks, and networks that fit no tile.
const std::vector<TrainingCase> fused_cases = {
    {"SeveralBlocks",
     [](Config& c) {
       c.batch_size = 100;
       c.replay_capacity = 300;
       c.learning_starts = 102;
       c.environments = 17;
       c.update_to_data = 2.0 / 17.0;
     }},
    {"MoreStreamsThanRows",
     [](Config& c) {
       c.batch_size = 5;
       c.environments = 70;
       c.learning_starts = 70;
       c.warmup_steps = 0;
       c.update_to_data = 1.0 / 70.0;
       c.replay_capacity = 1000;
     }},
    {"ReturnsOfSeveralSteps",
     [](Config& c) {
       c = small_population();
       c.n_step = std::vector<int>{1, 3, c.time_limit};
       c.reward_scale = std::vector<float>{1.0f, 0.5f};
       c.time_limit_terminal = true;
       c.replay_capacity = c.batch_size = 27;  // the ring is shorter than some returns
     }},
    {"NoiseThatOutlivesEpisodesAndDecays",
     [](Config& c) {
       c = small_population();
       c.exploration = Exploration::ornstein_uhlenbeck;
       c.noise_reset = false;
       c.noise_units = NoiseUnits::environment;
       c.noise_scale_final = std::vector<float>{-1.0f, 0.05f, 0.9f};
       c.noise_decay_steps = std::vector<std::int64_t>{0, 50, 70};
       c.time_limit = 3;
       c.warmup_steps = 0;
     }},
    {"NoiseLadder",
     [](Config& c) {
       c.noise_ladder = {0.05f, 0.8f};
       c.environments = 5;
       c.update_to_data = 0.4;
       c.warmup_steps = 0;
     }},
};

TrainingCase with_engine(Engine engine, const std::string& prefix, const TrainingCase& original) {
  return {prefix + original.name, [engine, original](Config& config) {
            original.change(config);
            config.engine = engine;
          }};
}

std::vector<TrainingCase> trainings(const std::vector<DataCase>& originals) {
  std::vector<TrainingCase> cases;
  for (const DataCase& one : originals) cases.push_back({one.name, one.change});
  return cases;
}

std::vector<TrainingCase> batch_norm_trainings() {
  std::vector<TrainingCase> cases = trainings(batch_norm_cases());
  cases.push_back({"Population", [](Config& c) { c = batch_norm_population(); }});
  cases.push_back({"PopulationByCublas", [](Config& c) {
                     c = batch_norm_population();
                     c.batch_size = 32;
                     c.matrix_product = MatrixProduct::cublas;
                   }});
  return cases;
}

std::vector<TrainingCase> make_cases() {
  std::vector<TrainingCase> cases;
  const auto add = [&](Engine engine, const std::string& prefix,
                       const std::vector<TrainingCase>& originals) {
    for (const TrainingCase& original : originals) {
      cases.push_back(with_engine(engine, prefix, original));
    }
  };
  add(Engine::layered, "Layered", common_cases);
  add(Engine::layered, "Layered", layered_cases);
  std::vector<TrainingCase> data = trainings(data_cases());
  data.push_back({"MixedDataPopulation", [](Config& c) { c = mixed_data_population(); }});
  add(Engine::layered, "Layered", data);
  add(Engine::layered, "LayeredBatchNorm", batch_norm_trainings());
  std::vector<TrainingCase> recurrent = trainings(recurrent_cases());
  for (const PolicyKind policy : {PolicyKind::lstm, PolicyKind::gru}) {
    recurrent.push_back({"Population" + std::string(to_string(policy)),
                         [policy](Config& c) { c = recurrent_population(policy); }});
  }
  recurrent.push_back({"PopulationByCublas", [](Config& c) {
                         c = recurrent_population(PolicyKind::lstm);
                         c.batch_size = 32;
                         c.matrix_product = MatrixProduct::cublas;
                       }});
  add(Engine::layered, "LayeredRecurrent", recurrent);
  add(Engine::layered, "LayeredPreset", trainings(preset_cases()));
  add(Engine::fused, "Fused", common_cases);
  add(Engine::fused, "Fused", fused_cases);
  return cases;
}

}  // namespace

const std::vector<TrainingCase>& training_cases() {
  static const std::vector<TrainingCase> cases = make_cases();
  return cases;
}

const std::vector<TrainingCase>& precision_cases() {
  const auto in = [](Precision precision) {
    return [precision](Config& c) {
      c.engine = Engine::layered;
      c.precision = precision;
      c.agents = 2;
    };
  };
  static const std::vector<TrainingCase> cases = {{"Tf32", in(Precision::tf32)},
                                                  {"Tf32x3", in(Precision::tf32x3)},
                                                  {"Bf16", in(Precision::bf16)},
                                                  {"CublasInBf16", [](Config& c) {
                                                     c.engine = Engine::layered;
                                                     c.precision = Precision::bf16;
                                                     c.matrix_product = MatrixProduct::cublas;
                                                     c.batch_size = 32;
                                                     c.agents = 2;
                                                   }}};
  return cases;
}

std::int64_t iterations_with_learning(const Config& config, std::int64_t more) {
  return derive(config).first_update_iteration + more;
}

TrainingState train_on_gpu(const Config& config, std::int64_t iterations) {
  const auto backend = make_cuda_backend(config);
  backend->advance(iterations);
  return backend->export_state();
}

}  // namespace polyak::test
