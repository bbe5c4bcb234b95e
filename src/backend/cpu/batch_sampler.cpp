#include "backend/cpu/batch_sampler.hpp"

#include <algorithm>

namespace polyak::cpu {
namespace {

void copy_transition(const SampleSource& source, const ReplayIndex& index, std::ptrdiff_t column,
                     const SampledBatch& batch) {
  const RowLayout& layout = source.replay.layout;
  const SampledReturn sampled = sampled_return(source.replay, index, source.returns);
  const float* const row = source.replay.row(index.stream, index.number);
  const float* const last_row = source.replay.row(index.stream, sampled.last);
  for (int i = 0; i < layout.observation_size; ++i) {
    batch.transition(i, column) = batch.policy(i, column) = source.normaliser(i, row[i]);
    batch.next(i, column) = source.normaliser(i, last_row[i]);
  }
  for (int i = 0; i < layout.action_size; ++i) {
    const int feature = layout.action_offset() + i;
    batch.transition(feature, column) = row[feature];
  }
  batch.rewards.data()[column] = sampled.reward;
  batch.bootstrap_discounts.data()[column] = sampled.bootstrap_discount;
}

}  // namespace

BatchSampler::BatchSampler(const Config& config)
    : without_replacement_(config.sampling == Sampling::without_replacement),
      batch_size_(config.batch_size) {
  if (without_replacement_) drawn_.resize(static_cast<std::size_t>(batch_size_));
}

/// Every row in turn takes the first of its draws that no row before it has: which is why this is
/// done before the chunks are shared out.
std::ptrdiff_t BatchSampler::begin(const SampleSource& source, std::int64_t update) {
  if (!without_replacement_) return batch_size_;
  taken_.clear();
  for (std::ptrdiff_t row = 0; row < batch_size_; ++row) {
    const auto is_free = [&](const ReplayIndex& index) {
      return taken_.insert(source.replay.place(index)).second;
    };
    drawn_[static_cast<std::size_t>(row)] = sample_transition(
        source.replay, source.most_closed_rows, bits_of_row(source, row, update), is_free);
  }
  return batch_size_;
}

void BatchSampler::gather(const SampleSource& source, std::int64_t update, Chunk chunk,
                          const SampledBatch& batch) const {
  const std::ptrdiff_t end = std::min(chunk.begin + chunk.count, batch_size_);
  for (std::ptrdiff_t row = chunk.begin; row < end; ++row) {
    const ReplayIndex index = without_replacement_
                                  ? drawn_[static_cast<std::size_t>(row)]
                                  : sample_transition(source.replay, source.most_closed_rows,
                                                      bits_of_row(source, row, update));
    copy_transition(source, index, row, batch);
  }
}

}  // namespace polyak::cpu
