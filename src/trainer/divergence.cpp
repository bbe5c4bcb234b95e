#include "trainer/divergence.hpp"

#include <algorithm>
#include <cmath>

namespace polyak {

std::optional<Divergence> find_divergence(std::span<const AgentMetrics> metrics,
                                          std::int64_t updates) {
  std::optional<Divergence> earliest;
  for (std::size_t agent = 0; agent < metrics.size(); ++agent) {
    const AgentMetrics& values = metrics[agent];
    std::optional<NonFinite> found = values.non_finite;
    if (!found && values.episodes > 0 && !std::isfinite(values.mean_return)) {
      found = NonFinite{Quantity::reward, updates};
    }
    if (found && (!earliest || found->update < earliest->value.update)) {
      earliest = Divergence{static_cast<int>(agent), *found};
    }
  }
  return earliest;
}

std::optional<Divergence> find_divergence(std::span<const float> parameters, std::size_t stride,
                                          std::int64_t updates) {
  const auto bad = std::find_if(parameters.begin(), parameters.end(),
                                [](float value) { return !std::isfinite(value); });
  if (bad == parameters.end()) return {};
  const auto agent = static_cast<std::size_t>(bad - parameters.begin()) / stride;
  return Divergence{static_cast<int>(agent), {Quantity::parameter, updates}};
}

std::string describe(const Divergence& divergence, const Config& config) {
  const DerivedConfig derived = derive(config);
  const std::int64_t update = std::max<std::int64_t>(divergence.value.update, 1);
  const std::int64_t iteration =
      derived.first_update_iteration + (update - 1) / derived.updates_per_iteration;
  return "agent " + std::to_string(divergence.agent) + ": the " +
         std::string(to_string(divergence.value.quantity)) + " became NaN or infinite in update " +
         std::to_string(update) + " (environment step " +
         std::to_string((iteration + 1) * derived.steps_per_iteration) + ")";
}

}  // namespace polyak
