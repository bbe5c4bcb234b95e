// The shapes at which the kernels of linear layers are tested.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

#include "polyak/core/activation.hpp"
#include "polyak/core/precision.hpp"
#include "support/device_precisions.hpp"

namespace polyak::test {

struct LayerCase {
  int agents, batch, inputs, outputs;
  int padding;  // of every matrix's rows: 0 lets the kernels copy 16 bytes at a time
  Activation activation;
  Precision precision = Precision::fp32;
};

/// Those of this device.
inline std::vector<Precision> tensor_core_precisions() {
  return on_this_device(std::vector{Precision::tf32, Precision::tf32x3, Precision::bf16});
}

/// Odd sizes around the tiles' edges, empty ones, and for each product some that need medium and
/// narrow tiles and one that needs large ones for all agents together, but not for one alone; then
/// some of them in every precision.
inline std::vector<LayerCase> layer_cases() {
  std::vector<LayerCase> cases = {
      {1, 1, 1, 1, 0, Activation::identity},    {2, 31, 33, 65, 1, Activation::relu},
      {3, 33, 3, 31, 0, Activation::tanh},      {1, 65, 100, 1, 5, Activation::elu},
      {2, 100, 64, 64, 0, Activation::relu},    {1, 100, 1023, 33, 0, Activation::tanh},
      {1, 1023, 65, 100, 3, Activation::elu},   {1, 33, 31, 1023, 0, Activation::relu},
      {2, 5, 0, 33, 0, Activation::tanh},       {2, 0, 31, 33, 0, Activation::relu},
      {0, 31, 31, 31, 0, Activation::identity}, {1, 1023, 513, 7, 0, Activation::elu},
      {2, 1023, 7, 513, 1, Activation::relu},   {4, 1100, 5, 1100, 0, Activation::relu},
      {4, 1030, 1100, 17, 1, Activation::elu},  {4, 17, 1100, 1100, 0, Activation::tanh},
      {1, 8200, 5, 3, 0, Activation::tanh},     {2, 8195, 2, 33, 1, Activation::relu},
  };
  for (const Precision precision : tensor_core_precisions()) {
    for (LayerCase c :
         {LayerCase{1, 1, 1, 1, 0, Activation::identity},
          LayerCase{2, 31, 33, 65, 1, Activation::relu},
          LayerCase{3, 33, 3, 31, 0, Activation::tanh},
          LayerCase{1, 65, 100, 1, 5, Activation::elu},
          LayerCase{2, 100, 64, 64, 0, Activation::relu},
          LayerCase{2, 5, 0, 33, 0, Activation::tanh}, LayerCase{2, 0, 31, 33, 0, Activation::relu},
          LayerCase{3, 300, 7, 513, 1, Activation::relu},
          LayerCase{3, 300, 513, 7, 0, Activation::elu},
          LayerCase{3, 20, 513, 321, 0, Activation::tanh}}) {
      c.precision = precision;
      cases.push_back(c);
    }
  }
  return cases;
}

/// For a test's name: Agents2Batch31Inputs33Outputs65Padding1Fp32.
inline std::string name_of(const LayerCase& c) {
  const char* const precisions[] = {"Fp32", "Tf32", "Tf32x3", "Bf16"};
  return "Agents" + std::to_string(c.agents) + "Batch" + std::to_string(c.batch) + "Inputs" +
         std::to_string(c.inputs) + "Outputs" + std::to_string(c.outputs) + "Padding" +
         std::to_string(c.padding) + precisions[static_cast<int>(c.precision)];
}

inline void PrintTo(const LayerCase& c, std::ostream* out) {
  *out << c.agents << " agents, batch " << c.batch << ", " << c.inputs << " -> " << c.outputs
       << ", padding " << c.padding << ", precision " << static_cast<int>(c.precision);
}

inline std::size_t count_of(int a, int b, int c = 1) {
  return static_cast<std::size_t>(a) * static_cast<std::size_t>(b) * static_cast<std::size_t>(c);
}

/// f'(x) where f(x) = y.
inline double reference_derivative(Activation activation, double y) {
  switch (activation) {
    case Activation::relu:
      return y > 0.0 ? 1.0 : 0.0;
    case Activation::tanh:
      return 1.0 - y * y;
    case Activation::elu:
      return y > 0.0 ? 1.0 : 1.0 + y;
    case Activation::identity:
      break;
  }
  return 1.0;
}

}  // namespace polyak::test
