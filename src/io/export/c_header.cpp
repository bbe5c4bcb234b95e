// A policy as a C99 header.
#include <algorithm>

#include "io/export/c_functions.hpp"
#include "io/export/policy_export.hpp"
#include "io/text_value.hpp"
#include "polyak/config.hpp"

namespace polyak {
namespace {

/// A float in C: its shortest decimal digits, which compilers round to the same float.
std::string c_float(float value) {
  std::string text = format_number(value);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text + "f";
}

/// The header, part by part. In its texts @ stands for the prefix and $ for the same in capitals.
class CHeader {
 public:
  CHeader(const Policy& policy, std::string prefix) : policy_(policy), prefix_(std::move(prefix)) {}

  std::string text() const {
    const std::string all =
        introduction() + sizes() + weights() + memory() + functions() + act() + "\n#endif\n";
    std::string capitals = prefix_, result;
    std::transform(capitals.begin(), capitals.end(), capitals.begin(), [](char letter) {
      return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
    });
    for (const char letter : all) {
      if (letter == '@') {
        result += prefix_;
      } else if (letter == '$') {
        result += capitals;
      } else {
        result += letter;
      }
    }
    return result;
  }

 private:
  bool is_recurrent() const { return policy_.cell.has_value(); }
  bool is_lstm() const { return is_recurrent() && policy_.cell->kind == PolicyKind::lstm; }
  bool uses(Activation activation) const {
    return std::any_of(policy_.layers.begin(), policy_.layers.end(),
                       [&](const PolicyLayer& layer) { return layer.activation == activation; });
  }
  bool normalises_layers() const { return !policy_.layers.front().norm_weight.empty(); }

  std::string introduction() const {
    return "/* A policy of polyak for " + plain_text(policy_.environment) +
           ", in C99; allocates nothing, calls nothing.\n\n" +
           (is_recurrent() ? "     @_memory memory;\n"
                             "     @_begin(&memory);                      before every episode\n"
                             "     @_act(&memory, observation, action);   at every step\n"
                             "     memory.previous_reward = reward;       what the step gave\n"
                           : "     @_act(observation, action);\n") +
           R"(
   Observation and action are in the environment's own units. The result has polyak's bits, unless
   the compiler is told to break IEEE 754 (-ffast-math). Where the processor has no fused
   multiplication and addition of floats they are computed in double; $_INEXACT, if defined before
   the header is included, takes two roundings instead, and then the last digits differ. */
#ifndef $_H
#define $_H

#include <stdint.h>

)";
  }

  std::string sizes() const {
    const auto define = [](const std::string& name, int size) {
      return "#define $_" + name + " " + std::to_string(size) + "\n";
    };
    return define("OBSERVATIONS", policy_.observation_size()) +
           define("ACTIONS", policy_.action_size()) +
           (is_recurrent() ? define("UNITS", policy_.cell->units) : "");
  }

  static std::string array(const std::string& name, std::span<const float> values) {
    constexpr std::size_t values_per_line = 6;
    std::string text =
        "\nstatic const float @_" + name + "[" + std::to_string(values.size()) + "] = {";
    for (std::size_t i = 0; i < values.size(); ++i) {
      text += (i % values_per_line == 0 ? "\n  " : " ") + c_float(values[i]) + ",";
    }
    return text + "\n};\n";
  }

  std::string weights() const {
    std::string text;
    if (!policy_.observation_mean.empty()) {
      text += array("observation_mean", policy_.observation_mean) +
              array("observation_scale", policy_.observation_scale);
    }
    if (is_recurrent()) {
      text += array("input_weight", policy_.cell->input_weight) +
              array("input_bias", policy_.cell->input_bias) +
              array("recurrent_weight", policy_.cell->recurrent_weight) +
              array("recurrent_bias", policy_.cell->recurrent_bias);
    }
    for (std::size_t i = 0; i < policy_.layers.size(); ++i) {
      const PolicyLayer& layer = policy_.layers[i];
      const std::string number = std::to_string(i);
      text += array("weight_" + number, layer.weight) + array("bias_" + number, layer.bias);
      if (layer.norm_weight.empty()) continue;
      text += array("norm_weight_" + number, layer.norm_weight) +
              array("norm_bias_" + number, layer.norm_bias);
    }
    return text + array("action_scale", policy_.action_scale) +
           array("action_offset", policy_.action_offset);
  }

  std::string memory() const {
    if (!is_recurrent()) return {};
    return std::string(
               "\n/* What is remembered of an episode between two steps. */\n"
               "typedef struct @_memory {\n"
               "  float hidden[$_UNITS];\n") +
           (is_lstm() ? "  float cell[$_UNITS];\n" : "") +
           "  float previous_action[$_ACTIONS]; /* before offset and scale */\n"
           "  float previous_reward;            /* as the environment gave it */\n"
           "} @_memory;\n";
  }

  std::string functions() const {
    std::string text(c_functions::arithmetic);
    if (is_recurrent() || uses(Activation::tanh)) text += c_functions::hyperbolic_tangent;
    if (uses(Activation::elu)) text += c_functions::exponential_minus_one;
    if (is_recurrent()) text += c_functions::logistic;
    text += c_functions::layer;
    if (normalises_layers()) text += c_functions::layer_norm;
    if (is_recurrent()) text += is_lstm() ? c_functions::lstm : c_functions::gru;
    return text;
  }

  static std::string for_each(const std::string& count, const std::string& statement) {
    return "  for (i = 0; i < " + count + "; ++i) " + statement + "\n";
  }

  std::string act() const {
    int width = policy_.layers.front().inputs;
    for (const PolicyLayer& layer : policy_.layers) width = std::max(width, layer.outputs);
    const std::string size = std::to_string(width);
    std::string text = is_recurrent() ? begin() : "\n";
    text += std::string("static inline void @_act(") +
            (is_recurrent() ? "@_memory *memory, " : "") +
            "const float observation[$_OBSERVATIONS],\n    float action[$_ACTIONS]) {\n";
    text += "  float a[" + size + "], b[" + size + "];\n";
    if (is_recurrent()) text += "  float seen[$_OBSERVATIONS + $_ACTIONS + 1];\n";
    text += "  int i;\n";
    text += observe() + (is_recurrent() ? step_cell() : "");
    std::string from = "a", to = "b";
    for (std::size_t i = 0; i < policy_.layers.size(); ++i) {
      text += run_layer(i, from, to);
      std::swap(from, to);
    }
    if (is_recurrent())
      text += for_each("$_ACTIONS", "memory->previous_action[i] = " + from + "[i];");
    return text +
           for_each("$_ACTIONS", "action[i] = @_action_offset[i] + @_product(@_action_scale[i], " +
                                     from + "[i]);") +
           "}\n";
  }

  std::string begin() const {
    return "\nstatic inline void @_begin(@_memory *memory) {\n  int i;\n" +
           for_each("$_UNITS", "memory->hidden[i] = 0.0f;") +
           (is_lstm() ? for_each("$_UNITS", "memory->cell[i] = 0.0f;") : "") +
           for_each("$_ACTIONS", "memory->previous_action[i] = 0.0f;") +
           "  memory->previous_reward = 0.0f;\n}\n\n";
  }

  /// The normalised observation goes into a, of a recurrent policy behind the hidden state.
  std::string observe() const {
    const std::string place = is_recurrent() ? "a[$_UNITS + i]" : "a[i]";
    return for_each("$_OBSERVATIONS", policy_.observation_mean.empty()
                                          ? place + " = observation[i];"
                                          : place +
                                                " = (observation[i] - @_observation_mean[i]) * "
                                                "@_observation_scale[i];");
  }

  std::string step_cell() const {
    const std::string gates = std::to_string(gate_count(policy_.cell->kind)) + " * $_UNITS";
    return "  {\n    float x[" + gates + "], u[" + gates + "];\n  " +
           for_each("$_OBSERVATIONS", "seen[i] = a[$_UNITS + i];") + "  " +
           for_each("$_ACTIONS", "seen[$_OBSERVATIONS + i] = memory->previous_action[i];") +
           "    seen[$_OBSERVATIONS + $_ACTIONS] = " + c_float(policy_.reward_scale) +
           " * memory->previous_reward;\n"
           "    @_layer(@_input_weight, @_input_bias, seen, x,\n"
           "            $_OBSERVATIONS + $_ACTIONS + 1, " +
           gates +
           ");\n"
           "    @_layer(@_recurrent_weight, @_recurrent_bias, memory->hidden, u, $_UNITS, " +
           gates +
           ");\n"
           "    @_step(memory, x, u);\n  }\n" +
           for_each("$_UNITS", "a[i] = memory->hidden[i];");
  }

  std::string run_layer(std::size_t index, const std::string& from, const std::string& to) const {
    const PolicyLayer& layer = policy_.layers[index];
    const std::string number = std::to_string(index), outputs = std::to_string(layer.outputs);
    std::string text = "  @_layer(@_weight_" + number + ", @_bias_" + number + ", " + from + ", " +
                       to + ", " + std::to_string(layer.inputs) + ", " + outputs + ");\n";
    if (!layer.norm_weight.empty()) {
      text += "  @_normalise(@_norm_weight_" + number + ", @_norm_bias_" + number + ", " + to +
              ", " + outputs + ");\n";
    }
    const std::string value = to + "[i]";
    switch (layer.activation) {
      case Activation::relu:
        return text + for_each(outputs, "if (" + value + " < 0.0f) " + value + " = 0.0f;");
      case Activation::tanh:
        return text + for_each(outputs, value + " = @_tanh(" + value + ");");
      case Activation::elu:
        return text + for_each(outputs, "if (!(" + value + " > 0.0f)) " + value + " = @_expm1(" +
                                            value + ");");
      case Activation::identity:
        break;
    }
    return text;
  }

  const Policy& policy_;
  std::string prefix_;
};

}  // namespace

std::string c_header(const Policy& policy, const std::string& prefix) {
  return CHeader(policy, prefix).text();
}

}  // namespace polyak
