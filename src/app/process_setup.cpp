#include "app/process_setup.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "polyak/core/error.hpp"

namespace polyak {

void set_up_process() {
  for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; ++descriptor) {
    if (::fcntl(descriptor, F_GETFD) >= 0 || errno != EBADF) continue;
    // Read-only: results must not vanish silently. open() gives the lowest free number, this one.
    if (::open("/dev/null", O_RDONLY) != descriptor) ::_exit(exit_run_error);
  }
  for (const int signal : {SIGPIPE, SIGXFSZ}) std::signal(signal, SIG_IGN);
}

}  // namespace polyak
