#include "app/process/input_lines.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "polyak/core/error.hpp"

namespace polyak {
namespace {

[[noreturn]] void fail() {
  throw RunError(std::string("cannot read the standard input (") + std::strerror(errno) + ")");
}

}  // namespace

std::optional<std::string> InputLines::next() {
  std::size_t searched = 0;
  for (;;) {
    const std::size_t end = buffer_.find('\n', searched);
    if (end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return line;
    }
    searched = buffer_.size();
    if (!wait()) return {};
    if (read()) continue;
    if (buffer_.empty()) return {};
    buffer_ += '\n';  // the last line may have no end
  }
}

/// Whether there is something to read, or the end, before `stop`. Looked at now and then: a signal
/// may come between looking and waiting.
bool InputLines::wait() const {
  constexpr int milliseconds = 100;
  while (!stop_) {
    pollfd input{STDIN_FILENO, POLLIN, 0};
    const int ready = ::poll(&input, 1, milliseconds);
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) fail();
  }
  return false;
}

/// False at the end of the input.
bool InputLines::read() {
  std::array<char, 65536> bytes;
  const ssize_t count = ::read(STDIN_FILENO, bytes.data(), bytes.size());
  if (count < 0 && errno != EINTR && errno != EAGAIN) fail();
  if (count > 0) buffer_.append(bytes.data(), static_cast<std::size_t>(count));
  return count != 0;
}

}  // namespace polyak
