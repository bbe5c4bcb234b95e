// What is compiled when a training begins whose shape has no kernel in the program: this, with all
// that it includes, which the program carries as text, and behind it the shape
// (src/backend/cuda/runtime_compilation/kernel_source.cpp).

#include "kernels/fused/train_agents.cuh"
#include "polyak/environment/registry.hpp"

namespace polyak::kernels::fused {

/// The environment of this number in the list, the first being 0.
template <int number, class List>
struct EnvironmentAt;
template <int number, Environment First, Environment... Others>
struct EnvironmentAt<number, EnvironmentList<First, Others...>>
    : EnvironmentAt<number - 1, EnvironmentList<Others...>> {};
template <Environment First, Environment... Others>
struct EnvironmentAt<0, EnvironmentList<First, Others...>> {
  using type = First;
};

}  // namespace polyak::kernels::fused
