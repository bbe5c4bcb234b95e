#include "backend/first_failure.hpp"

#include <algorithm>
#include <bit>

#include "config/derived.hpp"

namespace polyak {

std::optional<NonFinite> first_failure(const AgentHealth& health, const DerivedConfig& derived) {
  if (const std::int64_t step = health.episodes.non_finite_step; step > 0) {
    const std::int64_t iteration = (step - 1) / derived.vector_steps_per_iteration;
    const std::int64_t updates_before =
        std::max<std::int64_t>(0, iteration - derived.first_update_iteration) *
        derived.updates_per_iteration;
    if (!health.loss || updates_before < health.loss->update) {
      return NonFinite{Quantity::reward, updates_before, step};
    }
  }
  if (health.loss) return health.loss;
  if (!health.parameters_finite) return NonFinite{Quantity::parameter, health.updates};
  return {};
}

bool all_finite(std::span<const float> values) {
  // Without an early exit the compiler makes vector instructions of it.
  constexpr std::uint32_t exponent = 0x7f800000u;  // all ones in NaN and infinity alone
  std::uint32_t bad = 0;
  for (const float value : values) {
    bad |= (std::bit_cast<std::uint32_t>(value) & exponent) == exponent ? 1u : 0u;
  }
  return bad == 0;
}

}  // namespace polyak
