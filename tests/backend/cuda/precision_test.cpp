// Training in every precision against fp32 on the CPU, and where a precision is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <vector>

#include "backend/cpu/cpu_backend.hpp"
#include "backend/cuda/cuda_backend.hpp"
#include "backend/cuda/device_info.hpp"
#include "backend/cuda/precision_agreement.hpp"
#include "backend/cuda/training_cases.hpp"
#include "support/configs.hpp"
#include "support/device_precisions.hpp"

namespace polyak {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(PrecisionSupport, NeedsAmpereButForFp32) {
  const auto refusal = [](Precision precision, int major, int minor) {
    return cuda::precision_refusal(precision, "Tesla T4", major, minor);
  };
  for (const Precision precision : {Precision::tf32, Precision::tf32x3, Precision::bf16}) {
    EXPECT_THAT(refusal(precision, 7, 5),
                AllOf(HasSubstr("--precision " + std::string(to_string(precision))),
                      HasSubstr("Tesla T4 has 7.5"), HasSubstr("use --precision fp32")));
    EXPECT_THAT(refusal(precision, 8, 0), IsEmpty());
    EXPECT_THAT(refusal(precision, 9, 0), IsEmpty());
  }
  EXPECT_THAT(refusal(Precision::fp32, 7, 5), IsEmpty());
}

double root_mean_square_difference(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double difference = static_cast<double>(a[i]) - static_cast<double>(b[i]);
    sum += difference * difference;
  }
  return std::sqrt(sum / static_cast<double>(a.size()));
}

struct PrecisionCase {
  Precision precision;
  // How far parameters may be from the CPU's in fp32, relative to how far they have come. Adam
  // divides a gradient by its own size, so a relative error of a gradient becomes as large an error
  // of the step, and a gradient near zero may turn round.
  double parameter_error;
  double loss_error;
};
void PrintTo(const PrecisionCase& one, std::ostream* out) { *out << to_string(one.precision); }

class PrecisionTraining : public testing::TestWithParam<PrecisionCase> {};
INSTANTIATE_TEST_SUITE_P(All, PrecisionTraining,
                         testing::ValuesIn(test::on_this_device(std::vector<PrecisionCase>{
                             {Precision::fp32, 1e-3, 1e-4},
                             {Precision::tf32x3, 1e-3, 1e-4},
                             {Precision::tf32, 0.05, 0.01},
                             {Precision::bf16, 0.2, 0.05}})),
                         [](const auto& instance) {
                           return std::string(to_string(instance.param.precision));
                         });

TEST_P(PrecisionTraining, StaysNearFp32) {
  Config config = test::small_config();
  config.device = DeviceKind::cuda;
  config.matrix_product = MatrixProduct::own;
  config.precision = GetParam().precision;
  const std::int64_t iterations = test::iterations_with_learning(config, 5);
  const auto cpu = make_cpu_backend(config);
  const auto gpu = make_cuda_backend(config);
  if (config.precision != Precision::fp32) {
    EXPECT_THAT(gpu->description(), HasSubstr(", " + std::string(to_string(config.precision))));
  }
  cpu->advance(iterations);
  gpu->advance(iterations);
  const TrainingState start = initial_state(config);
  const TrainingState expected = cpu->export_state(), actual = gpu->export_state();
  ASSERT_GE(expected.updates, 10);
  EXPECT_EQ(expected.updates, actual.updates);
  for (const auto parameters : {&TrainingState::actor, &TrainingState::critic}) {
    const auto& before = (start.*parameters).parameters;
    const auto& wanted = (expected.*parameters).parameters;
    const auto& found = (actual.*parameters).parameters;
    EXPECT_LT(root_mean_square_difference(wanted, found),
              GetParam().parameter_error * root_mean_square_difference(wanted, before));
  }
  const auto expected_metrics = cpu->metrics(), metrics = gpu->metrics();
  for (std::size_t agent = 0; agent < metrics.size(); ++agent) {
    const double wanted = expected_metrics[agent].critic_loss;
    EXPECT_NEAR(metrics[agent].critic_loss, wanted, GetParam().loss_error * wanted);
    EXPECT_FALSE(metrics[agent].non_finite);
  }
}

TEST_P(PrecisionTraining, AgreesWithTheOracleToTheFormatsRounding) {
  Config config = test::small_population();
  config.device = DeviceKind::cuda;
  config.matrix_product = MatrixProduct::own;
  config.precision = GetParam().precision;
  const auto gpu = make_cuda_backend(config);
  std::int64_t done = 0;
  test::expect_rounding_of_the_format(config, [&](std::int64_t iterations) {
    gpu->advance(iterations - done);
    done = iterations;
    return gpu->export_state();
  });
}

TEST(PrecisionTrainings, HaveBitsOfTheirOwn) {
  Config config = test::small_config();
  config.device = DeviceKind::cuda;
  config.matrix_product = MatrixProduct::own;
  const std::int64_t iterations = test::iterations_with_learning(config, 1);
  std::set<std::vector<float>> critics;
  const std::vector<Precision> precisions = test::device_precisions();
  for (const Precision precision : precisions) {
    config.precision = precision;
    critics.insert(test::train_on_gpu(config, iterations).critic.parameters);
  }
  EXPECT_EQ(critics.size(), precisions.size());
}

}  // namespace
}  // namespace polyak
