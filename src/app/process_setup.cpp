#include "app/process_setup.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <exception>
#include <string_view>

#include "polyak/core/error.hpp"

namespace polyak {
namespace {

/// Functions of the standard library and of CLI11 that promise not to throw end the process if they
/// get no memory. What is on the disk is whole at any time, so that nothing needs to be finished.
[[noreturn]] void end_in_one_line() {
  constexpr std::string_view line =
      "polyak: ended by a failure that nothing can handle, most likely for want of memory\n";
  static_cast<void>(!::write(STDERR_FILENO, line.data(), line.size()));
  ::_exit(exit_run_error);
}

}  // namespace

void set_up_process() {
  std::set_terminate(end_in_one_line);
  for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; ++descriptor) {
    if (::fcntl(descriptor, F_GETFD) >= 0 || errno != EBADF) continue;
    // Read-only: results must not vanish silently. open() gives the lowest free number, this one.
    if (::open("/dev/null", O_RDONLY) != descriptor) ::_exit(exit_run_error);
  }
  for (const int signal : {SIGPIPE, SIGXFSZ}) std::signal(signal, SIG_IGN);
}

}  // namespace polyak
