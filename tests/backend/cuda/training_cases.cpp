#include "backend/cuda/training_cases.hpp"

#include "backend/cuda/cuda_backend.hpp"
#include "config/derived.hpp"
#include "support/configs.hpp"
#include "support/device_precisions.hpp"

namespace polyak::test {

namespace {

/// On the GPU, whatever `original` changed the device into.
TrainingCase on_the_gpu(const std::string& prefix, Engine engine, const TrainingCase& original) {
  return {prefix + original.name, [engine, original](Config& config) {
            original.change(config);
            config.device = DeviceKind::cuda;
            config.engine = engine;
          }};
}

}  // namespace

const std::vector<TrainingCase>& engine_cases() {
  static const std::vector<TrainingCase> cases = [] {
    std::vector<TrainingCase> all;
    for (const TrainingCase& one : training_cases(&Engines::layered)) {
      all.push_back(on_the_gpu("Layered", Engine::layered, one));
    }
    for (const TrainingCase& one : training_cases(&Engines::fused)) {
      all.push_back(on_the_gpu("Fused", Engine::fused, one));
    }
    return all;
  }();
  return cases;
}

std::vector<TrainingCase> precision_cases() {
  const auto in = [](const std::string& name, Precision precision) {
    return on_the_gpu("", Engine::layered, {name, [precision](Config& c) {
                                              c.precision = precision;
                                              c.agents = 2;
                                            }});
  };
  std::vector<TrainingCase> cases = {
      in("Tf32", Precision::tf32), in("Tf32x3", Precision::tf32x3), in("Bf16", Precision::bf16),
      on_the_gpu("", Engine::layered, {"CublasInBf16", [](Config& c) {
                                         c.precision = Precision::bf16;
                                         c.matrix_product = MatrixProduct::cublas;
                                         c.batch_size = 32;
                                         c.agents = 2;
                                       }})};
  std::erase_if(cases, [](const TrainingCase& one) { return !device_has(one.config().precision); });
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
