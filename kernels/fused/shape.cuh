#pragma once

// How much of a training's shape the compiler knows. The same source makes the general kernel,
// which reads its plan from the arguments of the launch, and those of the shapes worth the time to
// compile: there every size, pitch and place is a constant, every function is inlined, and an array
// in shared memory is known to lie there.

#include <type_traits>
#include <utility>

#include "kernels/fused/plan_builder.hpp"
#include "kernels/portability.cuh"

#if defined(__CUDACC__)
#define POLYAK_INLINE __forceinline__
#else
#define POLYAK_INLINE inline
#endif
/// The same for a lambda expression, after its parameters.
#define POLYAK_INLINE_LAMBDA __attribute__((always_inline))

namespace polyak::kernels::fused {

/// Any training: the plan is that of the launch.
struct AnyShape {
  static constexpr bool is_known = false;
  static constexpr int max_threads = 512;
  static constexpr int unrolled_steps = 2;  // of a product, along its depth
  static constexpr int unrolled_thin_steps = 2;

  POLYAK_HOST_DEVICE static const Plan& plan(const Plan& launched) { return launched; }
  __device__ static int threads() { return static_cast<int>(blockDim.x); }
  __device__ static int layers(const Network& network) { return network.layer_count; }
};

/// One training: that of the plan which `Description::plan()` gives.
template <class Description>
struct KnownShape {
  static constexpr bool is_known = true;
  static constexpr int max_threads = Description::plan().threads;
  static constexpr int unrolled_steps = 4;  // more saves 1% in bench/model, for 10 KiB of code
  static constexpr int unrolled_thin_steps = 16;  // few warps have one: its loads wait together
  static constexpr int layer_count = Description::plan().actor.layer_count;
  static_assert(may_be_constant(Description::plan()));

  __device__ static constexpr int threads() { return max_threads; }
  __device__ static constexpr int layers(const Network&) { return layer_count; }
  /// That of the launch, which the launcher has compared.
  POLYAK_HOST_DEVICE static const Plan& plan(const Plan& = {}) {
    static constexpr Plan known = Description::plan();
    return known;
  }
};

namespace detail {

/// Numbers and pointers by value, structures by reference.
template <class T>
using Passed = std::conditional_t<std::is_scalar_v<T>, T, const T&>;

template <class Function, class... Arguments>
__device__ POLYAK_OUT_OF_LINE void call_out_of_line(Passed<Arguments>... arguments) {
  Function{}(arguments...);
}

}  // namespace detail

/// An array in the block's shared memory as the argument of a function that is called: a pointer
/// would not tell the compiler there that it may read shared memory alone.
__device__ POLYAK_INLINE int shared_offset(const float* array) {
  POLYAK_DYNAMIC_SHARED(const float, shared);
  return static_cast<int>(array - shared);
}
__device__ POLYAK_INLINE float* shared_array(int offset) {
  POLYAK_DYNAMIC_SHARED(float, shared);
  return shared + offset;
}

/// visit(0), visit(1), ...: for every layer of a network; copied out where their number is known,
/// so that a layer's sizes are constants.
template <class Shape, class Visit>
__device__ POLYAK_INLINE void for_each_layer(const Network& network, const Visit& visit) {
  if constexpr (Shape::is_known) {
    [&]<int... layer>(std::integer_sequence<int, layer...>) POLYAK_INLINE_LAMBDA {
      (visit(layer), ...);
    }
    (std::make_integer_sequence<int, Shape::layer_count>{});
  } else {
    for (int layer = 0; layer < network.layer_count; ++layer) visit(layer);
  }
}

/// Function{}(arguments...): inlined where the shape is known; elsewhere a real call, of which the
/// kernel has several, because everything inlined would take long to compile. What a kernel of a
/// known shape does several times in an update is called there too (call_out_of_line), because an
/// update that runs through more code than the instruction cache holds waits for it: 194 KiB took
/// 30.0 us on an H200, and 17.7 in bench/model, which has no such cache.
template <class Shape, class Function, class... Arguments>
__device__ POLYAK_INLINE void call(const Arguments&... arguments) {
  if constexpr (Shape::is_known) {
    Function{}(arguments...);
  } else {
    detail::call_out_of_line<Function, Arguments...>(arguments...);
  }
}

}  // namespace polyak::kernels::fused
