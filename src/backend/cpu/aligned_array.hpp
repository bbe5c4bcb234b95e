// Scratch memory for vector instructions.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>

namespace polyak::cpu {

/// Vector registers of every x86 and ARM machine divide this many floats.
inline constexpr std::size_t lane_padding = 16;

constexpr std::size_t pad_to_lanes(std::size_t count) {
  return (count + lane_padding - 1) / lane_padding * lane_padding;
}

/// A fixed-size float array on a cache line boundary, zero at first.
class AlignedArray {
 public:
  AlignedArray() = default;
  explicit AlignedArray(std::size_t size)
      : data_(static_cast<float*>(::operator new[](size * sizeof(float), alignment))) {
    std::fill_n(data_.get(), size, 0.0f);
  }

  float* data() { return data_.get(); }
  const float* data() const { return data_.get(); }

 private:
  static constexpr std::align_val_t alignment{64};
  struct Free {
    void operator()(float* pointer) const { ::operator delete[](pointer, alignment); }
  };
  std::unique_ptr<float[], Free> data_;
};

}  // namespace polyak::cpu
