#include "trainer/divergence.hpp"

#include <algorithm>
#include <tuple>

#include "config/derived.hpp"

namespace polyak {
namespace {

/// What happened first, over agents and quantities: a loss in update n, parameters seen to be bad
/// after it, a reward that came when n updates had been made, a loss in update n + 1.
auto order_in_time(const NonFinite& value) {
  const int rank = value.quantity == Quantity::reward      ? 2
                   : value.quantity == Quantity::parameter ? 1
                                                           : 0;
  return std::tuple(value.update, rank, value.vector_step);
}

}  // namespace

std::vector<Divergence> find_divergences(std::span<const AgentMetrics> metrics) {
  std::vector<Divergence> found;
  for (std::size_t agent = 0; agent < metrics.size(); ++agent) {
    const std::optional<NonFinite>& value = metrics[agent].non_finite;
    if (value) found.push_back({static_cast<int>(agent), *value});
  }
  std::sort(found.begin(), found.end(), [](const Divergence& one, const Divergence& other) {
    return std::pair(order_in_time(one.value), one.agent) <
           std::pair(order_in_time(other.value), other.agent);
  });
  return found;
}

std::int64_t environment_step(const NonFinite& value, const Config& config) {
  if (value.quantity == Quantity::reward) return value.vector_step * config.environments;
  const DerivedConfig derived = derive(config);
  const std::int64_t update = std::max<std::int64_t>(value.update, 1);
  const std::int64_t iteration =
      derived.first_update_iteration + (update - 1) / derived.updates_per_iteration;
  return (iteration + 1) * derived.steps_per_iteration;
}

std::string describe(const Divergence& divergence, const Config& config) {
  const NonFinite& value = divergence.value;
  const std::string what = "agent " + std::to_string(divergence.agent) + ": the " +
                           std::string(to_string(value.quantity)) + " became NaN or infinite ";
  const std::string step = "environment step " + std::to_string(environment_step(value, config));
  if (value.quantity == Quantity::reward) {
    return what + "in " + step + ", after " + std::to_string(value.update) + " updates";
  }
  return what + (value.quantity == Quantity::parameter ? "by" : "in") + " update " +
         std::to_string(value.update) + " (" + step + ")";
}

}  // namespace polyak
