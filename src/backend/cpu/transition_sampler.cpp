// Batches of single transitions.
#include <algorithm>
#include <unordered_set>

#include "backend/cpu/sampler.hpp"

namespace polyak::cpu {
namespace {

void copy_transition(const SampleSource& source, const ReplayIndex& index, std::ptrdiff_t column,
                     const SampledBatch& batch) {
  const RowLayout& layout = source.replay.layout;
  const SampledReturn sampled = sampled_return(source.replay, index, source.returns);
  const float* const row = source.replay.row(index.environment, index.number);
  const float* const last_row = source.replay.row(index.environment, sampled.last);
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

constexpr std::ptrdiff_t rows_together = 32;

/// Draws uniformly, with replacement or without it within a batch. All weights of a batch are 1,
/// and a column bootstraps from itself: the arrays have these values from the start.
class TransitionSampler final : public Sampler {
 public:
  explicit TransitionSampler(const Config& config);

  std::ptrdiff_t begin(const SampleSource& source, std::int64_t update) override;
  void gather(const SampleSource& source, std::int64_t update, Chunk chunk,
              const SampledBatch& batch) const override;

 private:
  bool without_replacement_;
  std::ptrdiff_t batch_size_;
  std::vector<ReplayIndex> drawn_;          // without replacement: [batch_size]
  std::unordered_set<std::int64_t> taken_;  // places of drawn_ in the replay
};

TransitionSampler::TransitionSampler(const Config& config)
    : without_replacement_(config.sampling == Sampling::without_replacement),
      batch_size_(config.batch_size) {
  if (without_replacement_) drawn_.resize(static_cast<std::size_t>(batch_size_));
}

/// Every row in turn takes the first of its draws that no row before it has: which is why this is
/// done before the chunks are shared out.
std::ptrdiff_t TransitionSampler::begin(const SampleSource& source, std::int64_t update) {
  if (!without_replacement_) return batch_size_;
  taken_.clear();
  for (std::ptrdiff_t row = 0; row < batch_size_; ++row) {
    const auto is_free = [&](const ReplayIndex& index) {
      return taken_.insert(source.replay.place(index)).second;
    };
    drawn_[static_cast<std::size_t>(row)] = sample_transition(
        source.replay, source.max_closed_rows, bits_of_row(source, row, update), is_free);
  }
  return batch_size_;
}

void TransitionSampler::gather(const SampleSource& source, std::int64_t update, Chunk chunk,
                               const SampledBatch& batch) const {
  const std::ptrdiff_t end = std::min(chunk.begin + chunk.count, batch_size_);
  if (without_replacement_) {
    for (std::ptrdiff_t row = chunk.begin; row < end; ++row) {
      copy_transition(source, drawn_[static_cast<std::size_t>(row)], row, batch);
    }
    return;
  }
  // Most rows need their first random numbers only. Made beforehand, they do not wait for the
  // memory that a row before is copied from.
  for (std::ptrdiff_t first = chunk.begin; first < end; first += rows_together) {
    const std::ptrdiff_t count = std::min(rows_together, end - first);
    RandomBits first_bits[rows_together];
    ReplayIndex indices[rows_together];
    for (std::ptrdiff_t i = 0; i < count; ++i) {
      first_bits[i] = bits_of_row(source, first + i, update)(0);
    }
    for (std::ptrdiff_t i = 0; i < count; ++i) {
      indices[i] =
          sample_transition(source.replay, source.max_closed_rows, [&](std::uint32_t draw) {
            return draw == 0 ? first_bits[i] : bits_of_row(source, first + i, update)(draw);
          });
    }
    for (std::ptrdiff_t i = 0; i < count; ++i)
      copy_transition(source, indices[i], first + i, batch);
  }
}

}  // namespace

std::unique_ptr<Sampler> make_transition_sampler(const Config& config) {
  return std::make_unique<TransitionSampler>(config);
}

}  // namespace polyak::cpu
