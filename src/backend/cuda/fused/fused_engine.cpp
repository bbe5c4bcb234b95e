#include "backend/cuda/fused/fused_engine.hpp"

#include <algorithm>
#include <utility>

#include "backend/cuda/device/check.hpp"
#include "backend/cuda/device_info.hpp"
#include "config/derived.hpp"
#include "kernels/counter.hpp"
#include "polyak/core/error.hpp"

namespace polyak::cuda {
namespace {

using kernels::fused::Plan;

/// One attribute of the current GPU.
int attribute(cudaDeviceAttr which) {
  int device = 0, value = 0;
  check(cudaGetDevice(&device), "cudaGetDevice");
  check(cudaDeviceGetAttribute(&value, which, device), "cudaDeviceGetAttribute");
  return value;
}

kernels::fused::FlatNetworks flat(const NetworkBuffers& network) {
  return {network.parameters.data(), network.target.data(), network.first_moment.data(),
          network.second_moment.data(), network.layout.stride};
}

bool compiles_kernel(const Config& config, DeviceSize device) {
  device.compiles_kernels = true;
  const int blocks = choose_cluster_blocks(config, device);
  const KernelShape shape = kernel_shape(config, blocks, device.fused);
  return may_be_compiled(shape) &&
         (is_worth_compiling(config, device) || has_own_kernel_ready(shape));
}

bool has_kernel_in_program(const Config& config, const Plan& plan) {
  return kernels::fused::has_own_kernel(config.environment, config.precision, plan);
}

}  // namespace

FusedLimits fused_limits() {
  constexpr int kernel_static_bytes = 1024;  // at most: what the kernel declares itself
  constexpr int hopper_bytes = 227 * 1024, largest_cluster = 16, first_with_clusters = 9;
  if (count_devices().count == 0) return {hopper_bytes - kernel_static_bytes, largest_cluster};
  const bool has_clusters = attribute(cudaDevAttrComputeCapabilityMajor) >= first_with_clusters;
  return {attribute(cudaDevAttrMaxSharedMemoryPerBlockOptin) - kernel_static_bytes,
          has_clusters ? largest_cluster : 1};
}

DeviceSize device_size(const Config& config) {
  constexpr int hopper_multiprocessors = 132;
  if (count_devices().count == 0) return {hopper_multiprocessors, fused_limits()};
  DeviceSize device{attribute(cudaDevAttrMultiProcessorCount), fused_limits()};
  device.compiles_kernels = why_no_own_kernels().empty() && compiles_kernel(config, device);
  return device;
}

Plan plan_for_device(const Config& config) {
  const FusedLimits limits = fused_limits();
  const bool has_device = count_devices().count > 0;
  int blocks = choose_cluster_blocks(config, device_size(config));
  Plan plan = make_fused_plan(config, blocks, limits);
  // Some devices, and parts of devices, have no room for the largest clusters.
  int resident = has_device ? 0 : 1;
  while (resident == 0) {
    check(kernels::fused::resident_clusters(config.environment, config.precision, plan, &resident),
          "resident_clusters");
    if (resident == 0 && blocks == 1) {
      throw UsageError("--engine fused: " + device_name() +
                       " cannot run its kernel; use --engine layered");
    }
    if (resident == 0) plan = make_fused_plan(config, blocks /= 2, limits);
  }
  return plan;
}

OwnKernel own_kernel_for(const Config& config, const Plan& plan) {
  if (has_kernel_in_program(config, plan)) return {};
  const KernelShape shape = kernel_shape(config, plan.cluster_blocks, fused_limits());
  if (!may_be_compiled(shape)) return {};
  if (!device_size(config).compiles_kernels) {
    const std::string why_not = why_no_own_kernels();
    return {nullptr,
            why_not.empty() ? "its own would take longer to compile than it saves" : why_not};
  }
  OwnKernel kernel = make_own_kernel(shape);
  int resident = 0;
  if (kernel.function != nullptr) {
    check(kernels::fused::resident_clusters(config.environment, config.precision, plan, &resident,
                                            kernel.function.get()),
          "resident_clusters");
    if (resident == 0) kernel = {nullptr, "there is no room for its own"};
  }
  return kernel;
}

DeviceBuffer<float> fused_scratch(const Config& config, const Plan& plan, MemoryBudget& budget) {
  return budget.buffer<float>(MemorySize(config.agents) * plan.scratch_floats,
                              "exchange between blocks and what shared memory cannot hold");
}

FusedEngine::FusedEngine(const Config& config, const Stream& stream,
                         const TrainingBuffers& training, const Plan& plan,
                         DeviceBuffer<float> scratch, OwnKernel own_kernel)
    : config_(config),
      environment_parameters_(environment_parameter_values(config)),
      time_limit_(derive(config).time_limit),
      stream_(stream.get()),
      training_(training),
      plan_(plan),
      scratch_(std::move(scratch)),
      own_kernel_(std::move(own_kernel)) {}

std::string FusedEngine::description() const {
  const std::string blocks = plan_.cluster_blocks == 1
                                 ? "one block"
                                 : "a cluster of " + std::to_string(plan_.cluster_blocks);
  const std::string engine =
      "fused engine, " + blocks + " per agent, " + std::string(to_string(config_.precision));
  if (own_kernel_.function != nullptr) return engine + ", kernel compiled for this shape";
  if (has_kernel_in_program(config_, plan_)) return engine + ", kernel for this shape";
  return engine + ", general kernel" +
         (own_kernel_.why_not.empty() ? "" : " (" + own_kernel_.why_not + ")");
}

/// A long iteration is cut, so that the host's chance to stop comes every few milliseconds.
void FusedEngine::play(const IterationWork& work, std::int64_t repetitions, const Progress& done) {
  constexpr std::int64_t max_updates = 1000;
  if (work.updates <= max_updates) return launch(work, repetitions, done);
  Progress progress = done;
  for (std::int64_t i = 0; i < repetitions; ++i) {
    launch({work.warmup, work.vector_steps, 0}, 1, progress);
    progress.vector_steps += work.vector_steps;
    for (std::int64_t left = work.updates; left > 0; left -= max_updates) {
      const std::int64_t updates = std::min(left, max_updates);
      launch({work.warmup, 0, updates}, 1, progress);
      progress.updates += updates;
    }
  }
}

void FusedEngine::launch(const IterationWork& work, std::int64_t repetitions,
                         const Progress& done) const {
  const AgentSettings& settings = training_.settings;
  check(kernels::fused::launch_training(
            {.environment = {config_.environment, environment_parameters_, time_limit_},
             .precision = config_.precision,
             .agents = config_.agents,
             .plan = plan_,
             .scratch = scratch_.data(),
             .actor = flat(training_.actor),
             .critic = flat(training_.critic),
             .environments = training_.environments.view(),
             .replays = training_.replay.view(),
             .exploration = {work.warmup, settings.exploration.data()},
             .seed = settings.seed.data(),
             .learning_rate_actor = settings.values_of(&Config::learning_rate_actor),
             .learning_rate_critic = settings.values_of(&Config::learning_rate_critic),
             .returns = settings.returns.data(),
             .tau = settings.values_of(&Config::tau),
             .beta1 = config_.adam_beta1,
             .beta2 = config_.adam_beta2,
             .epsilon = config_.adam_epsilon,
             .totals = training_.update_totals.data(),
             .iterations = repetitions,
             .vector_steps = work.vector_steps,
             .updates = work.updates,
             .vector_steps_before = done.vector_steps,
             .updates_before = done.updates},
            stream_, own_kernel_.function.get()),
        "launch_training");
  const auto count = [&](const DeviceBuffer<std::int64_t>& counter, std::int64_t made) {
    if (made == 0) return;
    check(kernels::launch_advance_counter(counter.data(), made, stream_), "launch_advance_counter");
  };
  count(training_.vector_steps, repetitions * work.vector_steps);
  count(training_.updates, repetitions * work.updates);
}

bool FusedEngine::has_phase(Phase phase) const {
  return phase == Phase::vector_step || phase == Phase::update || phase == Phase::iteration;
}

void FusedEngine::run_part(Phase, std::int64_t) {
  throw RunError("the fused engine runs no part of an iteration by itself");
}

}  // namespace polyak::cuda
