// Observation normalisers from running moments.
#include "agent/agent.hpp"

namespace polyak {

ObservationNormalisers observation_normalisers(const Config& config, const TrainingState& state) {
  const double count =
      static_cast<double>(state.vector_steps) * static_cast<double>(config.environments);
  ObservationNormalisers normalisers;
  for (const Moments& moments : state.observation_moments) {
    normalisers.mean.push_back(static_cast<float>(moments.mean));
    normalisers.scale.push_back(observation_scale(count, moments));
  }
  return normalisers;
}

}  // namespace polyak
