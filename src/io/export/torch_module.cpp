// A policy as a PyTorch module in a Python file of its own.
#include <array>
#include <bit>
#include <cstdint>

#include "io/export/policy_export.hpp"
#include "io/text_value.hpp"
#include "polyak/config.hpp"

namespace polyak {
namespace {

/// Python's (2, 3), or (2,).
std::string tuple(std::span<const std::size_t> numbers) {
  std::vector<std::string> texts;
  for (const std::size_t number : numbers) texts.push_back(std::to_string(number));
  return "(" + join_text(texts, ", ") + (texts.size() == 1 ? ",)" : ")");
}

/// Little-endian float32, 16 of them in each line.
void append_hexadecimal(std::span<const float> values, std::string& text) {
  constexpr std::size_t values_per_line = 16;
  constexpr std::string_view digits = "0123456789abcdef";
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i % values_per_line == 0) text += "\n    ";
    const auto bits = std::bit_cast<std::uint32_t>(values[i]);
    for (int shift = 0; shift < 32; shift += 8) {
      text += digits[bits >> (shift + 4) & 0xf];
      text += digits[bits >> shift & 0xf];
    }
  }
}

/// The file, part by part.
class TorchModule {
 public:
  explicit TorchModule(const Policy& policy) : policy_(policy) {}

  std::string text() {
    add_values();
    return introduction() +
           "import torch\n\n# Parameters and buffers: shape and values, float32 "
           "little-endian.\nSHAPES = {\n" +
           shapes_ + "}\nVALUES = bytes.fromhex(\n    \"\"\"" + values_ + "\n    \"\"\"\n)\n\n\n" +
           constructor() + (policy_.cell ? recurrent_forward() : forward());
  }

 private:
  std::string introduction() const {
    const std::string sizes = std::to_string(policy_.observation_size()) + " observations, " +
                              std::to_string(policy_.action_size()) +
                              (policy_.action_size() == 1 ? " action." : " actions.");
    const std::string use =
        policy_.cell ? "    policy = Policy()\n"
                       "    state, reward = policy.initial_state(batch), torch.zeros(batch, 1)  # "
                       "before every episode\n"
                       "    action, state = policy(observation, state, reward)  # reward: the last "
                       "step's\n"
                     : "    policy = Policy()\n"
                       "    action = policy(observation)  # [..., " +
                           std::to_string(policy_.observation_size()) + "] to [..., " +
                           std::to_string(policy_.action_size()) + "]\n";
    return R"("""A policy of polyak for )" + plain_text(policy_.environment) +
           ", as a PyTorch module; needs nothing but torch.\n\n" + use +
           "\nObservations and actions in the environment's own units: " + sizes + "\n\"\"\"\n\n";
  }

  void add(const std::string& name, std::initializer_list<std::size_t> shape,
           std::span<const float> values) {
    shapes_ += "    \"" + name + "\": " + tuple(shape) + ",\n";
    append_hexadecimal(values, values_);
  }

  void add_values() {
    add("action_scale", {policy_.action_scale.size()}, policy_.action_scale);
    add("action_offset", {policy_.action_offset.size()}, policy_.action_offset);
    if (!policy_.observation_mean.empty()) {
      add("observation_mean", {policy_.observation_mean.size()}, policy_.observation_mean);
      add("observation_scale", {policy_.observation_scale.size()}, policy_.observation_scale);
    }
    if (policy_.cell) {
      const PolicyCell& cell = *policy_.cell;
      const std::size_t sums = cell.input_bias.size();
      add("reward_scale", {1}, {&policy_.reward_scale, 1});
      add("cell.weight_ih", {sums, cell.input_weight.size() / sums}, cell.input_weight);
      add("cell.weight_hh", {sums, cell.recurrent_weight.size() / sums}, cell.recurrent_weight);
      add("cell.bias_ih", {sums}, cell.input_bias);
      add("cell.bias_hh", {sums}, cell.recurrent_bias);
    }
    for (const PolicyLayer& layer : policy_.layers) add_layer(layer);
  }

  /// To the values, and to the modules.
  void add_layer(const PolicyLayer& layer) {
    const std::size_t outputs = layer.bias.size(), inputs = layer.weight.size() / outputs;
    const auto begin_module = [&](const std::string& module) {
      modules_ += "            torch.nn." + module + ",\n";
      return "layers." + std::to_string(module_count_++) + ".";
    };
    const std::string linear = begin_module("Linear" + tuple(std::array{inputs, outputs}));
    add(linear + "weight", {outputs, inputs}, layer.weight);
    add(linear + "bias", {outputs}, layer.bias);
    if (!layer.norm_weight.empty()) {
      const std::string norm = begin_module("LayerNorm(" + std::to_string(outputs) + ")");
      add(norm + "weight", {outputs}, layer.norm_weight);
      add(norm + "bias", {outputs}, layer.norm_bias);
    }
    if (layer.activation == Activation::identity) return;
    begin_module(layer.activation == Activation::relu   ? "ReLU()"
                 : layer.activation == Activation::tanh ? "Tanh()"
                                                        : "ELU()");
  }

  std::string constructor() const {
    std::string text =
        "class Policy(torch.nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n";
    if (policy_.cell) {
      text += std::string("        self.cell = torch.nn.") +
              (policy_.cell->kind == PolicyKind::lstm ? "LSTMCell" : "GRUCell") +
              tuple(std::array{static_cast<std::size_t>(policy_.cell->inputs),
                               static_cast<std::size_t>(policy_.cell->units)}) +
              "\n";
    }
    text += "        self.layers = torch.nn.Sequential(\n" + modules_ + "        )\n";
    return text +
           R"(        numbers = torch.frombuffer(bytearray(VALUES), dtype=torch.float32).clone()
        parameters, begin = dict(self.named_parameters()), 0
        for name, shape in SHAPES.items():
            count = torch.Size(shape).numel()
            values = numbers[begin : begin + count].reshape(shape)
            begin += count
            if name in parameters:
                parameters[name].data = values
            else:
                self.register_buffer(name, values)

)";
  }

  std::string normalisation() const {
    if (policy_.observation_mean.empty()) return "        x = observation\n";
    return "        x = (observation - self.observation_mean) * self.observation_scale\n";
  }

  std::string forward() const {
    return "    def forward(self, observation):\n" + normalisation() +
           "        return self.action_offset + self.action_scale * self.layers(x)\n";
  }

  std::string recurrent_forward() const {
    const bool lstm = policy_.cell->kind == PolicyKind::lstm;
    const std::string units = std::to_string(policy_.cell->units);
    const std::string parts = lstm ? "hidden, cell, last_action" : "hidden, last_action";
    return "    def initial_state(self, batch=1):\n"
           "        \"\"\"What is remembered where an episode begins: " +
           std::string(lstm ? "hidden, cell" : "hidden") +
           " and normalised action.\"\"\"\n"
           "        sizes = " +
           std::string(lstm ? "[" + units + ", " + units + ", " : "[" + units + ", ") +
           std::to_string(policy_.action_size()) +
           "]\n"
           "        return tuple(self.action_scale.new_zeros(batch, size) for size in sizes)\n\n"
           "    def forward(self, observation, state, previous_reward):\n"
           "        \"\"\"observation and previous_reward [batch, ...]: action, state after the "
           "step.\"\"\"\n"
           "        " +
           parts + " = state\n" + normalisation() +
           "        seen = torch.cat([x, last_action, self.reward_scale * previous_reward], "
           "dim=1)\n" +
           (lstm ? "        hidden, cell = self.cell(seen, (hidden, cell))\n"
                 : "        hidden = self.cell(seen, hidden)\n") +
           "        last_action = self.layers(torch.cat([hidden, x], dim=1))\n"
           "        action = self.action_offset + self.action_scale * last_action\n"
           "        return action, (" +
           parts + ")\n";
  }

  const Policy& policy_;
  std::string shapes_, values_, modules_;
  int module_count_ = 0;
};

}  // namespace

std::string torch_module(const Policy& policy) { return TorchModule(policy).text(); }

}  // namespace polyak
