// Ctrl-C: the first asks the training to stop, the second ends the process.
#pragma once

#include <atomic>

namespace polyak {

/// While it lives, SIGINT and SIGTERM set requested(), once; then they act as they always do.
class InterruptHandler {
 public:
  InterruptHandler();
  ~InterruptHandler();
  InterruptHandler(const InterruptHandler&) = delete;
  InterruptHandler& operator=(const InterruptHandler&) = delete;

  const std::atomic<bool>& requested() const;
  /// 128 + the signal's number, as shells report it.
  int exit_code() const;
};

}  // namespace polyak
