#include "backend/cpu/sampler.hpp"

#include "backend/cpu/batch_sampler.hpp"
#include "backend/cpu/sequence_sampler.hpp"
#include "config/derived.hpp"

namespace polyak::cpu {

std::unique_ptr<Sampler> make_sampler(const Config& config) {
  if (is_recurrent(config)) return std::make_unique<SequenceSampler>(config);
  return std::make_unique<BatchSampler>(config);
}

BatchShape batch_shape(const Config& config) {
  if (config.batch_norm) return BatchShape::joint_rows(config.batch_size);
  if (!is_recurrent(config)) return BatchShape::rows(config.batch_size);
  return BatchShape::sequences(config.batch_size, sequence_settings(config).steps());
}

}  // namespace polyak::cpu
