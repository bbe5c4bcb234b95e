// Layers that share launches have the bits that they have alone, whatever their sizes and number.
#include <list>

#include "kernels/kernel_test.hpp"
#include "kernels/layer_case.hpp"
#include "kernels/linear_backward_input.hpp"
#include "kernels/linear_backward_weight.hpp"
#include "kernels/linear_forward.hpp"

namespace polyak::test {
namespace {

constexpr int group_agents = 2;

struct Sizes {
  int batch, inputs, outputs;
};

/// More layers than one launch takes; small and medium tiles, one and several slices, empty ones.
const std::vector<Sizes> sizes = {{33, 3, 65},   {33, 65, 1}, {700, 3, 800}, {0, 5, 5},
                                  {1100, 5, 7},  {5, 0, 7},   {64, 64, 64},  {1, 1, 1},
                                  {5, 800, 700}, {33, 33, 3}, {65, 17, 31},  {31, 100, 7},
                                  {1100, 3, 9}};

/// All arrays of one layer.
class Layer {
 public:
  Layer(const Sizes& s, Precision precision)
      : sizes_(s),
        precision_(precision),
        input_(matrix(s.batch, s.inputs, 1)),
        weight_(matrix(s.outputs, s.inputs, 2)),
        bias_(matrix(1, s.outputs, 3)),
        output_gradient_(matrix(s.batch, s.outputs, 4)),
        output_(group_agents, s.batch, s.outputs, 1),
        input_gradient_(group_agents, s.batch, s.inputs, 1),
        weight_gradient_(group_agents, s.outputs, s.inputs, 1),
        bias_gradient_(group_agents, 1, s.outputs, 1),
        workspace_(static_cast<std::size_t>(kernels::linear_backward_weight_workspace(
            group_agents, {s.batch}, s.inputs, s.outputs))) {}

  kernels::LinearForward forward() const {
    return {group_agents,  sizes_.batch,   sizes_.inputs, sizes_.outputs, Activation::tanh,
            input_.view(), weight_.view(), vector(bias_), output_.view(), precision_};
  }
  kernels::LinearBackwardInput backward_input() const {
    return {group_agents,   sizes_.batch,     sizes_.inputs,
            sizes_.outputs, Activation::tanh, output_gradient_.view(),
            weight_.view(), input_.view(),    input_gradient_.view(),
            precision_};
  }
  kernels::LinearBackwardWeight backward_weight() const {
    return {group_agents,
            sizes_.batch,
            sizes_.inputs,
            sizes_.outputs,
            output_gradient_.view(),
            input_.view(),
            weight_gradient_.view(),
            vector(bias_gradient_),
            workspace_.data(),
            precision_};
  }

  std::vector<float> results() const {
    std::vector<float> all;
    for (const MatrixBuffer* matrix :
         {&output_, &input_gradient_, &weight_gradient_, &bias_gradient_}) {
      const std::vector<float> values = matrix->values();
      all.insert(all.end(), values.begin(), values.end());
    }
    return all;
  }

 private:
  static MatrixBuffer matrix(int rows, int columns, unsigned seed) {
    return {group_agents, rows, columns, 1,
            random_values(count_of(group_agents, rows, columns), seed)};
  }
  static kernels::VectorBatch vector(const MatrixBuffer& matrix) {
    return {matrix.view().data, matrix.view().agent_stride};
  }

  Sizes sizes_;
  Precision precision_;
  MatrixBuffer input_, weight_, bias_, output_gradient_;
  MatrixBuffer output_, input_gradient_, weight_gradient_, bias_gradient_;
  DeviceBuffer<float> workspace_;
};

std::vector<std::vector<float>> results_of(const std::list<Layer>& layers) {
  std::vector<std::vector<float>> results;
  for (const Layer& layer : layers) results.push_back(layer.results());
  return results;
}

std::vector<std::vector<float>> run_together(Precision precision) {
  std::list<Layer> layers;
  for (const Sizes& s : sizes) layers.emplace_back(s, precision);
  std::vector<kernels::LinearForward> forward;
  std::vector<kernels::LinearBackwardInput> backward_input;
  std::vector<kernels::LinearBackwardWeight> backward_weight;
  for (const Layer& layer : layers) {
    forward.push_back(layer.forward());
    backward_input.push_back(layer.backward_input());
    backward_weight.push_back(layer.backward_weight());
  }
  finish(kernels::launch_linear_forward(forward, nullptr));
  finish(kernels::launch_linear_backward_input(backward_input, nullptr));
  finish(kernels::launch_linear_backward_weight(backward_weight, nullptr));
  return results_of(layers);
}

std::vector<std::vector<float>> run_alone(Precision precision) {
  std::list<Layer> layers;
  for (const Sizes& s : sizes) {
    const Layer& layer = layers.emplace_back(s, precision);
    finish(kernels::launch_linear_forward(layer.forward(), nullptr));
    finish(kernels::launch_linear_backward_input(layer.backward_input(), nullptr));
    finish(kernels::launch_linear_backward_weight(layer.backward_weight(), nullptr));
  }
  return results_of(layers);
}

TEST(LayerGroup, ALayerDoesNotDependOnTheOthers) {
  for (const Precision precision : on_this_device(std::vector{Precision::fp32, Precision::tf32})) {
    const auto together = run_together(precision), alone = run_alone(precision);
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      EXPECT_TRUE(same_bits(together[i], alone[i])) << "layer " << i;
    }
  }
}

TEST(LayerGroup, NoLayersAreNoWork) {
  EXPECT_EQ(kernels::launch_linear_forward(std::vector<kernels::LinearForward>(), nullptr),
            cudaSuccess);
}

TEST(LayerGroup, RefusesLayersThatDoNotBelongTogether) {
  const Layer one({1, 1, 1}, Precision::fp32), other({1, 1, 1}, Precision::bf16);
  EXPECT_EQ(kernels::launch_linear_forward(std::vector{one.forward(), other.forward()}, nullptr),
            cudaErrorInvalidValue);
}

}  // namespace
}  // namespace polyak::test
