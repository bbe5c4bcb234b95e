// Batches from one agent's replay on the CPU.
#pragma once

#include <cstdint>
#include <unordered_set>
#include <vector>

#include "backend/cpu/network_pass.hpp"
#include "polyak/core/n_step.hpp"
#include "polyak/core/observation_statistics.hpp"

namespace polyak::cpu {

/// What batches of one agent are drawn from and made into.
struct SampleSource {
  ReplayView replay;
  std::int64_t most_closed_rows;  // over the agent's streams
  std::uint64_t seed;
  ReturnSettings returns;
  ObservationNormaliser normaliser;
};

/// Where a batch goes: matrices of columns, one for each row of the batch.
struct SampledBatch {
  PanelMatrix& transition;  // [observation | action]
  PanelMatrix& next;        // [observation]: to bootstrap from
  PanelMatrix& policy;      // [observation]: the same as in transition
  AlignedArray& rewards;    // of one step or several
  AlignedArray& bootstrap_discounts;
};

/// Draws uniformly, with replacement or without it within a batch.
class BatchSampler {
 public:
  explicit BatchSampler(const Config& config);

  /// Before the first gather() of update number `update`.
  void begin(const SampleSource& source, std::int64_t update);

  /// Draws and copies the rows of a chunk.
  void gather(const SampleSource& source, std::int64_t update, Chunk chunk,
              const SampledBatch& batch) const;

 private:
  bool without_replacement_;
  std::ptrdiff_t batch_size_;
  std::vector<ReplayIndex> drawn_;          // without replacement: [batch_size]
  std::unordered_set<std::int64_t> taken_;  // places of drawn_ in the replay
};

}  // namespace polyak::cpu
