// Batches of sequences, for recurrent policies.
#pragma once

#include <vector>

#include "backend/cpu/sampler.hpp"
#include "polyak/core/sequence.hpp"

namespace polyak::cpu {

/// Draws the transitions that sequences stand for (polyak/core/sequence.hpp) uniformly, with
/// replacement.
class SequenceSampler final : public Sampler {
 public:
  explicit SequenceSampler(const Config& config);

  std::ptrdiff_t begin(const SampleSource& source, std::int64_t update) override;
  void gather(const SampleSource& source, std::int64_t update, Chunk chunk,
              const SampledBatch& batch) const override;

 private:
  void copy_step(const SampleSource& source, std::ptrdiff_t number, std::ptrdiff_t step,
                 const SampledBatch& batch) const;
  void copy_inputs(const SampleSource& source, const ReplayIndex& index, std::ptrdiff_t column,
                   const SampledBatch& batch) const;

  SequenceSettings settings_;
  BatchShape shape_;
  std::vector<Sequence> drawn_;  // [batch_size]
};

}  // namespace polyak::cpu
