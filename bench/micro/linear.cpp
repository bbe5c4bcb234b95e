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
  Layer(const Shape& shape, const cuda::ProductChoice& product_choice)
      : input(shape.agents, shape.batch, shape.inputs),
        weight(shape.agents, shape.outputs, shape.inputs),
        bias(shape.agents, 1, shape.outputs),
        output(shape.agents, shape.batch, shape.outputs),
        input_gradient(shape.agents, shape.batch, shape.inputs),
        weight_gradient(shape.agents, shape.outputs, shape.inputs),
        bias_gradient(shape.agents, 1, shape.outputs),
        choice(product_choice),
        config(config_for(shape, choice)) {}

  /// Bound to a stream at its first use, as cuBLAS's handle is.
  const cuda::LinearOperations& operations(const cuda::Stream& stream) {
    if (!bound) {
      cuda::MemoryBudget budget(cuda::MemoryBudget::Mode::allocate);
      bound = std::make_unique<cuda::LinearOperations>(choice, stream,
                                                       cuda::LinearWorkspace(config, budget));
    }
    return *bound;
  }

  RandomMatrices input, weight, bias, output, input_gradient, weight_gradient, bias_gradient;

 private:
  /// A training one of whose layers has the shape, for the workspace that it needs.
  static Config config_for(const Shape& shape, const cuda::ProductChoice& choice) {
    Config config;
    config.agents = shape.agents;
    config.batch_size = shape.batch;
    config.actor_hidden = config.critic_hidden = {shape.inputs, shape.outputs};
    config.matrix_product = choice.product;
    config.precision = choice.precision;
    return config;
  }

  cuda::ProductChoice choice;
  Config config;
  std::unique_ptr<cuda::LinearOperations> bound;
};

Operation forward(const Shape& s, const cuda::ProductChoice& choice, const std::string& who) {
  const auto layer = std::make_shared<Layer>(s, choice);
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

Operation backward_input(const Shape& s, const cuda::ProductChoice& choice,
                         const std::string& who) {
  const auto layer = std::make_shared<Layer>(s, choice);
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

Operation backward_weight(const Shape& s, const cuda::ProductChoice& choice,
                          const std::string& who) {
  const auto layer = std::make_shared<Layer>(s, choice);
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

const std::vector<std::pair<cuda::ProductChoice, std::string>> products = {
    {{MatrixProduct::own, Precision::fp32}, "own"},
    {{MatrixProduct::cublas, Precision::fp32}, "cuBLAS"},
    {{MatrixProduct::own, Precision::tf32x3}, "own tf32x3"},
    {{MatrixProduct::own, Precision::tf32}, "own tf32"},
    {{MatrixProduct::cublas, Precision::tf32}, "cuBLAS tf32"},
    {{MatrixProduct::own, Precision::bf16}, "own bf16"},
    {{MatrixProduct::cublas, Precision::bf16}, "cuBLAS bf16"}};

}  // namespace

std::vector<OperationMaker> linear_operations(Sizes sizes) {
  std::vector<OperationMaker> makers;
  for (const Shape& shape : shapes(sizes)) {
    for (const auto& [choice, who] : products) {
      // cuBLAS is called once for each agent: for a population that is never a choice.
      if (choice.product == MatrixProduct::cublas && shape.agents > 16) continue;
      makers.push_back([=] { return forward(shape, choice, who); });
      makers.push_back([=] { return backward_input(shape, choice, who); });
      makers.push_back([=] { return backward_weight(shape, choice, who); });
    }
  }
  return makers;
}

}  // namespace polyak::bench
