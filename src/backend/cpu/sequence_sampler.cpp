// Batches of sequences, for recurrent policies.
#include <algorithm>

#include "backend/cpu/sampler.hpp"
#include "config/derived.hpp"
#include "polyak/core/sequence.hpp"

namespace polyak::cpu {
namespace {

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

/// There is no row of the replay for this column.
void clear_column(PanelMatrix& values, std::ptrdiff_t column) {
  for (std::ptrdiff_t row = 0; row < values.features(); ++row) values(row, column) = 0.0f;
}

SequenceSampler::SequenceSampler(const Config& config)
    : settings_(sequence_settings(config)),
      shape_(batch_shape(config)),
      drawn_(static_cast<std::size_t>(config.batch_size)) {}

/// How many transitions a batch learns from must be known before the first gradient.
std::ptrdiff_t SequenceSampler::begin(const SampleSource& source, std::int64_t update) {
  std::ptrdiff_t learned = 0;
  for (std::size_t i = 0; i < drawn_.size(); ++i) {
    const ReplayIndex index =
        sample_transition(source.replay, source.max_closed_rows,
                          bits_of_row(source, static_cast<std::ptrdiff_t>(i), update));
    drawn_[i] = sequence_at(source.replay, index, settings_);
    learned += drawn_[i].learned_to - drawn_[i].learned_from;
  }
  return learned;
}

void SequenceSampler::gather(const SampleSource& source, std::int64_t, Chunk chunk,
                             const SampledBatch& batch) const {
  const auto count = static_cast<std::ptrdiff_t>(drawn_.size());
  const std::ptrdiff_t first = shape_.row(chunk.begin);
  const std::ptrdiff_t last = std::min(first + BatchShape::group_width, count);
  const RowLayout& layout = source.replay.layout;
  for (std::ptrdiff_t number = first; number < last; ++number) {
    const ReplayIndex& index = drawn_[static_cast<std::size_t>(number)].first;
    if (layout.state_floats > 0) {
      batch.first_states[static_cast<std::size_t>(shape_.column(number, 0))] =
          source.replay.row(index.environment, index.number) + layout.state_offset();
    }
    for (std::ptrdiff_t step = 0; step < shape_.steps(); ++step) {
      copy_step(source, number, step, batch);
    }
  }
}

/// Step `step` of sequence `number`.
void SequenceSampler::copy_step(const SampleSource& source, std::ptrdiff_t number,
                                std::ptrdiff_t step, const SampledBatch& batch) const {
  const Sequence& sequence = drawn_[static_cast<std::size_t>(number)];
  const std::ptrdiff_t column = shape_.column(number, step);
  const ReplayIndex index{sequence.first.environment, sequence.first.number + step};
  if (step < sequence.rows) {
    copy_inputs(source, index, column, batch);
  } else {
    for (PanelMatrix* matrix : {&batch.transition, &batch.next, &batch.policy}) {
      clear_column(*matrix, column);
    }
  }
  const bool is_learned = step >= sequence.learned_from && step < sequence.learned_to;
  SampledReturn sampled{0.0f, 0.0f, index.number};
  if (is_learned) sampled = sampled_return(source.replay, index, source.returns);
  batch.rewards.data()[column] = sampled.reward;
  batch.bootstrap_discounts.data()[column] = sampled.bootstrap_discount;
  batch.weights.data()[column] = is_learned ? 1.0f : 0.0f;
  batch.bootstrap_columns[static_cast<std::size_t>(column)] =
      shape_.column(number, sampled.last - sequence.first.number);
}

/// What the networks read at a row, and the action taken there.
void SequenceSampler::copy_inputs(const SampleSource& source, const ReplayIndex& index,
                                  std::ptrdiff_t column, const SampledBatch& batch) const {
  const RowLayout& layout = source.replay.layout;
  const float* const row = source.replay.row(index.environment, index.number);
  const StepBefore before = step_before(source.replay, index, source.returns.reward_scale);
  std::ptrdiff_t feature = 0;
  const auto append_input = [&](float value) {
    for (PanelMatrix* matrix : {&batch.transition, &batch.next, &batch.policy}) {
      (*matrix)(feature, column) = value;
    }
    ++feature;
  };
  for (int i = 0; i < layout.observation_size; ++i) append_input(source.normaliser(i, row[i]));
  for (int i = 0; i < layout.action_size; ++i) {
    append_input(before.action != nullptr ? before.action[i] : 0.0f);
  }
  append_input(before.reward);
  for (int i = 0; i < layout.action_size; ++i) {
    batch.transition(feature + i, column) = row[layout.action_offset() + i];
  }
}

}  // namespace

std::unique_ptr<Sampler> make_sequence_sampler(const Config& config) {
  return std::make_unique<SequenceSampler>(config);
}

}  // namespace polyak::cpu
