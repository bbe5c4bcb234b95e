// The three products of a linear layer, by our kernels and by cuBLAS. Operands are left in the L2
// cache: in a training the operation before has just written them.
#include <memory>
#include <string>

#include "backend/cuda/layered/linear_operations.hpp"
#include "micro/operands.hpp"
#include "micro/operation.hpp"

namespace polyak::bench {
namespace {

struct Shape {
  int agents, batch, inputs, outputs;

  std::string text() const {
    return std::to_string(agents) + " x " + std::to_string(batch) + " x " + std::to_string(inputs) +
           " -> " + std::to_string(outputs);
  }
  double operations() const { return 2.0 * agents * batch * static_cast<double>(inputs) * outputs; }
};

/// The hidden layers of the goals: one agent, small and wide; a population; large batches.
std::vector<Shape> shapes(Sizes sizes) {
  if (sizes == Sizes::tiny) return {{2, 33, 17, 9}, {1, 32, 16, 8}};
  return {{1, 100, 64, 64},     {1, 256, 256, 256},     {512, 100, 64, 64},
          {1, 4096, 256, 256},  {1, 32768, 4, 512},     {1, 32768, 512, 256},
          {1, 32768, 256, 128}, {1, 65536, 1024, 1024}, {1, 256, 256, 1}};
}

/// A layer's operands and the operations of one choice of who multiplies.
struct Layer {
  Layer(const Shape& shape, MatrixProduct product)
      : input(shape.agents, shape.batch, shape.inputs),
        weight(shape.agents, shape.outputs, shape.inputs),
        bias(shape.agents, 1, shape.outputs),
        output(shape.agents, shape.batch, shape.outputs),
        input_gradient(shape.agents, shape.batch, shape.inputs),
        weight_gradient(shape.agents, shape.outputs, shape.inputs),
        bias_gradient(shape.agents, 1, shape.outputs),
        config(config_for(shape, product)) {}

  /// Bound to a stream at its first use, as cuBLAS's handle is.
  const cuda::LinearOperations& operations(const cuda::Stream& stream) {
    if (!bound) {
      cuda::MemoryBudget budget(cuda::MemoryBudget::Mode::allocate);
      bound = std::make_unique<cuda::LinearOperations>(config.matrix_product, stream,
                                                       cuda::LinearWorkspace(config, budget));
    }
    return *bound;
  }

  RandomMatrices input, weight, bias, output, input_gradient, weight_gradient, bias_gradient;

 private:
  /// A training one of whose layers has the shape, for the workspace that it needs.
  static Config config_for(const Shape& shape, MatrixProduct product) {
    Config config;
    config.agents = shape.agents;
    config.batch_size = shape.batch;
    config.actor_hidden = config.critic_hidden = {shape.inputs, shape.outputs};
    config.matrix_product = product;
    return config;
  }

  Config config;
  std::unique_ptr<cuda::LinearOperations> bound;
};

Operation forward(const Shape& s, MatrixProduct product, const std::string& who) {
  const auto layer = std::make_shared<Layer>(s, product);
  return {"linear forward, " + who,
          s.text(),
          Bound::arithmetic,
          s.operations(),
          "",
          [=](const cuda::Stream& stream, std::int64_t) {
            layer->operations(stream).forward({.agents = s.agents,
                                               .batch = s.batch,
                                               .inputs = s.inputs,
                                               .outputs = s.outputs,
                                               .activation = Activation::relu,
                                               .input = layer->input.view(),
                                               .weight = layer->weight.view(),
                                               .bias = {layer->bias.data(), s.outputs},
                                               .output = layer->output.view()});
          }};
}

Operation backward_input(const Shape& s, MatrixProduct product, const std::string& who) {
  const auto layer = std::make_shared<Layer>(s, product);
  return {
      "linear backward input, " + who,
      s.text(),
      Bound::arithmetic,
      s.operations(),
      "",
      [=](const cuda::Stream& stream, std::int64_t) {
        layer->operations(stream).backward_input({.agents = s.agents,
                                                  .batch = s.batch,
                                                  .inputs = s.inputs,
                                                  .outputs = s.outputs,
                                                  .activation = Activation::relu,
                                                  .output_gradient = layer->output.view(),
                                                  .weight = layer->weight.view(),
                                                  .input = layer->input.view(),
                                                  .input_gradient = layer->input_gradient.view()});
      }};
}

Operation backward_weight(const Shape& s, MatrixProduct product, const std::string& who) {
  const auto layer = std::make_shared<Layer>(s, product);
  return {"linear backward weight, " + who,
          s.text(),
          Bound::arithmetic,
          s.operations(),
          "",
          [=](const cuda::Stream& stream, std::int64_t) {
            layer->operations(stream).backward_weight(
                {.agents = s.agents,
                 .batch = s.batch,
                 .inputs = s.inputs,
                 .outputs = s.outputs,
                 .output_gradient = layer->output.view(),
                 .input = layer->input.view(),
                 .weight_gradient = layer->weight_gradient.view(),
                 .bias_gradient = {layer->bias_gradient.data(), s.outputs},
                 .workspace = nullptr});
          }};
}

}  // namespace

std::vector<OperationMaker> linear_operations(Sizes sizes) {
  std::vector<OperationMaker> makers;
  for (const Shape& shape : shapes(sizes)) {
    for (const auto& [product, who] :
         {std::pair(MatrixProduct::own, "own"), std::pair(MatrixProduct::cublas, "cuBLAS")}) {
      // cuBLAS is called once for each agent: for a population that is never a choice.
      if (product == MatrixProduct::cublas && shape.agents > 16) continue;
      makers.push_back([=] { return forward(shape, product, who); });
      makers.push_back([=] { return backward_input(shape, product, who); });
      makers.push_back([=] { return backward_weight(shape, product, who); });
    }
  }
  return makers;
}

}  // namespace polyak::bench
