#include <array>

#include "backend/cuda/compiled_shapes.hpp"
#include "kernels/fused/train_agents.cuh"
#include "polyak/environment/registry.hpp"

namespace polyak::test {
namespace {

using namespace kernels::fused;

// A single layer of which every block has a group of rows; layers of odd widths, two groups to a
// block; and blocks with half a group each.
const std::array<CompiledShape, compiled_shapes> shapes = {{
    {"Pendulum-v1", {40}, Activation::relu, 33, 4},
    {"MountainCarContinuous-v0", {20, 33, 17}, Activation::elu, 50, 2},
    {"Pendulum-v1", {24, 24}, Activation::tanh, 60, 8},
}};

#if !defined(__CUDACC__)
template <int number>
struct Description {
  static constexpr Plan plan() {
    constexpr int bytes = 226 * 1024;
    constexpr auto identity = Activation::identity, tanh = Activation::tanh;
    constexpr auto relu = Activation::relu, elu = Activation::elu;
    if constexpr (number == 0) {
      return make_plan({{3, 2, {40, 1}, {relu, tanh}},
                        {4, 2, {40, 1}, {relu, identity}},
                        3,
                        1,
                        33,
                        Precision::fp32},
                       4, bytes);
    } else if constexpr (number == 1) {
      return make_plan({{2, 4, {20, 33, 17, 1}, {elu, elu, elu, tanh}},
                        {3, 4, {20, 33, 17, 1}, {elu, elu, elu, identity}},
                        2,
                        1,
                        50,
                        Precision::fp32},
                       2, bytes);
    } else {
      return make_plan({{3, 3, {24, 24, 1}, {tanh, tanh, tanh}},
                        {4, 3, {24, 24, 1}, {tanh, tanh, identity}},
                        3,
                        1,
                        60,
                        Precision::fp32},
                       8, bytes);
    }
  }
};

template <Environment E, int number>
cuda::OwnKernel instance(const cuda::KernelShape& shape) {
  const Plan wanted = make_plan(shape.training, shape.cluster_blocks, shape.shared_bytes);
  if (!(wanted == Description<number>::plan())) return {nullptr, "compiled for another shape"};
  const auto kernel = train_agents<E, Precision::fp32, KnownShape<Description<number>>>;
  return {{reinterpret_cast<const void*>(kernel), [](const void*) {}}, {}};
}
#endif

}  // namespace

const CompiledShape& compiled_shape(int number) {
  return shapes.at(static_cast<std::size_t>(number));
}

cuda::OwnKernel compiled_kernel(const cuda::KernelShape& shape, [[maybe_unused]] int number) {
#if defined(__CUDACC__)
  const std::string why_not = cuda::why_no_own_kernels();
  return why_not.empty() ? cuda::make_own_kernel(shape) : cuda::OwnKernel{nullptr, why_not};
#else
  if (number == 0) return instance<Pendulum, 0>(shape);
  return number == 1 ? instance<MountainCarContinuous, 1>(shape) : instance<Pendulum, 2>(shape);
#endif
}

}  // namespace polyak::test
