#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>

#include "emulator/error.hpp"

namespace polyak::emulator {

inline constexpr unsigned kWarpLanes = 32;
inline constexpr unsigned kFullMask = 0xffffffffu;

/// What the lanes of a warp can do together.
enum class WarpOperation {
  synchronize,  // orders memory, exchanges nothing
  exchange,     // each lane gets the value of the lane it names
  vote,         // each lane gets one bit from every lane
  gather        // each lane gets every lane's value
};

/// One lane's part in a warp operation. `output` has room for `words` words, or 32 times as many
/// for a gather. Words of lanes outside the mask read as all ones.
struct WarpRequest {
  WarpOperation operation = WarpOperation::synchronize;
  unsigned mask = 0;
  unsigned source_lane = 0;
  int words = 0;
  const std::uint64_t* input = nullptr;
  std::uint64_t* output = nullptr;
};

/// Waits until every lane of the mask has come with the same operation, then exchanges.
void perform_warp_operation(const WarpRequest& request, Site site);

/// The lanes of the present warp that have not left the kernel.
unsigned live_lanes();

/// A value as 64-bit words, padded with zeros.
template <class T>
struct Words {
  static_assert(std::is_trivially_copyable_v<T>);
  static constexpr int count = static_cast<int>((sizeof(T) + 7) / 8);

  std::uint64_t words[count] = {};

  Words() = default;
  explicit Words(const T& value) { std::memcpy(words, &value, sizeof(T)); }
};

template <class T>
T value_of(const std::uint64_t* words) {
  T value;
  std::memcpy(&value, words, sizeof(T));
  return value;
}

/// Returns `value` of the lane `source_lane`.
template <class T>
T exchange(unsigned mask, const T& value, unsigned source_lane, Site site) {
  const Words<T> input(value);
  Words<T> output;
  perform_warp_operation(
      {WarpOperation::exchange, mask, source_lane, input.count, input.words, output.words}, site);
  return value_of<T>(output.words);
}

/// Every lane's value, by lane.
template <class T>
struct Gathered {
  std::uint64_t words[kWarpLanes * Words<T>::count];
  T operator[](unsigned lane) const { return value_of<T>(words + lane * Words<T>::count); }
};

/// Gives every lane of the mask the values of all: what mma, match and reductions are made of.
template <class T>
Gathered<T> gather(unsigned mask, const T& value, Site site) {
  const Words<T> input(value);
  Gathered<T> result;
  perform_warp_operation({WarpOperation::gather, mask, 0, input.count, input.words, result.words},
                         site);
  return result;
}

}  // namespace polyak::emulator
