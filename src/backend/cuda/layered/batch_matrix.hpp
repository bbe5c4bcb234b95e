// The layered engine's matrices over a batch, in device memory.
#pragma once

#include <string_view>

#include "backend/cuda/device/memory_budget.hpp"
#include "backend/cuda/device/stream.hpp"
#include "kernels/arrays.hpp"

namespace polyak::cuda {

/// A matrix [rows, columns] for every agent in a buffer of its own. Rows start at multiples of 16
/// bytes, but for one or two columns, which are packed; agents start at multiples of 128, so that
/// every agent is aligned alike.
class BatchMatrix {
 public:
  BatchMatrix() = default;
  BatchMatrix(int agents, std::int64_t rows, int columns, std::string_view purpose,
              MemoryBudget& budget);

  kernels::StridedBatch view() const { return {buffer_.data(), leading_dimension_, agent_stride_}; }
  /// The columns from `first` on.
  kernels::StridedBatch columns_from(int first) const {
    return {buffer_.data() + first, leading_dimension_, agent_stride_};
  }
  void clear(const Stream& stream) const { zero(buffer_, stream); }

 private:
  DeviceBuffer<float> buffer_;
  std::int64_t leading_dimension_ = 0, agent_stride_ = 0;
};

/// What the memory of batches is for, in the account of a training's memory.
inline constexpr std::string_view batch_purpose = "batches and activations";

/// Whether a pass is only forwards, or what the way back needs is kept.
enum class Direction { forward_only, both };

}  // namespace polyak::cuda
