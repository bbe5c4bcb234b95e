// Signals that ask a training to end: the first stops it, a later one ends the process.
#pragma once

#include <array>
#include <atomic>
#include <csignal>

namespace polyak {

/// While it lives, Ctrl-C (SIGINT), SIGTERM, a terminal that closes (SIGHUP) and a limit of CPU
/// time (SIGXCPU) set requested(). More of them within a second are the same wish: `timeout`
/// signals its child and then the whole group. A later one ends the process at once. What was
/// ignored when the process started, as `nohup` and shells do it for what runs in the background,
/// stays ignored.
class InterruptHandler {
 public:
  InterruptHandler();
  ~InterruptHandler();
  InterruptHandler(const InterruptHandler&) = delete;
  InterruptHandler& operator=(const InterruptHandler&) = delete;

  const std::atomic<bool>& requested() const;
  /// 128 + the first signal's number, as shells report it.
  int exit_code() const;

 private:
  static constexpr std::array signals = {SIGINT, SIGTERM, SIGHUP, SIGXCPU};
  std::array<struct sigaction, signals.size()> before_{};
};

}  // namespace polyak
