#include "app/process/process_setup.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <exception>
#include <new>

#include "polyak/core/error.hpp"

namespace polyak {
namespace {

std::terminate_handler terminate_by_default = nullptr;

void terminate() {
  try {
    if (const std::exception_ptr exception = std::current_exception()) {
      std::rethrow_exception(exception);
    }
  } catch (const std::bad_alloc&) {
    for (const std::string_view part :
         {std::string_view("polyak: "), out_of_memory, std::string_view("\n")}) {
      if (::write(STDERR_FILENO, part.data(), part.size()) < 0) break;
    }
    ::_exit(exit_run_error);
  } catch (...) {
    // A fault of the program: as by default.
  }
  terminate_by_default();
}

}  // namespace

void set_up_process() {
  terminate_by_default = std::set_terminate(terminate);
  for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; ++descriptor) {
    if (::fcntl(descriptor, F_GETFD) >= 0 || errno != EBADF) continue;
    // Read-only: results must not vanish silently. open() gives the lowest free number, this one.
    if (::open("/dev/null", O_RDONLY) != descriptor) ::_exit(exit_run_error);
  }
  for (const int signal : {SIGPIPE, SIGXFSZ}) std::signal(signal, SIG_IGN);
}

}  // namespace polyak
