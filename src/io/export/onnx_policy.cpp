// A policy as an ONNX graph of matrix products and functions of single values. The cells are made
// of those as well: ONNX's own LSTM and GRU order their gates and dimensions otherwise.
#include "io/export/onnx_graph.hpp"
#include "io/export/policy_export.hpp"
#include "polyak/config.hpp"
#include "polyak/core/layer_norm.hpp"

namespace polyak {
namespace {

using Names = std::vector<std::string>;

class PolicyGraph {
 public:
  explicit PolicyGraph(const Policy& policy) : policy_(policy) {}

  std::string model() {
    const int actions = policy_.action_size();
    graph_.add_input("observation", policy_.observation_size());
    const std::string x = normalised_observation();
    const std::string seen = policy_.cell ? join({step_cell(x), x}, "hidden_and_observation") : x;
    const std::string normalised = run_layers(seen);
    vector("action_scale", policy_.action_scale);
    vector("action_offset", policy_.action_offset);
    graph_.add_node("Mul", {normalised, "action_scale"}, "scaled_action");
    graph_.add_node("Add", {"scaled_action", "action_offset"}, "action");
    graph_.add_output("action", actions);
    if (policy_.cell) declare_next_state(normalised);
    add_metadata();
    return graph_.model("policy", description());
  }

 private:
  void vector(const std::string& name, const std::vector<float>& values) {
    const std::int64_t shape[] = {static_cast<std::int64_t>(values.size())};
    graph_.add_constant(name, shape, values);
  }

  std::string join(const Names& inputs, const std::string& output) {
    return graph_.add_node("Concat", inputs, output, {OnnxAttribute::integer("axis", 1)});
  }

  /// W x + b.
  std::string linear(const std::string& name, const std::vector<float>& weight,
                     const std::vector<float>& bias, const std::string& x) {
    const auto outputs = static_cast<std::int64_t>(bias.size());
    const std::int64_t shape[] = {outputs, static_cast<std::int64_t>(weight.size()) / outputs};
    graph_.add_constant(name + ".weight", shape, weight);
    vector(name + ".bias", bias);
    return graph_.add_node("Gemm", {x, name + ".weight", name + ".bias"}, name + ".sums",
                           {OnnxAttribute::integer("transB", 1)});
  }

  std::string normalised_observation() {
    if (policy_.observation_mean.empty()) return "observation";
    vector("observation_mean", policy_.observation_mean);
    vector("observation_scale", policy_.observation_scale);
    graph_.add_node("Sub", {"observation", "observation_mean"}, "centred_observation");
    return graph_.add_node("Mul", {"centred_observation", "observation_scale"},
                           "normalised_observation");
  }

  /// The hidden state after the step.
  std::string step_cell(const std::string& x) {
    const PolicyCell& cell = *policy_.cell;
    graph_.add_input("hidden", cell.units);
    if (cell.kind == PolicyKind::lstm) graph_.add_input("cell", cell.units);
    graph_.add_input("previous_action", policy_.action_size());
    graph_.add_input("previous_reward", 1);
    vector("reward_scale", {policy_.reward_scale});
    graph_.add_node("Mul", {"previous_reward", "reward_scale"}, "scaled_reward");
    const std::string seen = join({x, "previous_action", "scaled_reward"}, "cell_input");
    linear("cell.input", cell.input_weight, cell.input_bias, seen);
    linear("cell.recurrent", cell.recurrent_weight, cell.recurrent_bias, "hidden");
    const std::vector<std::int64_t> sizes(static_cast<std::size_t>(gate_count(cell.kind)),
                                          cell.units);
    graph_.add_constant("gate_sizes", sizes);
    return cell.kind == PolicyKind::lstm ? step_lstm() : step_gru();
  }

  void split(const std::string& sums, const Names& gates) {
    graph_.add_node("Split", {sums, "gate_sizes"}, gates, {OnnxAttribute::integer("axis", 1)});
  }

  std::string step_lstm() {
    graph_.add_node("Add", {"cell.input.sums", "cell.recurrent.sums"}, "cell.sums");
    split("cell.sums", {"s_i", "s_f", "s_g", "s_o"});
    graph_.add_node("Sigmoid", {"s_i"}, "i");
    graph_.add_node("Sigmoid", {"s_f"}, "f");
    graph_.add_node("Tanh", {"s_g"}, "g");
    graph_.add_node("Sigmoid", {"s_o"}, "o");
    graph_.add_node("Mul", {"f", "cell"}, "kept");
    graph_.add_node("Mul", {"i", "g"}, "added");
    graph_.add_node("Add", {"kept", "added"}, "next_cell");
    graph_.add_node("Tanh", {"next_cell"}, "cell_tanh");
    return graph_.add_node("Mul", {"o", "cell_tanh"}, "next_hidden");
  }

  std::string step_gru() {
    split("cell.input.sums", {"x_r", "x_z", "x_n"});
    split("cell.recurrent.sums", {"u_r", "u_z", "u_n"});
    for (const std::string gate : {"r", "z"}) {
      graph_.add_node("Add", {"x_" + gate, "u_" + gate}, "s_" + gate);
      graph_.add_node("Sigmoid", {"s_" + gate}, gate);
    }
    graph_.add_node("Mul", {"r", "u_n"}, "reset");
    graph_.add_node("Add", {"x_n", "reset"}, "s_n");
    graph_.add_node("Tanh", {"s_n"}, "n");
    graph_.add_node("Sub", {"hidden", "n"}, "distance");
    graph_.add_node("Mul", {"z", "distance"}, "kept");
    return graph_.add_node("Add", {"n", "kept"}, "next_hidden");
  }

  std::string run_layers(std::string x) {
    for (std::size_t i = 0; i < policy_.layers.size(); ++i) {
      const PolicyLayer& layer = policy_.layers[i];
      const std::string name = "actor." + std::to_string(i);
      x = linear(name, layer.weight, layer.bias, x);
      if (!layer.norm_weight.empty()) {
        vector(name + ".norm.weight", layer.norm_weight);
        vector(name + ".norm.bias", layer.norm_bias);
        x = graph_.add_node("LayerNormalization", {x, name + ".norm.weight", name + ".norm.bias"},
                            name + ".normalised",
                            {OnnxAttribute::integer("axis", -1),
                             OnnxAttribute::number("epsilon", layer_norm_epsilon)});
      }
      const std::string_view function = function_of(layer.activation);
      if (!function.empty()) x = graph_.add_node(function, {x}, name + ".output");
    }
    return x;
  }

  static std::string_view function_of(Activation activation) {
    switch (activation) {
      case Activation::relu:
        return "Relu";
      case Activation::tanh:
        return "Tanh";
      case Activation::elu:
        return "Elu";  // with ONNX's own alpha, 1
      case Activation::identity:
        break;
    }
    return {};
  }

  void declare_next_state(const std::string& normalised) {
    graph_.add_output("next_hidden", policy_.cell->units);
    if (policy_.cell->kind == PolicyKind::lstm) {
      graph_.add_output("next_cell", policy_.cell->units);
    }
    graph_.add_node("Identity", {normalised}, "next_previous_action");
    graph_.add_output("next_previous_action", policy_.action_size());
  }

  void add_metadata() {
    graph_.add_metadata("environment", plain_text(policy_.environment));
    for (const auto& [key, value] : policy_.training) {
      graph_.add_metadata("training." + plain_text(key), plain_text(value));
    }
  }

  std::string description() const {
    std::string text = "A policy of polyak for " + plain_text(policy_.environment) +
                       ": observation to action, both in the environment's units.";
    if (!policy_.cell) return text;
    return text +
           " The other inputs are zero at an episode's start; then they are what the step before "
           "gave as next_..., and its reward.";
  }

  const Policy& policy_;
  OnnxGraph graph_;
};

}  // namespace

std::string onnx_model(const Policy& policy) { return PolicyGraph(policy).model(); }

}  // namespace polyak
