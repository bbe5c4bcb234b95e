#include "trainer/signature/place.hpp"

#include <initializer_list>
#include <optional>
#include <vector>

#include "agent/agent.hpp"
#include "config/derived.hpp"
#include "polyak/environment/registry.hpp"

namespace polyak {
namespace {

struct Dimension {
  std::string_view name;
  std::int64_t size;
};

/// "agent 1, environment 0, value 2" of row-major arrays.
std::string coordinates(std::int64_t index, const std::vector<Dimension>& dimensions) {
  std::string text;
  for (std::size_t i = dimensions.size(); i-- > 0; index /= dimensions[i].size) {
    const std::string part =
        std::string(dimensions[i].name) + " " + std::to_string(index % dimensions[i].size);
    text = text.empty() ? part : part + ", " + text;
  }
  return text;
}

/// What is at `offset` if that is in [begin, begin + count).
std::optional<std::int64_t> inside(std::int64_t offset, std::int64_t begin, std::int64_t count) {
  if (offset < begin || offset >= begin + count) return {};
  return offset - begin;
}

std::string of_vector(const std::string& what, std::int64_t index) {
  return what + " [" + std::to_string(index) + "]";
}

std::string of_product(const LinearLayout& product, const std::string& name, std::int64_t offset) {
  const std::int64_t inputs = product.inputs, outputs = product.outputs;
  if (const auto at = inside(offset, product.weight_offset, inputs * outputs)) {
    return name + "weight [" + std::to_string(*at / inputs) + ", " + std::to_string(*at % inputs) +
           "]";
  }
  if (const auto at = inside(offset, product.bias_offset, outputs)) {
    return of_vector(name + "bias", *at);
  }
  if (product.layer_norm) {
    if (const auto at = inside(offset, product.norm_weight_offset, outputs)) {
      return of_vector(name + "norm weight", *at);
    }
    if (const auto at = inside(offset, product.norm_bias_offset, outputs)) {
      return of_vector(name + "norm bias", *at);
    }
  }
  return {};
}

std::string of_norm_parameters(const std::optional<BatchNormLayout>& norm, const std::string& name,
                               std::int64_t offset) {
  if (!norm) return {};
  if (const auto at = inside(offset, norm->weight_offset, norm->features)) {
    return of_vector(name + "norm weight", *at);
  }
  if (const auto at = inside(offset, norm->bias_offset, norm->features)) {
    return of_vector(name + "norm bias", *at);
  }
  return {};
}

std::string of_norm_statistics(const std::optional<BatchNormLayout>& norm, const std::string& name,
                               std::int64_t offset) {
  if (!norm) return {};
  if (const auto at = inside(offset, norm->mean_offset, norm->features)) {
    return of_vector(name + "running mean", *at);
  }
  if (const auto at = inside(offset, norm->variance_offset, norm->features)) {
    return of_vector(name + "running variance", *at);
  }
  return {};
}

std::string name_of_linear(const NetworkLayout& layout, std::size_t index) {
  if (index < layout.layers.size()) return "layer " + std::to_string(index) + ", ";
  return index == layout.layers.size() ? "cell, input " : "cell, recurrent ";
}

/// What is at `offset` of one network's parameters, or of its running statistics.
std::string in_network(const NetworkLayout& layout, std::int64_t offset, bool statistics) {
  const auto of_norm = statistics ? of_norm_statistics : of_norm_parameters;
  std::string text = of_norm(layout.input_norm, "observation, ", offset);
  for (std::size_t i = 0; i < layout.linear_count() && text.empty(); ++i) {
    const LinearLayout& linear = layout.linear(i);
    const std::string name = name_of_linear(layout, i);
    text = of_norm(linear.batch_norm, name, offset);
    if (text.empty() && !statistics) text = of_product(linear, name, offset);
  }
  return text.empty() ? of_vector("padding", offset) : text;
}

Place network_place(const Config& config, std::string_view array, std::int64_t index) {
  const bool is_actor = array.starts_with("actor");
  const NetworkLayout layout = is_actor ? actor_layout(config) : critic_layout(config);
  const bool statistics = array.ends_with("statistics");
  const std::int64_t stride = statistics ? layout.statistics_stride : layout.stride;
  const std::int64_t floats = statistics ? layout.network_statistics : layout.network_floats;
  const std::int64_t network = index % stride / floats;
  std::string element = "agent " + std::to_string(index / stride) + ", ";
  if (layout.networks > 1) element += "critic " + std::to_string(network) + ", ";
  element += in_network(layout, index % stride - network * floats, statistics);
  const bool is_target = array.find(".target") != std::string_view::npos;
  return {is_target ? "target update" : is_actor ? "actor update" : "critic update", element};
}

/// A row holds what was observed, what was done, and what came of it.
Place row_place(const Config& config, std::int64_t index) {
  const RowLayout layout = row_layout(config);
  const std::int64_t floats = layout.floats(), column = index % floats;
  std::string element =
      coordinates(index / floats, {{"agent", config.agents},
                                   {"environment", config.environments},
                                   {"row", derive(config).rows_per_environment}}) +
      ", ";
  const std::string acting = "collecting: acting", environments = "collecting: environments";
  if (column < layout.action_offset()) {
    return {environments, element + of_vector("observation", column)};
  }
  if (column < layout.reward_offset()) {
    return {acting, element + of_vector("action", column - layout.action_offset())};
  }
  if (column == layout.reward_offset()) return {environments, element + "reward"};
  if (column == layout.kind_offset()) return {environments, element + "kind"};
  return {acting, element + of_vector("recurrent state", column - layout.state_offset())};
}

/// The phases of arrays with some values for each environment of each agent.
std::string_view phase_of_environments(std::string_view array) {
  if (array == "exploration_noise") return "collecting: exploration noise";
  if (array == "recurrent_states") return "collecting: acting";
  if (array == "rows_written") return "collecting: replay";
  if (array == "environment_states" || array == "episode_steps" || array == "episode_returns") {
    return "collecting: environments";
  }
  return {};
}

std::int64_t values_of_environment(const Config& config, std::string_view array) {
  const EnvironmentInfo environment = find_environment(config.environment);
  if (array == "exploration_noise") return environment.action_size;
  if (array == "environment_states") return environment.state_size;
  if (array == "recurrent_states") return recurrent_state_floats(config);
  return 1;
}

}  // namespace

Place place_of(const Config& config, std::string_view array, std::size_t index) {
  const auto at = static_cast<std::int64_t>(index);
  if (array.starts_with("actor.") || array.starts_with("critic.")) {
    return network_place(config, array, at);
  }
  if (array == "replay_rows") return row_place(config, at);
  if (const std::string_view phase = phase_of_environments(array); !phase.empty()) {
    return {std::string(phase), coordinates(at, {{"agent", config.agents},
                                                 {"environment", config.environments},
                                                 {"value", values_of_environment(config, array)}})};
  }
  if (array == "observation_moments") {
    const int size = find_environment(config.environment).observation_size;
    return {"collecting: observation statistics",
            coordinates(at / 2, {{"agent", config.agents}, {"observation", size}}) +
                (at % 2 == 0 ? ", mean" : ", sum of squares")};
  }
  return {"counters", "all agents"};
}

int writing_order(const Config& config, std::string_view array) {
  const bool is_target = array.find(".target") != std::string_view::npos;
  if (is_target || array == "updates") return 3;
  if (array.starts_with("critic.")) return config.actor_first ? 2 : 1;
  if (array.starts_with("actor.")) return config.actor_first ? 1 : 2;
  return 0;
}

}  // namespace polyak
