// What happened on the device since somebody last asked.
#pragma once

#include <vector>

#include "backend/cuda/device/memory.hpp"
#include "backend/cuda/training_buffers.hpp"
#include "config/derived.hpp"
#include "polyak/metrics.hpp"

namespace polyak::cuda {

/// Reads the totals of a training and sets them to zero, and looks whether its parameters are
/// finite, with one wait for the device.
class ReportReader {
 public:
  explicit ReportReader(const Config& config);

  /// policy_actions  in how many action dimensions each agent's policy has chosen since last time
  std::vector<AgentMetrics> read(const TrainingBuffers& training, std::int64_t policy_actions,
                                 const Stream& stream) const;

 private:
  void look_for_bad_parameters(const TrainingBuffers& training, const Stream& stream) const;

  int agents_;
  DerivedConfig derived_;
  PinnedBuffer<kernels::UpdateTotals> update_totals_;  // [agents]
  PinnedBuffer<EpisodeTotals> episode_totals_;         // [agents]
  PinnedBuffer<std::int32_t> bad_parameters_;          // [agents]: 1 if some are not finite
  PinnedBuffer<std::int64_t> updates_;                 // [1]: made so far
};

}  // namespace polyak::cuda
