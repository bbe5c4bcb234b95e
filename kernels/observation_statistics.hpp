// Running observation normalisation of all agents.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/arrays.hpp"
#include "polyak/core/observation_statistics.hpp"

namespace polyak::kernels {

/// Every agent's ObservationNormaliser; null pointers: none has one.
struct Normalisers {
  float* mean;           // [agents, observation_size]
  float* scale;          // [agents, observation_size]
  int observation_size;  // of a row of either
};

/// Adds the environments' current observations to the running moments (unless `fold` is false),
/// makes the normalisers from these, and writes the observations normalised. The moments are those
/// of `*vector_steps` times `environments` observations before, `environments` more after.
struct NormaliseObservations {
  int agents;
  std::int64_t environments;
  int observation_size;
  bool fold;
  const std::int64_t* vector_steps;  // one number on the device: vector steps made
  ConstStridedBatch observation;     // [environments, observation_size]
  Moments* moments;                  // [agents, observation_size]
  Normalisers normalisers;
  StridedBatch normalised;  // [environments, observation_size]
};
cudaError_t launch_normalise_observations(const NormaliseObservations& arguments,
                                          cudaStream_t stream);

}  // namespace polyak::kernels
