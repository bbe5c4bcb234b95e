// Batch normalisation on the device, with what its tests give it and get back.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "kernels/batch_norm.hpp"
#include "kernels/kernel_test.hpp"

namespace polyak::test {

struct BatchNormShape {
  int rows, columns;
};
inline void PrintTo(const BatchNormShape& shape, std::ostream* out) {
  *out << shape.rows << "x" << shape.columns;
}

/// Two layers of three agents with what their passes leave behind.
class BatchNormCase {
 public:
  static constexpr int agents = 3, layers = 2;
  static constexpr float momentum = 0.25f;

  explicit BatchNormCase(const BatchNormShape& shape)
      : shape_(shape),
        elements_(static_cast<std::size_t>(shape.rows * shape.columns)),
        vector_(static_cast<std::size_t>(shape.columns)) {
    for (unsigned layer = 0; layer < layers; ++layer) {
      inputs.push_back(random_values(agents * elements_, 1 + layer));
      gradients.push_back(random_values(agents * elements_, 11 + layer));
      weights.push_back(random_values(agents * vector_, 21 + layer));
      biases.push_back(random_values(agents * vector_, 31 + layer));
      means.push_back(random_values(agents * vector_, 41 + layer));
      variances.push_back(random_values(agents * vector_, 51 + layer));
      for (float& variance : variances.back()) variance = 1.5f + variance;
    }
  }

  struct Result {
    std::vector<std::vector<float>> outputs, input_gradients, weight_gradients, bias_gradients,
        means, variances;
  };

  /// Forwards for `count` agents, layer i in modes[i]; then, unless one of them was in evaluation,
  /// backwards from `gradients` before the activation. In place or not.
  Result run(int first_agent, int count, Activation activation,
             const std::vector<BatchNormMode>& modes, bool in_place = true) const {
    std::vector<std::unique_ptr<Buffers>> buffers;
    std::vector<kernels::BatchNormForward> forward;
    std::vector<kernels::BatchNormBackward> backward;
    for (std::size_t i = 0; i < layers; ++i) {
      buffers.push_back(std::make_unique<Buffers>(*this, i));
      const Buffers& b = *buffers.back();
      const std::int64_t width = shape_.columns, skipped = first_agent * width;
      const kernels::BatchNorm layer = {count,
                                        shape_.rows,
                                        shape_.columns,
                                        activation,
                                        {b.weight.data() + skipped, width},
                                        {b.bias.data() + skipped, width}};
      forward.push_back(b.forward(layer, modes[i], first_agent, in_place));
      backward.push_back(b.backward(layer, first_agent));
    }
    finish(kernels::launch_batch_norm_forward(forward, nullptr));
    if (std::count(modes.begin(), modes.end(), BatchNormMode::evaluation) == 0) {
      finish(kernels::launch_batch_norm_backward(backward, nullptr));
    }
    return download(buffers, in_place);
  }
  Result train(Activation activation) const {
    return run(0, agents, activation, {BatchNormMode::training, BatchNormMode::training});
  }

  std::vector<double> column(const std::vector<float>& values, int agent, int number) const {
    std::vector<double> result;
    for (int row = 0; row < shape_.rows; ++row) {
      result.push_back(static_cast<double>(
          values[static_cast<std::size_t>((agent * shape_.rows + row) * shape_.columns + number)]));
    }
    return result;
  }
  std::size_t at(int agent, int number) const {
    return static_cast<std::size_t>(agent * shape_.columns + number);
  }

  std::size_t elements() const { return elements_; }
  std::size_t columns() const { return vector_; }
  std::vector<std::vector<float>> inputs, gradients, weights, biases, means, variances;

 private:
  struct Buffers {
    Buffers(const BatchNormCase& c, std::size_t i)
        : value(agents, c.shape_.rows, c.shape_.columns, 3, c.inputs[i]),
          output(agents, c.shape_.rows, c.shape_.columns, 5),
          gradient(agents, c.shape_.rows, c.shape_.columns, 2, c.gradients[i]),
          normalised(agents, c.shape_.rows, c.shape_.columns, 1),
          deviation(agents * c.vector_),
          weight(c.weights[i]),
          bias(c.biases[i]),
          mean(c.means[i]),
          variance(c.variances[i]),
          weight_gradient(agents * c.vector_),
          bias_gradient(agents * c.vector_) {}

    kernels::BatchNormForward forward(const kernels::BatchNorm& layer, BatchNormMode mode,
                                      int first_agent, bool in_place) const {
      const std::int64_t width = layer.columns, skipped = first_agent * width;
      return {layer,
              mode,
              momentum,
              value.view(first_agent),
              in_place ? value.view(first_agent) : output.view(first_agent),
              {mean.data() + skipped, width},
              {variance.data() + skipped, width},
              mode == BatchNormMode::evaluation ? kernels::StridedBatch{} : normalised.view(),
              {deviation.data(), width}};
    }
    kernels::BatchNormBackward backward(const kernels::BatchNorm& layer, int first_agent) const {
      const std::int64_t width = layer.columns;
      return {layer,
              gradient.view(first_agent),
              normalised.view(),
              {deviation.data(), width},
              {weight_gradient.data(), width},
              {bias_gradient.data(), width}};
    }

    MatrixBuffer value, output, gradient, normalised;
    DeviceBuffer<float> deviation, weight, bias, mean, variance, weight_gradient, bias_gradient;
  };

  static Result download(const std::vector<std::unique_ptr<Buffers>>& buffers, bool in_place) {
    Result result;
    for (const auto& b : buffers) {
      result.outputs.push_back(in_place ? b->value.values() : b->output.values());
      result.input_gradients.push_back(b->gradient.values());
      result.weight_gradients.push_back(b->weight_gradient.download());
      result.bias_gradients.push_back(b->bias_gradient.download());
      result.means.push_back(b->mean.download());
      result.variances.push_back(b->variance.download());
    }
    return result;
  }

  BatchNormShape shape_;
  std::size_t elements_, vector_;
};

}  // namespace polyak::test
