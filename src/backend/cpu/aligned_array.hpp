// Scratch memory for vector instructions.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>

namespace polyak::cpu {

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
