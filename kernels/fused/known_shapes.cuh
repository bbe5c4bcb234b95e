#pragma once

// The shapes that have a kernel of their own. Each takes some ten seconds to compile for each
// architecture that can run it, so there are few: any other training has the general kernel.

#include "kernels/fused/shape.cuh"
#include "polyak/environment/pendulum.hpp"

namespace polyak::kernels::fused {

/// Two hidden layers of `width` units with tanh, as in the default configuration, in fp32, on a
/// device with the shared memory of an H100.
template <Environment E, int width, int batch, int blocks>
struct TwoLayers {
  static constexpr int shared_bytes = 226 * 1024;  // 1 KiB is the kernel's own

  POLYAK_HOST_DEVICE static constexpr NetworkShape network(int inputs, int outputs,
                                                           Activation output) {
    return {inputs, 3, {width, width, outputs}, {Activation::tanh, Activation::tanh, output}};
  }
  POLYAK_HOST_DEVICE static constexpr Plan plan() {
    const int observation = E::observation_size, action = E::action_size;
    return make_plan({network(observation, action, Activation::tanh),
                      network(observation + action, 1, Activation::identity), observation, action,
                      batch, Precision::fp32},
                     blocks, shared_bytes);
  }
};

template <class...>
struct ShapeList {};

template <Environment E, Precision precision>
struct KnownShapesOf {
  using List = ShapeList<>;
};

/// The default configuration and the goals of bench/floors.md, alone and in a population.
template <>
struct KnownShapesOf<Pendulum, Precision::fp32> {
  using List = ShapeList<
      KnownShape<TwoLayers<Pendulum, 64, 128, 16>>, KnownShape<TwoLayers<Pendulum, 64, 128, 8>>,
      KnownShape<TwoLayers<Pendulum, 64, 100, 16>>, KnownShape<TwoLayers<Pendulum, 64, 100, 8>>,
      KnownShape<TwoLayers<Pendulum, 64, 100, 1>>>;
};

template <Environment E, Precision precision>
using KnownShapes = typename KnownShapesOf<E, precision>::List;

/// Calls visit.operator()<Shape>() with the shape of the list that has this plan, or AnyShape.
template <class Visit>
auto find_shape(const Plan&, ShapeList<>, const Visit& visit) {
  return visit.template operator()<AnyShape>();
}
template <class First, class... Others, class Visit>
auto find_shape(const Plan& plan, ShapeList<First, Others...>, const Visit& visit) {
  return plan == First::plan() ? visit.template operator()<First>()
                               : find_shape(plan, ShapeList<Others...>{}, visit);
}

}  // namespace polyak::kernels::fused
