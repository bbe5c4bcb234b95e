#include "app/interrupt.hpp"

#include <csignal>

namespace polyak {
namespace {

std::atomic<bool> interrupted{false};
std::atomic<int> received_signal{0};
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int>::is_always_lock_free,
              "a signal handler may touch nothing else");

extern "C" void note_signal(int signal) {
  received_signal = signal;
  interrupted = true;
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

}  // namespace

InterruptHandler::InterruptHandler() {
  interrupted = false;
  std::signal(SIGINT, note_signal);
  std::signal(SIGTERM, note_signal);
}

InterruptHandler::~InterruptHandler() {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

const std::atomic<bool>& InterruptHandler::requested() const { return interrupted; }
int InterruptHandler::exit_code() const { return 128 + received_signal; }

}  // namespace polyak
