// Batches from one agent's replay on the CPU.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "backend/cpu/batch_shape.hpp"
#include "backend/cpu/panel_matrix.hpp"
#include "config/derived.hpp"
#include "polyak/config.hpp"
#include "polyak/core/n_step.hpp"
#include "polyak/core/observation_statistics.hpp"
#include "polyak/core/random.hpp"

namespace polyak::cpu {

/// What batches of one agent are drawn from and made into.
struct SampleSource {
  ReplayView replay;
  std::int64_t max_closed_rows;  // over the agent's environments
  std::uint64_t seed;
  ReturnSettings returns;
  ObservationNormaliser normaliser;
};

/// Where a batch goes: matrices of columns (BatchShape). What the networks read of a transition is
/// its observation, with a recurrent policy [observation | action before | reward before].
struct SampledBatch {
  PanelMatrix& transition;  // [what the networks read | action]
  PanelMatrix& next;        // [what the networks read]: to bootstrap from
  PanelMatrix& policy;      // [what the networks read]: the same as in transition
  AlignedArray& rewards;    // of one step or several
  AlignedArray& bootstrap_discounts;
  AlignedArray& weights;                           // 1 if the column is learnt from, else 0
  std::vector<std::ptrdiff_t>& bootstrap_columns;  // of `next`
  // [columns], for the first steps of sequences: the networks' recurrent states as the replay has
  // them, or null for zero.
  std::vector<const float*>& first_states;
};

/// Draws batches, and says how many of a batch's columns are learnt from.
class Sampler {
 public:
  virtual ~Sampler() = default;

  /// Before the first gather() of update number `update`; returns how many columns have weight 1.
  virtual std::ptrdiff_t begin(const SampleSource& source, std::int64_t update) = 0;

  /// Draws, if that is still to be done, and copies the rows of a chunk.
  virtual void gather(const SampleSource& source, std::int64_t update, Chunk chunk,
                      const SampledBatch& batch) const = 0;
};

/// Of single transitions.
std::unique_ptr<Sampler> make_transition_sampler(const Config& config);

/// Of sequences, for a recurrent policy.
std::unique_ptr<Sampler> make_sequence_sampler(const Config& config);

/// The one that a configuration means.
inline std::unique_ptr<Sampler> make_sampler(const Config& config) {
  return is_recurrent(config) ? make_sequence_sampler(config) : make_transition_sampler(config);
}

/// The random numbers of one row of a batch.
inline auto bits_of_row(const SampleSource& source, std::ptrdiff_t row, std::int64_t update) {
  return [random = PhiloxRandom{source.seed}, row, update](std::uint32_t draw) {
    return random(static_cast<std::uint32_t>(row), static_cast<std::uint64_t>(update),
                  Purpose::replay_sample, draw);
  };
}

}  // namespace polyak::cpu
