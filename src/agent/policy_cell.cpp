#include "agent/policy_cell.hpp"

#include "polyak/core/error.hpp"
#include "polyak/core/summation.hpp"

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

/// Every unit's step; input_sums and recurrent_sums [gates, units].
template <PolicyKind kind>
void step_units(const std::vector<float>& input_sums, const std::vector<float>& recurrent_sums,
                PolicyMemory& memory) {
  constexpr std::size_t gates = gate_count(kind);
  const std::size_t units = memory.hidden.size();
  for (std::size_t unit = 0; unit < units; ++unit) {
    float x[gates], u[gates];
    for (std::size_t gate = 0; gate < gates; ++gate) {
      x[gate] = input_sums[gate * units + unit];
      u[gate] = recurrent_sums[gate * units + unit];
    }
    const float cell = kind == PolicyKind::lstm ? memory.cell[unit] : 0.0f;
    const CellState<float> after =
        cell_step<kind>(x, u, CellState<float>{memory.hidden[unit], cell}).state;
    memory.hidden[unit] = after.hidden;
    if constexpr (kind == PolicyKind::lstm) memory.cell[unit] = after.cell;
  }
}

}  // namespace

std::vector<float> affine_map(const std::vector<float>& weight, const std::vector<float>& bias,
                              const std::vector<float>& input) {
  std::vector<float> output(bias);
  for (std::size_t o = 0; o < output.size(); ++o) {
    const float* const row = weight.data() + o * input.size();
    output[o] = layer_sum(
        static_cast<std::int64_t>(bias.size()), static_cast<int>(input.size()), bias[o],
        [&](int i) { return row[i]; }, [&](int i) { return input[static_cast<std::size_t>(i)]; });
  }
  return output;
}

void step_policy_cell(const Policy& policy, std::span<const float> observation,
                      PolicyMemory& memory) {
  const PolicyCell& cell = *policy.cell;
  const bool has_cell_state = cell.kind == PolicyKind::lstm;
  prepare(memory.hidden, cell.units, "hidden");
  prepare(memory.cell, has_cell_state ? cell.units : 0, "cell");
  prepare(memory.previous_action, policy.action_size(), "action");
  std::vector<float> input(observation.begin(), observation.end());
  input.insert(input.end(), memory.previous_action.begin(), memory.previous_action.end());
  input.push_back(policy.reward_scale * memory.previous_reward);
  const std::vector<float> input_sums = affine_map(cell.input_weight, cell.input_bias, input);
  const std::vector<float> recurrent_sums =
      affine_map(cell.recurrent_weight, cell.recurrent_bias, memory.hidden);
  if (has_cell_state) {
    step_units<PolicyKind::lstm>(input_sums, recurrent_sums, memory);
  } else {
    step_units<PolicyKind::gru>(input_sums, recurrent_sums, memory);
  }
}

}  // namespace polyak
