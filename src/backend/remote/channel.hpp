// How two processes of a training reach each other.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace polyak {

/// Whole messages, of any length, in the order in which they were sent. RunError if the other end
/// cannot be reached.
class Channel {
 public:
  virtual ~Channel() = default;
  virtual void send(std::span<const std::byte> message) = 0;
  virtual std::vector<std::byte> receive() = 0;
};

}  // namespace polyak
