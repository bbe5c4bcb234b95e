#pragma once

#include <cstddef>

namespace polyak::emulator {

/// Memory straight from the operating system, kept from launch to launch.
class MappedRegion {
 public:
  MappedRegion() = default;
  ~MappedRegion();
  MappedRegion(const MappedRegion&) = delete;
  MappedRegion& operator=(const MappedRegion&) = delete;

  /// Makes at least `bytes` available; the contents are lost if it has to grow.
  void reserve(std::size_t bytes);

  /// Replaces the first `bytes` by fresh zero pages. ThreadSanitizer then forgets who used them,
  /// so that a fiber's reuse of another's stack does not look like a race.
  void refresh(std::size_t bytes);

  char* data() const { return data_; }
  std::size_t bytes() const { return bytes_; }

 private:
  void release_pages();

  char* data_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace polyak::emulator
