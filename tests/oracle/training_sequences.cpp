// The oracle's sequences: what a recurrent policy learns from.
#include <algorithm>

#include "oracle/training.hpp"

namespace polyak::oracle {

/// Whether the row before is a transition of the same episode and still in the ring.
bool Training::continues_before(const EnvironmentInstance& instance, std::int64_t number) const {
  const auto before = instance.rows.find(number - 1);
  return before != instance.rows.end() && before->second.kind == RowKind::continuing;
}

/// [observation | action before | reward before], the latter zero where an episode `begins`.
std::vector<double> Training::cell_input(const EnvironmentInstance& instance, std::int64_t number,
                                         bool begins) const {
  std::vector<double> input = normalised(instance.rows.at(number).observation);
  if (begins) {
    input.resize(input.size() + instance.rows.at(number).action.size() + 1, 0.0);
    return input;
  }
  const Row& before = instance.rows.at(number - 1);
  input.insert(input.end(), before.action.begin(), before.action.end());
  input.push_back(static_cast<double>(config_.reward_scale[agent_]) * before.reward);
  return input;
}

/// The drawn transition, what comes before it as burn-in or as the rest of its episode, and what
/// comes after it; every row that is bootstrapped from included.
Sequence Training::sequence_at(const Place& drawn) const {
  const EnvironmentInstance& instance = *drawn.first;
  const bool whole_episodes = config_.sequence_length == 0;
  const std::int64_t max_before = whole_episodes ? derived_.time_limit : config_.burn_in;
  const std::int64_t length = whole_episodes ? derived_.time_limit : config_.sequence_length;
  std::int64_t first = drawn.second;
  while (drawn.second - first < max_before && continues_before(instance, first)) --first;
  const std::int64_t learned_from = whole_episodes ? first : drawn.second;

  Sequence sequence{{}, static_cast<std::size_t>(learned_from - first), {}, {}};
  sequence.first_states = instance.rows.at(first).memories;
  std::int64_t last = first;
  for (std::int64_t number = learned_from; number < first + length; ++number) {
    sequence.learned.push_back(transition_at(instance, number));
    last = std::max(last, number + sequence.learned.back().steps);
    const bool newest = number + 1 == instance.rows_written - 1;
    if (newest || instance.rows.at(number).kind != RowKind::continuing) break;
  }
  for (std::int64_t number = first; number <= last; ++number) {
    const bool begins = number == first && !continues_before(instance, number);
    sequence.inputs.push_back(cell_input(instance, number, begins));
  }
  return sequence;
}

SequenceBatch Training::sample_sequences() const {
  SequenceBatch batch;
  std::set<Place> taken;
  for (int i = 0; i < config_.batch_size; ++i) {
    batch.push_back(sequence_at(sample(static_cast<std::uint32_t>(i), taken)));
  }
  return batch;
}

/// Numbered by the step that is bootstrapped from, and within it by the sequence.
std::vector<std::vector<double>> Training::target_noise(const SequenceBatch& batch) const {
  std::vector<std::vector<double>> noise;
  for (std::size_t b = 0; b < batch.size(); ++b) {
    std::size_t step = batch[b].learned_from;
    for (const Transition& transition : batch[b].learned) {
      const std::size_t next = step++ + static_cast<std::size_t>(transition.steps);
      noise.push_back(target_noise_of(static_cast<std::uint32_t>(next * batch.size() + b)));
    }
  }
  return noise;
}

}  // namespace polyak::oracle
