// Batches of single transitions.
#pragma once

#include <unordered_set>
#include <vector>

#include "backend/cpu/sampler.hpp"

namespace polyak::cpu {

/// Draws uniformly, with replacement or without it within a batch. All weights of a batch are 1,
/// and a column bootstraps from itself: the arrays have these values from the start.
class BatchSampler final : public Sampler {
 public:
  explicit BatchSampler(const Config& config);

  std::ptrdiff_t begin(const SampleSource& source, std::int64_t update) override;
  void gather(const SampleSource& source, std::int64_t update, Chunk chunk,
              const SampledBatch& batch) const override;

 private:
  bool without_replacement_;
  std::ptrdiff_t batch_size_;
  std::vector<ReplayIndex> drawn_;          // without replacement: [batch_size]
  std::unordered_set<std::int64_t> taken_;  // places of drawn_ in the replay
};

}  // namespace polyak::cpu
