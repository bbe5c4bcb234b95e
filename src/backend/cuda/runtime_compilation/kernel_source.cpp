#include "backend/cuda/runtime_compilation/kernel_source.hpp"

#include <cstddef>
#include <span>
#include <string_view>

#include "backend/cuda/runtime_compilation/embedded_source.hpp"
#include "kernels/fused/training.hpp"
#include "polyak/environment/registry.hpp"

namespace polyak::cuda {
namespace {

using namespace kernels::fused;

/// The environment's place in the list; -1 if it is not in it.
template <Environment... E>
int index_of(std::string_view name, EnvironmentList<E...>) {
  int index = 0;
  const bool found = ((name == E::name || (++index, false)) || ...);
  return found ? index : -1;
}

template <class Value>
std::string text(Value value) {
  return std::to_string(static_cast<int>(value));
}

/// Values of one type between braces.
template <class Value>
std::string list(std::string_view type, std::span<const Value> values) {
  std::string all = "{";
  for (const Value value : values) {
    all += (all.size() > 1 ? ", " : "") + std::string(type) + "(" + text(value) + ")";
  }
  return all + "}";
}

std::string text(const NetworkShape& network) {
  const auto layers = static_cast<std::size_t>(network.layer_count);
  return "{" + text(network.inputs) + ", " + text(network.layer_count) + ", " +
         list("int", std::span(network.outputs).first(layers)) + ", " +
         list("Activation", std::span(network.activations).first(layers)) + "}";
}

std::string text(const TrainingShape& shape) {
  return "{" + text(shape.actor) + ", " + text(shape.critic) + ", " + text(shape.observation_size) +
         ", " + text(shape.action_size) + ", " + text(shape.batch) + ", Precision(" +
         text(shape.precision) + ")}";
}

}  // namespace

bool may_be_compiled(const KernelShape& shape) {
  return shape.training.precision == Precision::fp32 &&
         index_of(shape.environment, FusedEnvironments{}) >= 0 &&
         may_be_constant(make_plan(shape.training, shape.cluster_blocks, shape.shared_bytes));
}

std::string kernel_source(const KernelShape& shape) {
  const std::string environment = "EnvironmentAt<" +
                                  text(index_of(shape.environment, FusedEnvironments{})) +
                                  ", FusedEnvironments>::type";
  const std::string precision = "Precision(" + text(shape.training.precision) + ")";
  return std::string(embedded_kernel_source()) + R"(
namespace polyak::kernels::fused {
struct Compiled {
  __host__ __device__ static constexpr Plan plan() {
    return make_plan()" +
         text(shape.training) + ", " + text(shape.cluster_blocks) + ", " +
         text(shape.shared_bytes) + R"();
  }
};
// The host, too, must see these arguments so.
static_assert(sizeof(Training) == )" +
         std::to_string(sizeof(Training)) + R"();
extern "C" __global__ void __launch_bounds__(KnownShape<Compiled>::max_threads, 1)
)" + compiled_kernel_name +
         "(const __grid_constant__ Training arguments, const " + environment +
         "::Parameters parameters) {\n  train_agent<" + environment + ", " + precision +
         ", KnownShape<Compiled>>(arguments, parameters);\n}\n}\n";
}

}  // namespace polyak::cuda
