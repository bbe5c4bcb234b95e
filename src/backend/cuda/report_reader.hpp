// What happened on the device since somebody last asked.
#pragma once

#include <vector>

#include "backend/cuda/device/memory.hpp"
#include "backend/cuda/training_buffers.hpp"
#include "polyak/metrics.hpp"

namespace polyak::cuda {

/// Reads the totals of a training and sets them to zero, with one wait for the device.
class ReportReader {
 public:
  explicit ReportReader(int agents);

  std::vector<AgentMetrics> read(const TrainingBuffers& training, const Stream& stream) const;

 private:
  int agents_;
  PinnedBuffer<kernels::UpdateTotals> update_totals_;  // [agents]
  PinnedBuffer<EpisodeTotals> episode_totals_;         // [agents]
};

}  // namespace polyak::cuda
