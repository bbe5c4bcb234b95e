// Shapes of trainings that may have a kernel of their own.
#pragma once

#include <vector>

#include "backend/cuda/runtime_compilation/kernel_source.hpp"

namespace polyak::test {

/// Of an H100, for a block.
inline constexpr int hopper_shared_bytes = 226 * 1024;

/// Equal hidden layers in both networks.
inline cuda::KernelShape kernel_shape(const std::vector<int>& hidden, Activation activation,
                                      int batch, int blocks) {
  constexpr int observation_size = 3, action_size = 1;
  const auto network = [&](int inputs, int outputs, Activation output) {
    kernels::fused::NetworkShape shape{inputs, 0, {}, {}};
    const auto add = [&shape](int width, Activation of_layer) {
      shape.outputs[shape.layer_count] = width;
      shape.activations[shape.layer_count++] = of_layer;
    };
    for (const int width : hidden) add(width, activation);
    add(outputs, output);
    return shape;
  };
  return {"Pendulum-v1",
          {network(observation_size, action_size, Activation::tanh),
           network(observation_size + action_size, 1, Activation::identity), observation_size,
           action_size, batch, Precision::fp32},
          blocks,
          hopper_shared_bytes};
}

}  // namespace polyak::test
