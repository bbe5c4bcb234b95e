// One description of the buffers that serves twice: to say what they need, and to allocate them.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "agent/agent.hpp"
#include "backend/cuda/device/memory.hpp"
#include "polyak/core/memory_size.hpp"

namespace polyak::cuda {

/// Hands out device buffers and keeps account of them by purpose. With `Mode::measure` it only
/// keeps the account and every buffer is empty, so what a training needs is known before anything
/// is allocated, from the code that will allocate it.
class MemoryBudget {
 public:
  enum class Mode { measure, allocate };
  explicit MemoryBudget(Mode mode) : mode_(mode) {}

  bool allocates() const { return mode_ == Mode::allocate; }

  /// `purpose` must outlive the account: a string literal. Buffers of one purpose are added up.
  template <class T>
  DeviceBuffer<T> buffer(MemorySize count, std::string_view purpose) {
    add(purpose, count * sizeof(T));
    return allocates() ? DeviceBuffer<T>(count.count(), purpose) : DeviceBuffer<T>();
  }

  /// For memory that something else allocates.
  void add(std::string_view purpose, MemorySize bytes);

  const std::vector<MemoryNeed>& needs() const { return needs_; }

 private:
  Mode mode_;
  std::vector<MemoryNeed> needs_;
};

}  // namespace polyak::cuda
