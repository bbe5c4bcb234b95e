// Whole episodes: what fits, and those of feed-forward policies (episodes_kernel.cuh).
#include "kernels/episodes_kernel.cuh"

namespace polyak::kernels {
namespace {

/// Whether a cell fits an environment of these sizes.
bool cell_fits(const PolicyCell& cell, int observation_size, int action_size) {
  return cell.units >= 1 && cell.units <= max_cell_units &&
         cell.inputs == observation_size + action_size + 1;
}

/// Whether the policies' parts fit each other and an environment of these sizes.
bool policies_fit(const Policies& policies, int observation_size, int action_size) {
  if (policies.layer_count < 1 || policies.layer_count > max_policy_layers) return false;
  int width = observation_size;
  if (is_recurrent(policies)) {
    if (!cell_fits(policies.cell, observation_size, action_size)) return false;
    width += policies.cell.units;
  }
  for (int number = 0; number < policies.layer_count; ++number) {
    const PolicyLayer& layer = policies.layers[static_cast<std::size_t>(number)];
    if (layer.inputs != width || layer.outputs < 1) return false;
    if (layer.inputs > max_policy_width || layer.outputs > max_policy_width) return false;
    width = layer.outputs;
  }
  return width == action_size;
}

}  // namespace

cudaError_t launch_evaluate_episodes(const EvaluateEpisodes& arguments, cudaStream_t stream) {
  static_assert(max_policy_width * 4 <= activation_floats);
  const bool fits = visit_environment(arguments.environment.name, [&]<class E>() {
    return has_parameters_for(arguments.environment, E::parameters.size()) &&
           policies_fit(arguments.policies, E::observation_size, E::action_size) &&
           (arguments.trajectories == nullptr || arguments.agents == 1);
  });
  if (!fits) return cudaErrorInvalidValue;
  if (arguments.agents == 0 || arguments.starts == 0) return cudaSuccess;
  return is_recurrent(arguments.policies) ? launch_recurrent_episodes(arguments, stream)
                                          : launch_episodes<false>(arguments, stream);
}

}  // namespace polyak::kernels
