// Lines of the standard input, until it ends or a signal asks for the end.
#pragma once

#include <atomic>
#include <optional>
#include <string>

namespace polyak {

/// Nobody else may read the standard input meanwhile.
class InputLines {
 public:
  explicit InputLines(const std::atomic<bool>& stop) : stop_(stop) {}

  /// The next line without its end; nothing at the end of the input, or when `stop` is set while
  /// it waits. RunError if the input cannot be read.
  std::optional<std::string> next();

 private:
  bool wait() const;
  bool read();

  const std::atomic<bool>& stop_;
  std::string buffer_;  // read, and not yet given
};

}  // namespace polyak
