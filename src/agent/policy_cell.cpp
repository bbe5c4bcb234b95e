#include "agent/policy_cell.hpp"

#include <algorithm>

#include "agent/dense_layer.hpp"
#include "agent/fused_vectors.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

/// Zeros where an episode begins; what is remembered must fit the policy.
void prepare(std::vector<float>& values, int size, const char* what) {
  const auto count = static_cast<std::size_t>(size);
  if (values.empty()) values.assign(count, 0.0f);
  if (values.size() != count) {
    throw UsageError("the policy's memory has " + std::to_string(values.size()) + " " + what +
                     " values instead of " + std::to_string(count) +
                     ": it is another policy's; begin with a new PolicyMemory");
  }
}

/// The state of a cell's units, and the sums [gates, units] that change it.
struct CellUnits {
  const float* input_sums;
  const float* recurrent_sums;
  float* hidden;
  float* cell;  // of an LSTM
  std::size_t units;
};

template <PolicyKind kind>
[[gnu::always_inline]] inline void step_units(const CellUnits& of) {
  constexpr std::size_t gates = gate_count(kind);
  const float* const __restrict input_sums = of.input_sums;
  const float* const __restrict recurrent_sums = of.recurrent_sums;
  float* const __restrict hidden = of.hidden;
  float* const __restrict cell = of.cell;
  const std::size_t units = of.units;
  for (std::size_t unit = 0; unit < units; ++unit) {
    float x[gates], u[gates];
    for (std::size_t gate = 0; gate < gates; ++gate) {
      x[gate] = input_sums[gate * units + unit];
      u[gate] = recurrent_sums[gate * units + unit];
    }
    const float cell_before = kind == PolicyKind::lstm ? cell[unit] : 0.0f;
    const CellState<float> after =
        cell_step<kind>(x, u, CellState<float>{hidden[unit], cell_before}).state;
    hidden[unit] = after.hidden;
    if constexpr (kind == PolicyKind::lstm) cell[unit] = after.cell;
  }
}

[[gnu::always_inline]] inline void step_every_unit(PolicyKind kind, const CellUnits& units) {
  if (kind == PolicyKind::lstm) {
    step_units<PolicyKind::lstm>(units);
  } else {
    step_units<PolicyKind::gru>(units);
  }
}

#if POLYAK_HAS_FUSED_VECTORS
POLYAK_FUSED_VECTORS void step_with_vectors(PolicyKind kind, const CellUnits& units) {
  step_every_unit(kind, units);
}
#endif

}  // namespace

void step_policy_cell(const Policy& policy, std::span<const float> observation,
                      PolicyMemory& memory, PolicyWorkspace& workspace) {
  const PolicyCell& cell = *policy.cell;
  prepare(memory.hidden, cell.units, "hidden");
  prepare(memory.cell, cell.kind == PolicyKind::lstm ? cell.units : 0, "cell");
  prepare(memory.previous_action, policy.action_size(), "action");
  const std::span<float> input(workspace.values[1], static_cast<std::size_t>(cell.inputs));
  const auto behind = std::copy(observation.begin(), observation.end(), input.begin());
  std::copy(memory.previous_action.begin(), memory.previous_action.end(), behind);
  input.back() = policy.reward_scale * memory.previous_reward;
  const std::size_t sums = static_cast<std::size_t>(gate_count(cell.kind)) * memory.hidden.size();
  affine_map(cell.input_weight, cell.input_bias, input, {workspace.sums[0], sums});
  affine_map(cell.recurrent_weight, cell.recurrent_bias, memory.hidden, {workspace.sums[1], sums});
  const CellUnits units{workspace.sums[0], workspace.sums[1], memory.hidden.data(),
                        memory.cell.data(), memory.hidden.size()};
#if POLYAK_HAS_FUSED_VECTORS
  if (has_fused_vectors()) return step_with_vectors(cell.kind, units);
#endif
  step_every_unit(cell.kind, units);
}

}  // namespace polyak
