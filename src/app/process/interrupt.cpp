#include "app/process/interrupt.hpp"

#include <cstdint>
#include <ctime>

namespace polyak {
namespace {

std::atomic<bool> interrupted{false};
std::atomic<int> received_signal{0};
std::atomic<std::int64_t> first_time{0};  // nanoseconds; 0: none came
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int>::is_always_lock_free &&
                  std::atomic<std::int64_t>::is_always_lock_free,
              "a signal handler may touch nothing else");

void act_as_by_default(int signal) {
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  ::sigaction(signal, &action, nullptr);
}

/// Calls only what POSIX lists as safe in a handler, and nothing that changes errno.
extern "C" void note_signal(int signal) {
  constexpr std::int64_t second = 1'000'000'000;
  timespec clock{};
  ::clock_gettime(CLOCK_MONOTONIC, &clock);
  const std::int64_t now = clock.tv_sec * second + clock.tv_nsec + 1;
  std::int64_t first = 0;
  if (first_time.compare_exchange_strong(first, now)) {
    received_signal = signal;
    interrupted = true;
  } else if (now - first > second) {
    act_as_by_default(signal);
    ::raise(signal);  // delivered when this handler returns
  }
}

}  // namespace

InterruptHandler::InterruptHandler() {
  interrupted = false;
  received_signal = 0;
  first_time = 0;
  struct sigaction action {};
  action.sa_handler = note_signal;
  action.sa_flags = SA_RESTART;
  ::sigemptyset(&action.sa_mask);
  for (const int signal : signals) ::sigaddset(&action.sa_mask, signal);
  for (std::size_t i = 0; i < signals.size(); ++i) {
    ::sigaction(signals.at(i), nullptr, &before_.at(i));
    if (before_.at(i).sa_handler != SIG_IGN) ::sigaction(signals.at(i), &action, nullptr);
  }
}

InterruptHandler::~InterruptHandler() {
  for (std::size_t i = 0; i < signals.size(); ++i) {
    ::sigaction(signals.at(i), &before_.at(i), nullptr);
  }
}

const std::atomic<bool>& InterruptHandler::requested() const { return interrupted; }
int InterruptHandler::exit_code() const { return 128 + received_signal; }

}  // namespace polyak
