#pragma once

// Where a library that is linked in can run kernels by other means than their source.

#include <cstddef>
#include <cstring>
#include <functional>
#include <type_traits>
#include <vector>

#include "emulator/engine/launch.hpp"

namespace polyak::emulator {

/// A kernel's arguments as they lie in a device's parameter memory: one after the other, each at a
/// multiple of its alignment.
class ParameterMemory {
 public:
  struct Parameter {
    std::size_t offset = 0;
    std::size_t bytes = 0;

    bool operator==(const Parameter&) const = default;
  };

  template <class T>
  void append(const T& argument) {
    static_assert(std::is_trivially_copyable_v<T>, "a kernel's arguments are copied as bytes");
    const std::size_t offset = (bytes_.size() + alignof(T) - 1) / alignof(T) * alignof(T);
    bytes_.resize(offset + sizeof(T));
    std::memcpy(bytes_.data() + offset, &argument, sizeof(T));
    parameters_.push_back({offset, sizeof(T)});
  }

  const std::byte* data() const { return bytes_.data(); }
  std::size_t bytes() const { return bytes_.size(); }
  const std::vector<Parameter>& parameters() const { return parameters_; }

 private:
  std::vector<std::byte> bytes_;
  std::vector<Parameter> parameters_;
};

/// Runs launches instead of the engine alone.
class LaunchRunner {
 public:
  virtual ~LaunchRunner() = default;

  /// Does what run_kernel does. `source` is the kernel's source with its arguments.
  virtual std::size_t run(const Launch& launch, const ParameterMemory& parameters,
                          const std::function<void()>& source) = 0;
};

/// The runner in force for the process; null, and that is the rule, where run_kernel does the work.
LaunchRunner*& launch_runner();

}  // namespace polyak::emulator
